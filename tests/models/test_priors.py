"""Priors of tau**2 against scipy's: densities of log tau**2, where they are highest, draws."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from tests.contract.tolerances import assert_law
from vi_lab import HalfCauchy
from vi_lab.models.priors import InverseGamma

S = np.linspace(-9.0, 9.0, 3601)  # log tau**2
PRIORS = {
    "half-Cauchy": (HalfCauchy(1.7), stats.halfcauchy(scale=1.7).logpdf(np.exp(S / 2)) + S / 2),
    "inverse gamma": (InverseGamma(2.5, 0.6), stats.invgamma(2.5, scale=0.6).logpdf(np.exp(S)) + S),
}


@pytest.mark.parametrize("name", PRIORS)
def test_the_density_of_the_log_and_where_it_is_highest(name):
    prior, expected = PRIORS[name]
    expected = expected - (np.log(2.0) if name == "half-Cauchy" else 0.0)  # dtau/ds = tau / 2
    assert_allclose(prior.log_density(S), expected, rtol=1e-12, atol=1e-12)
    assert_allclose(prior.log_location, S[expected.argmax()], atol=0.005)


def test_the_scale_of_a_variance_is_the_mean_of_its_auxiliary_rate():
    """rate | tau2 is Gamma(1, 1/scale**2 + 1/tau2): exp(-rate / tau2) times its prior's."""
    prior, tau2 = HalfCauchy(1.7), 0.4
    rate = np.linspace(0.0, 60.0, 600_001)[1:]
    weight = rate ** (0.5 - 1) * np.exp(-rate / 1.7**2) * rate**0.5 * np.exp(-rate / tau2)
    assert_allclose(prior.scale_at(tau2), (rate * weight).sum() / weight.sum(), rtol=1e-3)
    assert InverseGamma(2.5, 0.6).scale_at(tau2) == 0.6


def test_moments_are_finite_below_the_tail_of_the_posterior():
    """Of 8 groups: tau**(2k - 8 - 2) dtau; tau2**(k - a0 - 8/2 - 1) dtau2."""
    assert HalfCauchy(1.7).moment_limit(8) == 4.5
    assert InverseGamma(2.5, 0.6).moment_limit(8) == 6.5


@pytest.mark.parametrize("name", PRIORS)
def test_draws(name):
    prior, _ = PRIORS[name]
    tau2 = prior.sample(np.random.default_rng(0), (20_000,))["tau2"]
    if name == "half-Cauchy":
        assert_law(np.sqrt(tau2), stats.halfcauchy(scale=1.7).cdf, "tau", 2)
    else:
        assert_law(tau2, stats.invgamma(2.5, scale=0.6).cdf, "tau2", 2)
