"""PolyaGamma beyond the contract: its Laplace transform, its moments, its law, its edges."""

import mpmath as mp
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import special, stats

from tests.contract.structured_oracles import (
    polya_gamma_density,
    polya_gamma_nodes,
    polya_gamma_project,
)
from tests.contract.tolerances import assert_averages, assert_law
from tests.tables import table
from tests.thinning import mostly_slow
from vi_lab import InputError, PolyaGamma
from vi_lab.families import PolyaGammaStats
from vi_lab.families.polya_gamma import SMALL
from vi_lab.inference.engine.noise import BufferedNoise
from vi_lab.numerics import tilted_jacobi
from vi_lab.numerics.tilted_jacobi import DEVROYE, EARLY

# on both sides of z = c/2 = 1/0.64, where the sampler changes its proposal, and of SMALL_Z
TILTS = [0.0, 1e-3, 0.4, 2.0, 3.0, 3.2, 5.0, 30.0, 2000.0]


def laplace(s, trials, tilt):
    """E[exp(-s z)], Polson, Scott & Windle (2013), eq. 4: in logs, whatever the tilt."""
    after = np.sqrt(0.25 * tilt**2 + 0.5 * s)
    before = 0.5 * tilt
    gain = np.logaddexp(before, -before) - np.logaddexp(after, -after)
    return np.exp(trials * gain)


@pytest.mark.parametrize("trials", mostly_slow([1, 9, 2], 2))  # one by one, and taken apart
@pytest.mark.parametrize("tilt", TILTS)
def test_draws_have_the_laplace_transform_and_the_moments(trials, tilt):
    q = PolyaGamma.of(trials=trials, tilt=tilt)
    z = q.sample(60_000, rng=7)
    for s in (0.3 / q.mean, 2.0 / q.mean, 8.0 / q.mean):
        assert_averages(np.exp(-s * z), laplace(s, trials, tilt), f"transform at {s:.3g}")
    assert_averages(z, q.mean, "mean")
    assert_averages((z - q.mean) ** 2, q.sd**2, "variance")


@table("tilt", TILTS[:-1])
def test_draws_follow_the_series(tilt):
    """Kolmogorov-Smirnov against sums over the alternating series."""
    z = PolyaGamma.of(trials=1, tilt=tilt).sample(60_000, rng=3)
    assert_law(polya_gamma_project(None, z, 1, tilt), "uniform", f"PG(1, {tilt})")


class Given:
    """A generator whose inverse Gaussian draws are given."""

    def __init__(self, x):
        self.x = x

    def wald(self, mean, scale):
        return self.x


