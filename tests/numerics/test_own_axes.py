"""Axes of a component's own: turns beside dense products at 60 digits."""

import numpy as np
import pytest
from mpmath import mp
from numpy.testing import assert_allclose, assert_array_equal

from tests.digits.sweep import exactly
from vi_lab.numerics import own_axes

LINE = np.array([0.8, -0.36, 0.48])
TURN = np.linalg.svd(LINE[None])[2]
SCATTER = 1e16 * np.outer(LINE, LINE) + np.array([[2.0, 0.5, 0], [0.5, 1.0, 0.2], [0, 0.2, 3.0]])


def test_what_lies_across_a_long_difference_keeps_its_digits():
    x, y = 1e9 * LINE + [1.0, 2.0, -1.0], np.array([0.3, -0.1, 0.7])
    with mp.workdps(60):
        right = (exactly(TURN) @ (exactly(x) - exactly(y))).astype(float)
    assert_allclose(own_axes.turn_difference(TURN, x, y), right, rtol=1e-15)


def test_a_scatter_long_along_a_line_has_the_digits_of_its_entries_across():
    with mp.workdps(60):
        right = (exactly(TURN) @ exactly(SCATTER) @ exactly(TURN).T).astype(float)
    assert_allclose(own_axes.turn_matrix(TURN, SCATTER), right, rtol=1e-15)


def test_a_vector_is_turned_there_and_back():
    d = np.array([1.0, 2.0, 3.0])
    assert_allclose(own_axes.turn_back_vector(TURN, TURN @ d), d)
    assert_array_equal(own_axes.turn_back_vector(None, d), d)


@pytest.mark.parametrize(("long", "skew"), [(1e2, False), (1e5, True)])
def test_a_matrix_is_skew_where_it_is_long_along_no_axis(long, skew):
    along = np.eye(3) + np.outer(long * LINE, long * LINE)
    assert own_axes.is_skew(along) == skew
    assert not own_axes.is_skew(np.diag([1.0, long**2, 1.0]))
    assert own_axes.is_skew(np.diag([1.0, -1.0, 1.0]))
    stats = np.linalg.slogdet(along)[1], along
    assert own_axes.has_skew(stats) == skew


def test_axes_are_found_for_what_is_skew_alone():
    both = np.stack([np.eye(3), np.eye(3) + 1e10 * np.outer(LINE, LINE)])
    turn, lengths = own_axes.find_axes(both, None)
    assert_array_equal(turn[0], np.eye(3))
    assert abs(turn[1][-1] @ LINE / np.linalg.norm(LINE)) == pytest.approx(1.0)
    assert_allclose(lengths, [[1, 1, 1], [1, 1, 1e5 * np.linalg.norm(LINE)]], rtol=1e-5)
    turned = own_axes.turn_matrix(turn, both)
    assert not own_axes.is_skew(turned).any()
    again, _ = own_axes.find_axes(turned, turn)
    assert again is turn


def test_what_has_no_digit_across_is_told_positive_definite():
    """In axes of its own 1e22, 1 and 1: entries of 1e22 hold nothing of 1."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
        told = own_axes.tell(turn, np.diag([1e22, 1.0, 1.0]))
        with mp.workdps(60):
            assert min(mp.eigsy(mp.matrix(told.tolist()), eigvals_only=True)) > 0
        assert_allclose(told, 1e22 * np.outer(turn[0], turn[0]), rtol=1e-13, atol=1e8)
    assert_array_equal(own_axes.tell(None, SCATTER), SCATTER)
