"""Sums by group, sums of terms with their error bar, and an exponential that may overflow."""

import numpy as np
import pytest

from vi_lab.numerics.arithmetic import exp
from vi_lab.numerics.group_sums import GroupSums
from vi_lab.numerics.rounding import closed_form, sum_terms


@pytest.mark.parametrize("index", [[0, 0, 1, 3], [3, 0, 3, 1], [2, 1, 0, 3]])
def test_group_sums_are_sums_over_the_rows_of_each_group(index):
    values = np.random.default_rng(0).integers(9, size=(2, 4, 3))
    one_hot = np.arange(4)[:, None] == index
    for rows in (values, values.astype(np.int8), values + 0.5):
        assert np.array_equal(GroupSums(np.array(index), 4).sum(rows), one_hot @ rows)


def test_terms_of_an_array_are_summed_as_those_of_a_closed_form():
    terms = np.array([[1e6, -1e6, 0.25], [1.0, 2.0, 3.0]])
    found, expected = sum_terms(terms, "a filter"), closed_form(*terms.T)
    assert np.array_equal(found.value, expected.value)
    assert np.allclose(found.error, expected.error, rtol=1e-12)
    assert found.route == "a filter"


def test_an_exponential_beyond_doubles_is_infinite_without_a_word():
    with np.errstate(all="raise"):
        assert np.array_equal(exp(np.array([0.0, 709.0, 800.0]), 100.0), [100.0, np.inf, np.inf])
