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
from vi_lab.model import Batch, Block, ModelWithPriors, Statistics, Values
from vi_lab.models.initial_values import OVERDISPERSION, draw_overdispersed, prior_suffices
from vi_lab.models.posteriors.normal_semi_conjugate import integrate_mean_out
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.results import Exact

STEPS_TO_MODE = 30


class NormalSemiConjugate(ModelWithPriors):
    """x_i ~ N(mu, 1/tau) with mu ~ N(m0, s0**2) independent of tau ~ Gamma(a0, b0).

    Parameters
    ----------
    x : array (n,)
        Observations, in any unit; mu has that unit and tau its inverse square.
    m0, s0, a0, b0 : float
        Prior mean and sd of mu, gamma shape and rate of tau.

    Statistics of mu are taken about where the posterior is highest, the centre.
    """

    no_exact_because = None
    data_names = ("x",)

    @public
    def __init__(self, x: Reals, m0: float, s0: float, a0: float, b0: float) -> None:
        self.x = checks.observations("x", x)
        self.m0 = checks.real("m0", m0)
        self.s0, self.a0, self.b0 = checks.positive_numbers(s0=s0, a0=a0, b0=b0)
        self.n = len(self.x)
        self._shape, self._prior = self.a0 + 0.5 * self.n, self.s0**-2.0
        self.centre = self._find_mode()
        residuals = self.x - self.centre
        self._sum = float(residuals.sum())
        self._squares = float(residuals @ residuals)
        self._pull = self._prior * (self.m0 - self.centre)
        mu, tau = Normal.of(mean=m0, sd=s0), Gamma.of(shape=a0, rate=b0)
        self.blocks = {
            "mu": Block(Normal(self.centre), self._mu_given_tau, prior=mu),
            "tau": Block(Gamma(), self._tau_given_mu, prior=tau),
        }

    def _find_mode(self) -> float:
        """A mu at which the posterior is high: each of mu and tau takes its best value in turn.

        From the data's mean and from m0: where the two conflict, there may be a mode at either.
        """
        mean = float(self.x.mean())
        squares, d0 = float(((self.x - mean) ** 2).sum()), self.m0 - mean
        found = []
        for d in (0.0, d0):  # mu less the mean
            for _ in range(STEPS_TO_MODE):
                rate = self.b0 + 0.5 * (squares + self.n * d * d)
                d = d0 / (1.0 + self.n * self._shape / (rate * self._prior))
            height = -self._shape * np.log(rate) - 0.5 * self._prior * (d - d0) ** 2
            found.append((height, mean + d if abs(d) < abs(d - d0) else self.m0 + (d - d0)))
        return float(max(found)[1])

    def log_likelihood(self, stats: Statistics) -> Any:
        """log p(x | mu, tau)"""
        tau = stats["tau"]
        about_data = self._about_data(stats["mu"])
        return 0.5 * (self.n * (tau.log - LOG_2PI) - tau.value * about_data)

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
        mean = float(self.x.mean())
        rate = self.b0 + 0.5 * float(((self.x - mean) ** 2).sum())
        precision = self.n * self._shape / rate
        if prior_suffices(self.a0, self.b0, self._shape, rate, self.s0**2 * precision):
            return self.sample_latents(rng, batch)
        share = rng.random(batch) * precision / (precision + self._prior)
        noise = rng.standard_normal(batch) / np.sqrt(precision + self._prior)
        d = mean - self.centre + (1.0 - share) * (self.m0 - mean) + OVERDISPERSION * noise
        rate = -self._tau_given_mu({"mu": NormalStats(d, d**2)}).value
        return {"mu": self.centre + d, "tau": draw_overdispersed(rng, self._shape, rate, batch)}

    def sample_data(self, rng: np.random.Generator, values: Values) -> NormalSemiConjugate:
        x = values["mu"] + rng.standard_normal(self.n) / np.sqrt(values["tau"])
        return NormalSemiConjugate(x, self.m0, self.s0, self.a0, self.b0)

    def exact_posterior(self) -> Exact:
        """mu is integrated out given tau, and tau by quadrature."""
        return Exact.of(self, integrate_mean_out(self))
