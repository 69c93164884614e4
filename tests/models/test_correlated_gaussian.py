"""CorrelatedGaussian: blocks that group, and what mean field loses."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vi_lab import CorrelatedGaussian, cavi, exact, gibbs
from vi_lab.models.posteriors.correlated_gaussian import ROUNDED, _lost_in_entries
from vi_lab.numerics.rounding import EPS
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


@pytest.mark.parametrize("wider", [1.1, 9.0])
def test_what_a_divergence_loses_by_its_slopes(wider):
    """Its slopes in every entry by differences, and the sums of sizes written as loops."""
    root = np.array([[1.0, 0.0, 0.0], [-0.8, 1.6, 0.0], [0.5, -0.9, 1.3]])  # C = (R'R)^-1
    C, d = np.linalg.inv(root.T @ root), np.array([0.3, -1.2, 0.7])
    S = wider * C + 0.05 * np.array([[1.0, -1.0, 0.0], [-1.0, 2.0, 0.5], [0.0, 0.5, 1.0]])

    def twice_the_kl(C, S, d):
        A = np.linalg.inv(C)
        log_dets = np.log(np.linalg.det(C)) - np.log(np.linalg.det(S))
        return np.trace(A @ S) + log_dets - 3.0 + d @ A @ d

    first = 0.0
    for which, entries in enumerate((C, S, d)):
        for at in np.ndindex(entries.shape):
            ends = []
            for step in (1e-5, -1e-5):
                given = [C.copy(), S.copy(), d.copy()]
                given[which][at] += step
                ends.append(twice_the_kl(*given))
            first += abs((ends[0] - ends[1]) / 2e-5 * entries[at])
    near = min(np.abs(root @ S @ root.T - np.eye(3)).max(), 1.0)
    triples = [(i, j, k) for i in range(3) for j in range(3) for k in range(3)]
    product, inside = (
        sum(abs(root[i, j] * M[j, k] * root[i, k]) for i, j, k in triples) for M in (S, C)
    )
    second = 0.1 * EPS * inside**2 * (1.0 + d @ np.linalg.inv(C) @ d)
    expected = ROUNDED * EPS * (first + near * product + second)
    assert_allclose(_lost_in_entries(C, S, root, d), expected, rtol=1e-7)
    assert (near == 1.0) == (wider == 9.0)


def test_what_a_divergence_loses_of_second_order():
    """Where q is the posterior all slopes are 0: left is the square of the roundings of R C R'."""
    root = np.array([[1.0, 0.0], [-32.0, 64.0]])  # powers of 2: no product is rounded
    C = np.array([[1.0, 0.5], [0.5, 1025 / 4096]])
    inside = (np.abs(root) @ np.abs(C) @ np.abs(root).T).trace()
    lost = _lost_in_entries(C, C, root, np.zeros(2)) / (ROUNDED * EPS)
    assert_allclose(lost, 0.1 * EPS * inside**2, rtol=0.05)
