"""Metropolis-Hastings of discrete latents, site by site: against enumeration and against itself."""

import copy

import numpy as np
import pytest

from tests.contract import sampler_checks
from tests.contract.models import MODELS
from tests.contract.sampler_checks import started
from tests.contract.tolerances import assert_averages, assert_chains
from vi_lab import (
    BayesNet,
    Categorical,
    InputError,
    Ising,
    NotApplicable,
    NumericalError,
    metropolis_hastings,
    problem,
)
from vi_lab.inference import discrete_metropolis as lesson
from vi_lab.model import Block, Model
from vi_lab.testing import MetropolisSteps, joint_of, rank_test, standard_battery

NAMES = ("ising", "denoise", "sprinkler", "asia")


class Weights(Model):
    """Two independent labels, numbers 0 to 4, one impossible, of given weights."""

    generative = False

    def __init__(self, weights):
        with np.errstate(divide="ignore"):
            self.log_weights = np.log(weights)
        family = Categorical(self.log_weights.shape[-1], first=0)
        self.given = family.Stats(self.log_weights)
        self.blocks = {"k": Block(family, lambda t: self.given, plates=(len(weights),))}

    def log_joint(self, stats):
        return self.blocks["k"].family.inner(self.given, stats["k"]).sum(-1)

    def sample_latents(self, rng, batch=()):
        return {"k": np.zeros((*batch, len(self.log_weights)), dtype=np.int8)}


P = np.array([[0.1, 0.2, 0.0, 0.3, 0.4], [0.3, 0.3, 0.3, 0.0, 0.1]])


def check_labels(draws=2000):
    """Every value of both sites as often as its weight says, and the two sites independent."""
    result = metropolis_hastings(Weights(P), rng=4, draws=draws)
    k = result.values["k"]
    for value in range(5):
        likely = P[:, value] > 0
        assert_chains((k == value)[..., likely], P[likely, value], f"P(k = {value})")
    joint = (k[..., 0] == 3) & (k[..., 1] == 0)
    assert_chains(joint, 0.09, "P(3, 0)")
    return result


def test_labels_of_many_values_have_their_weights():
    result = check_labels()
    assert not (result.values["k"][..., 0] == 2).any()
    assert not (result.values["k"][..., 1] == 3).any()


@pytest.mark.parametrize("name", NAMES)
def test_every_discrete_problem_has_a_row(name):
    result = metropolis_hastings(problem(name), rng=0, draws=20, warmup=5)
    assert result.method == "Metropolis-Hastings"
    assert ((result.acceptance_rate > 0) & (result.acceptance_rate < 1)).all()


def test_two_free_spins_are_seen_in_all_four_states():
    """Every proposal is accepted here: moved together at each step, two states are never seen."""
    model = started(Ising(0.0, np.zeros((1, 2))), {"x.even": [1], "x.odd": [1]})
    x = metropolis_hastings(model, rng=0, draws=2000, warmup=0).values["x"][:, :, 0]
    assert_chains(x[..., 0] * x[..., 1], 0.0, "product of two free spins")
    assert_chains(x, 0.0, "free spins")


def test_one_step_is_metropolis():
    """One spin in a field: from the likely side it goes with (1 - REST) exp(-2 h), and no more."""
    h, chains = 0.4, 40_000
    model = started(Ising(0.0, [[h, h]]), {"x.even": [1], "x.odd": [-1]})
    result = metropolis_hastings(model, rng=1, chains=chains, draws=1, warmup=0)
    x = result.values["x"][:, 0, 0]
    leaves = (1.0 - lesson.REST) * np.exp(-2.0 * h)
    assert_averages(x[:, 0] == -1, leaves, "share that leaves the likely side")
    assert_averages(x[:, 1] == 1, 1.0 - lesson.REST, "share that leaves the unlikely side")


def test_the_acceptance_rate_and_the_cost_are_counted():
    model = Ising(0.0, np.full((4, 4), 0.7))
    result = metropolis_hastings(model, rng=2, chains=3, draws=2000, warmup=100)
    moves = (np.diff(result.values["x"], axis=1) != 0).mean((1, 2, 3))
    assert np.allclose(result.acceptance_rate * (1.0 - lesson.REST), moves, atol=0.01)
    assert result.cost == (3, 3 * 2100 * 2, 0)  # the starts; two blocks a sweep
    assert dict(result.settings) == {
        "chains": 3, "draws": 2000, "warmup": 100, "seed": 2, "parameterisation": "centred",
        "rest": lesson.REST,
    }  # fmt: skip


