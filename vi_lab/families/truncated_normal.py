"""The normal N(m, v) cut off at 0: what makes a probit likelihood Gaussian.

    log p(z) = <m/v, z> - <1/(2v), z**2> - A,   z > 0
    A        = m**2/(2v) + log(2 pi v)/2 + log Phi(a),   a = m / sqrt(v)

with Phi the normal distribution function: t(z) = (z, z**2) as of a normal, and A has one term more,
the log of the mass above 0. With lam = phi(a)/Phi(a),

    E[z] = sqrt(v) (a + lam),   Var[z] = v (1 - lam (a + lam))

(Johnson, Kotz & Balakrishnan 1994, section 13.10), worked out in `numerics.truncation`.

As in `Normal`, statistics may be taken about a `centre` c, t(z) = (z - c, (z - c)**2): with the
mean far above 0 a density then keeps the digits of its width. With h = (m - c)/v,

    A = v h**2/2 + log(2 pi v)/2 + log Phi(a)
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
from vi_lab.numerics.truncation import draw_tail, log_mills, moments_above_zero

TAIL = 8.0  # sds of the mean below 0, from which on draws come from a tail's own rejection
SMALLEST = np.finfo(np.float64).tiny  # what a draw is that rounds to 0


class TruncatedNormalStats(NamedTuple):
    """value: z - centre; square: (z - centre)**2."""

    value: Any
    square: Any


class TruncatedNormal(PositiveFamily):
    """N(mean, variance) given that it is above 0. Real coordinate y = log z."""

    Stats = TruncatedNormalStats
    stat_shapes = TruncatedNormalStats((), ())
    centre: Any = 0.0
    _shifted = False

    @classmethod
    def about(cls, centre: np.ndarray) -> TruncatedNormal:
        """With statistics about a centre for each plate, which is no end of the density."""
        family = cls()
        family.centre, family._shifted = centre, True
        return family

    def take(self, index: tuple[int, ...], plates: int) -> TruncatedNormal:
        own = np.ndim(self.centre) > plates
        return TruncatedNormal.about(self.centre[index]) if own else self

    @classmethod
    @public
    def of(cls, mean: Reals, variance: Reals) -> Distribution:
        """N(mean, variance) given z > 0, both those before it is cut off; (*batch, *plates)."""
        return from_textbook(cls(), mean=mean, variance=variance)

    def natural(self, mean: Any, variance: Any) -> TruncatedNormalStats:
        mean = checks.real_array("mean", mean)
        variance = checks.array_above("variance", variance, 0)
        checks.require_broadcast(mean=mean, variance=variance)
        return TruncatedNormalStats((mean - self.centre) / variance, -0.5 / variance)

    def parameters(self, eta: TruncatedNormalStats) -> dict[str, np.ndarray]:
        variance = -0.5 / self._square(eta)
        lead = self.lead_shape(eta)
        return {
            "mean": np.broadcast_to(self.centre + variance * eta.value, lead),
            "variance": np.broadcast_to(variance, lead),
        }

    def stats(self, z: Any) -> TruncatedNormalStats:
        d = z - self.centre if self._shifted else z
        return TruncatedNormalStats(d, np.multiply(d, d))

    def log_partition(self, eta: TruncatedNormalStats) -> Any:
        """For a < 0 log Phi(a) + v h**2/2 is [log Phi(a) + a**2/2] + (c/v) (c/2 - m)."""
        a, sd = self._standardise(eta)
        pull = sd * eta.value
        square = np.where(a > 0, 0.5 * pull**2, 0.5 * (pull - a) * (pull + a))
        return log_mills(a) + square + np.log(sd) + 0.5 * LOG_2PI

    def log_density(self, z: Any, eta: TruncatedNormalStats) -> Any:
        """The square completed where the mean is above 0, as in `Normal`, and not below."""
        a, sd = self._standardise(eta)
        inside = self.in_support(z)
        x = np.where(inside, z, 1.0) / sd
        square = np.where(a > 0, (x - a) ** 2, x * (x - 2.0 * a))
        value = -0.5 * square - log_mills(a) - np.log(sd) - 0.5 * LOG_2PI
        return np.where(inside, value, -np.inf)

    def entropy(self, eta: TruncatedNormalStats, expected: Any = None) -> Any:
        """log(2 pi e v)/2 + log Phi(a) - a lam/2, and for a < 0, where the last two cancel, as
        log(2 pi e v)/2 + [log Phi(a) + a**2/2] - a (a + lam)/2."""
        a, sd = self._standardise(eta)
        mean, _, hazard = moments_above_zero(a)
        left = np.where(a > 0, hazard, mean)
        return 0.5 * (LOG_2PI + 1.0) + np.log(sd) + log_mills(a) - 0.5 * a * left

    def expected_stats(self, eta: TruncatedNormalStats) -> TruncatedNormalStats:
        a, sd = self._standardise(eta)
        mean, variance, hazard = moments_above_zero(a)
        if self._shifted:  # far above 0 no digit of the width is left in the mean itself
            mean = np.where(a > 0, sd * eta.value + hazard, mean - self.centre / sd)
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
            drawn[far] = draw_tail(rng, -a[far])
        return sd * np.maximum(drawn, SMALLEST)

    def mean(self, eta: TruncatedNormalStats) -> Any:
        a, sd = self._standardise(eta)
        return sd * moments_above_zero(a)[0]

    def sd(self, eta: TruncatedNormalStats) -> Any:
        a, sd = self._standardise(eta)
        return sd * np.sqrt(moments_above_zero(a)[1])

    def quantile(self, eta: TruncatedNormalStats, p: float) -> Any:
        """Where the mass above is 1 - p of that above 0."""
        a, sd = self._standardise(eta)
        return sd * (a - special.ndtri_exp(np.log1p(-p) + special.log_ndtr(a)))

    def from_real(self, y: np.ndarray) -> tuple[Any, TruncatedNormalStats, Any]:
        z = np.exp(y)
        return z, self.stats(z), y

    def stats_pullback(self, y: np.ndarray, stats: TruncatedNormalStats, eta: Any) -> Any:
        """dz/dy = z, and d(d, d**2)/dz = (1, 2 d) with d = z - centre."""
        z = stats.value + self.centre
        return z * (eta.value + 2.0 * eta.square * stats.value) + 1.0

    def locate(self, eta: TruncatedNormalStats) -> Any:
        """Its mean, about which statistics are taken."""
        return self.mean(eta)

    def _standardise(self, eta: TruncatedNormalStats) -> tuple[Any, Any]:
        """a = m / sqrt(v) and sqrt(v), before it is cut off."""
        sd = np.sqrt(-0.5 / self._square(eta))
        a = sd * eta.value
        return (a + self.centre / sd if self._shifted else a), sd

    @staticmethod
    def _square(eta: TruncatedNormalStats) -> Any:
        if not np.all(np.less(eta.square, 0)):
            largest = np.max(eta.square)
            raise NumericalError(f"a truncated normal needs a precision > 0, got {-2 * largest:g}")
        return np.asarray(eta.square)
