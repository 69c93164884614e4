"""Averages over a table of logs in which some entries may be impossible."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from string import ascii_lowercase
from typing import Any

import numpy as np


class LogTable:
    """A table of logs with an axis for each of some discrete variables, -inf where impossible."""

    def __init__(self, table: np.ndarray) -> None:
        impossible = np.isneginf(table)
        self._finite = np.where(impossible, 0.0, table)
        self._impossible = impossible.astype(np.float64) if impossible.any() else None

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
        sums = _name_sums(tuple([weight is None for weight in weights]))
        operands = [weight for weight in weights if weight is not None]
        total = np.einsum(sums, self._finite, *operands)
        if self._impossible is not None:
            reached = np.einsum(sums, self._impossible, *operands)
            total = np.where(reached != 0, -np.inf, total)
        return total


@cache  # to write it down takes as long as the sums of a small table
def _name_sums(left: tuple[bool, ...]) -> str:
    """Which sums einsum is to take, as "abc,...a,...c->...b" where the second axis is left."""
    letters = ascii_lowercase[: len(left)]
    summed = [f",...{a}" for a, stays in zip(letters, left, strict=True) if not stays]
    kept = [a for a, stays in zip(letters, left, strict=True) if stays]
    return f"{letters}{''.join(summed)}->...{''.join(kept)}"
