"""The family of one spin, x = -1 or +1, in a field.

    log p(x) = field x - log( 2 cosh field )

so t(x) = x, eta = field (half the log odds of +1), A(eta) = log 2 cosh eta, E[x] = tanh eta and
Var[x] = 1 / cosh(eta)**2: the Bernoulli family on another support (Bishop 2006, 8.3.3).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.errors import NumericalError
from vi_lab.families.distribution import Distribution, from_textbook
from vi_lab.families.family import Family
from vi_lab.numerics.rounding import WHOLE


class SpinStats(NamedTuple):
    """value: x."""

    value: Any


class Spin(Family):
    """A spin of -1 or +1 in a field, in nats."""

    Stats = SpinStats
    stat_shapes = SpinStats(())
    discrete = True
    dtype = np.dtype(np.int8)
    support = np.array([-1, 1], dtype=np.int8)

    @classmethod
    @public
    def of(cls, field: Reals) -> Distribution:
        """The spin with p(x) proportional to exp(field x); field has shape (*batch, *plates)."""
        return from_textbook(cls(), field=field)

    def natural(self, field: Any) -> SpinStats:
        return SpinStats(checks.real_array("field", field))

    def parameters(self, eta: SpinStats) -> dict[str, np.ndarray]:
        return {"field": np.asarray(self._field(eta))}

    def stats(self, z: Any) -> SpinStats:
        return SpinStats(np.asarray(z, dtype=np.float64))

    def log_partition(self, eta: SpinStats) -> Any:
        """log 2 cosh eta = |eta| + log(1 + exp(-2 |eta|)), which never overflows."""
        size = np.abs(self._field(eta))
        return size + np.log1p(np.exp(-2.0 * size))

    def expected_stats(self, eta: SpinStats) -> SpinStats:
        return SpinStats(np.tanh(self._field(eta)))

    def entropy(self, eta: SpinStats, expected: SpinStats | None = None) -> Any:
        """log(1 + e) + 2 |eta| e / (1 + e) with e = exp(-2 |eta|).

        A - eta tanh eta loses its digits where the spin is nearly certain: 1 - |tanh eta| is
        2 e / (1 + e), and here it is never a difference.
        """
        size = np.abs(self._field(eta))
        rare = np.exp(-2.0 * size)
        return np.log1p(rare) + 2.0 * size * rare / (1.0 + rare)

    def sample(self, rng: np.random.Generator, eta: SpinStats, shape: tuple[int, ...]) -> Any:
        return self.draw(rng, eta, shape)[0].astype(self.dtype)

    def draw(self, rng: Any, eta: SpinStats, shape: tuple[int, ...]) -> tuple[Any, SpinStats]:
        """+1 where a uniform number on (-1, 1) is below tanh eta, as it is with p = (1 + E[x])/2.

        Each pass over the numbers writes where the uniforms were.
        """
        spins = np.asarray(rng.random(shape))
        spins *= -2.0
        spins += 1.0
        spins += np.tanh(eta.value)
        np.copysign(1.0, spins, out=spins)
        return spins, SpinStats(spins)

    def mean(self, eta: SpinStats) -> Any:
        return self.expected_stats(eta).value

    def sd(self, eta: SpinStats) -> Any:
        """1 / cosh eta, by a form that does not overflow."""
        rare = np.exp(-np.abs(self._field(eta)))
        return 2.0 * rare / (1.0 + rare * rare)

    def quantile(self, eta: SpinStats, p: float) -> Any:
        """-1 where p(-1) = (1 - E[x])/2 reaches p, else +1."""
        return np.where(0.5 - 0.5 * self.mean(eta) < p * WHOLE, 1, -1)

    def in_support(self, z: Any) -> Any:
        return np.isin(z, self.support)

    @staticmethod
    def _field(eta: SpinStats) -> Any:
        if not np.isfinite(eta.value).all():
            raise NumericalError("the field of a spin is not finite")
        return eta.value
