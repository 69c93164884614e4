"""Draws within a cell: the inverse of the distribution function of a tilted density."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vi_lab.vae.evidence import cell_draws


@pytest.mark.parametrize("a", [-40.0, -1.0, -1e-3, 0.0, 1e-3, 1.0, 40.0])
def test_a_tilted_cell_is_drawn_by_its_distribution_function(a):
    """Of the integral of e^(a t) the share u lies below what comes back; for a < 0, 1 - u."""
    u = np.array([1e-3, 0.2, 0.5, 0.9, 1 - 1e-3])
    t = cell_draws._within(u, np.full(5, a))
    part, whole = t + 0.5, 1.0
    if a:
        part, whole = np.exp(a * t) - np.exp(-a / 2), np.exp(a / 2) - np.exp(-a / 2)
    assert_allclose(part / whole, 1 - u if a < 0 else u, rtol=1e-6)


@pytest.mark.parametrize("half", [1e-6, 0.3, 2.0, 300.0])
def test_the_mass_of_a_tilted_cell(half):
    expected = np.log(np.sinh(half) / half)
    assert_allclose(cell_draws._log_sinhc(np.array(half)), expected, rtol=1e-8, atol=1e-9)
