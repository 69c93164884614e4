"""The exact posterior of a network: a table of all joint values of the unobserved variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vi_lab.errors import refuse_if
from vi_lab.families import Distribution
from vi_lab.model import Values
from vi_lab.models.posteriors.binary_table import BinaryTable, along_axes
from vi_lab.models.posteriors.grouping import Grouping
from vi_lab.numerics.arithmetic import log
from vi_lab.numerics.mixed_densities import is_two_valued
from vi_lab.numerics.rounding import Estimate, sum_one_by_one


class BayesNetPosterior:
    """p(variables | evidence), the variables in the network's order.

    Attributes
    ----------
    table : BinaryTable
    log_evidence : float
    """

    def __init__(self, grouping: Grouping) -> None:
        self.hidden, self._grouping = grouping.hidden, grouping
        count, constant = len(self.hidden), 0.0
        log_weights = np.zeros((2,) * count)
        for names, table in grouping.network.reduce_tables(grouping.evidence):
            if not names:
                constant += float(table)
                continue
            log_weights = log_weights + along_axes(table, self._axes(names), count)
        refuse_if(np.isneginf(log_weights).all(), "evidence: has probability zero")
        self.table = BinaryTable(log_weights.ravel())
        self.log_evidence = self.table.log_normaliser + constant

    def _axes(self, names: Sequence[str]) -> list[int]:
        return [self.hidden.index(name) for name in names]

    @property
    def mean(self) -> Mapping[str, Any]:
        return dict(zip(self.hidden, self.table.marginals(), strict=True))

    @property
    def sd(self) -> Mapping[str, Any]:
        return {name: np.sqrt(p * (1.0 - p)) for name, p in self.mean.items()}

    def log_density(self, values: Values) -> Any:
        x = np.stack(np.broadcast_arrays(*(values[n] for n in self.hidden)), axis=-1)
        valid = np.isin(x, (0, 1)).all(-1)
        return np.where(valid, self.table.log_density((x == 1).astype(np.int64)), -np.inf)

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        """The probabilities of a variable, or of "a and b": that both are 1."""
        table = self.table.p.reshape((2,) * len(self.hidden))
        names = [name] if name in self.hidden else name.split(" and ")
        for axis in sorted(self._axes(names), reverse=True):
            table = table.take(1, axis)
        return is_two_valued(float(table.sum()), x)

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        drawn = self.table.sample(rng, n)
        return self._grouping.pack(dict(zip(self.hidden, drawn.T, strict=True)))

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """sum_x q(x) log q(x)/p(x) over all joint values."""
        groups = self._grouping.groups
        axes = [self._axes(names) for names in groups.values()]
        tables = {name: q[name].parameters["probabilities"] for name in groups}
        batch = next(iter(tables.values())).shape[:-1]
        log_q = {name: log(table) for name, table in tables.items()}

        def divergence(at: tuple[int, ...]) -> tuple[float, float]:
            tables = (log_q[b][at].reshape((2,) * len(names)) for b, names in groups.items())
            return self.table.kl_from(zip(axes, tables, strict=True))

        return sum_one_by_one(divergence, batch, "enumeration")

    def count_classes(self) -> int:
        """The number of sets of values between which no sequence of block moves leads: one value
        of each is taken, and what moves of the blocks reach from there."""
        possible = np.isfinite(self.table.log_p).reshape((2,) * len(self.hidden))
        moves = [tuple(self._axes(names)) for names in self._grouping.groups.values()]
        left, count = possible.copy(), 0
        while left.any():
            reached = np.zeros_like(possible)
            reached[np.unravel_index(int(left.argmax()), left.shape)] = True
            size = 0
            while size < reached.sum():
                size = int(reached.sum())
                for along in moves:
                    reached = reached.any(along, keepdims=True) & possible
            left &= ~reached
            count += 1
        return count
