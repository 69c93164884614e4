"""Quadratics in many points, against sums over the points one by one."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vi_lab.numerics.quadratic_features import QuadraticFeatures

RNG = np.random.default_rng(4)


@pytest.mark.parametrize("size", [1, 3])
def test_against_the_points_one_by_one(size):
    d, weights = RNG.normal(size=(7, size)), RNG.random((2, 7, 4))
    points = QuadraticFeatures(d)
    counts, sums, outer = points.moments(weights)
    assert_allclose(counts, weights.sum(1))
    assert_allclose(sums, np.einsum("bnk,ni->bki", weights, d))
    assert_allclose(outer, np.einsum("bnk,ni,nj->bkij", weights, d, d))
    constant, slope = RNG.normal(size=(2, 4)), RNG.normal(size=(2, 4, size))
    matrix = RNG.normal(size=(2, 4, size, size))  # symmetric or not, it is the same quadratic
    coefficients = points.coefficients(constant, slope, matrix)
    expected = (
        constant[:, None, :]
        + np.einsum("bki,ni->bnk", slope, d)
        + np.einsum("bkij,ni,nj->bnk", matrix, d, d)
    )
    assert_allclose(points.evaluate(coefficients), expected)
    assert_allclose((coefficients * points.totals(weights)).sum(-1), (weights * expected).sum(1))
