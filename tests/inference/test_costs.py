"""What a run says that it cost, against the calls that were made and against sizes by hand."""

import copy
import dataclasses
import math

import numpy as np
import pytest

import vi_lab
from tests.models.test_latent_dirichlet import COUNTS, TINY
from vi_lab import DensityModel, cavi, collapsed_gibbs, expectation_propagation, gibbs, hmc, svi
from vi_lab.inference.engine.density_target import CountedTarget, Expectations
from vi_lab.numerics.normal_mixture import NormalMixture


class Counting(DensityModel):
    """A standard normal that counts the points it is asked at."""

    dimension = 2

    def __init__(self):
        self.densities = self.gradients = 0

    def log_density(self, z):
        self.densities += math.prod(z.shape[:-1])
        return -0.5 * (z**2).sum(-1)

    def gradient(self, z):
        self.gradients += math.prod(z.shape[:-1])
        return -z

    def sample_latents(self, rng, batch=()):
        return {"z": rng.standard_normal((*batch, 2))}


def test_hamiltonian_monte_carlo_counts_every_density_and_gradient():
    model = Counting()
    cost = hmc(model, rng=0, chains=3, draws=20, warmup=30).cost
    assert cost == (model.densities, 0, model.gradients) and cost.gradients > 3 * 50


def test_a_random_walk_counts_every_density():
    model = Counting()
    cost = vi_lab.metropolis_hastings(model, rng=0, chains=3, draws=20, warmup=30).cost
    assert cost == (model.densities, 0, 0) == (3 * 51, 0, 0)


def test_gibbs_and_cavi_count_every_conditional():
    model, calls = copy.copy(vi_lab.problem("newcomb").model), []

    def counted(block):
        def conditional(t):
            calls.append(block)
            return block.complete_conditional(t)

        return dataclasses.replace(block, complete_conditional=conditional)

    model.blocks = {name: counted(block) for name, block in model.blocks.items()}
    assert gibbs(model, rng=0, chains=3, draws=5, warmup=2).cost == (0, 3 * len(calls), 0)
    calls.clear()
    cost = cavi(model, rng=0, restarts=3, max_sweeps=4, tol=1.0).cost
    sweeps = len(calls) // 2
    assert 1 < sweeps <= 4 and cost == (3 * sweeps, 3 * len(calls), 0)


def test_a_sweep_of_collapsed_gibbs_has_a_conditional_for_every_token():
    cost = collapsed_gibbs(TINY, rng=0, chains=3, draws=5, warmup=2).cost
    assert cost == (0, 3 * 7 * COUNTS.sum(), 0)


def test_a_step_on_a_minibatch_is_a_bound_and_a_conditional_a_block():
    model = vi_lab.problem("old-faithful").model
    q = svi(model, rng=0, batch_size=len(model.x) // 3, epochs=2)
    steps = 2 * 3 + 3  # and three on all rows
    assert q.cost == (steps, steps * 3, 0)
    assert svi(model, rng=0, batch_size=len(model.x), epochs=2).cost == (2, 2 * 3, 0)


def test_a_sweep_of_expectation_propagation_has_a_tilted_density_for_every_site():
    model = vi_lab.problem("challenger").model
    q = expectation_propagation(model)
    assert q.cost == (q.settings["sweeps"] * model.n,) * 2 + (0,)
    assert expectation_propagation(model, max_sweeps=2, tol=0).cost == (2 * model.n, 2 * model.n, 0)


class Asked:
    """A target that has an expectation, of a model of three blocks of which one is collapsed."""

    dimension, start, has_blocks = 2, None, True
    conditionals_per_density, conditionals_per_gradient = 1, 3

    def log_density(self, y):
        return y.sum(-1)

    def gradient(self, y):
        return np.ones_like(y)

    def expect(self, q):
        return Expectations(np.zeros(len(q.means)), np.zeros_like(q.means), np.zeros_like(q.roots))


def test_a_target_that_counts_takes_points_and_not_calls():
    """An expectation is a density and a gradient of each component, at one point or at many."""
    counted = CountedTarget(Asked())
    counted.log_density(np.zeros((5, 7, 2)))
    assert counted.cost == (35, 35, 0)
    counted.gradient(np.zeros((3, 2, 2)))
    assert counted.cost == (35, 35 + 3 * 6, 6)
    counted.expect(NormalMixture(np.zeros(4), np.zeros((4, 2)), np.zeros((4, 2, 2))))
    assert counted.cost == (39, 39 + 3 * 10, 10)


@pytest.mark.parametrize("method", [vi_lab.laplace, vi_lab.gaussian_vi])
def test_a_fit_counts_what_it_asked_before_its_bound_was_worked_out(method, monkeypatch):
    model, seen = Counting(), []

    def note(self):
        seen.append((model.densities, 0, model.gradients))
        return self

    monkeypatch.setattr(vi_lab.GaussianPosterior, "take_averages", note)
    assert [method(model, rng=0, restarts=3).cost] == seen and seen[0][2] > 3
