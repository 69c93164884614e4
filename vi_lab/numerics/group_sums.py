"""Sums by group, with what depends on the grouping alone worked out once."""

from __future__ import annotations

from typing import Any

import numpy as np


class GroupSums:
    """Adds up the rows of each group, (*batch, rows, K) -> (*batch, groups, K).

    Parameters
    ----------
    index : int array (rows,)
        The group each row is in.
    count : int
        The number of groups; one without rows has sum 0.
    """

    def __init__(self, index: np.ndarray, count: int) -> None:
        self.count = count
        self._order = np.argsort(index, kind="stable")
        self._sorted = bool((np.diff(index) >= 0).all())
        self._present, self._first = np.unique(index[self._order], return_index=True)

    def sum(self, values: Any) -> np.ndarray:
        """(*batch, rows, K) -> (*batch, groups, K)."""
        if not self._sorted:
            values = np.take(values, self._order, axis=-2)
        sums = np.add.reduceat(values, self._first, axis=-2, dtype=np.float64)
        if len(self._present) == self.count:
            return sums
        found = np.zeros((*values.shape[:-2], self.count, values.shape[-1]))
        found[..., self._present, :] = sums
        return found
