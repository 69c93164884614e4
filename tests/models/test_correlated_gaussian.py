"""CorrelatedGaussian: blocks that group, and what mean field loses."""

import numpy as np
from numpy.testing import assert_allclose

from vi_lab import CorrelatedGaussian, cavi, exact, gibbs
from vi_lab.problems.named import problem


def test_coordinates_in_one_block_lose_nothing():
    cov = [[2.0, 0.6, 0], [0.6, 1.0, 0], [0, 0, 3.0]]
    model = CorrelatedGaussian([1, 2, 3], cov, blocks=[[1, 0], [2]])
    q = cavi(model, rng=0)
    assert_allclose(q.elbo, 0.0, atol=1e-12)
    assert_allclose(q.mean("z0"), [2, 1])
    assert_allclose(q.q["z0"].parameters["cov"], [[1, 0.6], [0.6, 2]])
    assert_allclose(exact(model).mean("z0"), [2, 1])
    assert gibbs(model, rng=0, draws=30).values["z0"].shape == (4, 30, 2)


def test_the_problem_is_the_documented_one():
    model = problem("correlated").model
    assert_allclose(model.mean, [0, 0])
    assert_allclose(model.cov, [[1, 0.9], [0.9, 1]])


def test_starts_are_over_dispersed():
    model = CorrelatedGaussian([5, 0], [[4, 0], [0, 1]])
    starts = model.sample_latents(np.random.default_rng(0), (50_000,))
    assert_allclose(starts["z0"].std(), 6.0, rtol=0.05)
    assert_allclose(starts["z0"].mean(), 5.0, atol=0.2)
