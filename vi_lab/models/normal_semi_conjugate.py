"""A normal with unknown mean and precision that are independent a priori.

    mu  ~ N(m0, s0**2)
    tau ~ Gamma(a0, b0)
    x_i ~ N(mu, 1 / tau)                   i = 1..n

Both complete conditionals are as simple as can be, so Gibbs and CAVI apply at once; yet the
posterior has no closed form, where the coupled prior of NormalGamma has one (Gelman et al. 2004,
section 3.4).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.families import Gamma, GammaStats, Normal, NormalStats
from vi_lab.model import Batch, Block, Model, Statistics, Values
from vi_lab.models.initial_values import OVERDISPERSION, draw_overdispersed, prior_suffices
from vi_lab.models.posteriors.normal_semi_conjugate import integrate_mean_out
from vi_lab.numerics import special
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.results import Exact


class NormalSemiConjugate(Model):
    """x_i ~ N(mu, 1/tau) with mu ~ N(m0, s0**2) independent of tau ~ Gamma(a0, b0).

    Parameters
    ----------
    x : array (n,)
        Observations, in any unit; mu has that unit and tau its inverse square.
    m0, s0, a0, b0 : float
        Prior mean and sd of mu, gamma shape and rate of tau.

    Statistics of mu are taken about the mean of the data, the centre.
    """

    no_exact_because = None
    data_names = ("x",)

    @public
    def __init__(self, x: Reals, m0: float, s0: float, a0: float, b0: float) -> None:
        self.x = checks.observations("x", x)
        self.m0 = checks.real("m0", m0)
        self.s0, self.a0, self.b0 = checks.positive_numbers(s0=s0, a0=a0, b0=b0)
        self.n = len(self.x)
        self.centre = float(self.x.mean())
        residuals = self.x - self.centre
        self._sum = float(residuals.sum())
        self._squares = float(residuals @ residuals)
        self._d0 = self.m0 - self.centre
        self._log_constants = (
            self.a0 * np.log(self.b0)
            - special.gammaln(self.a0)
            - np.log(self.s0)
            - 0.5 * (self.n + 1) * LOG_2PI
        )
        self._prior = self.s0**-2.0
        self._pull = self._prior * self._d0
        self._shape = self.a0 + 0.5 * self.n
        self.blocks = {
            "mu": Block(Normal(self.centre), self._mu_given_tau),
            "tau": Block(Gamma(), self._tau_given_mu),
        }

    def log_joint(self, stats: Statistics) -> Any:
        mu, tau = stats["mu"], stats["tau"]
        log_mu = -0.5 * self._prior * (mu.square - 2.0 * self._d0 * mu.value + self._d0**2)
        log_tau = (self.a0 - 1.0) * tau.log - self.b0 * tau.value
        log_x = 0.5 * self.n * tau.log - 0.5 * tau.value * self._about_data(mu)
        return log_mu + log_tau + log_x + self._log_constants

    def _about_data(self, mu: NormalStats) -> Any:
        """sum_i (x_i - mu)**2"""
        return self._squares - 2.0 * self._sum * mu.value + self.n * mu.square

    def _mu_given_tau(self, stats: Statistics) -> NormalStats:
        """Precision 1/s0**2 + n tau; linear term m0/s0**2 + tau sum x"""
        tau = stats["tau"].value
        return NormalStats(self._pull + self._sum * tau, -0.5 * self._prior - 0.5 * self.n * tau)

    def _tau_given_mu(self, stats: Statistics) -> GammaStats:
        """Gamma(a0 + n/2, b0 + sum (x - mu)**2 / 2)"""
        minus_rate = -self.b0 - 0.5 * self._about_data(stats["mu"])
        return GammaStats(self._shape - 1.0, minus_rate)

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        return {
            "mu": self.m0 + self.s0 * rng.standard_normal(batch),
            "tau": rng.standard_gamma(self.a0, batch) / self.b0,
        }

    def sample_initial_values(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """By the rule of `initial_values`, tau being judged with mu at the data's mean.

        Where the prior does not suffice, mu lies anywhere between its prior and the data, and tau
        about what the data and that mu say: where the two conflict, the posterior may sit at
        either.
        """
        rate = self.b0 + 0.5 * self._squares
        precision = self.n * self._shape / rate
        if prior_suffices(self.a0, self.b0, self._shape, rate, self.s0**2 * precision):
            return self.sample_latents(rng, batch)
        share = rng.random(batch) * precision / (precision + self._prior)
        noise = rng.standard_normal(batch) / np.sqrt(precision + self._prior)
        d = (1.0 - share) * self._d0 + OVERDISPERSION * noise
        rate = -self._tau_given_mu({"mu": NormalStats(d, d**2)}).value
        return {"mu": self.centre + d, "tau": draw_overdispersed(rng, self._shape, rate, batch)}

    def sample_data(self, rng: np.random.Generator, values: Values) -> NormalSemiConjugate:
        x = values["mu"] + rng.standard_normal(self.n) / np.sqrt(values["tau"])
        return NormalSemiConjugate(x, self.m0, self.s0, self.a0, self.b0)

    def exact_posterior(self) -> Exact:
        """mu is integrated out given tau, and tau by quadrature."""
        return Exact.of(self, integrate_mean_out(self))
