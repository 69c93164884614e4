"""Quadratics in many points, against sums over the points one by one."""

import copy
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from vi_lab import cavi, problem
from vi_lab.model_or_problem import same_model
from vi_lab.numerics import quadratic_features
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


def test_sums_run_over_blocks_of_points(monkeypatch):
    d, weights = RNG.normal(size=(7, 2)), RNG.random((2, 7, 4))
    whole = QuadraticFeatures(d).totals(weights)
    monkeypatch.setattr(quadratic_features, "AT_ONCE", 3)
    assert_allclose(QuadraticFeatures(d).totals(weights), whole)


def test_sums_are_kept_of_arrays_that_nobody_can_change():
    points, weights = QuadraticFeatures(RNG.normal(size=(7, 2))), RNG.random((7, 4))
    first = points.totals(weights)
    weights[0] += 1.0
    assert (points.totals(weights) != first).any()  # it could change, and did
    weights.flags.writeable = False
    kept = points.totals(weights)
    assert points.totals(weights) is kept
    assert points.totals(weights[:]) is not kept  # a view's base may be written to
    del weights
    assert_allclose(points.totals(np.ones((7, 4)))[:, 0], 7.0)


@pytest.mark.parametrize("copy", [copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))])
def test_a_copy_sums_alike(copy):
    points, weights = QuadraticFeatures(RNG.normal(size=(7, 3))), RNG.random((7, 4))
    weights.flags.writeable = False
    total = points.totals(weights)
    assert_array_equal(copy(points).totals(weights), total)


def test_what_is_kept_is_no_part_of_a_model():
    one, two = problem("old-faithful").model, problem("old-faithful").model
    cavi(one, rng=0, max_sweeps=3, tol=0)
    assert same_model(one, two)
