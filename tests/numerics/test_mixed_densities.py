"""Densities that are averages over m, against sums over all m of scipy's."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from vi_lab.numerics import mixed_densities as mixed

WEIGHTS = np.array([0.1, 0.4, 0.2, 0.3])  # none may be left out
MEANS, VARIANCES = np.array([-1.0, 0.5, 2.0, 4.0]), np.array([0.3, 1.0, 2.0, 0.1])
SHAPES, RATES = np.array([0.5, 1.0, 3.0, 7.0]), np.array([2.0, 0.7, 1.5, 3.0])
X = np.array([-2.0, 0.0, 0.3, 1.0, 2.5, 4.1])


def test_one_coordinate():
    normals = stats.norm(MEANS, np.sqrt(VARIANCES)).pdf(X[:, None]) @ WEIGHTS
    assert_allclose(mixed.mix_normals(WEIGHTS, X, MEANS, VARIANCES), normals, rtol=1e-12)
    inside = X[2:]
    gammas = stats.gamma(SHAPES, scale=1 / RATES).pdf(inside[:, None]) @ WEIGHTS
    assert_allclose(mixed.mix_gammas(WEIGHTS, inside, SHAPES, RATES), gammas, rtol=1e-12)
    share = np.array([-0.1, 0.2, 0.9, 1.1])
    betas = stats.beta(SHAPES + 1, RATES + 1).pdf(share[:, None]) @ WEIGHTS
    assert_allclose(mixed.mix_betas(WEIGHTS, share, SHAPES + 1, RATES + 1), betas, rtol=1e-12)
    assert_allclose(mixed.normal(X, 0.5, 2.0), stats.norm(0.5, np.sqrt(2.0)).pdf(X), rtol=1e-12)


def test_the_limits_at_the_ends():
    """Beta(1, 3) and Gamma(1, 0.7) at 0, Beta(3, 1) at 1."""
    one, ends = np.ones(1), np.array([0.0, 1.0])
    assert_allclose(mixed.mix_betas(one, ends, one, 3 * one), [3.0, 0.0])
    assert_allclose(mixed.mix_betas(one, ends, 3 * one, one), [0.0, 3.0])
    assert_allclose(mixed.mix_gammas(one, np.zeros(1), one, 0.7 * one), [0.7])
    assert mixed.is_two_valued(0.3, np.array([-1.0, 0.0, 1.0])).tolist() == [0.0, 0.7, 0.3]
    assert mixed.is_two_valued(0.3, np.array([-1.0, 0.0, 1.0]), -1.0).tolist() == [0.7, 0.0, 0.3]


def test_what_is_left_out_has_next_to_no_weight():
    weights = np.array([1e-12, 0.25, 0.75 - 2e-12, 1e-12])
    asked = []

    def density(value):
        asked.extend(value)
        return value[:, None]

    total = mixed.average_density(weights, density, np.array([1e9, 1.0, 2.0, 1e9]), size=1)
    assert asked == [2.0, 1.0]  # the most probable first
    assert_allclose(total, [1.75], rtol=1e-9)


def test_pairs():
    """Off the diagonal x and y have lengths of their own."""
    x, y = X, X[:4] + 0.2
    spread = np.array([2.0, 0.5, 1.0, 3.0])
    cov = np.array([0.5, -0.6, 1.0, 0.1])
    points = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
    expected = sum(
        w * stats.multivariate_normal.pdf(points, [m, -m], [[v, c], [c, s]])
        for w, m, v, s, c in zip(WEIGHTS, MEANS, VARIANCES, spread, cov, strict=True)
    )
    found = mixed.mix_normal_pairs(WEIGHTS, x, y, (MEANS, -MEANS), (VARIANCES, spread), cov)
    assert found.shape == (6, 4)
    assert_allclose(found, expected, rtol=1e-10)
    one = np.array([[2.0, 0.6], [0.6, 0.5]])
    expected = stats.multivariate_normal.pdf(points, [1.0, -0.5], one)
    assert_allclose(mixed.normal_pair(x, y, np.array([1.0, -0.5]), one), expected, rtol=1e-10)


def test_a_ridge_between_the_points_is_widened_and_no_other():
    """Steps of 0.1: given the other, an sd below 0.07 is lifted to it (here r**2 = 1 - 0.0049)."""
    grid = np.linspace(-1.0, 1.0, 21)
    one = (np.ones(2), np.ones(2))
    found = mixed.widen_ridges(grid, grid, one, np.array([0.5, 0.9999]))
    assert_allclose(found, [0.5, np.sqrt(1.0 - 0.07**2)], rtol=1e-12)
    assert_allclose(mixed.widen_ridges(grid, grid, one, np.array([-0.9999, 0.0]))[0], -found[1])
    coarse = mixed.widen_ridges(grid * 50, grid, one, np.array([0.9999, 0.9]))
    assert_allclose(coarse, [np.sqrt(0.9), 0.9], rtol=1e-12)  # by a tenth at most


@pytest.mark.parametrize("rank", [0, 1, 2])
def test_an_order_statistic(rank):
    """Of three normals a mixture each: which of them is there, and which are below, by a list."""
    means = np.array([[-1.0, 0.0, 2.0], [0.5, 0.5, 1.0]])
    weights, x = np.array([0.3, 0.7]), X

    def density(m):
        return stats.norm.pdf(x - m[..., None])

    def below(m):
        return stats.norm.cdf(x - m[..., None])

    expected = np.zeros(len(x))
    for w, m in zip(weights, means, strict=True):
        for k, lower in itertools.product(range(3), itertools.product([0, 1], repeat=3)):
            if lower[k] or sum(lower) != rank:
                continue
            others = [stats.norm.cdf(x - m[j]) if lower[j] else stats.norm.sf(x - m[j])
                      for j in range(3) if j != k]  # fmt: skip
            expected += w * stats.norm.pdf(x - m[k]) * others[0] * others[1]
    found = mixed.mix_order_statistic(weights, density, below, rank, (means,), len(x))
    assert_allclose(found, expected, rtol=1e-10)


def test_the_density_of_an_exponential():
    t = np.array([-1.0, 0.0, 0.2, 1.7])
    found = mixed.density_of_exponential(stats.norm(0.3, 0.8).logpdf, t)
    assert_allclose(found, stats.lognorm(0.8, scale=np.exp(0.3)).pdf(t), rtol=1e-10, atol=1e-200)
    halved = mixed.density_of_exponential(stats.norm(0.3, 0.8).logpdf, t, 0.5)
    assert_allclose(halved, stats.lognorm(0.4, scale=np.exp(0.15)).pdf(t), rtol=1e-10, atol=1e-200)
