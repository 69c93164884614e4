"""Integration by cells: known integrals, narrow features at random places, what has no integral."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from tests.thinning import mostly_slow
from vi_lab import NumericalError
from vi_lab.numerics.cells import integrate


def starts(size, scale=5.0):
    return scale * np.random.default_rng(1).standard_normal((256, size))


def log_normal(x, mean=0.0, sd=1.0):
    d = (x - mean) / sd
    return (-0.5 * d * d - np.log(sd) - 0.5 * np.log(2 * np.pi)).sum(-1)


def with_a_spike(size, width, seed):
    """Three tenths of the mass in a spike at a random place."""
    place = np.random.default_rng(seed).standard_normal(size)
    return lambda x: np.logaddexp(
        np.log(0.7) + log_normal(x), np.log(0.3) + log_normal(x, place, width)
    )


DENSITIES = {
    "normal": (1, lambda x: log_normal(x, 3.0, 0.01)),
    "far out": (1, lambda x: log_normal(x, 1e4, 1.0)),
    "Cauchy": (1, lambda x: -np.log1p(x[:, 0] ** 2) - np.log(np.pi)),
    "Laplace, with a kink": (1, lambda x: -np.abs(x[:, 0]) - np.log(2.0)),
    "a wall": (1, lambda x: np.where(x[:, 0] > 0, -x[:, 0], -np.inf)),
    "two modes far apart": (1, lambda x: np.logaddexp(
        log_normal(x, -20.0), log_normal(x, 20.0)) - np.log(2.0)),
    "correlated": (2, lambda x: log_normal(x[:, :1]) + log_normal(x[:, 1:], 0.99 * x[:, :1], 0.1)),
    "bent": (2, lambda x: log_normal(x[:, :1]) + log_normal(x[:, 1:], x[:, :1] ** 2, 0.3)),
    "in three dimensions": (3, lambda x: log_normal(x, 2.0, np.array([0.5, 1.0, 2.0]))),
}  # fmt: skip


CHEAP = [name for name, (size, _) in DENSITIES.items() if size < 3]


@pytest.mark.parametrize("name", mostly_slow(DENSITIES, [n for n in CHEAP if n != "bent"]))
def test_the_integral_is_1_within_the_stated_error(name):
    size, log_density = DENSITIES[name]
    cells = integrate(log_density, starts(size))
    assert abs(cells.log_integral) <= cells.error < 1e-3
    points, log_weights = cells.other_rule()
    assert abs(np.logaddexp.reduce(log_density(points) + log_weights)) <= cells.error + 1e-9


@pytest.mark.parametrize("seed", mostly_slow(range(3)))
@pytest.mark.parametrize(
    ("size", "width"),
    mostly_slow([(1, 1e-2), (1, 1e-4), (2, 0.03), (1, 1e-3), (2, 0.005)], 3, rows=True),
)
def test_a_narrow_feature_at_a_random_place(size, width, seed):
    cells = integrate(with_a_spike(size, width, seed), starts(size))
    assert abs(cells.log_integral) <= cells.error < 1e-3


def test_a_neck_that_no_node_sees_is_in_the_stated_error():
    """Neal's funnel, whose neck is a thousand times thinner than its mouth."""

    def funnel(x):
        neck = log_normal(x[:, :1], 0.0, 3.0)
        return neck + log_normal(x[:, 1:], 0.0, np.exp(0.5 * x[:, :1]))

    cells = integrate(funnel, starts(2))
    assert 1e-6 < cells.error < 1e-2
    assert abs(cells.log_integral) < 4 * cells.error


def test_draws():
    log_density = with_a_spike(1, 0.01, 0)
    place = np.random.default_rng(0).standard_normal(1)
    x = integrate(log_density, starts(1)).draw(np.random.default_rng(2), 20000)[:, 0]
    near = np.abs(x - place) < 0.05
    expected = 0.3 + 0.7 * np.subtract(*stats.norm.cdf([place + 0.05, place - 0.05]))
    assert abs(near.mean() - expected[0]) < 5 * 0.5 / np.sqrt(20000)
    rest = x[~near]
    assert abs(rest.mean()) < 0.05 and abs(rest.std() - 1.0) < 0.05


def test_what_has_no_integral():
    with pytest.raises(NumericalError, match="does not fall off"):
        integrate(lambda x: 0.0 * x[:, 0], starts(1))
    with pytest.raises(NumericalError, match="nil at every start"):
        integrate(lambda x: np.full(len(x), -np.inf), starts(1))


def test_it_is_always_alike():
    one, two = (integrate(with_a_spike(2, 0.03, 1), starts(2)) for _ in range(2))
    assert_allclose(one.log_integral, two.log_integral, rtol=0)


def test_points_on_a_line_are_somewhere_about():
    """Moves along lines through one another never leave it; the density is spread in the plane."""
    slope = np.array([1.0, 2.0])
    cells = integrate(lambda x: log_normal(x, [0.5, 1.0]), starts(1, 2.0) * slope)
    assert abs(cells.log_integral) <= cells.error < 1e-3
