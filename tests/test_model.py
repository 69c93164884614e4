"""Model and Block: plates, collapse of an auxiliary block, zeros, latents made of blocks, doors."""

import copy
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from tests.contract.models import KNOWN, MODELS
from tests.contract.small_models import KnownMixture, SplitVector, StudentLocation
from tests.users import DensityAlone, Unsolved
from vi_lab import (
    Block,
    Categorical,
    DensityModel,
    Factorised,
    Gamma,
    InputError,
    InputTypeError,
    Model,
    Normal,
    NormalGamma,
    NotApplicable,
    NumericalError,
    Problem,
    cavi,
    derivation,
    elbo,
    exact,
    gibbs,
    ledger,
    metropolis_hastings,
)  # fmt: skip
from vi_lab.density_model import BaseModel
from vi_lab.families import CategoricalStats
from vi_lab.model import log_joint_collapsed, statistics
from vi_lab.model_or_problem import as_model, same_model
from vi_lab.problems.named import problem


class SplitInItsParts(SplitVector):
    """The same blocks, each a latent by its own name, whatever signs that has."""

    latents, block_values = BaseModel.latents, BaseModel.block_values


@pytest.mark.parametrize(
    ("plates", "value", "batch", "expected"),
    [
        ((), 2.0, (), 2.0),
        ((), 2.0, (3,), [2, 2, 2]),  # a constant stands for each of the batch
        ((4,), 1.0, (), 4.0),
        ((4,), 1.0, (2,), [4, 4]),
        ((4,), np.arange(4.0), None, 6.0),
        ((2, 2), np.ones((5, 2, 2)), None, np.full(5, 4.0)),
        ((3,), np.ones((2, 1)), (2,), [3, 3]),
    ],
)
def test_over_plates(plates, value, batch, expected):
    found = Block(Gamma(), lambda stats: None, plates=plates).sum_over_plates(value, batch)
    assert_allclose(found, expected)
    assert np.shape(found) == np.shape(expected)


def test_an_auxiliary_block_collapses_to_student_t():
    x, s, nu = np.array([0.4, -3.0, 1.7]), 2.0, 4.0
    model = StudentLocation(x, s, nu)
    mu = np.linspace(-4, 4, 9)
    t = statistics(model, {"mu": mu, "w": np.ones((9, 3))})
    found = log_joint_collapsed(model, t, ("w",), (9,))
    expected = stats.norm.logpdf(mu, 0, s) + stats.t.logpdf(x, nu, mu[:, None]).sum(-1)
    assert_allclose(found, expected, rtol=1e-12)


def test_default_summaries_leave_labels_and_auxiliaries_out():
    """Neither is worth comparing: the one has names alone, the other is there for conjugacy."""
    model = StudentLocation([0.4, -3.0, 1.7], 2.0, 4.0)
    assert model.summaries({"mu": 0.5, "w": np.ones(3)}) == {"mu": 0.5}
    labelled = KnownMixture(np.array([-1.0, 2.2]), [0.3, 0.7], np.array([-1.0, 2.0]))
    assert labelled.summaries({"z": np.array([0, 1])}) == {}


@pytest.mark.parametrize("name", ["hierarchy", "logistic"])
def test_no_model_with_auxiliaries_names_them_in_its_summaries(name):
    models = [case.model for key, case in MODELS.items() if name in key]
    models = [model for model in models if model.auxiliary]
    assert models
    for model in models:
        drawn = model.latents(model.sample_latents(np.random.default_rng(0), (2,)))
        assert not set(model.summaries(drawn)) & set(model.auxiliary)


def test_collapse_names_the_block_that_fails():
    model = NormalGamma([1.0, 2.0], mu0=0, kappa0=1, a0=1, b0=1)
    with pytest.raises(NumericalError, match="block 'mu': a normal precision"):
        # at t_tau = 0 the precision of mu is nought
        log_joint_collapsed(model, {}, ("mu", "tau"))


