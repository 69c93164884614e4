"""The univariate normal family, N(m, v) with v a variance.

    log N(z; m, v) = (m/v) z - z**2 / (2v) - [ m**2/(2v) + log(2 pi v)/2 ]

so t(z) = (z, z**2), eta = (m/v, -1/(2v)) and A(eta) = -eta_1**2/(4 eta_2) - log(-2 eta_2)/2
+ log(2 pi)/2 (Bishop 2006, eq. 2.220-2.223, with the base measure absorbed into A).

Statistics may be taken about a `centre` c, t(z) = (z - c, (z - c)**2): the family is the same, and
data far from the origin lose no digits to cancellation. Values, means and `of` are never shifted.
A batch has one centre, from which some of its means may be far: `log_density` completes the square.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.errors import NumericalError
from vi_lab.families.coordinates import RealFamily
from vi_lab.families.distribution import Distribution, from_textbook
from vi_lab.numerics import special
from vi_lab.numerics.arithmetic import LOG_2PI

# numpy reckons faster with a 0-d array than with a Python float
MINUS_HALF = np.array(-0.5)
MOST_SDS = 1e12  # standard deviations from the centre to a mean: a rounding of them is 2e-4
NO_PULL = np.array(0.0)  # the linear term where the mean is the centre, whatever the variance


class NormalStats(NamedTuple):
    """value: z - centre; square: (z - centre)**2."""

    value: Any
    square: Any


def refuse_far(distance: Any) -> None:
    """NumericalError where a mean is so many sds from the centre that a density has no digits."""
    farthest = np.max(np.abs(distance))
    if not farthest <= MOST_SDS:
        raise NumericalError(
            f"a mean lies {farthest:.3g} standard deviations from the centre of the statistics, "
            f"too far for the digits of a log density (up to {MOST_SDS:g} can be told): means so "
            "far apart need a distribution each"
        )


# what NormalStats(value, square) does, in a third of the time; without it Gibbs sampling of newcomb
# takes 3 % longer
normal_stats: Callable[[Any], NormalStats] = partial(tuple.__new__, NormalStats)


class Normal(RealFamily):
    """N(m, v), with statistics about `centre` (default 0)."""

    Stats = NormalStats
    stat_shapes = NormalStats((), ())

    @public
    def __init__(self, centre: float = 0.0) -> None:
        self._shift = checks.real_array("centre", centre, 0)
        self.centre: Any = float(self._shift)
        self._shifted = self.centre != 0.0

    @classmethod
    @public
    def of(cls, mean: Reals, sd: Reals) -> Distribution:
        """N(mean, sd**2). `sd` is a standard deviation; both broadcast to (*batch, *plates)."""
        mean = checks.real_array("mean", mean)
        # statistics about the mean keep their digits
        return from_textbook(cls(float(mean.mean())), mean=mean, sd=sd)

    @classmethod
    def about(cls, centre: np.ndarray) -> Normal:
        """With statistics about a centre for each plate; about one, where these are alike."""
        family, first = cls(), centre.flat[0]
        family._shift = family.centre = first if np.all(centre == first) else centre
        family._shifted = bool(np.any(centre))
        return family

    def take(self, index: tuple[int, ...], plates: int) -> Normal:
        return Normal.about(self.centre[index]) if np.ndim(self.centre) > plates else self

    def natural(self, mean: Any, sd: Any) -> NormalStats:
        mean, sd = checks.real_array("mean", mean), checks.array_above("sd", sd, 0)
        checks.require_broadcast(mean=mean, sd=sd)
        precision = sd**-2.0
        return NormalStats((mean - self.centre) * precision, -0.5 * precision)

    def parameters(self, eta: NormalStats) -> dict[str, np.ndarray]:
        return {"mean": self.mean(eta), "sd": self.sd(eta)}

    def stats(self, z: Any) -> NormalStats:
        d = z - self._shift if self._shifted else z
        return NormalStats(d, d * d)

    def log_partition(self, eta: NormalStats) -> Any:
        precision = self._precision(eta)
        return 0.5 * (eta.value * eta.value / precision - np.log(precision) + LOG_2PI)

    def log_density(self, z: Any, eta: NormalStats) -> Any:
        """-[ (d - h/p)**2 p - log p + log(2 pi) ]/2 with d = z - centre, h = m/v and p = 1/v.

        <eta, t> - A = h d - p d**2/2 - h**2/(2p) + ... with its square completed. Its terms are of
        the size of (m - centre)**2/v and cancel; here d and h/p, the mean about the centre, are
        each good to a rounding of |m - centre|, and so is their difference. NumericalError where
        the mean is more than `MOST_SDS` standard deviations from the centre.
        """
        z = np.asarray(z)
        precision = self._precision(eta)
        mean, root = eta.value / precision, np.sqrt(precision)
        refuse_far(mean * root)
        distance = (z - self.centre - mean) * root
        value = -0.5 * (distance * distance + LOG_2PI) + np.log(root)
        return np.where(self.in_support(z), value, -np.inf)

    def entropy(self, eta: NormalStats, expected: Any = None) -> Any:
        """log(2 pi e v)/2: the general formula with its m**2/v terms cancelled on paper."""
        value = 0.5 * (LOG_2PI + 1.0 - np.log(self._precision(eta)))
        lead = self.lead_shape(eta)
        return value if value.shape == lead else np.broadcast_to(value, lead)

    def lead_shape(self, eta: NormalStats) -> tuple[int, ...]:
        return np.broadcast(eta.value, eta.square).shape

    def kl_from_prior(self, eta: NormalStats, expected: NormalStats, prior: Any) -> Any:
        """[ (m - m0)**2/v0 + v/v0 - 1 - log(v/v0) ]/2, subtracted before it is squared."""
        precision, precision0 = self._precision(eta), self._precision(prior.eta)
        ratio = precision0 / precision
        apart = eta.value / precision - prior.eta.value / precision0
        apart = apart + (self.centre - prior.family.centre)
        return 0.5 * (apart * apart * precision0 + ratio - 1.0 - np.log(ratio))

    def kl(self, eta: NormalStats, other: NormalStats) -> Any:
        return self.kl_from_prior(eta, eta, Distribution(self, other))

    def expected_stats(self, eta: NormalStats) -> NormalStats:
        variance = 1.0 / self._precision(eta)
        mean = eta.value * variance
        return NormalStats(mean, mean * mean + variance)

    def sample(self, rng: np.random.Generator, eta: NormalStats, shape: tuple[int, ...]) -> Any:
        return self.stored(self.draw(rng, eta, shape)[0])

    def draw(self, rng: Any, eta: NormalStats, shape: tuple[int, ...]) -> tuple[Any, NormalStats]:
        """d = z - centre is (h sd + noise) sd with h = m/v; it is put away as it is."""
        sd = np.sqrt(MINUS_HALF / eta.square)
        d = rng.standard_normal(shape)
        if eta.value is not NO_PULL:
            d += eta.value * sd
        d *= sd
        return d, normal_stats((d, d * d))

    def stored(self, store: Any) -> Any:
        """The centre is added to all draws at once."""
        if self._shifted:
            store += self._shift
        return store

    def stats_pullback(self, y: np.ndarray, stats: NormalStats, eta: NormalStats) -> Any:
        """d (d, d**2)/dy = (1, 2 d), d = y - centre."""
        return eta.value + 2.0 * eta.square * stats.value

    def mean(self, eta: NormalStats) -> Any:
        return np.broadcast_to(self.centre + eta.value / self._precision(eta), self.lead_shape(eta))

    def sd(self, eta: NormalStats) -> Any:
        return np.broadcast_to(self._precision(eta) ** -0.5, self.lead_shape(eta))

    def quantile(self, eta: NormalStats, p: float) -> Any:
        return self.mean(eta) + self.sd(eta) * special.ndtri(p)

    @staticmethod
    def _precision(eta: NormalStats) -> Any:
        precision = -2.0 * eta.square
        if not np.min(precision) > 0:
            raise NumericalError(f"a normal precision is not positive: {np.min(precision):g}")
        return precision
