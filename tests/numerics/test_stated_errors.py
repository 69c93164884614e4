"""Stated errors are held from both sides: a rule that is too coarse, whose true error is known,
must state at least that, and at most a hundred times it."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from vi_lab.numerics import inverted_density, line_density, plane_density
from vi_lab.numerics.inverted_density import InvertedDensity
from vi_lab.numerics.line_density import Line
from vi_lab.numerics.plane_density import Grid
from vi_lab.vae.evidence import cells

SEEDS = range(6)
MOST_TIMES = 100.0


def assert_honest(stated, true, least=1e-7):
    """Where the rule is off at all, by so much or more: it is coarse enough to tell."""
    assert least < true <= stated <= MOST_TIMES * true


@pytest.mark.parametrize("seed", SEEDS)
def test_a_line_too_coarse_for_its_density(seed):
    """A normal whose sd is a few times smaller than the step was chosen for."""
    place = np.random.default_rng(seed).uniform(-1.0, 1.0)
    steps_per_scale = np.diff(line_density.normal_line(0.0, 1.0).nodes[:2])[0]
    sd = 0.55 * steps_per_scale
    line = Line(lambda y: 3.0 + stats.norm.logpdf(y, place, sd), place, place, 1.0)
    assert_honest(line.error, abs(line.log_integral - 3.0), 1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_line_too_coarse_for_a_function_on_it(seed):
    """E[exp(-(y - a)^2 / 2 b^2)] under N(0, 1) is b / c exp(-a^2 / 2 c^2), c^2 = 1 + b^2."""
    line = line_density.normal_line(0.0, 1.0)
    a, b = np.random.default_rng(seed).uniform(-1.0, 1.0), 0.4 * np.diff(line.nodes[:2])[0]
    value, error = line.expect(lambda y: np.exp(-0.5 * ((y - a) / b) ** 2))
    c = np.hypot(1.0, b)
    assert_honest(error, abs(value - b / c * np.exp(-0.5 * (a / c) ** 2)), 1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_grid_of_one_number_that_is_too_coarse(monkeypatch, seed):
    monkeypatch.setattr(plane_density, "MOST_CELLS", {1: 16})
    a = np.random.default_rng(seed).uniform(-1.0, 1.0)

    def log_density(points):
        both = stats.norm.logpdf(points[:, 0]), stats.norm.logpdf(points[:, 0], a, 0.5)
        return 3.0 + np.logaddexp(np.log(0.8) + both[0], np.log(0.2) + both[1])

    grid = Grid(log_density, np.zeros(1), np.eye(1))
    assert_honest(grid.error, abs(grid.log_integral - 3.0), 1e-6)


def test_a_grid_of_one_number_whose_density_has_two_edges(monkeypatch):
    """exp(-s y) between a and b, and nothing beyond: what one edge hides in a step, the other may
    make up for where the nodes are moved, and not where they are."""
    monkeypatch.setattr(plane_density, "MOST_CELLS", {1: 2**9})
    rng = np.random.default_rng(0)
    for _ in range(60):
        a, b, s = -rng.uniform(0.4, 1.0), rng.uniform(0.4, 1.0), rng.uniform(0.02, 0.3)

        def log_density(points, a=a, b=b, s=s):
            y = points[:, 0]
            return np.where((y > a) & (y < b), -s * y, -np.inf)

        grid = Grid(log_density, np.zeros(1), np.eye(1))
        true = np.log((np.exp(-s * a) - np.exp(-s * b)) / s)
        assert abs(grid.log_integral - true) <= grid.error < 0.1


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("d", [1, 2])
def test_cells_that_are_too_few(seed, d):
    """Midpoints, of an exponential: it bends one way, so that no cell makes up for another."""
    slope = np.random.default_rng(seed).uniform(1.0, 3.0, d)

    def midpoints(corners, sides):
        sums = np.exp((corners + 0.5 * sides) @ slope) * sides.prod(1)
        return cells.Looked(sums[:, None], np.zeros(len(sums)), np.full(len(sums), -np.inf))

    box, true = (-np.ones(d), np.ones(d)), (2.0 * np.sinh(slope) / slope).prod()
    settings = dict(usable=1e-1, relative=True, most=10_000)
    found = cells.integrate(midpoints, *box, cells=4, tolerance=3e-3, **settings)
    assert found.error <= 3e-3 * found.sums[0]
    assert_honest(found.error, abs(found.sums[0] * np.exp(found.log_scale) - true))


@pytest.mark.parametrize("seed", SEEDS)
def test_panels_that_are_too_wide(monkeypatch, seed):
    """Never halved, with a narrow peak inside: what integrates to one does not seem to."""
    monkeypatch.setattr(inverted_density, "SPLITS", 0)
    rng = np.random.default_rng(seed)
    at = rng.uniform(-0.5, 0.5)

    def pdf(x):
        return 0.9 * stats.norm.pdf(x) + 0.1 * stats.norm.pdf(x, at, 0.005)

    inverted = InvertedDensity(pdf, stats.norm.ppf(np.linspace(0.01, 0.99, 99)), -np.inf, np.inf)
    ends = np.sort(np.unique(inverted._ends))
    cdf = 0.9 * special.ndtr(ends) + 0.1 * special.ndtr((ends - at) / 0.005)
    true = np.abs(np.concatenate([[0.0], inverted._masses.cumsum()]) - cdf).max()
    assert not inverted.holds
    assert_honest(inverted.error, true * (1 - 1e-9), 1e-5)


def test_a_fine_rule_states_little():
    line = line_density.normal_line(0.0, 1.0)
    assert line.error < 1e-12
    assert Grid(lambda p: stats.norm.logpdf(p[:, 0]), np.zeros(1), np.eye(1)).error < 1e-11
    found = integrate.quad(lambda y: np.exp(line.log_density(np.array([y])))[0], -9, 9)[0]
    assert found == pytest.approx(1, abs=1e-12)
