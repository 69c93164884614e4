"""A density on the line: its integral, averages, stated error and draws, against scipy.stats."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import special, stats

from tests.contract.tolerances import assert_averages, assert_law
from tests.tables import table
from vi_lab.numerics.line_density import (
    NODES_PER_SCALE,
    Line,
    log_gamma_line,
    log_gamma_of_log,
    log_scale,
    normal_line,
)

TWO = stats.norm(-3.0, 0.05), stats.norm(4.0, 1.0)


def two_peaks(y):
    """e**7 times a tenth of a narrow normal and nine tenths of a wide one, far apart."""
    return 7 + np.logaddexp(np.log(0.1) + TWO[0].logpdf(y), np.log(0.9) + TWO[1].logpdf(y))


def test_two_peaks_of_different_widths():
    line = Line(two_peaks, -3.0, 4.0, 0.05)
    assert_allclose(line.log_integral, 7.0, rtol=1e-13)
    assert line.error < 1e-11
    assert_allclose(line.weights.sum(), 1.0, rtol=1e-12)
    assert_allclose(line.average(line.nodes), 0.1 * -3 + 0.9 * 4, rtol=1e-12)
    assert_allclose(line.log_density(np.array([4.0])), np.log(0.9) + TWO[1].logpdf(4.0))


def test_draws_have_the_law():
    draws = Line(two_peaks, -3.0, 4.0, 0.05).sample(np.random.default_rng(0), 100_000)
    assert_law(draws, lambda y: 0.1 * TWO[0].cdf(y) + 0.9 * TWO[1].cdf(y), "draws of two peaks")
    assert_averages(draws < 0, 0.1, "the share of the narrow peak")


@pytest.mark.parametrize("shape", [0.02, 0.5, 3.0, 1e3, 1e7])
def test_a_gamma_by_its_logarithm(shape):
    line, oracle = log_gamma_line(shape, 2.5), stats.gamma(shape, scale=1 / 2.5)
    assert_allclose(line.log_integral, 0.0, atol=1e-14 * shape * 20 + 1e-12)
    t = np.exp(line.nodes)
    assert_allclose(line.average(t), oracle.mean(), rtol=1e-10)
    assert_allclose(line.average((t - oracle.mean()) ** 2), oracle.var(), rtol=1e-8)


def test_a_normal_and_the_error_of_an_average():
    line = normal_line(2.0, 0.3)
    assert_allclose(line.average(line.nodes**2), 4.09, rtol=1e-13)
    square, error = line.expect(lambda y: y**2)
    assert abs(square - 4.09) <= error < 1e-11
    # a corner: the rule is no longer geometric, and says so
    rough, error = line.expect(lambda y: np.abs(y - 2.0))
    assert 1e-4 < abs(rough - 0.3 * np.sqrt(2 / np.pi)) <= error


@table("step", [0.9, 1.0, 1.2, 1.5, 2.0])
@pytest.mark.parametrize("mean", [0.0, 0.3, 0.71])
def test_a_coarse_line_states_its_error_and_not_much_more(step, mean):
    """A normal by nodes as far apart as its sd: off by about 2 e^(-2 pi^2 / step^2)."""
    line = Line(lambda y: stats.norm.logpdf(y, mean), mean, mean, NODES_PER_SCALE * step)
    off = abs(line.log_integral)
    assert off > 1e-12 and off <= line.error <= 100 * off


@table("step", [2.5, 3.0, 4.0, 5.0, 6.0, 7.0])
@pytest.mark.parametrize(("shape", "rate"), [(3.0, 1.5), (0.5, 2.0), (40.0, 10.0)])
def test_a_coarse_average_states_its_error_and_not_much_more(step, shape, rate):
    """Moments of y = log t and of t, which is Gamma(shape, rate), by nodes up to twice as far apart
    as its narrowest feature is wide; mean and variance of y are psi(shape) - log(rate), psi'."""
    top = float(np.log(shape / rate))
    width = NODES_PER_SCALE / 4 * step * log_scale(shape)
    line = Line(log_gamma_of_log(shape, rate), top, top, width)
    mean = special.digamma(shape) - np.log(rate)
    second = mean**2 + special.polygamma(1, shape)
    for function, right in (
        (lambda y: y, mean), (np.exp, shape / rate), (lambda y: y**2, second)
    ):  # fmt: skip
        value, error = line.expect(function)
        off = abs(value - right)
        assert off <= error
        assert error <= 100 * off or error < 1e-10
