"""The Polya-Gamma family, PG(b, c) on z > 0: what makes a logistic likelihood Gaussian.

    E[exp(-s z)] = cosh(c/2)**b / cosh(sqrt(c**2/4 + s/2))**b
    p(z | b, c)  = exp(-c**2 z / 2) cosh(c/2)**b p(z | b, 0)

(Polson, Scott & Windle 2013, eq. 4-5.) Densities are taken against PG(b, 0), which is known only as
an alternating series and cancels wherever b is the same: t(z) = z, eta = -c**2/2 and
A(eta) = -b log cosh(c/2). The trials b are whole numbers and belong to the family; the tilt c is
its one parameter. E[z] = b tanh(c/2) / (2c).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.errors import InputError, NumericalError
from vi_lab.families.coordinates import PositiveFamily
from vi_lab.families.distribution import Distribution
from vi_lab.numerics.tilted_jacobi import sum_tilted_jacobi

SMALL = 1e-3  # c**2 below which power series are used, which a rounding below 0 does not trouble


class PolyaGammaStats(NamedTuple):
    """value: z."""

    value: Any


class PolyaGamma(PositiveFamily):
    """PG(trials, tilt), with densities against PG(trials, 0). Real coordinate y = log z."""

    Stats = PolyaGammaStats
    stat_shapes = PolyaGammaStats(())
    own_measure = True

    @public
    def __init__(self, trials: Any) -> None:
        trials = checks.real_array("trials", trials)
        if (trials < 1).any() or (trials != np.floor(trials)).any():
            raise InputError("trials: needs whole numbers from 1")
        self.trials = trials

    @classmethod
    @public
    def of(cls, trials: Reals, tilt: Reals) -> Distribution:
        """PG(trials, tilt); the trials broadcast to the tilts, (*batch, *plates)."""
        family = cls(trials)
        return Distribution(family, family.natural(family.trials, tilt)).freeze()

    def natural(self, trials: Any, tilt: Any) -> PolyaGammaStats:
        trials, tilt = checks.real_array("trials", trials), checks.real_array("tilt", tilt)
        checks.require_broadcast(trials=trials, tilt=tilt)
        checks.require_broadcast(trials=trials, own=self.trials)
        if (trials != self.trials).any():
            raise InputError(f"trials: needs the family's own, {self.trials}, got {trials}")
        shape = np.broadcast_shapes(trials.shape, tilt.shape)
        return PolyaGammaStats(np.broadcast_to(-0.5 * tilt**2, shape))

    def parameters(self, eta: PolyaGammaStats) -> dict[str, np.ndarray]:
        tilt = np.sqrt(np.maximum(self._squared_tilt(eta), 0.0))  # below 0 by rounding alone
        return {"trials": np.broadcast_to(self.trials, tilt.shape), "tilt": tilt}

    def stats(self, z: Any) -> PolyaGammaStats:
        return PolyaGammaStats(z)

    def log_partition(self, eta: PolyaGammaStats) -> Any:
        """-b log cosh(c/2), and for small c its power series in u = c**2."""
        u = self._squared_tilt(eta)
        c = np.sqrt(np.maximum(u, SMALL))
        large = 0.5 * c + np.log1p(np.exp(-c)) - np.log(2.0)
        small = u / 8.0 - u**2 / 192.0 + u**3 / 2880.0 - 17.0 * u**4 / 645120.0
        return -self.trials * np.where(u > SMALL, large, small)

    def expected_stats(self, eta: PolyaGammaStats) -> PolyaGammaStats:
        return PolyaGammaStats(self.mean(eta))

    def sample(self, rng: np.random.Generator, eta: PolyaGammaStats, shape: tuple[int, ...]) -> Any:
        """PG(b, c) is the sum of b independent PG(1, c), a quarter of J*(1, c/2) each: a draw costs
        O(b)."""
        half = 0.5 * np.sqrt(np.maximum(np.multiply(-2.0, eta.value), 0.0))
        trials = np.broadcast_to(self.trials, shape).ravel().astype(np.int64)
        drawn = sum_tilted_jacobi(rng, np.broadcast_to(half, shape).ravel(), trials)
        return 0.25 * drawn.reshape(shape)

    def mean(self, eta: PolyaGammaStats) -> Any:
        u = self._squared_tilt(eta)
        c = np.sqrt(np.maximum(u, SMALL))
        v = np.minimum(u, SMALL)  # the series, only where it is asked
        small = 0.25 - v / 48.0 + v**2 / 480.0 - 17.0 * v**3 / 80640.0
        return self.trials * np.where(u > SMALL, 0.5 * np.tanh(0.5 * c) / c, small)

    def sd(self, eta: PolyaGammaStats) -> Any:
        """The root of b (2 tanh(c/2) - c / cosh(c/2)**2) / (4 c**3)."""
        u = self._squared_tilt(eta)
        c = np.sqrt(np.maximum(u, SMALL))
        tanh = np.tanh(0.5 * c)
        large = (2.0 * tanh - c * (1.0 - tanh * tanh)) / (4.0 * c**3)
        v = np.minimum(u, SMALL)
        small = 1.0 / 24.0 - v / 120.0 + 17.0 * v**2 / 13440.0 - 31.0 * v**3 / 181440.0
        return np.sqrt(self.trials * np.where(u > SMALL, large, small))

    def from_real(self, y: np.ndarray) -> tuple[Any, PolyaGammaStats, Any]:
        z = np.exp(y)
        return z, PolyaGammaStats(z), y

    def stats_pullback(self, y: np.ndarray, stats: PolyaGammaStats, eta: Any) -> Any:
        """As of a gamma without log z among its statistics."""
        return eta.value * stats.value + 1.0

    @staticmethod
    def _squared_tilt(eta: PolyaGammaStats) -> np.ndarray:
        """u = c**2. A square multiplied out may fall below 0 by its rounding, and no further."""
        u = np.multiply(-2.0, eta.value)
        if not np.all(u > -SMALL):
            raise NumericalError(f"a Polya-Gamma tilt has a negative square: {np.min(u):g}")
        return u