def test_an_impossible_label_costs_nothing_anywhere():
    """A zero weight puts -inf into log joint and conditional; 0 * (-inf) is 0 all along."""
    x, centres = np.array([-1.0, 2.2]), np.array([-1.0, 2.0, 0.5])
    holed, whole = (
        KnownMixture(x, weights, centres[: len(weights)])
        for weights in ([0.3, 0.7, 0.0], [0.3, 0.7])
    )
    q = cavi(holed, rng=0, restarts=3)
    assert_allclose(q.elbo, cavi(whole, rng=0).elbo, rtol=1e-12)
    assert_allclose(q.mean("z")[:, 2], 0.0, atol=0)
    assert ledger(holed, q).holds
    assert derivation(holed, q).agrees
    assert (gibbs(holed, rng=0, draws=300).values["z"] < 2).all()


def test_what_q_rules_out_weighs_nothing_in_the_derivation():
    model = MODELS["change point"].model
    s = np.array([0, 0.5, 0.5, 0, 0, 0, 0])
    q = Factorised(
        model, s=Categorical.of(s, first=1), rates=Gamma.of(shape=[3.0, 4.0], rate=[1.0, 2.0])
    )
    assert ledger(model, q).holds
    assert derivation(model, q).agrees


def test_no_possible_label_names_the_block():
    class Impossible(KnownMixture):
        def conditional(self, stats):
            return CategoricalStats(np.full((2, 2), -np.inf))

    model = Impossible([0.0, 1.0], [0.5, 0.5], [0.0, 1.0])
    with pytest.raises(NumericalError, match="block 'z': "):
        cavi(model)
    with pytest.raises(NumericalError, match="block 'z': "):
        gibbs(model, rng=0)


def test_a_q_made_for_other_data_keeps_its_densities():
    """Two models may write mu about different centres; an ELBO must not mix them up."""
    prior = dict(mu0=0.0, kappa0=0.5, a0=2.0, b0=3.0)
    one, two = NormalGamma([1.0, 2.0, 6.0], **prior), NormalGamma([51.0, 52.0, 56.0], **prior)
    q = cavi(one, rng=0)
    m, s = q.q["mu"].parameters["mean"], q.q["mu"].parameters["sd"]
    same = Factorised(two, mu=Normal.of(mean=m, sd=s), tau=q.q["tau"])
    assert_allclose(elbo(two, q), same.elbo, rtol=1e-12)
    assert ledger(two, q).holds
    assert derivation(two, q).agrees


def test_a_block_with_a_dot_in_its_name_is_a_latent_where_none_are_put_together():
    parts = SplitInItsParts(np.diag([1.0, 4.0, 9.0, 16.0]))
    for given in (parts, Counting(parts)):
        q = cavi(given, rng=0)
        assert q.names == ("z.even", "z.odd")
        assert_allclose([row["sd"] for row in q.summary().rows], [1, 3, 2, 4], rtol=1e-9)


def test_latents_are_put_together_from_their_blocks():
    model = SplitVector(np.diag([1.0, 4.0, 9.0, 16.0]))
    assert model.sources == {"z": ("z.even", "z.odd")}
    q = cavi(model, rng=0)
    assert_allclose(q.sd("z"), [1, 2, 3, 4], rtol=1e-9)
    assert q.names == ("z",)
    assert q.sample(5, rng=0)["z"].shape == (5, 4)
    assert gibbs(model, rng=0, draws=20).sd("z").shape == (4,)


def test_nominal_latents_are_known():
    assert MODELS["known mixture"].model.nominal == {"z": 3}
    assert MODELS["change point"].model.nominal == {}


def test_a_problem_stands_for_its_model():
    model = KNOWN["poisson rate"].model
    named = Problem(name="rate", story="a rate", data="four counts", n=4, model=model)
    assert as_model(named) is model
    assert exact(named).log_evidence == exact(model).log_evidence
    assert repr(named) == "Problem('rate': a rate; four counts)"


def test_a_model_says_what_it_is_over():
    assert repr(MODELS["change point"].model) == "<ChangePoint over s, rates (2)>"
    assert repr(problem("ising").model) == "<Ising over x.even (32), x.odd (32)>"
    assert repr(problem("digits").model) == "<DecoderModel over z (20 × 2)>"


def test_a_model_without_truth_says_why():
    model = MODELS["student location"].model
    book = ledger(model, cavi(model, rng=0))
    assert book.holds is None
    assert book.reason == model.no_exact_because
    assert book.log_evidence is book.kl is book.residual is None
    assert np.isfinite(book.elbo)
    assert book.reason in repr(book)


