"""Averages over a table of logs in which some entries may be impossible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


class LogTable:
    """A table of logs with an axis for each of some discrete variables, -inf where impossible."""

    def __init__(self, table: np.ndarray) -> None:
        impossible = np.isneginf(table)
        self._finite = np.where(impossible, 0.0, table)
        self._impossible = impossible.astype(np.float64) if impossible.any() else None
        self._letters = "abcdefghijklmnopqrstuvwxyz"[: table.ndim]

    def average(self, weights: Sequence[Any]) -> Any:
        """The average over the axes that have weights, with 0 * (-inf) = 0.

        Parameters
        ----------
        weights : arrays (*batch, size of the axis), or None for one axis, which is left

        Returns
        -------
        array (*batch,) or, where an axis is left, (*batch, its size); -inf where any weight meets
        an impossible entry.
        """
        named = list(zip(self._letters, weights, strict=True))
        operands = [weight for _, weight in named if weight is not None]
        inputs = [self._letters, *(f"...{a}" for a, weight in named if weight is not None)]
        left = "".join(a for a, weight in named if weight is None)
        sums = f"{','.join(inputs)}->...{left}"
        total = np.einsum(sums, self._finite, *operands)
        if self._impossible is not None:
            reached = np.einsum(sums, self._impossible, *operands)
            total = np.where(reached != 0, -np.inf, total)
        return total
