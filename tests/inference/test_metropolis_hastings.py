"""Metropolis-Hastings: skewed densities, the Jacobian, adaptation, and what it refuses."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import special, stats

from tests.contract.models import MODELS
from tests.contract.tolerances import assert_chains
from vi_lab import (
    PPCA,
    InputError,
    NotApplicable,
    NumericalError,
    cavi,
    gibbs,
    metropolis_hastings,
)
from vi_lab.inference.engine import random_walk
from vi_lab.inference.engine.adaptation import adapt, learn_root
from vi_lab.inference.engine.target import choose_target
from vi_lab.inference.metropolis_hastings import transitions

SHAPE = 1.5


class Skewed:
    """z_0 is the log of a gamma variable, z_1 ~ N(2 z_0, 1): skewed, so that signs matter."""

    dimension = 2

    def log_density(self, z):
        return stats.loggamma.logpdf(z[..., 0], SHAPE) + stats.norm.logpdf(
            z[..., 1] - 2 * z[..., 0]
        )

    def sample_latents(self, rng, batch=()):
        return {"z": 4 * rng.standard_normal((*batch, 2))}


def test_a_plain_density_with_a_skew():
    result = metropolis_hastings(Skewed(), rng=1, chains=4, draws=4000)
    z = result.values["z"]
    assert z.shape == (4, 4000, 2)
    mean, variance, third = (float(special.polygamma(k, SHAPE)) for k in range(3))
    assert_chains(z, [mean, 2 * mean], "means")
    centred = z[..., 0] - mean
    assert_chains(centred**2, variance, "variance")
    assert_chains(centred**3, third, "third central moment")
    assert third < -0.8
    assert_chains((z[..., 1] - 2 * mean) * centred, 2 * variance, "covariance")
    assert result.cost.complete_conditionals == 0
    assert result.mean("z").shape == (2,)
    assert result.names == ("z",)


def test_a_plain_density_has_no_other_method():
    for method in (gibbs, cavi):
        with pytest.raises(NotApplicable, match="does not apply, because it needs each block's"):
            method(Skewed())


@pytest.mark.parametrize("name", ["normal-gamma", "change point", "correlated", "rows"])
def test_the_tuned_loop_takes_the_steps_of_the_lesson(name, monkeypatch):
    """The same places to the last bit, where noise is drawn step by step as in the lesson."""
    monkeypatch.setattr(random_walk, "DRAWN_AT_ONCE", 1)
    rows = PPCA([[0.5, -1.0], [1.5, 0.2], [-0.7, 0.4]], [[1.0], [0.5]], 0.2, 0.2)
    target = choose_target(rows if name == "rows" else MODELS[name].model)
    walk = random_walk.RandomWalk(target, 3, np.random.default_rng(0))
    adapt(walk, 60)
    start, settled = walk.y.copy(), {"step": walk.step, "cholesky": walk.cholesky}
    walk.rng = np.random.default_rng(1)
    path, accepted = walk.run(50, "metropolis")
    lesson = transitions(target.log_density, start, np.random.default_rng(1), **settled)
    steps = [next(lesson) for _ in range(50)]
    assert 0 < accepted.sum() < accepted.size * 50
    assert_array_equal(path, [y for y, _ in steps])
    assert_array_equal(accepted, np.sum([moved for _, moved in steps], axis=0))


def test_the_lesson_by_itself():
    """One walker, steps of one: E z^2 of a standard normal."""
    steps = transitions(lambda y: -0.5 * (y**2).sum(-1), np.zeros((4, 1)), np.random.default_rng(0))
    path = np.array([next(steps)[0] for _ in range(4000)])
    assert_chains(np.swapaxes(path, 0, 1) ** 2, 1.0, "second moment")


def test_the_acceptance_rate_is_the_share_of_moves():
    case = MODELS["normal-gamma"]
    result = metropolis_hastings(case.model, rng=2, chains=3, draws=4000)
    moved = (np.diff(result.values["mu"], axis=1) != 0).mean(1)
    assert_allclose(result.acceptance_rate, moved, atol=1 / 3999 + 1e-9)
    assert ((result.acceptance_rate > 0.2) & (result.acceptance_rate < 0.6)).all()


def test_the_step_is_adapted_then_frozen():
    model = MODELS["correlated"].model
    short, long = (
        metropolis_hastings(model, rng=3, draws=draws, warmup=400) for draws in (10, 3000)
    )
    for key in ("step", "proposal_cholesky"):
        assert_array_equal(short.settings[key], long.settings[key])
    assert long.settings["step"].shape == (4,)
    learnt = long.settings["proposal_cholesky"] @ long.settings["proposal_cholesky"].T
    assert (
        0.6 < learnt[0, 1] / np.sqrt(learnt[0, 0] * learnt[1, 1]) < 1.0
    )  # truth 0.9, less a tenth


@pytest.mark.parametrize(("dimension", "rate"), [(1, 0.44), (2, 0.337), (10, 0.2546)])
def test_the_step_is_steered_to_the_rate_that_suits_the_dimension(dimension, rate):
    """0.44 in one dimension and towards 0.234 in many; each chain has a step of its own."""

    class Plain:
        def __init__(self):
            self.dimension = dimension

        def log_density(self, z):
            return -0.5 * (z**2).sum(-1)

        def sample_latents(self, rng, batch=()):
            return {"z": rng.standard_normal((*batch, dimension))}

    found = metropolis_hastings(Plain(), rng=3, chains=6, draws=4000, warmup=2000)
    assert_allclose(found.acceptance_rate.mean(), rate, atol=0.025)
    assert np.ptp(found.acceptance_rate) < 0.1 and len(set(found.settings["step"])) == 6


@pytest.mark.parametrize("step", [0.3, [0.5, 0.2]])
def test_a_step_given_is_kept(step):
    result = metropolis_hastings(MODELS["normal-gamma"].model, rng=4, draws=300, step=step)
    scale = result.settings["step"][:, None] * np.diag(result.settings["proposal_cholesky"])
    assert_allclose(scale, np.broadcast_to(step, (4, 2)))


def test_evaluations_are_counted():
    result = metropolis_hastings(MODELS["change point"].model, rng=5, chains=2, draws=30, warmup=20)
    assert result.cost == (2 * 51, 2 * 51, 0)


@pytest.mark.parametrize("step", [0.0, -0.3, [0.5, 0.0], [-0.2, 0.5], [0.5], [0.5, 0.2, 0.1]])
def test_a_step_is_above_0_in_every_coordinate(step):
    words = re.escape(f"step: needs a number above 0, or 2 of them, got {step}")
    with pytest.raises(InputError, match=words):
        metropolis_hastings(MODELS["normal-gamma"].model, rng=4, draws=3, step=step)


@pytest.mark.parametrize("settings", [dict(warmup=0, step=1.0), dict(warmup=500)])
def test_a_density_that_is_nan_on_the_way_is_refused(settings):
    class Holed(Skewed):
        def log_density(self, z):
            value = super().log_density(z)
            return np.where(z[..., 0] > 0.5, np.nan, value)

        def sample_latents(self, rng, batch=()):
            return {"z": np.full((*batch, 2), 0.0)}

    with pytest.raises(NumericalError, match="the log density is nan at a proposal"):
        metropolis_hastings(Holed(), rng=6, draws=500, **settings)


def test_a_hard_wall_is_never_crossed():
    class Walled(Skewed):
        def log_density(self, z):
            return np.where(z[..., 0] < 0, -0.5 * (z**2).sum(-1), -np.inf)

        def sample_latents(self, rng, batch=()):
            return {"z": -np.abs(rng.standard_normal((*batch, 2))) - 0.1}

    z = metropolis_hastings(Walled(), rng=7, draws=5000).values["z"]
    assert (z[..., 0] < 0).all()
    assert_chains(z[..., 0], -np.sqrt(2 / np.pi), "half normal")


def test_the_first_proposal_has_the_units_of_starts_far_apart_or_close():
    """Coordinates whose chains start 1e4 and 1e-5 apart, and 3; and one where all start at 7."""
    starts = np.array([[1e4, 1e-5, 3.0, 7.0], [-1e4, -1e-5, -3.0, 7.0]])
    walk = SimpleNamespace(
        y=starts, chains=2, dimension=4, step=np.ones(2), log_p=np.zeros(2), log_density=None,
        noise=lambda steps, label: iter(()),
    )  # fmt: skip
    adapt(walk, 0)
    assert_allclose(np.diag(walk.cholesky), [1e4, 1e-5, 1.0, 1.0])
    assert_allclose(walk.step, 2.38 / np.sqrt(4))


@pytest.mark.parametrize("steps", [300, 12])
def test_a_root_is_of_the_covariance_of_each_chain_about_its_own_mean(steps):
    """Of the last two thirds: 2 D / n of it its diagonal, a tenth at most."""
    rng = np.random.default_rng(0)
    path = rng.normal(size=(steps, 3, 2)) @ [[1.0, 0.8], [0.0, 0.5]]
    path += [[100.0, 0.0], [0.0, 50.0], [-7.0, 3.0]]
    late = path[steps // 3 :]
    cov = sum(np.cov(late[:, chain].T, bias=True) for chain in range(3)) / 3
    share = min(0.1, 4.0 / (3 * len(late)))
    root = learn_root(path, most_shrunk=0.1)
    assert_allclose(root @ root.T, (1 - share) * cov + share * np.diag(np.diag(cov)), rtol=1e-10)
    path[:, :, 1] = 4.0
    assert learn_root(path, most_shrunk=0.1) is None


def test_a_jump_is_the_root_times_noise():
    """L e_i is the i-th column of L."""
    root = np.array([[2.0, 0.0], [3.0, 0.5]])
    rng = SimpleNamespace(standard_normal=np.eye(*(2, 2)).reshape, standard_exponential=np.ones)
    walk = transitions(lambda y: np.zeros(len(y)), np.zeros((2, 2)), rng, 10.0, root)
    there, moved = next(walk)
    np.testing.assert_array_equal(there, 10.0 * root.T)
    assert moved.all()


def test_random_numbers_come_in_chunks_as_many_as_steps(monkeypatch):
    """7 steps of 3 chains in 2 dimensions, 3 steps at once: the last chunk is one step."""
    monkeypatch.setattr(random_walk, "DRAWN_AT_ONCE", 18)
    walk = random_walk.RandomWalk(
        choose_target(MODELS["correlated"].model), 3, np.random.default_rng(0)
    )
    found = [(begin, len(jumps), len(drawn)) for begin, jumps, drawn in walk.noise(7, "walk")]
    assert found == [(0, 3, 3), (3, 3, 3), (6, 1, 1)]