def test_a_model_without_data_to_draw_says_so():
    with pytest.raises(NotImplementedError, match="SplitVector has no data to draw"):
        MODELS["split vector"].model.sample_data(np.random.default_rng(0), {})


def test_a_class_or_a_number_is_not_a_model():
    for given in (NormalGamma, Model, 3, None, ["coal"]):
        with pytest.raises(InputTypeError, match="needs a vi_lab model or problem"):
            as_model(given)


FORMER = {
    "sample_starts": "sample_initial_values",
    "distinct": "named_labels",
    "large": "costly",
    "why_locked": "why_reducible",
}


@pytest.mark.parametrize("former", FORMER)
def test_a_hook_by_its_former_name_is_refused_with_its_present_one(former):
    """It would never be called: on a subclass, a look-alike, an instance, or in a problem."""

    class Grown(Unsolved):
        """Inherits from a class that defines it."""

    class LookAlike(DensityAlone):
        pass

    plain = MODELS["normal-gamma"].model
    children = [type("Child", (kind,), {former: None}) for kind in (Grown, LookAlike)]
    one = copy.copy(plain)
    setattr(one, former, True)
    of_class = type("OfClass", (children[0],), {})(plain.x, mu0=0, kappa0=1, a0=1, b0=1)
    sentence = rf"{former}, which is now called {FORMER[former]}"
    for model in (children[1](), one, of_class):
        for method in (as_model, metropolis_hastings, exact):
            with pytest.raises(InputError, match=sentence):
                method(model)
    with pytest.raises(InputError, match=sentence):
        gibbs(Problem(name="mine", story="", data="", n=1, model=one))
    assert as_model(plain) is plain


class Counting:
    """What a model needs and no more, from no class of ours."""

    def __init__(self, model):
        self.blocks, self.calls, self._model = model.blocks, 0, model

    def log_joint(self, stats):
        self.calls += 1
        return self._model.log_joint(stats)

    def sample_latents(self, rng, batch=()):
        return self._model.sample_latents(rng, batch)


def test_a_model_that_inherits_from_none_of_ours_has_all_that_ours_have():
    alone, plain = DensityAlone(), MODELS["normal-gamma"].model
    blocks = Counting(plain)
    for given in (alone, blocks):
        model = as_model(given)
        assert as_model(model) is model
        for name in vars(BaseModel):
            assert name.startswith("_") or getattr(model, name, model) is not model
    assert pickle.loads(pickle.dumps(as_model(alone))).nominal == {}
    assert isinstance(alone, DensityModel)
    odd = DensityAlone()
    odd.blocks = ["of its own"]
    assert as_model(odd).blocks == {}
    draws = metropolis_hastings(alone, rng=0, draws=50)
    assert draws.model is alone
    assert repr(as_model(alone)) == repr(alone)
    assert as_model(alone).sources == {"z": ("z",)}
    assert same_model(alone, as_model(alone)) and not same_model(alone, DensityAlone())
    assert gibbs(blocks, rng=0, draws=50).model is blocks
    for name, values in gibbs(plain, rng=0, draws=50).values.items():
        np.testing.assert_array_equal(gibbs(blocks, rng=0, draws=50).values[name], values)
    q = cavi(blocks, rng=0)
    assert q.elbo == pytest.approx(cavi(plain, rng=0).elbo, abs=1e-12)
    assert blocks.calls > 0
    assert exact(blocks).log_evidence == pytest.approx(exact(plain).log_evidence, abs=1e-10)
    with pytest.raises(NotApplicable, match="Gibbs does not apply, because it needs each block's"):
        gibbs(alone)


def test_a_model_without_blocks_is_not_finished():
    class Unfinished(Model):
        def log_joint(self, stats):
            return 0.0

        def sample_latents(self, rng, batch=()):
            return {}

    assert repr(Unfinished()) == "<Unfinished over >"
    with pytest.raises(
        InputTypeError,
        match="needs a vi_lab model or problem, or a problem's name, got <Unfinished",
    ):
        exact(Unfinished())
