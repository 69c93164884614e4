"""CorrelatedGaussian: blocks that group, and what mean field loses."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vi_lab import CorrelatedGaussian, cavi, exact, gibbs, ledger
from vi_lab.problems.named import problem


@pytest.mark.parametrize("rho", [0.0, 0.5, -0.9, 0.99])
def test_the_gap_grows_with_the_correlation(rho):
    model = CorrelatedGaussian([0, 0], [[1, rho], [rho, 1]])
    q = cavi(model, rng=0, max_sweeps=5000)
    assert_allclose(q.elbo, 0.5 * np.log(1 - rho**2), atol=1e-9)
    assert_allclose(q.sd("z0"), np.sqrt(1 - rho**2), rtol=1e-12)
    assert ledger(model, q).holds


def test_coordinates_in_one_block_lose_nothing():
    cov = [[2.0, 0.6, 0], [0.6, 1.0, 0], [0, 0, 3.0]]
    model = CorrelatedGaussian([1, 2, 3], cov, blocks=[[1, 0], [2]])
    q = cavi(model, rng=0)
    assert_allclose(q.elbo, 0.0, atol=1e-12)
    assert_allclose(q.mean("z0"), [2, 1])
    assert_allclose(q.q["z0"].parameters["cov"], [[1, 0.6], [0.6, 2]])
    assert_allclose(exact(model).mean("z0"), [2, 1])
    assert gibbs(model, rng=0, draws=30).values["z0"].shape == (4, 30, 2)


def test_far_from_the_origin():
    model = CorrelatedGaussian([1e8, -1e8], [[1, 0.9], [0.9, 1]])
    q = cavi(model, rng=0)
    assert_allclose(q.elbo, 0.5 * np.log(1 - 0.81), rtol=1e-9)
    assert ledger(model, q).holds
    assert_allclose(gibbs(model, rng=0, draws=500).sd("z0"), 1.0, atol=0.5)


def test_badly_scaled_coordinates():
    sd = np.array([1e-4, 1e4])
    model = CorrelatedGaussian([0, 0], np.outer(sd, sd) * [[1, 0.9], [0.9, 1]])
    q = cavi(model, rng=0)
    assert_allclose(q.elbo, 0.5 * np.log(1 - 0.81), rtol=1e-8)
    assert ledger(model, q).holds


def test_the_problem_is_the_documented_one():
    model = problem("correlated").model
    assert_allclose(model.mean, [0, 0])
    assert_allclose(model.cov, [[1, 0.9], [0.9, 1]])


def test_starts_are_over_dispersed():
    model = CorrelatedGaussian([5, 0], [[4, 0], [0, 1]])
    starts = model.sample_latents(np.random.default_rng(0), (50_000,))
    assert_allclose(starts["z0"].std(), 6.0, rtol=0.05)
    assert_allclose(starts["z0"].mean(), 5.0, atol=0.2)
