"""The inverse gamma family, InverseGamma(shape a, scale b), on z > 0: 1/z ~ Gamma(a, rate b).

    log InverseGamma(z; a, b) = -(a + 1) log z - b / z - [ log Gamma(a) - a log b ]

so t(z) = (log z, 1/z), eta = (-(a + 1), -b) and A(eta) = log Gamma(a) - a log b (Gelman et al.
2013, appendix A). E[log z] = log b - digamma(a) and E[1/z] = a / b. There is a mean only for a > 1
and an sd only for a > 2; below that they are infinite, and the expected statistics still finite.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.families.coordinates import PositiveFamily, require_positive
from vi_lab.families.distribution import Distribution, from_textbook
from vi_lab.families.family import SHARP
from vi_lab.numerics import log_gamma, special


class InverseGammaStats(NamedTuple):
    """log: log z; reciprocal: 1 / z."""

    log: Any
    reciprocal: Any


class InverseGamma(PositiveFamily):
    """InverseGamma(shape, scale). Real coordinate y = log z."""

    Stats = InverseGammaStats
    stat_shapes = InverseGammaStats((), ())

    @classmethod
    @public
    def of(cls, shape: Reals, scale: Reals) -> Distribution:
        """InverseGamma(shape, scale), mean scale / (shape - 1); both broadcast."""
        return from_textbook(cls(), shape=shape, scale=scale)

    def natural(self, shape: Any, scale: Any) -> InverseGammaStats:
        shape, scale = checks.array_above("shape", shape, 0), checks.array_above("scale", scale, 0)
        checks.require_broadcast(shape=shape, scale=scale)
        return InverseGammaStats(-shape - 1.0, -scale)

    def parameters(self, eta: InverseGammaStats) -> dict[str, np.ndarray]:
        shape, scale = np.broadcast_arrays(*self._shape_scale(eta))
        return {"shape": shape, "scale": scale}

    def stats(self, z: Any) -> InverseGammaStats:
        return InverseGammaStats(np.log(z), np.divide(1.0, z))

    def log_partition(self, eta: InverseGammaStats) -> Any:
        shape, scale = self._shape_scale(eta)
        return special.gammaln(shape) - shape * np.log(scale)

    def expected_stats(self, eta: InverseGammaStats) -> InverseGammaStats:
        shape, scale = self._shape_scale(eta)
        return InverseGammaStats(np.log(scale) - special.psi(shape), shape / scale)

    def entropy(self, eta: InverseGammaStats, expected: InverseGammaStats | None = None) -> Any:
        """A - <eta, E[t]>, or without E[t] the same with its a log a cancelled on paper."""
        if expected is not None:
            return super().entropy(eta, expected)
        shape, scale = self._shape_scale(eta)
        rest = -(1.0 + shape) * log_gamma.digamma_less_log(shape)
        return log_gamma.log_gamma_less_stirling(shape) + np.log(scale / shape) + rest

    def is_sharp(self, eta: InverseGammaStats) -> bool:
        """By its shape, as of `Gamma`."""
        shape, _ = self._shape_scale(eta)
        return bool(np.max(shape) > SHARP or np.min(shape) < 1.0 / SHARP)

    def kl_from_prior(self, eta: Any, expected: Any, prior: Any) -> Any:
        """That of the gammas of 1/z, as `Gamma` has it."""
        shape, scale = self._shape_scale(eta)
        textbook = prior.textbook or self.parameters(prior.eta)
        n, u = shape - textbook["shape"], (scale - textbook["scale"]) / scale
        gammas = n * log_gamma.digamma_less_log(shape)
        gammas = gammas - log_gamma.log_gamma_growth(textbook["shape"], n)
        less = log_gamma.log_ratio_less(textbook["scale"], scale)
        return gammas - textbook["shape"] * less - n * u

    def kl(self, eta: InverseGammaStats, other: InverseGammaStats) -> Any:
        return self.kl_from_prior(eta, eta, Distribution(self, other))

    def sample(
        self, rng: np.random.Generator, eta: InverseGammaStats, shape: tuple[int, ...]
    ) -> Any:
        return -eta.reciprocal / rng.standard_gamma(-eta.log - 1.0, shape)

    def mean(self, eta: InverseGammaStats) -> Any:
        shape, scale = self._shape_scale(eta)
        return np.where(shape > 1.0, scale / np.where(shape > 1.0, shape - 1.0, 1.0), np.inf)

    def sd(self, eta: InverseGammaStats) -> Any:
        shape, scale = self._shape_scale(eta)
        excess = np.where(shape > 2.0, shape, 3.0)
        sd = scale / ((excess - 1.0) * np.sqrt(excess - 2.0))
        return np.where(shape > 2.0, sd, np.inf)

    def quantile(self, eta: InverseGammaStats, p: float) -> Any:
        """z < q where 1/z > 1/q: the complement of the incomplete gamma function, at (a, b/q)."""
        shape, scale = self._shape_scale(eta)
        return scale / special.gammainccinv(shape, p)

    def from_real(self, y: np.ndarray) -> tuple[Any, InverseGammaStats, Any]:
        return np.exp(y), InverseGammaStats(y, np.exp(-y)), y

    def stats_pullback(self, y: np.ndarray, stats: InverseGammaStats, eta: Any) -> Any:
        """d (log z, 1/z)/dy = (1, -1/z), and 1 from log|dz/dy| = y."""
        return eta.log - eta.reciprocal * stats.reciprocal + 1.0

    def typical(self, eta: InverseGammaStats) -> tuple[float, float]:
        """log of the harmonic mean, which there always is, and the spread of log z about it."""
        shape, scale = self._shape_scale(eta)
        return float(np.log(scale / shape)), float(np.sqrt(1.0 / shape))

    @staticmethod
    def _shape_scale(eta: InverseGammaStats) -> tuple[Any, Any]:
        shape, scale = np.subtract(-1.0, eta.log), np.negative(eta.reciprocal)
        return require_positive("an inverse gamma", ("shape", "scale"), shape, scale)
