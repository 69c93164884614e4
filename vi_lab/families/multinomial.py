"""The family of counts z of `total` labels among K, density taken against the coefficients.

    log p(z) = sum_k z_k eta_k - total log sum_k exp(eta_k),     h(z) = total! / prod_k z_k!

A sum over z counts each z h(z) times: once for every way to give `total` items labels of these
counts. So this is the law of `total` categorical labels of which only the counts are kept, and log
densities, entropies and ELBOs are those of the labels (Bishop 2006, 2.34-2.35). E[z] = total p.
"""

from __future__ import annotations

import math
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.errors import InputError, NumericalError
from vi_lab.families.distribution import Distribution
from vi_lab.families.family import Family
from vi_lab.numerics import arithmetic, special
from vi_lab.numerics.arithmetic import indicator_covariance
from vi_lab.numerics.rounding import WHOLE

AT_ONCE = 2**20  # counts that are drawn


class MultinomialStats(NamedTuple):
    """counts: z, shape (K,)."""

    counts: Any


class Multinomial(Family):
    """Counts of `total` labels among `size`; `total` is a number, or one for every plate."""

    Stats = MultinomialStats
    discrete = True

    @public
    def __init__(self, size: int, total: Any) -> None:
        self.size = checks.integer("size", size, 1)
        totals = checks.real_array("total", total)
        wrong = totals[(totals < 0) | (totals != np.floor(totals))]
        if wrong.size:
            raise InputError(f"total: needs whole numbers from 0, got {wrong[0]:g}")
        self.total = totals.astype(np.int64)
        self.event_shape = (self.size,)
        self.stat_shapes = MultinomialStats((self.size,))
        self.dtype = np.min_scalar_type(-1 - int(self.total.max()))

    @classmethod
    @public
    def of(cls, total: Reals, probabilities: Reals) -> Distribution:
        """Multinomial(total, probabilities), the latter of shape (*lead, K): `total` and lead
        broadcast."""
        probabilities = checks.real_array("probabilities", probabilities)
        family = cls(probabilities.shape[-1] if probabilities.ndim else 0, total)
        return Distribution(
            family, family.natural(total=total, probabilities=probabilities)
        ).freeze()

    def natural(self, total: Any, probabilities: Any) -> MultinomialStats:
        p = checks.real_array("probabilities", probabilities)
        if (p < 0).any() or np.abs(p.sum(-1) - 1.0).max() > 1e-8:
            raise InputError("probabilities: need non-negative numbers that sum to one")
        if (checks.real_array("total", total) != self.total).any():
            raise InputError(f"total: needs {self.total}, as the family has, got {total}")
        try:
            lead = np.broadcast_shapes(self.total.shape, p.shape[:-1])
        except ValueError:
            raise InputError(
                f"total: of shape {self.total.shape} does not go with probabilities of shape "
                f"{p.shape}"
            ) from None
        return MultinomialStats(np.broadcast_to(arithmetic.log(p), (*lead, self.size)).copy())

    def parameters(self, eta: MultinomialStats) -> dict[str, np.ndarray]:
        p, _ = self._softmax(eta)
        return {"total": np.broadcast_to(self.total, p.shape[:-1]), "probabilities": p}

    def stats(self, z: Any) -> MultinomialStats:
        return MultinomialStats(np.asarray(z, dtype=np.float64))

    def log_partition(self, eta: MultinomialStats) -> Any:
        return self.total * self._softmax(eta)[1]

    def expected_stats(self, eta: MultinomialStats) -> MultinomialStats:
        p, _ = self._softmax(eta)
        p *= self.total[..., None]
        return MultinomialStats(p)

    def inner(self, eta: Any, stats: Any) -> Any:
        """<eta, t> with 0 * (-inf) = 0: an impossible label that never occurs costs nothing."""
        (log_weights,), (counts,) = eta, stats
        return arithmetic.inner_product(log_weights, counts)

    def entropy(self, eta: MultinomialStats, expected: Any = None) -> Any:
        """A - <eta, E[t]>, or without E[t] that of one label times their number, which is
        -log p_k - <eta - eta_k, p> with k the likeliest."""
        if expected is not None:
            return super().entropy(eta, expected)
        p, _ = self._softmax(eta)
        below = eta.counts - eta.counts.max(-1, keepdims=True)
        return self.total * (-np.log(p.max(-1)) - arithmetic.inner_product(below, p))

    def sample(
        self, rng: np.random.Generator, eta: MultinomialStats, shape: tuple[int, ...]
    ) -> Any:
        """Draws that share p are made some at a time: NumPy's counts take eight bytes each."""
        p, _ = self._softmax(eta)
        if max(p.ndim - 1, self.total.ndim) >= len(shape):
            return rng.multinomial(self.total, p, size=shape).astype(self.dtype)
        drawn = np.empty((*shape, self.size), self.dtype)
        step = max(1, AT_ONCE // max(1, math.prod(drawn.shape[1:])))
        for part in (drawn[begin : begin + step] for begin in range(0, len(drawn), step)):
            part[...] = rng.multinomial(self.total, p, size=part.shape[:-1])
        return drawn

    def mean(self, eta: MultinomialStats) -> Any:
        return self.expected_stats(eta).counts

    def sd(self, eta: MultinomialStats) -> Any:
        p, _ = self._softmax(eta)
        return np.sqrt(self.total[..., None] * p * (1.0 - p))

    def covariance(self, eta: MultinomialStats) -> np.ndarray:
        """total (diag(p) - p p')"""
        found: np.ndarray = self.total[..., None, None] * indicator_covariance(
            self._softmax(eta)[0]
        )
        return found

    def quantile(self, eta: MultinomialStats, p: float) -> Any:
        """Each count by itself is binomial: the first at which its sum of probabilities reaches p.

        Found by halving: the sum at `low` is below p, that at `high` is not.
        """
        shares, _ = self._softmax(eta)
        total = np.broadcast_to(self.total[..., None], shares.shape)
        low, high = np.full(shares.shape, -1), total
        while (high - low > 1).any():
            middle = np.maximum((low + high) // 2, 0)
            reached = special.bdtr(middle, total, shares) >= p * WHOLE
            low, high = np.where(reached, low, middle), np.where(reached, middle, high)
        return high

    def in_support(self, z: Any) -> Any:
        z = np.asarray(z)
        return (z >= 0).all(-1) & (z == np.floor(z)).all(-1) & (z.sum(-1) == self.total)

    @staticmethod
    def _softmax(eta: MultinomialStats) -> tuple[np.ndarray, np.ndarray]:
        """The probabilities and the log of what they were divided by."""
        labels = np.moveaxis(eta.counts, -1, 0)
        few = len(labels) < labels[0].size  # label by label: a third of the time of one max
        peak = (reduce(np.maximum, labels) if few else labels.max(0))[..., None]
        if not np.isfinite(peak).all():
            raise NumericalError("every label has probability zero (or a log probability is nan)")
        weights = eta.counts - peak
        np.exp(weights, out=weights)
        total = weights.sum(-1, keepdims=True)
        weights /= total
        return weights, np.log(total[..., 0]) + peak[..., 0]