@pytest.mark.parametrize("cut", [DEVROYE, EARLY])
@pytest.mark.parametrize("z", [0.0, 0.3, 1.0, 1.5, 1.6, 2.1, 4.0])
def test_each_proposal_times_its_chance_is_the_density(z, cut):
    """Without noise: mass of the piece times density of the proposal times the chance to keep it,
    times cosh(z), is the density of 4 PG(1, 2z) less its exponential part, to ten digits on both
    sides of the cut."""
    noise = np.linspace(0.01, 6.0, 40)
    one, rate = np.full_like(noise, z), np.pi**2 / 8 + 0.5 * z**2
    share = tilted_jacobi._exponential_share(np.float64(z)) if cut is EARLY else 0.0
    x, ratio = tilted_jacobi._propose_beyond(None, noise, one, rate, cut)
    pieces = [(x, (1 - cut.least) * 0.5 * np.pi * np.exp(-rate * x), ratio)]
    x, ratio = tilted_jacobi._propose_normal(None, noise, one, rate, cut)
    assert x.max() <= cut.at
    pieces.append((x, 2 * stats.levy.pdf(x), ratio))
    if z > 0:
        x = np.linspace(0.05, cut.at, 40)
        proposed = 2 * np.exp(-z) * stats.invgauss.pdf(x, 1 / z)
        pieces.append((x, proposed, tilted_jacobi._propose_wald(Given(x), None, one, rate, cut)[1]))
        far = Given(x + cut.at)
        assert np.isinf(tilted_jacobi._propose_wald(far, None, one, rate, cut)[1]).all()
    for x, proposed, ratio in pieces:
        density = 0.25 * polya_gamma_density(0.25 * x, 1, 2 * z)
        exponential = share * stats.expon.pdf(x, loc=cut.at, scale=1 / rate) * (x > cut.at)
        found = np.cosh(z) * proposed * np.exp(-ratio) + exponential
        assert_allclose(found, density, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("trials, tilt", [(8, 0.0), (60, 4.3), (200, 1.0)])
def test_sums_of_many_follow_the_law_of_their_characteristic_function(trials, tilt):
    """Kolmogorov-Smirnov against that function, inverted (Gil-Pelaez 1951),

    F(z) = 1/2 - 1/pi integral of Im(exp(-i t z) phi(t)) / t over t > 0.
    """
    q = PolyaGamma.of(trials=trials, tilt=tilt)
    assert trials >= tilted_jacobi.MANY and 0.5 * tilt < tilted_jacobi.SMALL_Z
    draws = q.sample(10_000, rng=5)
    step = 2 * np.pi / (60 * q.sd)  # sums over t repeat after 60 sds
    t = step * (np.arange(600) + 0.5)
    root = np.sqrt(0.25 * tilt**2 - 0.5j * t)
    log_cosh = root + np.log1p(np.exp(-2 * root)) - np.log(2.0)
    phi = np.exp(trials * (np.log(np.cosh(0.5 * tilt)) - log_cosh))
    points = q.mean + q.sd * np.linspace(-8.0, 14.0, 1001)
    below = 0.5 - (np.exp(-1j * points[:, None] * t) * phi / t).imag.sum(-1) * step / np.pi
    assert_law(np.interp(draws, points, below), "uniform", f"PG({trials}, {tilt})")


@table("square", [0.0, 1e-9, 0.5 * SMALL, SMALL * (1 - 1e-9), SMALL * (1 + 1e-9), 0.2])
def test_small_tilts_have_all_digits(square):
    """By derivatives of A(eta) = -b log cosh(c/2) in 50 digits: the power series are cut off where
    what is left is below a rounding. The forms for larger tilts cancel: to 1e-12 of A where they
    begin, and of the variance, which takes two steps, to 1e-8."""
    family, eta = PolyaGamma(3), PolyaGammaStats(np.array(-0.5 * square))
    with mp.workdps(50):
        terms = mp.taylor(lambda e: -3 * mp.log(mp.cosh(mp.sqrt(-2 * e) / 2)), eta.value.item(), 2)
    value, mean, half_variance = (float(mp.re(term)) for term in terms)
    series = square < SMALL
    assert_allclose(family.log_partition(eta), value, rtol=4e-15 if series else 1e-12, atol=0)
    assert_allclose(family.mean(eta), mean, rtol=4e-15)
    assert_allclose(family.sd(eta) ** 2, 2 * half_variance, rtol=1e-14 if series else 1e-8)


@pytest.mark.parametrize("trials", [1, 4])
@table("tilt", TILTS[:-1])
def test_moments_are_those_of_the_series(trials, tilt):
    q = PolyaGamma.of(trials=trials, tilt=tilt)
    z, weights = polya_gamma_nodes(None, trials, tilt, count=1200)
    assert_allclose(weights.sum(), 1.0, rtol=1e-10)
    assert_allclose(q.mean, weights @ z, rtol=1e-10)
    assert_allclose(q.sd**2, weights @ (z - q.mean) ** 2, rtol=1e-9)
    # tilting PG(b, 0) by exp(-c**2 z/2) must be paid for with cosh(c/2)**b
    z, weights = polya_gamma_nodes(None, trials, 0.0, count=1200)
    log_cost = np.log(weights @ np.exp(-(tilt**2) * z / 2))
    assert_allclose(q.family.log_partition(q.eta), log_cost, rtol=1e-8, atol=1e-12)


def test_series_and_formulas_meet_where_they_change_over():
    u = np.array([0.999e-3, 1.001e-3])
    eta = PolyaGammaStats(-0.5 * u)
    family = PolyaGamma(1)
    for function, slope in ((family.mean, -1 / 48), (lambda e: family.sd(e) ** 2, -1 / 120)):
        assert_allclose(np.diff(function(eta)) / np.diff(u), slope, rtol=1e-2)
    assert_allclose(family.log_partition(eta), -np.log(np.cosh(0.5 * np.sqrt(u))), rtol=1e-11)


def test_trials_of_each_plate_its_own():
    q = PolyaGamma.of(trials=[1, 3, 200], tilt=[2.0, 0.5, 4.0])
    z = q.sample(20_000, rng=0)
    assert z.shape == (20_000, 3)
    assert_averages(z, [1, 3, 200] * np.tanh([1.0, 0.25, 2.0]) / [4.0, 1.0, 8.0], "means")


def test_the_noise_of_gibbs_gives_the_same_draws_as_a_generator():
    family, eta = PolyaGamma([2, 9, 9, 2, 60]), PolyaGammaStats(np.array([-8.0, -8.0, -1, -1, 0]))
    one = family.sample(np.random.default_rng(1), eta, (4, 5))
    two = family.sample(BufferedNoise(np.random.default_rng(1)), eta, (4, 5))
    assert_allclose(one, two)


def test_bad_input():
    for trials in (0, 1.5, -1, [1, 0]):
        with pytest.raises(InputError, match="trials: needs whole numbers from 1"):
            PolyaGamma(trials)
    # the square of a linear predictor, multiplied out, may be a rounding below 0
    assert_allclose(PolyaGamma(1).mean(PolyaGammaStats(1e-17)), 0.25)
    assert PolyaGamma(1).sample(np.random.default_rng(0), PolyaGammaStats(1e-17), (3,)).min() > 0


@pytest.mark.parametrize("cut", [DEVROYE, EARLY])
def test_what_lies_beyond_a_cut(cut):
    assert_allclose(cut.tail, special.ndtr(-(cut.at**-0.5)), rtol=1e-15)
    n = np.arange(12)
    for x in (cut.at, cut.at + 0.2):
        terms = (-1.0) ** n * (2 * n + 1) * np.exp(-n * (n + 1) * np.pi**2 * x / 2)
        found = 1.0 - tilted_jacobi._missing(np.exp(-(np.pi**2) * x), cut)
        assert_allclose(found, terms.sum(), rtol=1e-15)
        assert cut.least < found
