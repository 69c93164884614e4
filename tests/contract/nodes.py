"""Points and weights that integrate under a density in one dimension."""

import numpy as np
from scipy import special, stats


def uniform_nodes(low, high, count):
    points = np.linspace(low, high, count)
    return points, points[1] - points[0]


def normal_nodes(family, mean, sd):
    z, width = uniform_nodes(-9.0, 9.0, 101)
    return mean + sd * z, width * stats.norm.pdf(z)


def few_normal_nodes(family, mean, sd):
    """Gauss-Hermite: three points are exact for polynomials up to the fifth degree."""
    return mean + sd * np.sqrt(3.0) * np.array([-1.0, 0.0, 1.0]), np.array([1.0, 4.0, 1.0]) / 6


def gamma_nodes(family, shape, rate, least=1e-18):
    frozen = stats.gamma(shape, scale=1 / rate)
    low, high = np.log(frozen.ppf(least)), np.log(frozen.isf(1e-18))
    # the trapezoidal rule in log z: its error falls like exp(-10 / spacing) until it is rounding
    spacing = min(0.22, 0.45 * np.sqrt(special.polygamma(1, shape)))
    y, width = uniform_nodes(low, high, int((high - low) / spacing) + 2)
    return np.exp(y), width * frozen.pdf(np.exp(y)) * np.exp(y)
