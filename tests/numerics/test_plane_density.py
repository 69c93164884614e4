"""A density in the plane: its integral and its stated error against closed forms."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from tests.thinning import mostly_slow
from vi_lab.numerics import plane_density
from vi_lab.numerics.plane_density import Grid


def two_peaks(narrow, seed):
    """A wide normal about the origin and a narrow one at a random place."""
    rng = np.random.default_rng(seed)
    wide = stats.multivariate_normal([0.0, 0.0], np.eye(2))
    other = stats.multivariate_normal(rng.uniform(-2, 2, 2), narrow**2 * np.eye(2))

    def log_density(points):
        both = np.log(0.8) + wide.logpdf(points), np.log(0.2) + other.logpdf(points)
        return 3.0 + np.atleast_1d(np.logaddexp(*both))

    return log_density


@pytest.mark.parametrize("narrow", mostly_slow([1.0, 0.3, 0.1, 0.05], kept=3))
def test_the_integral_of_two_peaks(narrow):
    grid = Grid(two_peaks(narrow, 0), np.zeros(2), np.eye(2))
    assert_allclose(grid.log_integral, 3.0, rtol=0, atol=1e-12)
    assert grid.error < 1e-11


@pytest.mark.parametrize("seed", range(5))
def test_a_coarse_grid_states_its_error_and_not_much_more(monkeypatch, seed):
    """Stopped at 32 cells an axis, by which a peak 0.25 wide is off by up to a hundredth."""
    monkeypatch.setattr(plane_density, "MOST_CELLS", {2: 32})
    grid = Grid(two_peaks(0.25, seed), np.zeros(2), np.eye(2))
    off = abs(grid.log_integral - 3.0)
    assert 1e-6 < off <= grid.error <= 100 * off


def test_a_grid_that_agrees_by_chance_is_looked_at_between_its_nodes():
    """A ripple that stands at its height on all nodes of the grids of 16, 32 and 64 cells."""
    plain = Grid(lambda points: stats.norm.logpdf(points[:, 0]), np.zeros(1), np.eye(1))
    assert len(plain.points) == 65  # two grids agree here
    low, high = plain.points[[0, -1], 0]

    def log_density(points):
        phase = 2.0 * np.pi * (points[:, 0] - low) / ((high - low) / 64)
        return stats.norm.logpdf(points[:, 0]) + np.log1p(0.5 * np.cos(phase))

    grid = Grid(log_density, np.zeros(1), np.eye(1))
    assert_allclose(grid.points[[0, -1], 0], [low, high])
    assert_allclose(grid.log_integral, 0.0, atol=1e-9)


@pytest.mark.parametrize("slope", [0.0, 0.6])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_other_coordinate_is_integrated_out_to_the_end_of_a_long_tail(slope, sign):
    """x ~ N(0, 1), and +-(y - slope x) the log of an exponential: its tail is long on one side."""

    def log_density(points):
        x, y = points.T
        t = sign * (y - slope * x)
        return stats.norm.logpdf(x) + t - np.exp(t)

    grid = Grid(log_density, np.zeros(2), np.array([[1.0, 0.0], [slope, 1.0]]))
    x = np.linspace(-3.0, 3.0, 7)
    assert_allclose(grid.marginal_density(0, x), stats.norm.pdf(x), rtol=1e-9)


@pytest.mark.parametrize("angle", [0.1, 0.4, 0.7, 1.1, 1.5])
def test_an_edge_within_every_step_of_a_plane_is_in_the_error(angle):
    """Half a normal, cut by a line along no axis: nodes moved one way alone may miss what it is."""
    across = np.array([np.cos(angle), np.sin(angle)])

    def half(x):
        return np.where(x @ across > 0.0, -0.5 * (x**2).sum(-1) - np.log(2.0 * np.pi), -np.inf)

    grid = Grid(half, np.zeros(2), np.eye(2), most=64)
    off = abs(grid.log_integral - np.log(0.5))
    assert off <= grid.error <= 0.3


def test_of_many_edges_none_is_beyond_the_error():
    """A normal cut anywhere, along no axis: its mass is that of one number below the cut."""
    rng = np.random.default_rng(0)
    for _ in range(40):
        angle, cut = rng.uniform(0.0, 2.0 * np.pi), rng.uniform(0.2, 1.5)
        across = np.array([np.cos(angle), np.sin(angle)])

        def part(x, across=across, cut=cut):
            return np.where(x @ across < cut, -0.5 * (x**2).sum(-1) - np.log(2 * np.pi), -np.inf)

        grid = Grid(part, np.zeros(2), np.eye(2), most=32)
        assert abs(grid.log_integral - stats.norm.logcdf(cut)) <= grid.error <= 0.5
