"""Draws within a cell: the inverse of the distribution function of a tilted density."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from vi_lab.vae.evidence import cell_draws
from vi_lab.vae.evidence.cell_draws import CellDraws


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


def density(log_joint, points=10**6):
    """What draws ask of a decoder, of a density in the latents alone."""
    return SimpleNamespace(points=points, log_joint=lambda x, z: log_joint(z))


@pytest.mark.parametrize("slope", [[60.0], [-7.0], [40.0, -3.0]])
def test_a_log_density_that_is_linear_is_drawn_exactly(slope):
    """Along each axis exp(a z) over (-1, 1): its mass is 2 sinh(a) / a."""
    slope, d = np.array(slope), len(slope)
    draws = CellDraws(density(lambda z: z @ slope), np.zeros(1), -np.ones(d), np.ones(d))
    assert draws.log_mass == pytest.approx(np.log(2.0 * np.sinh(slope) / slope).sum(), rel=1e-9)
    for z, a in zip(draws.sample(np.random.default_rng(0), 4000).T, slope, strict=True):
        cdf = np.expm1(a * (z + 1.0)) / np.expm1(2.0 * a)
        assert stats.kstest(cdf, "uniform").pvalue > 1e-4


def test_cells_are_fine_enough_for_the_axis_that_bends_most():
    """A normal a tenth as wide along one axis as along the other: in units of h and sd the second
    difference is (h / sd)**2, whichever axis is narrow."""
    h = np.arange(-40, 41)
    narrow, wide = -0.5 * (h / 5.0) ** 2, -0.5 * (h / 50.0) ** 2
    for log_joint in (narrow[:, None] + wide, wide[:, None] + narrow):
        assert cell_draws._bend(log_joint) == pytest.approx(1.0 / 25.0, rel=1e-6)


def test_cells_are_looked_at_in_small_parts_too():
    normal = lambda z: -0.5 * (z**2).sum(-1)  # noqa: E731
    box = np.zeros(1), np.full(2, -6.0), np.full(2, 6.0)
    whole, parts = (CellDraws(density(normal, points), *box) for points in (10**6, 7))
    assert whole.log_mass == parts.log_mass == pytest.approx(np.log(2 * np.pi), abs=0.02)
    one, other = (draws.sample(np.random.default_rng(1), 50) for draws in (whole, parts))
    assert_allclose(one, other)
