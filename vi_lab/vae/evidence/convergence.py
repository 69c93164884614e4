"""What the quadrature rules share: when two agree, the error to state, products of nodes, and how
steep a function is from node to node."""

from __future__ import annotations

import numpy as np

AGREE = 1e-10  # nats between two rules that agree
AGREED = 10.0  # times what was asked for: the error then stated, for what agrees may still be off
# by more than the difference


class Changes:
    """How far each of n integrals moves from one rule to the next finer one.

    Where nothing hides between the nodes and the integrand is smooth, rules converge so fast that
    two which agree are both right.
    """

    def __init__(self, n: int, agree: float = AGREE) -> None:
        self._agree = agree
        self._value, self._last = np.full(n, np.nan), np.full(n, np.inf)

    def update(self, rows: np.ndarray, value: np.ndarray) -> np.ndarray:
        """Take up the next rule's values at `rows`; whether the last two agree, (n,)."""
        change = np.abs(value - self._value)[rows]
        self._last[rows] = np.where(np.isnan(change), np.inf, change)
        self._value[rows] = value[rows]
        return self._settled()

    def _settled(self) -> np.ndarray:
        return self._last <= self._agree + 1e-15 * np.abs(self._value)

    def error(self) -> np.ndarray:
        """The error to state: infinite where no two rules agreed."""
        return np.where(self._settled(), AGREED * np.maximum(self._agree, self._last), np.inf)


def product(axis: np.ndarray, d: int) -> np.ndarray:
    """The d-fold product of a set of numbers, (len(axis)**d, d): for d = 0 one of no numbers."""
    if d == 0:
        return np.empty((1, 0))
    return np.stack(np.meshgrid(*(axis,) * d, indexing="ij"), axis=-1).reshape(-1, d)


def steepest(values: np.ndarray, d: int) -> np.ndarray:
    """The largest difference between a node and its neighbours: (n, nodes**d), those of a product,
    -> (n, nodes, ..., nodes)."""
    nodes = round(values.shape[1] ** (1.0 / d))
    cube = values.reshape(len(values), *(nodes,) * d)
    largest = np.zeros_like(cube)
    for axis in range(1, d + 1):
        step = np.moveaxis(np.abs(np.diff(cube, axis=axis)), axis, 1)
        at = np.moveaxis(largest, axis, 1)  # a view
        np.maximum(at[:, 1:], step, out=at[:, 1:])
        np.maximum(at[:, :-1], step, out=at[:, :-1])
    return largest
