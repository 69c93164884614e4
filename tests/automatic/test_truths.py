"""A truth for models that bring none.

The named problems bring one, by formulas of their own: without these, the same models must have the
same evidence and moments. Models of one's own are held against quadrature and against all their
states, written down once more.
"""

import itertools
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats
from scipy.special import gammaln

import vi_lab
from tests.automatic.own_models import Probit, Switching, TwoGroups
from tests.thinning import mostly_slow
from vi_lab import (
    Block,
    Categorical,
    Factorised,
    Gamma,
    HiddenMarkov,
    NotApplicable,
    NumericalError,
    cavi,
    compare,
    derivation,
    exact,
    gaussian_vi,
    kl,
    ledger,
    validate,
)  # fmt: skip
from vi_lab.families import CategoricalStats, GammaStats
from vi_lab.model import Model


class Bare(Model):
    """A named problem's model without its posterior: blocks, log joint and starts."""

    def __init__(self, name):
        self.whole = vi_lab.problem(name).model if isinstance(name, str) else name
        self.blocks = self.whole.blocks

    def log_joint(self, stats):
        return self.whole.log_joint(stats)

    def sample_latents(self, rng, batch=()):
        return self.whole.sample_initial_values(rng, batch)

    def latents(self, values):
        return self.whole.latents(values)

    def block_values(self, latents):
        return self.whole.block_values(latents)

    @property
    def sources(self):
        return self.whole.sources


DEAR = ("correlated", "clutter", "cars", "polynomial", "challenger", "trees",
        "newcomb-independent")  # fmt: skip
NAMES = ["newcomb", "coal", "coin", "tiny-mixture", "sprinkler", "asia"]
NAMES += [pytest.param(name, marks=pytest.mark.slow) for name in DEAR]


@pytest.mark.parametrize("name", NAMES)
def test_a_named_problem_without_its_posterior(name):
    bare, known = Bare(name), exact(name)
    found = exact(bare)
    allowed = found.log_evidence_error + known.log_evidence_error
    assert abs(found.log_evidence - known.log_evidence) <= allowed < 1e-5
    for latent in known.names:
        assert_allclose(found.mean(latent), known.mean(latent), rtol=1e-6, atol=1e-8)
        if latent not in bare.nominal:
            assert_allclose(found.sd(latent), known.sd(latent), rtol=1e-6, atol=1e-8)
    draws = known.sample(20, rng=1)
    there = {name: draws[name] for name in known.names}
    assert_allclose(found.log_density(there), known.log_density(there), atol=1e-6)
    q = cavi(bare, rng=0, max_sweeps=3, tol=0)
    book = ledger(bare, q)
    assert book.holds is True, book
    assert_allclose(book.kl, kl(Factorised(bare.whole, **q.q), known), atol=1e-6)


@pytest.mark.slow
def test_a_funnel_whose_neck_has_no_digits():
    """Where tau goes to 0 the data are gone beside 1/tau**2, with and without noise: what mass is
    there is in the error."""
    known, found = exact("eight-schools"), exact(Bare("eight-schools"))
    off = abs(found.log_evidence - known.log_evidence)
    assert off <= found.log_evidence_error < 1e-4
    for latent in ("theta", "mu"):
        assert_allclose(found.mean(latent), known.mean(latent), rtol=1e-5)
        assert_allclose(found.sd(latent), known.sd(latent), rtol=1e-5)


def test_two_groups_by_another_quadrature():
    model, n = TwoGroups(), 3
    total = model.counts.sum(1)

    def density(scale):  # the rates integrated out on paper
        each = 2 * np.log(scale) + gammaln(total + 2) - (total + 2) * np.log(n + scale)
        return np.exp(each.sum() - scale - gammaln(model.counts + 1).sum() + 20)

    mass = integrate.quad(density, 0, np.inf, epsabs=0, epsrel=1e-12)[0]
    truth = exact(model)
    assert abs(truth.log_evidence - np.log(mass) + 20) < 1e-10
    assert truth.route == "adaptive quadrature over one coordinate"
    mean = integrate.quad(lambda s: s * density(s), 0, np.inf, epsabs=0, epsrel=1e-12)[0] / mass
    assert_allclose(truth.mean("scale"), mean, rtol=1e-9)
    assert_allclose(truth.marginal_density("scale", [0.3]), density(0.3) / mass, rtol=1e-9)


