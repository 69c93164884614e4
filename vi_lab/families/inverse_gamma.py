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
from vi_lab.numerics import special


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
        checks.together(shape=shape, scale=scale)
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

    def typical(self, eta: InverseGammaStats) -> tuple[float, float]:
        """log of the harmonic mean, which there always is, and the spread of log z about it."""
        shape, scale = self._shape_scale(eta)
        return float(np.log(scale / shape)), float(np.sqrt(1.0 / shape))

    @staticmethod
    def _shape_scale(eta: InverseGammaStats) -> tuple[Any, Any]:
        shape, scale = np.subtract(-1.0, eta.log), np.negative(eta.reciprocal)
        return require_positive("an inverse gamma", ("shape", "scale"), shape, scale)
