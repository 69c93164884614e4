"""What the quadrature rules share: when two agree, the error to state, products of nodes."""

from __future__ import annotations

import numpy as np

AGREE = 1e-10  # nats between two rules that agree
TOLERANCE = 1e-9  # the error then stated (ten times AGREE, or whatever agreement was asked for):
# what agrees may still be off by more than the difference


class Changes:
    """How far each of n integrals moves from one rule to the next finer one.

    Where the integrand is smooth, rules converge so fast that two which agree are both right. Where
    it has kinks (`smooth` False) they creep, and may agree by chance on their way.
    """

    def __init__(self, n: int, agree: float = AGREE, smooth: bool = True) -> None:
        self._agree, self._smooth = agree, smooth
        self._value = np.full(n, np.nan)
        self._last, self._before = np.full(n, np.inf), np.full(n, np.inf)

    def update(self, rows: np.ndarray, value: np.ndarray) -> np.ndarray:
        """Take up the next rule's values at `rows`; whether the last two agree, (n,)."""
        self._before[rows] = self._last[rows]
        change = np.abs(value - self._value)[rows]
        self._last[rows] = np.where(np.isnan(change), np.inf, change)
        self._value[rows] = value[rows]
        return self._last <= self._agree + 1e-15 * np.abs(self._value)

    def error(self) -> np.ndarray:
        """The error to state. Rules that creep move by a quarter of the last change or so, now and
        then by almost nothing: then the change before counts."""
        before = np.where(np.isinf(self._before), self._last, self._before)  # after two rules
        creeping = 3.0 * np.maximum(self._last, 0.25 * before)
        agreed = TOLERANCE / AGREE * self._agree
        settled = (self._last <= self._agree) & self._smooth
        return np.where(settled, agreed, np.maximum(creeping, agreed))


def product(axis: np.ndarray, d: int) -> np.ndarray:
    """The d-fold product of a set of numbers, (len(axis)**d, d)."""
    return np.stack(np.meshgrid(*(axis,) * d, indexing="ij"), axis=-1).reshape(-1, d)