def test_what_has_no_meaning_here_is_refused():
    model = problem("sprinkler")
    with pytest.raises(InputError, match="step: needs None where every latent is discrete"):
        metropolis_hastings(model, step=0.5)
    with pytest.raises(InputError, match="parameterisation: unknown name 'noncentred'"):
        metropolis_hastings(model, parameterisation="noncentred")
    with pytest.raises(InputError, match="keep: unknown name 'rian'; did you mean 'rain'"):
        metropolis_hastings(model, keep=["rian"])


def test_counts_have_no_list_of_values():
    topics = copy.copy(MODELS["topics"].model)
    topics.blocks = {n: b for n, b in topics.blocks.items() if b.family.discrete}
    with pytest.raises(NotApplicable, match="cannot be listed"):
        metropolis_hastings(topics)


def test_an_impossible_start_is_named():
    net = BayesNet({"a": (), "b": ("a",)}, {"a": 0.3, "b": [0.0, 0.5]}, {"b": 1})
    with pytest.raises(NumericalError, match="chain 0 starts where the log joint is -inf"):
        metropolis_hastings(started(net, {"a": 0}), rng=0)


def test_a_breakdown_hands_over_what_was_drawn():
    """The field turns nan in the fifth sweep."""
    model, calls = Ising(0.2, np.zeros((2, 2))), []
    right = model.blocks["x.odd"].complete_conditional

    def breaks(stats):
        calls.append(1)
        field = right(stats)
        return field if len(calls) < 5 else type(field)(field.value * np.nan)

    model.blocks["x.odd"] = Block(model.blocks["x.odd"].family, breaks, plates=(2,))
    with pytest.raises(NumericalError, match=r"block 'x.odd'") as caught:
        metropolis_hastings(model, rng=0, chains=2, draws=50, warmup=0)
    assert caught.value.draws.values["x"].shape == (2, 4, 2, 2)


def test_steps_for_the_exact_tests():
    model = problem("sprinkler").model
    steps = MetropolisSteps.tuned(model, rng=0)
    assert steps.cholesky is None
    report = rank_test(joint_of(model), steps.steps, replicates=50, rng=0)
    assert report.passed, report


def test_the_battery_includes_it(short_chains):
    name = "agreement of Metropolis-Hastings"
    test = standard_battery.list_tests(Ising(0.2, [[0.3, -0.1], [0.2, 0.0]]), 24)[name]
    report = standard_battery.run_test(name, test, np.random.default_rng(0))
    assert report.test == name and report.passed, report


# A mistake planted: the same checks fail.


def test_a_ratio_that_is_not_p_new_over_p_old_is_found(monkeypatch):
    model = Ising(0.3, [[0.3, -0.1], [0.2, 0.5]])
    sampler_checks.check_moments(model, metropolis_hastings, draws=1500)
    monkeypatch.setattr(lesson, "refuse_nan", lambda change: 1.2 * change)
    with pytest.raises(AssertionError):
        sampler_checks.check_moments(model, metropolis_hastings, draws=1500)


def test_sites_that_never_rest_are_found(monkeypatch):
    monkeypatch.setattr(lesson, "REST", 0.0)
    with pytest.raises(AssertionError):
        test_two_free_spins_are_seen_in_all_four_states()


def test_a_proposal_that_favours_the_next_value_is_found(monkeypatch):
    """Always the next label in a ring: not symmetric, so the ratio is not of densities alone."""

    class Next:
        def __init__(self, rng):
            self.rng, self.odd = rng, False

        def random(self, shape):
            self.odd = not self.odd
            drawn = self.rng.random(shape)
            return np.where(drawn < lesson.REST, drawn, lesson.REST) if self.odd else drawn

    monkeypatch.setattr(lesson, "BufferedNoise", Next)
    with pytest.raises(AssertionError):
        check_labels()
