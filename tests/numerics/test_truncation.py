"""A standard normal cut off at 0: what is known of it, and draws of its tail, against scipy."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from vi_lab.numerics import truncation


@pytest.mark.parametrize("b", [0.05, 0.5, 2.0, 30.0])
def test_draws_of_a_tail_have_its_law(b):
    """Near 0 a proposal is far from it, and most of what is too far out is not kept."""
    x = truncation.draw_tail(np.random.default_rng(0), np.full(4000, b))
    assert stats.kstest(x + b, stats.truncnorm(b, np.inf).cdf).pvalue > 1e-4


@pytest.mark.parametrize("a", [-40.0, -8.0, -3.01, -2.99, -0.5, 0.0, 2.0, 12.0])
def test_moments_on_either_side_of_where_the_fraction_begins(a):
    mean, variance, hazard = truncation.moments_above_zero(np.array([a]))
    oracle = stats.truncnorm(-a, np.inf, loc=a)
    assert_allclose(mean, oracle.mean(), rtol=1e-8)
    assert_allclose(hazard, np.exp(stats.norm.logpdf(a) - stats.norm.logcdf(a)), rtol=1e-10)
    if a > -5.0:  # scipy's variance is a difference, which has no digits farther down
        assert_allclose(variance, oracle.var(), rtol=1e-7)
    expected = stats.norm.logcdf(a) + (0.5 * a * a if a <= 0 else 0.0)
    assert_allclose(truncation.log_mills(np.array([a])), expected, rtol=1e-10)
