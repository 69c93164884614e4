"""Error bars of sums, in roundings; what cancels; sums whose roundings are made good."""

from fractions import Fraction

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from vi_lab import BetaBernoulli, cavi
from vi_lab.numerics import compensated, rounding
from vi_lab.numerics.assignment import match_components, match_restarts
from vi_lab.numerics.group_sums import GroupSums

EPS = 2.0**-52


def near(number, rel=1e-9):
    """Numbers as small as a rounding are not near to 0."""
    return pytest.approx(number, rel=rel, abs=0.0)


def test_an_error_bar_is_a_hundred_roundings_of_the_terms_and_of_one():
    assert rounding.rounding() == 100 * EPS
    assert rounding.rounding(-3.0, 4.0) == near(100 * EPS * 8.0)
    whole = rounding.closed_form(-3.0, 4.0)
    assert whole == (1.0, near(100 * EPS * 8.0), "closed form")
    rows = rounding.sum_terms(np.array([[-3.0, 4.0], [0.5, 0.5]]), "enumeration")
    assert_array_equal(rows.value, [1.0, 1.0])
    assert_allclose(rows.error, 100 * EPS * np.array([8.0, 2.0]))
    assert rows.route == "enumeration"
    one = rounding.sum_one_by_one(lambda at: (at[0] - 2.0 * at[1], 10.0 * at[0]), (2, 3), "x")
    assert_array_equal(one.value, [[0, -2, -4], [1, -1, -3]])
    assert_allclose(one.error, 100 * EPS * (1 + np.array([[0.0] * 3, [10.0] * 3])))


def test_what_a_difference_loses():
    """Eight roundings of the two: of a term linear in it, and of half a square."""
    assert rounding.bound_cancellation(-2.0, 3.0, -5.0) == 8 * EPS * 2 * 8
    moved = 8 * EPS * 8.0
    half = 0.5 * 3.0 * ((2.0 + moved) ** 2 - 2.0**2)
    assert rounding.round_square(3.0, -2.0, 3.0, -5.0) == near(half, 1e-2)
    assert rounding.round_square(3.0, 0.0, 3.0, -5.0) == near(1.5 * moved**2)


def test_the_roundings_of_a_bound_are_those_of_its_products():
    """Of a coin: eta t of q in all; of the differences from the prior's eta where it is split."""
    model = BetaBernoulli([0, 1, 1], 2.0, 1.5)
    q = cavi(model, rng=0).q["theta"]
    eta, t = np.array(q.eta), np.array(q.expected_stats)
    prior = np.array([1.0, 0.5])  # a - 1, b - 1
    arguments = model, {"theta": q.expected_stats}, {"theta": q.eta}, (), 7.0
    whole = np.abs(eta * t).sum() * 7.0 * EPS
    assert rounding.round_products(*arguments, False) == near(whole)
    apart = np.abs((eta - prior) * t).sum() * 7.0 * EPS
    assert rounding.round_products(*arguments, True) == near(apart)


def test_a_disturbance_is_felt_through_the_slope():
    """Of 5 a - 5 b at a = b = 2 a rounding of each moves up to 20 roundings, for all that is 0."""
    pair = rounding.Estimate(2.0, 2.0, 0.0)  # any named tuple will do: (a, b, nothing)
    stats = {"z": pair}
    change = rounding.disturb_log_joint(
        lambda t: 5.0 * t["z"].value - 5.0 * t["z"].error, stats, {}, roundings=3.0
    )
    assert 1.0 * 3 * EPS < change <= 20.0 * 3 * EPS * (1 + 1e-6)
    still = rounding.disturb_log_joint(
        lambda t: 5.0 * t["z"].value - 5.0 * t["z"].error, stats, {"z": (0.0, 0.0, 0.0)}
    )
    assert still == 0.0


def test_products_are_subtracted_to_the_last_digit():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 50)) * 10.0 ** rng.integers(-8, 8, (2, 50))
    c = a * (1 + rng.integers(1, 9, 50) * EPS)
    found = compensated.subtract_products(a, b, c, b)
    exact = [
        float((Fraction(x) - Fraction(z)) * Fraction(y)) for x, y, z in zip(a, b, c, strict=True)
    ]
    assert_allclose(found, exact, rtol=4 * EPS)
    X = rng.normal(size=(6, 3)) * [1.0, 1e5, 1e-3]
    beta = rng.normal(size=3)
    y = X @ beta + 1e-12 * rng.normal(size=6)
    left = [
        float(Fraction(y[i]) - sum(Fraction(X[i, j]) * Fraction(beta[j]) for j in range(3)))
        for i in range(6)
    ]
    assert_allclose(compensated.subtract_product(y, X, beta), left, rtol=1e-12)


@pytest.mark.parametrize("index", [[0, 0, 1, 3], [3, 0, 1, 0], [2, 2, 2, 2], [0, 1, 2, 3]])
def test_sums_by_group(index):
    index, values = np.array(index), np.random.default_rng(1).normal(size=(2, 4, 3))
    expected = np.zeros((2, 4, 3))
    for row, group in enumerate(index):
        expected[:, group] += values[:, row]
    assert_allclose(GroupSums(index, 4).sum(values), expected, rtol=1e-14)


def test_components_are_matched_by_their_overlap():
    rng = np.random.default_rng(2)
    reference = rng.dirichlet([0.3] * 4, 30)
    order = np.array([2, 0, 3, 1])
    mixed = reference[:, order]
    assert_array_equal(mixed[:, match_components(mixed, reference)], reference)


def test_restarts_are_as_far_apart_as_their_worst_label():
    """Of the best itself 0; of one that is renamed and moved by 0.3 at one point, 0.3."""
    best = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])
    other = best[:, ::-1].copy()
    other[2] = [0.8, 0.2]
    order, apart = match_restarts(np.stack([other, best]), 1)
    assert order.tolist() == [[1, 0], [0, 1]]
    assert_allclose(apart, [0.3, 0.0], atol=1e-15)
