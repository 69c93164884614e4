"""Products, differences and log densities where infinities have a meaning; warnings are errors."""

import numpy as np
import pytest

from vi_lab.numerics import arithmetic


def test_an_inner_product_counts_nothing_where_a_weight_is_nought():
    log_p = np.array([[0.0, -np.inf], [-1.0, -2.0]])
    found = arithmetic.inner_product(log_p, np.array([[3.0, 0.0], [1.0, 1.0]]))
    assert found.tolist() == [0.0, -3.0]
    assert arithmetic.inner_product(log_p[0], np.array([0.0, 1.0])) == -np.inf


def test_a_log_density_is_asked_outside_its_support_without_a_warning():
    z = np.array([-1.0, 0.0, np.e])
    assert arithmetic.restrict(lambda: np.log(z), z > 0).tolist() == [-np.inf, -np.inf, 1.0]
    with pytest.raises(FloatingPointError), np.errstate(over="raise"):
        arithmetic.restrict(lambda: np.exp(np.array([1e4])), True)  # no matter of the support
