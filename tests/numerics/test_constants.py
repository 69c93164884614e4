"""Numbers of mathematics that stand written out, against where they come from."""

from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from numpy.polynomial import legendre
from numpy.testing import assert_allclose
from scipy import stats

from vi_lab.inference.engine import response_blocks
from vi_lab.numerics import inverted_density, log_gamma, tilted_jacobi


def test_series_of_log_gamma_and_digamma_have_bernoulli_s_numbers():
    """B_2k / (2k (2k - 1)) and -B_2k / (2k) (Abramowitz & Stegun 1964, 6.1.40 and 6.3.18)."""
    for k, (one, two) in enumerate(zip(log_gamma.STIRLING, log_gamma.DIGAMMA, strict=True), 1):
        bernoulli = Fraction(*mp.bernfrac(2 * k))
        assert one == pytest.approx(float(bernoulli / (2 * k * (2 * k - 1))), rel=1e-15)
        assert two == pytest.approx(float(-bernoulli / (2 * k)), rel=1e-15)


def test_the_series_of_the_logarithm():
    """(log(1 + x) - x) / x**2 by its derivatives at 0."""
    expected = mp.taylor(lambda x: mp.log(1 + x), 0, len(log_gamma.LOG1P) + 1)[2:]
    assert_allclose(log_gamma.LOG1P, [float(term) for term in expected], rtol=1e-12)


def test_the_tails_that_polya_gamma_cuts_off():
    for cut in (tilted_jacobi.DEVROYE, tilted_jacobi.EARLY):
        assert cut.tail == pytest.approx(stats.norm.cdf(-(cut.at**-0.5)), rel=1e-14)


def test_the_stencil_of_a_slope_is_exact_up_to_the_fourth_power():
    for power in range(5):
        slope = sum(w * float(k) ** power for k, w in response_blocks.STENCIL) / 12.0
        assert slope == (power == 1)


def test_coefficients_in_legendre_s_polynomials():
    """Of the polynomial through the values at the nodes, which may be any."""
    nodes = inverted_density.NODES
    values = np.random.default_rng(0).standard_normal(len(nodes))
    found = inverted_density.TO_COEFFICIENTS @ values
    assert_allclose(found, legendre.legfit(nodes, values, len(nodes) - 1), atol=1e-12)
