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
from vi_lab.numerics import special

CUT = 0.64  # where the two series of J*(1, z) change over (Devroye 2009)
TAIL = 0.10564977366685535  # Phi(-CUT**-0.5), Phi the normal distribution function
CHUNK = 2**15  # draws at a time, few enough to stay in the processor's cache
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
        """PG(b, c) is the sum of b independent PG(1, c): a draw costs O(b)."""
        half = 0.5 * np.sqrt(np.maximum(np.multiply(-2.0, eta.value), 0.0))
        z = np.broadcast_to(half, shape).ravel()
        trials = np.broadcast_to(self.trials, shape).ravel().astype(np.int64)
        drawn, ends = np.empty(len(z)), trials.cumsum()
        begin = 0
        while begin < len(z):  # as many rows at a time as have CHUNK trials, and at least one
            done = ends[begin] - trials[begin]
            end = max(begin + 1, int(np.searchsorted(ends, done + CHUNK, side="right")))
            rows = slice(begin, end)
            each = _tilted_jacobi(rng, z[rows], trials[rows])
            drawn[rows] = np.add.reduceat(each, (ends[rows] - trials[rows] - done).astype(np.intp))
            begin = end
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
        small = 1.0 / 24.0 - v / 120.0 + 17.0 * v**2 / 13440.0
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


def _tilted_jacobi(rng: np.random.Generator, z: np.ndarray, copies: np.ndarray) -> np.ndarray:
    """Independent draws of J*(1, z), z (N,) at least 0, so many of each, one after another.

    A quarter of them is PG(1, 2z).

    Devroye's (2009) rejection with the proposal of Polson, Scott & Windle (2013, section 4). The
    density is proportional to exp(-z**2 x / 2) a_0(x) S(x), with S(x) an alternating series and

        x <= CUT   a_0 = sqrt(2/pi) x**-1.5 exp(-1/(2x)),   S = sum (-1)**n (2n+1) exp(-2n(n+1)/x)
        x > CUT    a_0 = (pi/2) exp(-pi**2 x/8),  S = sum (-1)**n (2n+1) exp(-n(n+1) pi**2 x/2)

    whose terms from n = 3 on are below 4e-16. A proposal comes from one of two pieces, by mass:

        right   exponential beyond CUT with rate K = pi**2/8 + z**2/2:  mass pi exp(-K CUT) / (2K)
        left    for z < 1/CUT 1/n**2 with n normal beyond CUT**-0.5:    mass 4 Phi(-CUT**-0.5),
                accepted with exp(-z**2 x/2);
                else inverse Gaussian of mean 1/z and shape 1:          mass 2 exp(-z),
                accepted where x <= CUT

    and is kept with probability S(x) besides; what is not kept is proposed afresh.
    """
    rate = np.pi**2 / 8.0 + 0.5 * z**2
    near = z < 1.0 / CUT
    log_left = np.where(near, np.log(4.0 * TAIL), np.log(2.0) - z)
    log_right = np.log(0.5 * np.pi / rate) - rate * CUT
    turn = np.logaddexp(0.0, log_left - log_right)  # minus the log of the share of the right
    copies = copies.astype(np.intp)  # where that is 32 bits, repeat takes no others
    z, rate, near, turn = (np.repeat(of_row, copies) for of_row in (z, rate, near, turn))
    drawn, pending = np.empty(len(z)), np.arange(len(z))
    while len(pending):
        which, where, whether = rng.standard_exponential((3, len(pending)))
        right = which > turn[pending]
        kinds = (
            (right, _propose_beyond),
            (~right & near[pending], _propose_normal),
            (~right & ~near[pending], _propose_wald),
        )
        left_over = []
        for kind, propose in kinds:
            if not kind.any():
                continue
            index = pending[kind]
            x, ratio = propose(rng, where[kind], z[index], rate[index])
            kept = whether[kind] > ratio
            drawn[index[kept]] = x[kept]
            left_over.append(index[~kept])
        pending = np.concatenate(left_over)
    return drawn


def _propose_beyond(rng: Any, noise: Any, z: Any, rate: Any) -> tuple[Any, Any]:
    """Proposals beyond CUT, and minus the log of the probability to keep each."""
    x = CUT + noise / rate
    return x, _minus_log_series(np.exp(-(np.pi**2) * x))


def _propose_normal(rng: Any, noise: Any, z: Any, rate: Any) -> tuple[Any, Any]:
    """1/n**2 with n a normal draw beyond CUT**-0.5, by its distribution function."""
    square = special.ndtri(np.exp(-noise) * TAIL) ** 2
    return 1.0 / square, 0.5 * z**2 / square + _minus_log_series(np.exp(-4.0 * square))


def _propose_wald(rng: Any, noise: Any, z: Any, rate: Any) -> tuple[Any, Any]:
    x = rng.wald(1.0 / z, 1.0)
    return x, np.where(x <= CUT, _minus_log_series(np.exp(-4.0 / np.minimum(x, CUT))), np.inf)


def _minus_log_series(r: Any) -> Any:
    """-log S(x), with r = exp(-4/x) on the left of CUT and exp(-pi**2 x) on the right."""
    return -np.log1p(r * (5.0 * r * r - 3.0))
