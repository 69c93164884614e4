"""Quadratics in many points at once: sums over the points, and values at them, as matrix products.

What a quadratic needs to know of a point d is (1, d, d d'), the products d_i d_j with i <= j once:
F = 1 + D + D (D + 1)/2 numbers, the point's features.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from vi_lab.numerics.arithmetic import symmetric
from vi_lab.numerics.own_axes import turn_difference

AT_ONCE = 2048  # points whose features stay in the processor's cache while they are summed
# of each object the array summed last, and its totals; no part of it, or a copy would differ
LATEST: Any = weakref.WeakKeyDictionary()
FAR_SDS = 100.0  # from a centre, beyond which squares of distances lose digits that are missed


class QuadraticFeatures:
    """The features of points d (n, D), as rows (F, n): sums and values run along the points."""

    def __init__(self, d: np.ndarray) -> None:
        self.size = d.shape[1]
        i, j = self._upper = np.triu_indices(self.size)
        self._features = np.concatenate([np.ones((1, len(d))), d.T, (d[:, i] * d[:, j]).T])

    @classmethod
    def about(
        cls, x: np.ndarray, centre: np.ndarray, turn: np.ndarray | None = None
    ) -> QuadraticFeatures:
        """Of points x (n, D) about one centre (D,), or one for each component, (..., K, D), and in
        axes of its own, the rows of `turn` (..., K, D, D)."""
        return cls(x - centre) if centre.ndim == 1 else FeaturesByComponent(x, centre, turn)

    def totals(self, weights: Any) -> np.ndarray:
        """Weighted sums over the points, (..., n, K) -> (..., K, F).

        A sweep of CAVI asks twice for the sums of the same responsibilities: to update the
        components, and for the bound. The array's own sums are kept while it lives, if it owns its
        numbers and is read-only: then nobody can have changed them.
        """
        latest, totals = LATEST.get(self, (None, None))
        if latest is not None and latest() is weights:
            return totals
        by_label = np.swapaxes(weights, -1, -2)
        totals = by_label[..., :AT_ONCE] @ self._features[:, :AT_ONCE].T
        for start in range(AT_ONCE, self._features.shape[1], AT_ONCE):
            points = slice(start, start + AT_ONCE)
            totals += by_label[..., points] @ self._features[:, points].T
        if weights.base is None and not weights.flags.writeable:
            totals.flags.writeable = False
            LATEST[self] = weakref.ref(weights), totals
        return totals

    def moments(self, weights: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Such sums of 1 (..., K), of d (..., K, D) and of d d' (..., K, D, D)."""
        totals, size, (i, j) = self.totals(weights), self.size, self._upper
        outer = np.empty((*totals.shape[:-1], size, size))
        outer[..., i, j] = outer[..., j, i] = totals[..., 1 + size :]
        return totals[..., 0], totals[..., 1 : 1 + size], outer

    def coefficients(self, constant: Any, slope: Any, matrix: Any) -> np.ndarray:
        """Of constant (..., K) + slope (..., K, D)'d + d'A d, A being (..., K, D, D): (..., K, F).

        The products with i < j stand for two entries of A.
        """
        i, j = self._upper
        curvature = np.where(i == j, 1.0, 2.0) * symmetric(matrix)[..., i, j]
        return np.concatenate([constant[..., None], slope, curvature], axis=-1)

    def evaluate(self, coefficients: np.ndarray) -> np.ndarray:
        """Quadratics with these coefficients at every point, (..., K, F) -> (..., n, K).

        Made as (..., K, n): sums over the few K then run along the many points.
        """
        return np.swapaxes(coefficients @ self._features, -1, -2)


class FeaturesByComponent(QuadraticFeatures):
    """The features of points x (n, D) about a centre of its own for each component, (..., K, D).

    They are (..., K, n, F). Slower than about one centre, where every sum is one matrix product;
    for where components lie so far apart that squares of their distances from one centre leave no
    digits.
    """

    def __init__(self, x: np.ndarray, centres: np.ndarray, turn: np.ndarray | None = None) -> None:
        super().__init__(x[:0])
        centres, (i, j) = centres[..., None, :], self._upper
        d = x - centres if turn is None else turn_difference(turn[..., None, :, :], x, centres)
        self._each = np.concatenate([np.ones_like(d[..., :1]), d, d[..., i] * d[..., j]], axis=-1)

    def totals(self, weights: Any) -> np.ndarray:
        by_label: np.ndarray = np.swapaxes(weights, -1, -2)[..., None, :]
        return (by_label @ self._each)[..., 0, :]

    def evaluate(self, coefficients: np.ndarray) -> np.ndarray:
        return np.swapaxes((self._each @ coefficients[..., None])[..., 0], -1, -2)
