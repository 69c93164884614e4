"""Numbers of mathematics that stand written out, against where they come from."""

from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from numpy.polynomial import legendre
from numpy.testing import assert_allclose
from scipy import stats

from tests.tables import table
from vi_lab.identity import quadrature
from vi_lab.inference.engine import response_blocks
from vi_lab.models.posteriors import normal_average
from vi_lab.numerics import (
    cells,
    inverted_density,
    line_density,
    log_gamma,
    plane_density,
    ray_density,
    tilted_jacobi,
)
from vi_lab.testing import validation
from vi_lab.vae.evidence import even_grid, expectations, normaliser, posterior


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


def square_beyond(sds):
    """E[u**2] of a standard normal, of what lies farther out on both sides: by parts."""
    return 2.0 * (sds * stats.norm.pdf(sds) + stats.norm.sf(sds))


LEFT = {  # found, said
    "an axis": (np.exp(-quadrature.AXIS_DEPTH), 2e-22),
    "a box": (np.exp(-cells.DEPTH), 1e-20),
    "a line": (np.exp(-line_density.DEPTH), 1e-26),
    "a plane": (np.exp(-plane_density.DEPTH), 1e-20),
    "rays": (np.exp(-ray_density.DEPTH), 1e-20),
    "a narrow sector of rays": (np.exp(-ray_density.FARTHEST), 1e-17 * 1e-20),
    "a decoder's posterior": (np.exp(-normaliser.DEPTH), 2e-15),
    "draws of it": (np.exp(-posterior.DRAWS_DEPTH), 1e-11),
    "an even grid": (np.exp(-even_grid.NEGLIGIBLE), 2e-16),
    "even nodes over a q": (square_beyond(expectations.REACH), 2e-15),
    "cells over a q, for its ELBO": (square_beyond(expectations.ELBO_CELLS.reach), 1e-30),
    "cells over a q, for its KL": (square_beyond(expectations.KL_CELLS.reach), 1e-33),
    "an average over a normal": (2.0 * stats.norm.sf(normal_average.REACH), 4e-33),
    "a validation": (2.0 * stats.norm.sf(validation.SIGMAS), 3e-12),
}


@table("found, said", LEFT.values(), ids=LEFT)
def test_what_lies_beyond_is_what_is_said(found, said):
    """To a factor of 2: a depth in nats, or a reach in standard deviations, is chosen by it."""
    assert 0.5 * said < found < 2.0 * said
