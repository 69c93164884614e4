"""The gamma family, Gamma(shape a, rate b), on z > 0.

    log Gamma(z; a, b) = (a - 1) log z - b z - [ log Gamma(a) - a log b ]

so t(z) = (log z, z), eta = (a - 1, -b) and A(eta) = log Gamma(a) - a log b (Bishop 2006, B.26).
The expected statistics are E[log z] = digamma(a) - log b and E[z] = a / b (B.27, B.30).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.families.coordinates import PositiveFamily, require_positive
from vi_lab.families.distribution import Distribution, from_textbook
from vi_lab.families.family import SHARP
from vi_lab.numerics import log_gamma, special

TINY = np.array(np.finfo(np.float64).tiny)  # numpy takes a 0-d array faster than a float


class GammaStats(NamedTuple):
    """log: log z; value: z."""

    log: Any
    value: Any


# what GammaStats(log, value) does, in a third of the time: for the loop of Gibbs sampling
gamma_stats: Callable[[Any], GammaStats] = partial(tuple.__new__, GammaStats)


class Gamma(PositiveFamily):
    """Gamma(shape, rate). Real coordinate y = log z."""

    Stats = GammaStats
    stat_shapes = GammaStats((), ())

    @classmethod
    @public
    def of(cls, shape: Reals, rate: Reals) -> Distribution:
        """Gamma(shape, rate), mean shape / rate; both broadcast to (*batch, *plates)."""
        return from_textbook(cls(), shape=shape, rate=rate)

    def natural(self, shape: Any, rate: Any) -> GammaStats:
        shape, rate = checks.array_above("shape", shape, 0), checks.array_above("rate", rate, 0)
        checks.require_broadcast(shape=shape, rate=rate)
        return GammaStats(shape - 1.0, -rate)

    def parameters(self, eta: GammaStats) -> dict[str, np.ndarray]:
        shape, rate = np.broadcast_arrays(*self._shape_rate(eta))
        return {"shape": shape, "rate": rate}

    def stats(self, z: Any) -> GammaStats:
        return gamma_stats((np.log(z), z))

    def log_partition(self, eta: GammaStats) -> Any:
        shape, rate = self._shape_rate(eta)
        return special.gammaln(shape) - shape * np.log(rate)

    def expected_stats(self, eta: GammaStats) -> GammaStats:
        shape, rate = self._shape_rate(eta)
        return GammaStats(special.psi(shape) - np.log(rate), shape / rate)

    def entropy(self, eta: GammaStats, expected: GammaStats | None = None) -> Any:
        """A - <eta, E[t]>, or without E[t] the same with its a log a cancelled on paper.

        With g = log Gamma(a) - (a log a - a) and p = digamma(a) - log a, both small where a is
        large, that is g + log a + (1 - a) p - log b.
        """
        if expected is not None:
            return super().entropy(eta, expected)
        shape, rate = self._shape_rate(eta)
        rest = (1.0 - shape) * log_gamma.digamma_less_log(shape)
        return log_gamma.log_gamma_less_stirling(shape) + np.log(shape / rate) + rest

    def is_sharp(self, eta: GammaStats) -> bool:
        """By its shape, whatever the unit; also where a - 1 has lost the digits of a small one."""
        shape, _ = self._shape_rate(eta)
        return bool(np.max(shape) > SHARP or np.min(shape) < 1.0 / SHARP)

    def kl_from_prior(self, eta: GammaStats, expected: Any, prior: Any) -> Any:
        """n (digamma(a) - log a) - g(n) - a0 (log(1 - u) + u) - n u, for shapes a, a0 = a - n and
        rates b, b0, with u = 1 - b0/b and g what log Gamma grows by beside n log a.

        Each term is no larger than q and prior are apart.
        """
        shape, rate = self._shape_rate(eta)
        shape0 = (prior.textbook or self.parameters(prior.eta))["shape"]
        n, u = shape - shape0, (prior.eta.value - eta.value) / rate
        gammas = n * log_gamma.digamma_less_log(shape) - log_gamma.log_gamma_growth(shape0, n)
        return gammas - shape0 * log_gamma.log_less(prior.eta.value / eta.value, -u) - n * u

    def kl(self, eta: GammaStats, other: GammaStats) -> Any:
        return self.kl_from_prior(eta, eta, Distribution(self, other))

    def sample(self, rng: np.random.Generator, eta: GammaStats, shape: tuple[int, ...]) -> Any:
        """Draws that underflow (one in a thousand of Gamma(0.01)) become TINY."""
        z = rng.standard_gamma(eta.log + 1.0, shape)
        z /= -eta.value
        return np.maximum(z, TINY)

    def mean(self, eta: GammaStats) -> Any:
        shape, rate = self._shape_rate(eta)
        return np.divide(shape, rate)

    def sd(self, eta: GammaStats) -> Any:
        shape, rate = self._shape_rate(eta)
        return np.sqrt(shape) / rate

    def quantile(self, eta: GammaStats, p: float) -> Any:
        """P(z < q) is the regularised incomplete gamma function at (a, b q)."""
        shape, rate = self._shape_rate(eta)
        return special.gammaincinv(shape, p) / rate

    def from_real(self, y: np.ndarray) -> tuple[Any, GammaStats, Any]:
        z = np.exp(y)
        return z, GammaStats(y, z), y

    def stats_pullback(self, y: np.ndarray, stats: GammaStats, eta: GammaStats) -> Any:
        """d (log z, z)/dy = (1, z), and 1 from log|dz/dy| = y."""
        return eta.log + eta.value * stats.value + 1.0

    @staticmethod
    def _shape_rate(eta: GammaStats) -> tuple[Any, Any]:
        return require_positive("a gamma", ("shape", "rate"), eta.log + 1.0, -eta.value)