def test_probit_by_a_grid():
    model, axis = Probit(), np.linspace(-16, 16, 401)
    z = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
    p = np.exp(model.log_density(z)) * (axis[1] - axis[0]) ** 2
    truth = exact(model)
    assert abs(truth.log_evidence - np.log(p.sum())) < 1e-9
    assert_allclose(truth.mean("z"), (p[..., None] * z).sum((0, 1)) / p.sum(), rtol=1e-8)
    draws = truth.sample(4000, rng=0)["z"]
    assert (np.abs(draws.mean(0) - truth.mean("z")) < 5 * truth.sd("z") / 4000**0.5).all()


def test_a_chain_of_states_by_all_its_paths():
    model, paths = Switching(), np.array(list(itertools.product([0, 1], repeat=10)))
    A, start = np.array([[0.8, 0.2], [0.3, 0.7]]), 0.5
    p = start * A[paths[:, :-1], paths[:, 1:]].prod(1)
    p = p * stats.norm.pdf(model.y, 2.0 * paths).prod(1)
    truth = exact(model)
    assert abs(truth.log_evidence - np.log(p.sum())) < 1e-12
    for i in range(10):
        assert_allclose(truth.mean(f"z{i}")[1], p @ paths[:, i] / p.sum(), rtol=1e-10)
    path = {f"z{i}": paths[300, i] for i in range(10)}
    assert_allclose(truth.log_density(path), np.log(p[300] / p.sum()), atol=1e-10)


@pytest.mark.parametrize("steps", [13, 21])
def test_a_longer_chain_by_its_matrices(steps):
    """Of more than a dozen blocks too, every second one is summed out."""
    model, forward = Switching(steps), np.array([0.5, 0.5])
    A = np.array([[0.8, 0.2], [0.3, 0.7]])
    for y in model.y:
        forward = (forward * stats.norm.pdf(y, [0.0, 2.0])) @ A
    truth = exact(model)
    assert truth.route == f"enumeration of {2 ** (steps // 2):,} states"
    assert_allclose(truth.log_evidence, np.log(forward.sum()), rtol=1e-13)
    assert ledger(model, cavi(model, rng=0)).holds is True


@pytest.mark.parametrize("blocks", ["even-odd", "joint"])
def test_a_hidden_markov_model_without_its_posterior(blocks):
    """As one block of its family it is forward-backward, of any length."""
    rng, stays = np.random.default_rng(0), [[0.9, 0.1], [0.2, 0.8]]
    steps = 18 if blocks == "even-odd" else 400
    whole = HiddenMarkov(rng.poisson(2, steps), [1, 4], stays, [0.3, 0.7], blocks=blocks)
    bare, known = Bare(whole), exact(whole)
    found = exact(bare)
    assert_allclose(found.log_evidence, known.log_evidence, rtol=1e-12)
    assert_allclose(found.mean("z"), known.mean("z"), atol=1e-10)
    assert_allclose(found.sd("z"), known.sd("z"), atol=1e-10)
    draws = known.sample(5, rng=0)
    assert_allclose(found.log_density(draws), known.log_density(draws), atol=1e-9)
    assert ledger(bare, cavi(bare, rng=0)).holds is True


FITS = {TwoGroups: lambda m: cavi(m, rng=0), Switching: lambda m: cavi(m, rng=0),
        Probit: lambda m: gaussian_vi(m, covariance="full", rng=0)}  # fmt: skip


@pytest.mark.parametrize("kind", FITS)
def test_its_ledger_holds_and_it_is_compared(kind):
    model = kind()
    assert validate(model).passed
    book = ledger(model, FITS[kind](model))
    assert book.holds is True and book.kl > 1e-3


