"""A normal with unknown mean and precision, under its conjugate prior.

    tau      ~ Gamma(a0, b0)
    mu | tau ~ N(mu0, 1 / (kappa0 tau))
    x_i      ~ N(mu, 1 / tau)              i = 1..n

The posterior couples mu and tau; mean field cuts the coupling (Bishop 2006, 10.1.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.families import Distribution, Gamma, GammaStats, Normal, NormalStats
from vi_lab.families.gamma import gamma_stats
from vi_lab.families.normal import CENTRED, normal_stats
from vi_lab.model import Block, Model, Statistics, Values
from vi_lab.models.initial_values import (
    MAX_PRIOR_RATIO,
    OVERDISPERSION,
    draw_overdispersed,
    prior_suffices,
)
from vi_lab.numerics import special
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.rounding import Estimate, cancelled, rounding
from vi_lab.results import Exact


class NormalGamma(Model):
    """x_i ~ N(mu, 1/tau) with mu | tau ~ N(mu0, 1/(kappa0 tau)) and tau ~ Gamma(a0, b0).

    Parameters
    ----------
    x : array (n,)
        Observations, in any unit; mu has that unit and tau its inverse square.
    mu0, kappa0, a0, b0 : float
        Prior mean, prior strength in observations, gamma shape and rate.

    Statistics of mu are taken about its posterior mean, the centre: data far from 0 lose no
    digits to (x - mu)**2 multiplied out, and completing the square leaves no linear term,

        kappa0 (mu - mu0)**2 + sum (x - mu)**2 = (kappa0 + n) (mu - centre)**2 + a constant.
    """

    no_exact_because = None

    @public
    def __init__(self, x: Any, mu0: float, kappa0: float, a0: float, b0: float) -> None:
        self.x = checks.observations("x", x)
        self.mu0 = checks.real("mu0", mu0)
        self.kappa0 = checks.positive("kappa0", kappa0)
        self.a0 = checks.positive("a0", a0)
        self.b0 = checks.positive("b0", b0)
        self.n = len(self.x)
        kappa = self.kappa0 + self.n
        self.centre = (self.kappa0 * self.mu0 + float(self.x.sum())) / kappa
        residuals = self.x - self.centre
        self._sum = float(residuals.sum())
        self._squares = float(residuals @ residuals)
        self._m0 = self.mu0 - self.centre
        self._log_constants = (
            self.a0 * np.log(self.b0)
            - special.gammaln(self.a0)
            + 0.5 * np.log(self.kappa0)
            - 0.5 * (self.n + 1) * LOG_2PI
        )
        # the numbers of the conditionals; numpy multiplies by a 0-d array faster than by a float
        self._shape = self.a0 + 0.5 * (self.n + 1)
        self._minus_half_kappa = np.array(-0.5 * kappa)
        self._minus_rate = np.array(-self.b0 - 0.5 * (self.kappa0 * self._m0**2 + self._squares))
        self.blocks = {
            "mu": Block(Normal(self.centre), self._mu_given_tau),
            "tau": Block(Gamma(), self._tau_given_mu),
        }

    def log_joint(self, stats: Statistics) -> Any:
        mu, tau = stats["mu"], stats["tau"]
        log_tau = (self.a0 - 1.0) * tau.log - self.b0 * tau.value
        log_mu = 0.5 * tau.log - 0.5 * self.kappa0 * tau.value * self._about_prior(mu)
        log_x = 0.5 * self.n * tau.log - 0.5 * tau.value * self._about_data(mu)
        return log_tau + log_mu + log_x + self._log_constants

    def _about_prior(self, mu: NormalStats) -> Any:
        """(mu - mu0)**2"""
        return mu.square - 2.0 * self._m0 * mu.value + self._m0**2

    def _about_data(self, mu: NormalStats) -> Any:
        """sum_i (x_i - mu)**2"""
        return self._squares - 2.0 * self._sum * mu.value + self.n * mu.square

    def _mu_given_tau(self, stats: Statistics) -> NormalStats:
        """N(centre, 1/((kappa0 + n) tau)), the centre being (kappa0 mu0 + sum x) / (kappa0 + n)"""
        return normal_stats((CENTRED, self._minus_half_kappa * stats["tau"].value))

    def _tau_given_mu(self, stats: Statistics) -> GammaStats:
        """Gamma(a0 + (n + 1)/2, b0 + kappa0 (mu - mu0)**2/2 + sum (x - mu)**2/2)

        By the completed square the rate is a constant plus (kappa0 + n) (mu - centre)**2 / 2.
        """
        minus_rate = self._minus_rate + self._minus_half_kappa * stats["mu"].square
        return gamma_stats((self._shape - 1.0, minus_rate))

    def sample_latents(self, rng: np.random.Generator, batch: tuple[int, ...] = ()) -> Values:
        tau = rng.standard_gamma(self.a0, batch) / self.b0
        return {
            "mu": self.mu0 + rng.standard_normal(batch) / np.sqrt(self.kappa0 * tau),
            "tau": tau,
        }

    def sample_initial_values(
        self, rng: np.random.Generator, batch: tuple[int, ...] = ()
    ) -> Values:
        """By the rule of `vi_lab.models.initial_values`."""
        shape, rate, kappa = self._shape, -float(self._minus_rate), self.kappa0 + self.n
        if kappa <= MAX_PRIOR_RATIO * self.kappa0 and prior_suffices(self.a0, self.b0, shape, rate):
            return self.sample_latents(rng, batch)
        tau = draw_overdispersed(rng, shape, rate, batch)
        mu = self.centre + OVERDISPERSION * rng.standard_normal(batch) / np.sqrt(kappa * tau)
        return {"mu": mu, "tau": tau}

    def sample_data(self, rng: np.random.Generator, values: Values) -> NormalGamma:
        x = values["mu"] + rng.standard_normal(self.n) / np.sqrt(values["tau"])
        return NormalGamma(x, self.mu0, self.kappa0, self.a0, self.b0)

    def exact_posterior(self) -> Exact:
        """Murphy (2007, eq. 85-89 and 95): NormalGamma again, with updated hyperparameters."""
        n, origin = self.n, self.x[0]  # no digit is lost to an offset that data and prior share
        x, mu0 = self.x - origin, self.mu0 - origin
        mean = x.mean()
        kappa = self.kappa0 + n
        shape = self.a0 + 0.5 * n
        rate = (
            self.b0
            + 0.5 * ((x - mean) ** 2).sum()
            + 0.5 * self.kappa0 * n * (mean - mu0) ** 2 / kappa
        )
        posterior = NormalGammaPosterior(
            location=float(origin + (self.kappa0 * mu0 + n * mean) / kappa),
            kappa=kappa,
            shape=shape,
            rate=rate,
        )
        terms = (
            special.gammaln(shape) - special.gammaln(self.a0),
            self.a0 * np.log(self.b0),
            -shape * np.log(rate),
            0.5 * np.log(self.kappa0 / kappa),
            -0.5 * n * LOG_2PI,
        )
        return Exact(self, float(sum(terms)), float(rounding(*terms)), "closed form", posterior)


@dataclass(frozen=True)
class NormalGammaPosterior:
    """mu | tau ~ N(location, 1/(kappa tau)), tau ~ Gamma(shape, rate)."""

    location: float
    kappa: float
    shape: float
    rate: float

    @property
    def mean(self) -> Mapping[str, Any]:
        # mu is Student's t with 2*shape degrees of freedom: it needs more than one for a mean
        location = self.location if self.shape > 0.5 else np.nan
        return {"mu": location, "tau": self.shape / self.rate}

    @property
    def sd(self) -> Mapping[str, Any]:
        excess = self.shape - 1.0
        spread = np.sqrt(self.rate / (self.kappa * excess)) if excess > 0 else np.inf
        return {"mu": spread, "tau": np.sqrt(self.shape) / self.rate}

    def log_density(self, values: Values) -> Any:
        mu, tau = values["mu"], values["tau"]
        with np.errstate(divide="ignore", invalid="ignore"):
            log_tau = (
                self.shape * np.log(self.rate)
                - special.gammaln(self.shape)
                + (self.shape - 1.0) * np.log(tau)
                - self.rate * tau
            )
            precision = self.kappa * tau
            log_mu = 0.5 * (np.log(precision) - LOG_2PI - precision * (mu - self.location) ** 2)
        return np.where((tau > 0) & np.isfinite(mu) & np.isfinite(tau), log_tau + log_mu, -np.inf)

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        tau = rng.standard_gamma(self.shape, n) / self.rate
        return {
            "mu": self.location + rng.standard_normal(n) / np.sqrt(self.kappa * tau),
            "tau": tau,
        }

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """KL[q(tau) || p(tau|x)] + E_q(tau) KL[q(mu) || p(mu|tau,x)], both in closed form.

        For gammas with shapes c, a and rates d, b (Penny 2001):
            (c - a) special.psi(c) - lnG(c) + lnG(a) + a (ln d - ln b) + c (b - d)/d
        and for the normals, with E = E_q[tau], L = E_q[log tau], (m, v) the moments of q(mu):
            [ kappa E (v + (m - location)**2) - 1 - ln v - ln kappa - L ] / 2
        """
        c, d = q["tau"].parameters["shape"], q["tau"].parameters["rate"]
        m, v = q["mu"].parameters["mean"], q["mu"].parameters["sd"] ** 2
        terms_tau = (
            (c - self.shape) * special.psi(c),
            special.gammaln(self.shape) - special.gammaln(c),
            self.shape * np.log(d / self.rate),
            c * (self.rate - d) / d,
        )
        terms_mu = (
            0.5 * self.kappa * c / d * (v + (m - self.location) ** 2),
            -0.5,
            -0.5 * np.log(v * self.kappa),
            -0.5 * (special.psi(c) - np.log(d)),
        )
        terms = terms_tau + terms_mu
        offset = cancelled(self.kappa * c / d * (m - self.location), m, self.location)
        return Estimate(sum(terms), rounding(*terms) + offset, "closed form")
