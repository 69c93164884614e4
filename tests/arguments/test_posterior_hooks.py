"""The exact posterior that a user's own model brings is looked at where it is asked for."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from scipy.special import gammaln

import vi_lab
from tests.tables import table
from vi_lab import Block, Exact, Factorised, Gamma, InputError, InputTypeError, Model
from vi_lab.families import GammaStats
from vi_lab.numerics.rounding import Estimate

SHAPE, RATE = np.array([3.0, 5.0]), 4.0
LOG_EVIDENCE = (gammaln(SHAPE) - SHAPE * np.log(RATE)).sum()


class Posterior:
    """Two rates, Gamma(3, 4) and Gamma(5, 4), by scipy.stats; what is changed comes from a test."""

    def __init__(self, **changed):
        self.mean, self.sd = {"rate": SHAPE / RATE}, {"rate": np.sqrt(SHAPE) / RATE}
        vars(self).update(changed)

    def sample(self, rng, n):
        return {"rate": rng.gamma(SHAPE, 1 / RATE, (n, 2))}

    def log_density(self, values):
        return stats.gamma.logpdf(values["rate"], SHAPE, scale=1 / RATE).sum(-1)

    def kl_from(self, q):
        found = q["rate"].family.kl(q["rate"].eta, GammaStats(SHAPE - 1, -RATE)).sum()
        return Estimate(float(found), 1e-12, "closed form")


class Rates(Model):
    """rate_g has the density rate**(a - 1) exp(-4 rate), up to its normaliser."""

    no_exact_because = None

    def __init__(self, bring):
        self.bring = bring
        self.blocks = {"rate": Block(Gamma(), lambda t: GammaStats(SHAPE - 1, -RATE), plates=(2,))}

    def log_joint(self, t):
        return ((SHAPE - 1) * t["rate"].log - RATE * t["rate"].value).sum(-1)

    def sample_latents(self, rng, batch=()):
        return {"rate": rng.gamma(2.0, size=(*batch, 2))}

    def exact_posterior(self):
        return self.bring(self)


def brings(**changed):
    return Rates(lambda model: Exact(model, LOG_EVIDENCE, 1e-12, "mine", Posterior(**changed)))


def gives(value):
    return lambda *asked: value


def raises(*asked):
    raise RuntimeError("mine")


THREE = np.ones((3, 2))
WRONG = {
    "sample of no dict": ({"sample": gives(THREE)}, "sample of the exact posterior needs a dict"),
    "sample of another name": ({"sample": gives({"r": THREE})}, "sample .* needs 'rate', got"),
    "sample of one axis": ({"sample": gives({"rate": np.ones(3)})}, r"'rate' needs shape \(3, 2\)"),
    "sample of nan": ({"sample": gives({"rate": THREE * np.nan})}, "'rate' needs finite numbers"),
    "sample raises": ({"sample": raises}, "sample of the exact posterior raised RuntimeError"),
    "one density for all": (
        {"log_density": gives(0.0)},
        r"log_density .* needs shape \(3,\), gave",
    ),
    "a density of each": ({"log_density": gives(THREE)}, r"needs shape \(3,\), gave \(3, 2\)"),
    "density of text": ({"log_density": gives("a")}, "log_density .* needs real numbers, got 'a'"),
    "density raises": ({"log_density": raises}, "log_density of the exact posterior raised Runt"),
    "mean of none": ({"mean": None}, "mean of the exact posterior needs a dict, got None"),
    "mean of one number": ({"mean": {"rate": 1.0}}, r"'rate' needs shape \(2,\), gave \(\)"),
    "no sd": ({"sd": {}}, "sd of the exact posterior needs 'rate'"),
    "sd of text": ({"sd": {"rate": "ab"}}, "sd .* needs real numbers, got 'ab'"),
}


@table(("changed", "said"), list(WRONG.values()), ids=WRONG)
def test_what_it_gives_is_looked_at_once(changed, said):
    with pytest.raises(InputError, match=said):
        vi_lab.exact(brings(**changed))


def test_one_that_is_right_is_the_truth_of_its_model():
    model = brings()
    truth, q = vi_lab.exact(model), vi_lab.cavi(model, rng=0)
    assert vi_lab.ledger(model, q).holds is True
    assert vi_lab.derivation(model, q).agrees is True
    slow = brings(moments_are_slow=True, mean=None, sd=None)  # no moment is asked for
    assert vi_lab.exact(slow).log_evidence == truth.log_evidence


def test_a_truth_of_another_model_is_none():
    with pytest.raises(InputError, match="exact_posterior: needs the truth of this model, gave"):
        vi_lab.exact(Rates(lambda model: vi_lab.exact("coin")))


@pytest.mark.parametrize("found", ["abc", 0.5, (0.5, 0.1), ("a", 0.1, "mine"), None])
def test_a_divergence_is_an_estimate(found):
    model = brings(kl_from=gives(found))
    with pytest.raises(InputError, match="kl_from of the exact posterior needs an Estimate"):
        vi_lab.ledger(model, vi_lab.cavi(model, rng=0))


def test_a_divergence_that_is_not_there_is_named():
    model = brings(kl_from=None)
    with pytest.raises(InputError, match="kl_from of the exact posterior raised TypeError"):
        vi_lab.ledger(model, vi_lab.cavi(model, rng=0))


def test_curves_have_a_number_for_each_point():
    points = [0.5, 1.0]
    for found in ("abc", np.ones(3), 0.5, ["a", "b"]):
        truth = vi_lab.exact(brings(marginal_density=gives(found)))
        with pytest.raises(InputError, match="marginal_density of the exact posterior: needs"):
            truth.marginal_density("rate[0]", points)
    assert (
        vi_lab.exact(brings(marginal_density=gives(None))).marginal_density("rate[0]", points)
        is None
    )
    known = vi_lab.exact(
        brings(marginal_density=lambda name, index, x: stats.gamma.pdf(x, 3, scale=0.25))
    )
    wanted = stats.gamma.pdf(points, 3, scale=0.25)
    assert_allclose(known.marginal_density("rate[0]", points), wanted)


def test_an_evidence_is_one_number_and_a_product_says_its_own():
    for wrong in ("a", None, [1.0, 2.0]):
        with pytest.raises(InputTypeError, match="log_evidence: needs"):
            Exact(brings(), wrong, 1e-12, "mine", Posterior())
    model = brings()
    q = Factorised(model, rate=Gamma.of(shape=SHAPE, rate=RATE))
    assert_allclose(Exact.of(model, q).log_evidence, LOG_EVIDENCE, rtol=1e-13)
