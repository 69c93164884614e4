"""The categorical family over K labels.

    log p(z) = sum_k 1[z = k] eta_k - log sum_k exp(eta_k)

so t(z) is the indicator vector, eta holds unnormalised log probabilities and E[t] is their softmax
(Bishop 2006, eq. 2.205-2.209 in the overcomplete form: adding a constant to eta changes nothing).

Labels are names 0..K-1 (nominal: their mean is the vector of probabilities, they have no sd)
unless `first` is given: then they are the numbers first, first + 1, ..., with a mean and an sd.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.read_only import read_only
from vi_lab.arguments.types import Reals
from vi_lab.errors import InputError, NumericalError
from vi_lab.families.distribution import Distribution
from vi_lab.families.family import Family
from vi_lab.numerics import arithmetic
from vi_lab.numerics.rounding import WHOLE


class CategoricalStats(NamedTuple):
    """indicator: 1 at the label and 0 elsewhere, shape (K,)."""

    indicator: Any


class Indicators(Family):
    """One of `size` possibilities, by its log weight: what labels and tables of bits share."""

    Stats = CategoricalStats
    discrete = True
    size: int

    def natural(self, probabilities: Any) -> CategoricalStats:
        p = checks.real_array("probabilities", probabilities)
        if (p < 0).any() or np.abs(p.sum(-1) - 1.0).max() > 1e-8:
            raise InputError(
                "probabilities: need non-negative numbers that sum to one, got sum "
                f"{p.sum(-1).flat[np.abs(p.sum(-1) - 1).argmax()]:.10g} and minimum {p.min():g}"
            )
        return CategoricalStats(arithmetic.log(p))

    def parameters(self, eta: CategoricalStats) -> dict[str, np.ndarray]:
        return {"probabilities": self.expected_stats(eta).indicator}

    def indicate(self, z: np.ndarray, labels: np.ndarray) -> CategoricalStats:
        """Which of the labels each z is."""
        if z.size < self.size:
            return CategoricalStats((z[..., None] == labels).astype(np.float64))
        # few labels lead in memory, so that sums over the many values run along these
        indicator = (z == labels.reshape(-1, *(1,) * z.ndim)).astype(np.float64)
        return CategoricalStats(indicator.transpose(*range(1, indicator.ndim), 0))

    def log_partition(self, eta: CategoricalStats) -> Any:
        peak = self._peak(eta)
        weights = eta.indicator - peak
        np.exp(weights, out=weights)
        return np.log(weights.sum(-1)) + peak[..., 0]

    def expected_stats(self, eta: CategoricalStats) -> CategoricalStats:
        weights = eta.indicator - self._peak(eta)
        np.exp(weights, out=weights)
        weights /= weights.sum(-1, keepdims=True)
        weights.flags.writeable = False  # so that sums over them may be kept
        return CategoricalStats(weights)

    def inner(self, eta: CategoricalStats, stats: CategoricalStats) -> Any:
        """<eta, t> with 0 * (-inf) = 0: an impossible label that never occurs costs nothing."""
        (log_weights,), (indicator,) = eta, stats
        return arithmetic.inner_product(log_weights, indicator)

    def entropy(self, eta: CategoricalStats, expected: CategoricalStats | None = None) -> Any:
        """A - <eta, E[t]>, with A read off the likeliest label k, where A = eta_k - log p_k; or
        without E[t] -log p_k - <eta - eta_k, E[t]>: what all eta share is in neither term."""
        top = eta.indicator.max(-1)
        if expected is not None:
            p = expected.indicator
            return top - np.log(p.max(-1)) - arithmetic.inner_product(eta.indicator, p)
        p = self.expected_stats(eta).indicator
        below = eta.indicator - top[..., None]
        return -np.log(p.max(-1)) - arithmetic.inner_product(below, p)

    def choose(
        self, rng: np.random.Generator, eta: CategoricalStats, shape: tuple[int, ...]
    ) -> np.ndarray:
        """By inversion: the index is the number of partial sums that a uniform draw reaches.

        Reaches, not exceeds: so a label of probability zero, an empty step, is never chosen. And
        the last sum is never reached: a uniform draw is at most 1 - 2**-53.
        """
        log_weights = np.asarray(eta.indicator)
        log_weights = log_weights[(None,) * (len(shape) + 1 - log_weights.ndim)]
        axis = 0 if math.prod(shape) >= self.size else -1  # few labels lead in memory: see indicate
        if axis == 0:
            log_weights = log_weights.transpose(-1, *range(log_weights.ndim - 1))
        weights = np.array(log_weights, order="C")
        weights -= weights.max(axis, keepdims=True)
        sums = np.exp(weights, out=weights)
        if axis == 0:  # cumsum(0) takes ten times as long
            for before, here in pairwise(sums):
                here += before
        else:
            sums.cumsum(-1, out=sums)
        uniform = rng.random(shape) * sums.take(-1, axis)
        return ((uniform if axis == 0 else uniform[..., None]) >= sums).sum(axis)

    @staticmethod
    def _peak(eta: CategoricalStats) -> np.ndarray:
        peak: np.ndarray = eta.indicator.max(axis=-1, keepdims=True)
        if not np.isfinite(peak).all():
            raise NumericalError("every label has probability zero (or a log probability is nan)")
        return peak


class Categorical(Indicators):
    """K labels: names 0..K-1, or the numbers first, ..., first + K - 1."""

    @public
    def __init__(self, size: int, first: int | None = None) -> None:
        self.size = checks.integer("size", size, 1)
        self.first = None if first is None else checks.integer("first", first, -(2**53))
        self.stat_shapes = CategoricalStats((self.size,))
        self.support = read_only(np.arange(self.size, dtype=np.int64) + (first or 0))
        self.dtype = np.min_scalar_type(-1 - int(np.abs(self.support).max()))

    @classmethod
    @public
    def of(cls, probabilities: Reals, first: int | None = None) -> Distribution:
        """The categorical distribution with these probabilities, shape (*lead, K)."""
        probabilities = checks.real_array("probabilities", probabilities)
        family = cls(probabilities.shape[-1] if probabilities.ndim else 0, first)
        return Distribution(family, family.natural(probabilities=probabilities)).freeze()

    def stats(self, z: Any) -> CategoricalStats:
        return self.indicate(np.asarray(z), self.support)

    def sample(
        self, rng: np.random.Generator, eta: CategoricalStats, shape: tuple[int, ...]
    ) -> Any:
        return (self.choose(rng, eta, shape) + self.support[0]).astype(self.dtype)

    def mean(self, eta: CategoricalStats) -> Any:
        probabilities = self.expected_stats(eta).indicator
        return probabilities if self.first is None else probabilities @ self.support

    def sd(self, eta: CategoricalStats) -> Any:
        if self.first is None:
            raise InputError("labels are names, not numbers: they have no sd; look at .mean")
        probabilities = self.expected_stats(eta).indicator
        deviation = self.support - (probabilities @ self.support)[..., None]
        return np.sqrt((probabilities * deviation**2).sum(-1))

    def quantile(self, eta: CategoricalStats, p: float) -> Any:
        """The first number at which the sum of the probabilities reaches p."""
        if self.first is None:
            raise InputError("labels are names, not numbers: they have no quantile; see .mean")
        below = self.expected_stats(eta).indicator.cumsum(-1)[..., :-1]
        return self.first + (below < p * WHOLE).sum(-1)

    def in_support(self, z: Any) -> Any:
        return np.isin(z, self.support)

    def adopt(self, distribution: Distribution) -> Distribution:
        given = distribution.family
        if isinstance(given, Categorical) and given.first not in (None, self.first):
            raise InputError(f"labels start at {self.first}, got first={given.first}")
        return super().adopt(distribution)
