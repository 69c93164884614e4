"""The normal N(m, v) cut off at 0: what makes a probit likelihood Gaussian.

    log p(z) = <m/v, z> - <1/(2v), z**2> - A,   z > 0
    A        = m**2/(2v) + log(2 pi v)/2 + log Phi(a),   a = m / sqrt(v)

with Phi the normal distribution function: t(z) = (z, z**2) as of a normal, and A has one term more,
the log of the mass above 0. With lam = phi(a)/Phi(a),

    E[z] = sqrt(v) (a + lam),   Var[z] = v (1 - lam (a + lam))

(Johnson, Kotz & Balakrishnan 1994, section 13.10.) Far below 0 these are differences of numbers
that are nearly the same: there a + lam = 1/(b + c) with b = -a and the continued fraction
c = 2/(b + 3/(b + 4/(b + ...))) (Laplace 1805), of which no term is negative.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.errors import NumericalError
from vi_lab.families.coordinates import PositiveFamily
from vi_lab.families.distribution import Distribution, from_textbook
from vi_lab.numerics import special
from vi_lab.numerics.arithmetic import LOG_2PI

FAR = 3.0  # sds of the mean below 0, from which on the fraction is used
TERMS = 80  # of it: at FAR the next is below a rounding
TAIL = 8.0  # sds of the mean below 0, from which on draws come from a tail's own rejection
SMALLEST = np.finfo(np.float64).tiny  # what a draw is that rounds to 0


class TruncatedNormalStats(NamedTuple):
    """value: z; square: z**2."""

    value: Any
    square: Any


class TruncatedNormal(PositiveFamily):
    """N(mean, variance) given that it is above 0. Real coordinate y = log z."""

    Stats = TruncatedNormalStats
    stat_shapes = TruncatedNormalStats((), ())

    @classmethod
    @public
    def of(cls, mean: Reals, variance: Reals) -> Distribution:
        """N(mean, variance) given z > 0, both those before it is cut off; (*batch, *plates)."""
        return from_textbook(cls(), mean=mean, variance=variance)

    def natural(self, mean: Any, variance: Any) -> TruncatedNormalStats:
        mean = checks.real_array("mean", mean)
        variance = checks.array_above("variance", variance, 0)
        checks.require_broadcast(mean=mean, variance=variance)
        return TruncatedNormalStats(mean / variance, -0.5 / variance)

    def parameters(self, eta: TruncatedNormalStats) -> dict[str, np.ndarray]:
        variance = -0.5 / self._square(eta)
        lead = self.lead_shape(eta)
        return {
            "mean": np.broadcast_to(variance * eta.value, lead),
            "variance": np.broadcast_to(variance, lead),
        }

    def stats(self, z: Any) -> TruncatedNormalStats:
        return TruncatedNormalStats(z, np.multiply(z, z))

    def log_partition(self, eta: TruncatedNormalStats) -> Any:
        a, sd = self._standardise(eta)
        return self._log_mills(a) + 0.5 * np.maximum(a, 0.0) ** 2 + np.log(sd) + 0.5 * LOG_2PI

    def log_density(self, z: Any, eta: TruncatedNormalStats) -> Any:
        """The square completed where the mean is above 0, as in `Normal`, and not below."""
        a, sd = self._standardise(eta)
        inside = self.in_support(z)
        x = np.where(inside, z, 1.0) / sd
        square = np.where(a > 0, (x - a) ** 2, x * (x - 2.0 * a))
        value = -0.5 * square - self._log_mills(a) - np.log(sd) - 0.5 * LOG_2PI
        return np.where(inside, value, -np.inf)

    def entropy(self, eta: TruncatedNormalStats, expected: Any = None) -> Any:
        """log(2 pi e v)/2 + log Phi(a) - a lam/2, and for a < 0, where the last two cancel, as
        log(2 pi e v)/2 + [log Phi(a) + a**2/2] - a (a + lam)/2."""
        a, sd = self._standardise(eta)
        mean, _ = self._moments(a)
        left = np.where(a > 0, mean - a, mean)
        return 0.5 * (LOG_2PI + 1.0) + np.log(sd) + self._log_mills(a) - 0.5 * a * left

    def expected_stats(self, eta: TruncatedNormalStats) -> TruncatedNormalStats:
        a, sd = self._standardise(eta)
        mean, variance = self._moments(a)
        return TruncatedNormalStats(sd * mean, sd**2 * (variance + mean**2))

    def sample(
        self, rng: np.random.Generator, eta: TruncatedNormalStats, shape: tuple[int, ...]
    ) -> Any:
        """sqrt(v) (a + w) with w a normal draw above -a, by its distribution function; in the tail
        by Marsaglia's (1964) rejection."""
        a, sd = self._standardise(eta)
        a = np.broadcast_to(a, shape)
        u = np.exp(-rng.standard_exponential(shape))
        drawn = np.array(a - special.ndtri(u * special.ndtr(np.maximum(a, -TAIL))))
        far = a < -TAIL
        if far.any():
            drawn[far] = _draw_tail(rng, -a[far])
        return sd * np.maximum(drawn, SMALLEST)

    def mean(self, eta: TruncatedNormalStats) -> Any:
        a, sd = self._standardise(eta)
        return sd * self._moments(a)[0]

    def sd(self, eta: TruncatedNormalStats) -> Any:
        a, sd = self._standardise(eta)
        return sd * np.sqrt(self._moments(a)[1])

    def quantile(self, eta: TruncatedNormalStats, p: float) -> Any:
        """Where the mass above is 1 - p of that above 0."""
        a, sd = self._standardise(eta)
        return sd * (a - special.ndtri_exp(np.log1p(-p) + special.log_ndtr(a)))

    def from_real(self, y: np.ndarray) -> tuple[Any, TruncatedNormalStats, Any]:
        z = np.exp(y)
        return z, self.stats(z), y

    def stats_pullback(self, y: np.ndarray, stats: TruncatedNormalStats, eta: Any) -> Any:
        """dz/dy = z and d(z**2)/dy = 2 z**2."""
        return eta.value * stats.value + 2.0 * eta.square * stats.square + 1.0

    def _standardise(self, eta: TruncatedNormalStats) -> tuple[Any, Any]:
        """a = m / sqrt(v) and sqrt(v), before it is cut off."""
        sd = np.sqrt(-0.5 / self._square(eta))
        return sd * eta.value, sd

    @staticmethod
    def _square(eta: TruncatedNormalStats) -> Any:
        if not np.all(np.less(eta.square, 0)):
            largest = np.max(eta.square)
            raise NumericalError(f"a truncated normal needs a precision > 0, got {-2 * largest:g}")
        return np.asarray(eta.square)

    @staticmethod
    def _log_mills(a: Any) -> Any:
        """log Phi(a), and for a < 0 log Phi(a) + a**2/2, which does not run away."""
        below = np.log(0.5 * special.erfcx(-np.minimum(a, 0.0) / np.sqrt(2.0)))
        return np.where(a > 0, special.log_ndtr(a), below)

    @staticmethod
    def _moments(a: Any) -> tuple[Any, Any]:
        """Mean and variance of N(a, 1) above 0."""
        near = np.maximum(a, -FAR)
        ratio = np.exp(-0.5 * (near**2 + LOG_2PI) - special.log_ndtr(near))
        mean = near + ratio
        variance = 1.0 - ratio * mean
        if not np.any(a < -FAR):
            return mean, variance
        b = np.maximum(np.negative(a), FAR)
        c: Any = 0.0
        for k in range(TERMS, 1, -1):
            c = k / (b + c)
        far = 1.0 / (b + c)
        spread = (c - far) / (b + c)
        return np.where(a < -FAR, far, mean), np.where(a < -FAR, spread, variance)


def _draw_tail(rng: np.random.Generator, b: np.ndarray) -> np.ndarray:
    """Draws (N,) of w - b, w standard normal above b: with x + b = sqrt(b**2 + 2 E), E exponential,
    x has a density that is too large by (x + b)/b, and is kept with the inverse of that."""
    drawn, pending = np.empty(len(b)), np.arange(len(b))
    while len(pending):
        least = b[pending]
        twice = 2.0 * rng.standard_exponential(len(pending))
        x = twice / (least + np.sqrt(least**2 + twice))
        kept = rng.random(len(pending)) * (x + least) <= least
        drawn[pending[kept]] = x[kept]
        pending = pending[~kept]
    return drawn
