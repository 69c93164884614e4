"""A normal with unknown mean and precision, under its conjugate prior.

    tau      ~ Gamma(a0, b0)
    mu | tau ~ N(mu0, 1 / (kappa0 tau))
    x_i      ~ N(mu, 1 / tau)              i = 1..n

The posterior couples mu and tau; mean field cuts the coupling (Bishop 2006, 10.1.3).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.families import Gamma, GammaStats, Normal, NormalStats
from vi_lab.families.gamma import gamma_stats
from vi_lab.families.normal import NO_PULL, normal_stats
from vi_lab.model import Batch, Block, ModelWithPriors, Statistics, Values
from vi_lab.models.initial_values import OVERDISPERSION, draw_overdispersed, prior_suffices
from vi_lab.models.posteriors.normal_gamma import NormalGammaPosterior, log_gamma_evidence
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.rounding import closed_form
from vi_lab.results import Exact


class NormalGamma(ModelWithPriors):
    """x_i ~ N(mu, 1/tau) with mu | tau ~ N(mu0, 1/(kappa0 tau)) and tau ~ Gamma(a0, b0).

    Parameters
    ----------
    x : array (n,)
        Observations, in any unit; mu has that unit and tau its inverse square.
    mu0, kappa0, a0, b0 : float
        Prior mean, prior strength in observations, gamma shape and rate.

    Statistics of mu are measured from its posterior mean, the centre: (x - mu)**2 multiplied out
    then loses no digits when data are far from 0, and completing the square leaves no linear term,

        kappa0 (mu - mu0)**2 + sum (x - mu)**2 = (kappa0 + n) (mu - centre)**2 + a constant.
    """

    no_exact_because = None
    data_names = ("x",)

    @public
    def __init__(self, x: Reals, mu0: float, kappa0: float, a0: float, b0: float) -> None:
        self.x = checks.observations("x", x)
        self.mu0 = checks.real("mu0", mu0)
        self.kappa0, self.a0, self.b0 = checks.positive_numbers(kappa0=kappa0, a0=a0, b0=b0)
        self.n = len(self.x)
        kappa = self.kappa0 + self.n
        self.centre = (self.kappa0 * self.mu0 + float(self.x.sum())) / kappa
        residuals = self.x - self.centre
        self._sum = float(residuals.sum())
        self._squares = float(residuals @ residuals)
        self._m0 = self.mu0 - self.centre
        self._log_constants = 0.5 * np.log(self.kappa0) - 0.5 * (self.n + 1) * LOG_2PI
        # the numbers of the conditionals, worked out once and as 0-d arrays, by which numpy
        # multiplies faster than by floats: a fifth of the time of Gibbs sampling; statistics made
        # by `normal_stats` and `gamma_stats` below are another twentieth
        self._shape = self.a0 + 0.5 * (self.n + 1)
        self._minus_half_kappa = np.array(-0.5 * kappa)
        self._minus_rate = np.array(-self.b0 - 0.5 * (self.kappa0 * self._m0**2 + self._squares))
        self.blocks = {
            "mu": Block(Normal(self.centre), self._mu_given_tau),
            "tau": Block(Gamma(), self._tau_given_mu, prior=Gamma.of(shape=a0, rate=b0)),
        }

    def log_likelihood(self, stats: Statistics) -> Any:
        """log p(mu | tau) + log p(x | mu, tau)"""
        mu, tau = stats["mu"], stats["tau"]
        log_mu = 0.5 * tau.log - 0.5 * self.kappa0 * tau.value * self._about_prior(mu)
        log_x = 0.5 * self.n * tau.log - 0.5 * tau.value * self._about_data(mu)
        return log_mu + log_x + self._log_constants

    def log_prior_given(self, stats: Statistics) -> Any:
        """log p(mu | tau)"""
        mu, tau = stats["mu"], stats["tau"]
        precision = self.kappa0 * tau.value
        log_precision = np.log(self.kappa0) + tau.log
        return 0.5 * (log_precision - LOG_2PI - precision * self._about_prior(mu))

    def _about_prior(self, mu: NormalStats) -> Any:
        """(mu - mu0)**2"""
        return mu.square - 2.0 * self._m0 * mu.value + self._m0**2

    def _about_data(self, mu: NormalStats) -> Any:
        """sum_i (x_i - mu)**2"""
        return self._squares - 2.0 * self._sum * mu.value + self.n * mu.square

    def _mu_given_tau(self, stats: Statistics) -> NormalStats:
        """N(centre, 1/((kappa0 + n) tau)), the centre being (kappa0 mu0 + sum x) / (kappa0 + n)"""
        return normal_stats((NO_PULL, self._minus_half_kappa * stats["tau"].value))

    def _tau_given_mu(self, stats: Statistics) -> GammaStats:
        """Gamma(a0 + (n + 1)/2, b0 + kappa0 (mu - mu0)**2/2 + sum (x - mu)**2/2)

        By the completed square the rate is a constant plus (kappa0 + n) (mu - centre)**2 / 2.
        """
        minus_rate = self._minus_rate + self._minus_half_kappa * stats["mu"].square
        return gamma_stats((self._shape - 1.0, minus_rate))

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        tau = rng.standard_gamma(self.a0, batch) / self.b0
        return {
            "mu": self.mu0 + rng.standard_normal(batch) / np.sqrt(self.kappa0 * tau),
            "tau": tau,
        }

    def sample_initial_values(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """By the rule of `vi_lab.models.initial_values`."""
        shape, rate, kappa = self._shape, -float(self._minus_rate), self.kappa0 + self.n
        if prior_suffices(self.a0, self.b0, shape, rate, kappa / self.kappa0):
            return self.sample_latents(rng, batch)
        tau = draw_overdispersed(rng, shape, rate, batch)
        mu = self.centre + OVERDISPERSION * rng.standard_normal(batch) / np.sqrt(kappa * tau)
        return {"mu": mu, "tau": tau}

    def sample_data(self, rng: np.random.Generator, values: Values) -> NormalGamma:
        x = values["mu"] + rng.standard_normal(self.n) / np.sqrt(values["tau"])
        return NormalGamma(x, self.mu0, self.kappa0, self.a0, self.b0)

    def exact_posterior(self) -> Exact:
        """Murphy (2007, eq. 85-89 and 95): NormalGamma again, with updated hyperparameters."""
        n, origin = self.n, float(self.x[0])  # no digit is lost to an offset that all share
        x, mu0 = self.x - origin, self.mu0 - origin
        mean, kappa = x.mean(), self.kappa0 + n
        about_mean = ((x - mean) ** 2).sum()
        about_prior = self.kappa0 * n * (mean - mu0) ** 2 / kappa
        posterior = NormalGammaPosterior(
            "mu",
            float((self.kappa0 * mu0 + n * mean) / kappa),
            np.sqrt(kappa),
            self.a0 + 0.5 * n,
            self.b0 + 0.5 * (about_mean + about_prior),
            origin=origin,
        )
        evidence = closed_form(
            *log_gamma_evidence(n, self.a0, self.b0, 0.5 * (about_mean + about_prior)),
            0.5 * np.log(self.kappa0 / kappa),
        )
        return Exact(self, *evidence, posterior)