class Ladder(Model):
    """Three labels of 2, 3 and 2 classes, each pair of neighbours with a table of log weights."""

    tables = (
        np.array([[0.3, -1.0, 0.2], [0.1, 0.9, -0.4]]),
        np.array([[0.5, 0.0], [-0.8, 0.2], [0.1, 1.3]]),
    )

    def __init__(self):
        first, second = self.tables
        given = {
            "a": lambda t: CategoricalStats(t["b"].indicator @ first.T),
            "b": lambda t: CategoricalStats(t["a"].indicator @ first + t["c"].indicator @ second.T),
            "c": lambda t: CategoricalStats(t["b"].indicator @ second),
        }
        sizes = {"a": 2, "b": 3, "c": 2}
        self.blocks = {n: Block(Categorical(k, first=0), given[n]) for n, k in sizes.items()}

    def log_joint(self, t):
        a, b, c = (t[name].indicator for name in "abc")
        first, second = self.tables
        return ((a @ first) * b).sum(-1) + ((b @ second) * c).sum(-1)

    def sample_latents(self, rng, batch=()):
        return {n: rng.integers(b.family.size, size=batch) for n, b in self.blocks.items()}


@pytest.mark.parametrize("kind", [Ladder, TwoGroups])
def test_the_lines_of_a_derivation_are_on_nodes_of_which_each_block_has_axes_of_its_own(kind):
    model = kind()
    q = cavi(model, rng=0, restarts=3)
    lines = derivation(model, q)
    assert lines.agrees is True
    assert_allclose([line.value for line in lines], lines[-1].value, rtol=1e-6)


def test_a_density_broadcasts_values_of_any_leading_axes():
    truth = exact(Ladder()).posterior
    first, second = Ladder.tables
    log_p = first[:, :, None] + second
    wanted = log_p - np.log(np.exp(log_p).sum())
    a, b, c = np.ix_(*map(np.arange, log_p.shape))
    assert_allclose(truth.log_density({"a": a, "b": b, "c": c}), wanted, atol=1e-13)
    assert_allclose(truth.log_density({"a": 1, "b": b[0], "c": c[0]}), wanted[1], atol=1e-13)


@pytest.mark.slow
@pytest.mark.parametrize("kind", FITS)
def test_it_has_all_rows(kind):
    comparison = compare(kind(), methods="all", rng=0)
    assert {"exact", "exact-draws", "metropolis-hastings"} <= {r.method for r in comparison.rows}


def test_a_truth_is_sent_and_saved(tmp_path):
    truth = exact(TwoGroups())
    assert pickle.loads(pickle.dumps(truth)).log_evidence == truth.log_evidence
    assert ledger(truth.model, truth).holds is True
    truth.save(tmp_path / "truth")
    assert vi_lab.load(tmp_path / "truth", model=TwoGroups()).log_evidence == truth.log_evidence


@pytest.mark.parametrize("block", mostly_slow(["rate", "scale"]))
def test_a_conditional_that_is_not_the_log_joints_breaks_the_ledger(block):
    """The evidence comes from the log joint, the posterior from the conditionals."""

    class Wrong(TwoGroups):
        def rate_given(self, t):
            return (
                super().rate_given(t)._replace(log=self.total + (0.5 if block == "rate" else 1.0))
            )

        def scale_given(self, t):
            return GammaStats(4.5 if block == "scale" else 4.0, -1.0 - t["rate"].value.sum(-1))

    q = {"rate": Gamma.of([4.0, 9.0], 1.0), "scale": Gamma.of(4.0, 12.0)}
    assert ledger(TwoGroups(), Factorised(TwoGroups(), **q)).holds is True
    assert ledger(Wrong(), Factorised(Wrong(), **q)).holds is False


def test_where_there_is_none_it_says_why():
    with pytest.raises(NotApplicable, match="at least 50 real coordinates"):
        exact(Bare("nile"))

    class Wide(Probit):
        dimension = 5

    with pytest.raises(NotApplicable, match="over 5 coordinates, and more than 3 are not"):
        exact(Wide())

    class Improper(Probit):
        dimension = 1

        def log_density(self, z):
            return 0.0 * z[..., 0]

        def sample_latents(self, rng, batch=()):
            return {"z": rng.standard_normal((*batch, 1))}

    with pytest.raises(NumericalError, match="does not fall off"):
        exact(Improper())
