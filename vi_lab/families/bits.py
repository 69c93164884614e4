"""The family of m binary variables with any joint distribution: a table of 2**m probabilities.

    log p(z) = eta[z] - log sum_v exp(eta[v])

The values v = (v_1, ..., v_m) are listed as `enumeration.labellings` does, the last variable
changing fastest; t(z) is the indicator of z in that list. It is the categorical family over the
list, whose arithmetic is used, with values that are 0 and 1 in m coordinates.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.read_only import read_only
from vi_lab.arguments.types import Reals
from vi_lab.errors import InputError
from vi_lab.families.categorical import CategoricalStats, Indicators
from vi_lab.families.distribution import Distribution, from_textbook
from vi_lab.numerics.rounding import WHOLE

MOST_VARIABLES = 10  # of one table


class Bits(Indicators):
    """`count` binary variables, together; values (*lead, count) of 0 and 1."""

    dtype = np.dtype(np.int8)

    @public
    def __init__(self, count: int) -> None:
        self.count = checks.integer("count", count, 1)
        if self.count > MOST_VARIABLES:
            raise InputError(
                f"count: needs at most {MOST_VARIABLES} binary variables, got {self.count}"
            )
        self.size = 2**self.count
        self._powers = 2 ** np.arange(self.count - 1, -1, -1)
        self._index = np.arange(self.size)
        bits = ((self._index[:, None] // self._powers) % 2).astype(self.dtype)
        self.support = read_only(bits)
        self.event_shape = (self.count,)
        self.stat_shapes = CategoricalStats((self.size,))

    @classmethod
    @public
    def of(cls, probabilities: Reals) -> Distribution:
        """The distribution with this table, shape (*lead, 2**count)."""
        probabilities = checks.real_array("probabilities", probabilities)
        size = probabilities.shape[-1] if probabilities.ndim else 0
        count = max(size, 1).bit_length() - 1
        if size != 2**count or not count:
            raise InputError(f"probabilities: needs 2, 4, 8, ... of them, got {size}")
        return from_textbook(cls(count), probabilities=probabilities)

    def stats(self, z: Any) -> CategoricalStats:
        return self.indicate((np.asarray(z) * self._powers).sum(-1), self._index)

    def sample(
        self, rng: np.random.Generator, eta: CategoricalStats, shape: tuple[int, ...]
    ) -> Any:
        return self.support[self.choose(rng, eta, shape)]

    def mean(self, eta: CategoricalStats) -> Any:
        """P(variable = 1) of each, (*lead, count)."""
        return self.expected_stats(eta).indicator @ self.support

    def sd(self, eta: CategoricalStats) -> Any:
        mean = self.mean(eta)
        return np.sqrt(mean * (1.0 - mean))

    def covariance(self, eta: CategoricalStats) -> np.ndarray:
        """The average of (z - m)(z - m)' over the table, m the mean."""
        off = self.support - np.asarray(self.mean(eta))[..., None, :]
        weighted = self.expected_stats(eta).indicator[..., None] * off
        found: np.ndarray = np.swapaxes(off, -1, -2) @ weighted
        return found

    def quantile(self, eta: CategoricalStats, p: float) -> Any:
        """0 where its probability reaches p, else 1."""
        return (1.0 - self.mean(eta) < p * WHOLE).astype(np.int64)

    def in_support(self, z: Any) -> Any:
        return np.isin(z, (0, 1)).all(-1)
