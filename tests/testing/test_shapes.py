"""The densities that are known on paper, against scipy: heights, moments, and the law of draws."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats

from vi_lab.testing.shapes import Banana, Funnel, TwoHills


def log_funnel(y):
    return stats.norm.logpdf(y[0], 0.0, 3.0) + stats.norm.logpdf(y[1:], 0, np.exp(y[0] / 2)).sum()


def log_banana(y):
    return stats.norm.logpdf(y[0]) + stats.norm.logpdf(y[1], y[0] ** 2, 0.3)


def log_two_hills(y):
    hills = [stats.norm.logpdf(y, centre).sum() for centre in (-3.0, 3.0)]
    return np.log(np.exp(hills) @ [1 / 3, 2 / 3])


def mean_and_sd(of, density):
    """Of a function of one number that has this density."""
    one, two = (
        integrate.quad(lambda z, power=power: of(z) ** power * density(z), -40, 40, points=[0])[0]
        for power in (1, 2)
    )
    return one, np.sqrt(two - one**2)


def hill(z):
    return (stats.norm.pdf(z, -3.0) + 2.0 * stats.norm.pdf(z, 3.0)) / 3.0


@pytest.mark.parametrize(
    ("shape", "log_density"),
    [(Funnel(), log_funnel), (Banana(), log_banana), (TwoHills(), log_two_hills)],
)
def test_densities_have_every_constant(shape, log_density):
    y = np.random.default_rng(0).normal(0.0, 2.0, (5, shape.dimension))
    assert_allclose(shape.log_density(y), [log_density(row) for row in y], rtol=1e-12)
    assert shape.evidence.value == 0.0


def test_moments_are_integrals():
    means, sds = Funnel().moments
    assert (means["v"], sds["v"]) == (0.0, 3.0)
    assert_allclose(means["x"], np.zeros(9))
    # given v the square of x has the mean exp(v)
    square = integrate.quad(lambda v: np.exp(v) * stats.norm.pdf(v, 0.0, 3.0), -40, 60)[0]
    assert_allclose(sds["x"], np.full(9, np.sqrt(square)), rtol=1e-6)
    means, sds = Banana().moments
    mean, sd = mean_and_sd(np.square, stats.norm.pdf)
    assert_allclose([means["a"], means["b"]], [0.0, mean], atol=1e-9)
    assert_allclose([sds["a"], sds["b"]], [1.0, np.hypot(sd, 0.3)], rtol=1e-7)
    means, sds = TwoHills().moments
    mean, sd = mean_and_sd(lambda z: z, hill)
    assert_allclose(means["y"], [mean, mean], rtol=1e-7)
    assert_allclose(sds["y"], [sd, sd], rtol=1e-7)


@pytest.mark.parametrize(
    ("shape", "parts"),
    [
        (Funnel(), lambda y: [y[:, 0] / 3.0, *(y[:, 1:] / np.exp(y[:, :1] / 2.0)).T]),
        (Banana(), lambda y: [y[:, 0], (y[:, 1] - y[:, 0] ** 2) / 0.3]),
        (TwoHills(), lambda y: list(y.T - 3.0 * np.sign(y.sum(1)))),
    ],
)
def test_draws_are_made_of_standard_normals(shape, parts):
    y = shape.sample(np.random.default_rng(1), 2000)
    assert y.shape == (2000, shape.dimension)
    for part in parts(y):
        assert stats.kstest(part, "norm").pvalue > 1e-4
    if isinstance(shape, TwoHills):
        assert abs((y.sum(1) > 0).mean() - 2 / 3) < 5 * np.sqrt(2 / 9 / 2000)
