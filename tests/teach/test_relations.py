"""The table of what wrong numbers may be of the right ones: shares, and how close is close."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vi_lab.teach.answers.reading import all_close
from vi_lab.teach.bank import natural
from vi_lab.teach.relations.cases import Case
from vi_lab.teach.relations.quantities import quantities
from vi_lab.teach.relations.values import SEVERAL

SHARES = {
    "the right ones divided by their sum": np.log,
    "the square roots of the right ones divided by their sum": lambda x: 0.5 * np.log(x),
    "the squares of the right ones divided by their sum": lambda x: 2.0 * np.log(x),
    "a softmax of the right ones": lambda x: x,
}


@pytest.mark.parametrize("name", SHARES)
def test_shares_sum_to_one_and_keep_their_proportions(name):
    x = np.array([0.5, 1.0, 4.0, 2.5])
    shares = SEVERAL[name](x)
    assert_allclose(shares.sum(), 1.0)
    assert_allclose(np.diff(np.log(shares)), np.diff(SHARES[name](x)))


def test_numbers_are_not_taken_for_half_as_precise_unless_they_came_so():
    got, want = (np.array([1.0 + 1e-5, 2.0]),), (np.array([1.0, 2.0]),)
    assert not all_close(got, want, 1e-6) and all_close(got, want, 1e-6, True)


def test_the_tenth_exercise_stands_behind_the_ninth():
    assert sorted(["07.10", "07.9", "07.1"], key=natural) == ["07.1", "07.9", "07.10"]


def test_quantities_of_small_integers_do_not_wrap_round():
    counts = np.array([100, 100], dtype=np.int8)
    found = dict(quantities(Case((counts,), np.zeros(2), np.zeros(2)), ["y"]))
    assert found["(the sum of squares of y)"] == 20_000.0
    assert all(value.dtype == np.float64 for value in found.values())
