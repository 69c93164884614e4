"""Hamiltonian Monte Carlo: exact tests, mistakes that they see, truths, far-out proposals."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose

import vi_lab
import vi_lab.inference.hmc as lesson
from tests.contract.sampler_checks import check_joint_distribution
from tests.contract.tolerances import assert_chains
from tests.inference.test_joint_distribution import HIERARCHIES, SIMPLE, STRUCTURED
from tests.planted.samplers import TRAJECTORIES
from tests.planted.source import plant
from tests.thinning import mostly_slow
from vi_lab import NotApplicable, NumericalError, exact, hmc
from vi_lab.inference.engine.hamiltonian_run import HamiltonianWalk
from vi_lab.inference.engine.target import choose_target
from vi_lab.model_or_problem import as_model
from vi_lab.testing import joint_of, rank_test

MODELS = {
    "normal-gamma": SIMPLE["normal-gamma"],
    "change point": SIMPLE["change point"],  # a label summed out
    "half-Cauchy": HIERARCHIES["half-Cauchy"],
    "logistic regression": STRUCTURED["logistic regression"],  # auxiliaries integrated out
}


def walked(transitions, model, rng, chains, draws, parameterisation="centred"):
    """Block values (chains, draws, ...) of as many transitions with a fixed step."""
    target = choose_target(model, parameterisation)
    y = target.start(rng, chains)
    moves = transitions(target, y, rng, 0.6, np.eye(target.dimension), 3)
    path = np.stack([next(moves)[0] for _ in range(draws)], axis=1)
    return target.values(path, rng)


def sampler_of(transitions):
    def hamiltonian(model, rng, chains, draws, warmup):
        values = walked(transitions, model, rng, chains, draws)
        return SimpleNamespace(values=model.latents(values))

    return hamiltonian


@pytest.mark.parametrize("name", mostly_slow(MODELS, ("change point",)))
def test_the_joint_distribution_is_kept(name):
    check_joint_distribution(MODELS[name], sampler_of(lesson.transitions), draws=4, replicates=200)


# no chain by itself sees that all have one momentum
MISTAKES = {k: v for k, v in TRAJECTORIES.items() if k != "one momentum for all chains"}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_seen(mistake):
    transitions = plant(lesson, *mistake)["transitions"]
    check_invariance(lesson.transitions)
    with pytest.raises(AssertionError):
        check_invariance(transitions)


def check_invariance(transitions, chains=20000, moves=8):
    """Chains that begin at independent draws of a skewed target are draws of it ever after."""
    shape, rng = np.array([1.5, 3.0]), np.random.default_rng(7)
    target = SimpleNamespace(
        log_density=lambda y: (shape * y - np.exp(y)).sum(-1),  # logs of two gammas
        gradient=lambda y: shape - np.exp(y),
    )
    start, fresh = np.log(rng.gamma(shape, size=(2, chains, 2)))
    walk = transitions(target, start, rng, 0.8, np.array([[1.0, 0.0], [0.4, 0.9]]), 3)
    for _ in range(moves):
        end, _, _ = next(walk)
    for look in (np.array, np.square, np.tanh, lambda y: y[:, :1] * y[:, 1:]):
        one, two = look(end), look(fresh)
        error = np.sqrt((one.var(0) + two.var(0)) / chains)
        assert (np.abs(one.mean(0) - two.mean(0)) < 4.5 * error).all()


@pytest.mark.slow  # the joint distribution and the invariance above hold the same steps
def test_the_exact_rank_test():
    def steps(rng, theta, data, count):
        data.sample_initial_values = lambda rng, batch=(): {
            name: np.repeat(np.asarray(value)[None], batch[0], 0) for name, value in theta.items()
        }
        values = walked(lesson.transitions, data, rng, 1, count)
        return [{name: value[0, k] for name, value in values.items()} for k in range(count)]

    model = MODELS["normal-gamma"]
    assert rank_test(joint_of(model), steps, replicates=300, length=7, rng=1).passed


@pytest.mark.parametrize("name", mostly_slow(["coal", "clutter", "trees"]))
def test_the_truth_of_named_problems(name):
    problem = vi_lab.problem(name)
    truth, found = exact(problem), hmc(problem, rng=3, draws=600, warmup=400)
    for latent in found.names:
        if latent not in problem.model.nominal:
            assert_chains(found.values[latent], truth.mean(latent), latent)
    assert 0.7 < found.acceptance_rate.min()
    assert found.cost.gradients > found.settings["longest"] * 1000


def test_chains_and_seeds():
    one, two = (hmc("coin", rng=5, chains=3, draws=20, warmup=50) for _ in range(2))
    assert_allclose(one.values["theta"], two.values["theta"], rtol=0)
    assert one.values["theta"].shape == (3, 20)
    assert len(np.unique(one.values["theta"][:, -1])) == 3
    assert one.method == "Hamiltonian Monte Carlo"


class Plain:
    """A normal of standard deviations 3 and 0.5 and a correlation of 0.8."""

    dimension = 2
    cov = np.array([[9.0, 1.2], [1.2, 0.25]])

    def log_density(self, z):
        return -0.5 * (z @ np.linalg.inv(self.cov) * z).sum(-1)

    def gradient(self, z):
        return -z @ np.linalg.inv(self.cov)

    def sample_latents(self, rng, batch=()):
        return {"z": rng.standard_normal((*batch, 2))}


def test_dual_averaging_ends_where_the_acceptance_is_what_it_is_steered_to():
    """Of moves accepted with probability exp(-step) that is where step = -log 0.95."""

    def moves(target, y, rng, step, L, longest):
        longest_seen.append((longest, round(np.pi / step.mean())))
        while True:
            yield y + 1.0, np.ones(len(y)), np.exp(-step)

    longest_seen = []
    walk = HamiltonianWalk(choose_target(as_model(Plain())), 3, np.random.default_rng(0), moves)
    start = walk.y
    path = walk._steer(2000)
    assert_allclose(walk.step, np.full(3, -np.log(0.95)), rtol=0.05)
    assert_allclose(path[-1] - start, 2000.0)  # each step begins where the last one ended
    assert all(used == min(max(turn, 1), 25) for used, turn in longest_seen)
    assert {used for used, _ in longest_seen} > {25}


def test_warmup_learns_the_covariance_and_how_many_steps_are_half_a_turn():
    found = hmc(Plain(), rng=1, chains=4, draws=300, warmup=600)
    step, L = found.settings["step"], found.settings["proposal_cholesky"]
    assert len(set(step)) == 1 and found.settings["longest"] == round(np.pi / step[0])
    ratios = np.linalg.eigvals(np.linalg.solve(Plain.cov, L @ L.T))
    assert 0.7 < ratios.min() and ratios.max() < 1.4
    assert 0.88 < found.acceptance_rate.mean() < 0.99


class Wall:
    """A normal on one side of a wall, nothing beyond: a trajectory there is rejected."""

    dimension = 1

    def log_density(self, z):
        return np.where(z[..., 0] > 0, -0.5 * z[..., 0] ** 2, -np.inf)

    def sample_latents(self, rng, batch=()):
        return {"z": np.abs(rng.standard_normal((*batch, 1)))}


def test_a_proposal_where_there_is_nothing_is_rejected():
    z = hmc(Wall(), rng=6, draws=400, warmup=200).values["z"]
    assert (z > 0).all()
    assert_chains(z[..., 0], np.sqrt(2 / np.pi), "mean of a half normal", least_ess=20)


def test_what_it_refuses():
    with pytest.raises(NotApplicable, match="no latent has a real coordinate"):
        hmc("ising", rng=0)
    wall = Wall()
    wall.sample_latents = lambda rng, batch=(): {"z": -np.ones((*batch, 1))}
    with pytest.raises(NumericalError, match="it needs to be finite"):
        hmc(wall, rng=0)
