"""Quadratics in many points at once: sums over the points, and values at them, as matrix products.

What a quadratic needs to know of a point d is (1, d, d d'), the products d_i d_j with i <= j once:
F = 1 + D + D (D + 1)/2 numbers, the point's features.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.numerics.arithmetic import symmetric


class QuadraticFeatures:
    """The features of points d (n, D)."""

    def __init__(self, d: np.ndarray) -> None:
        self.size = d.shape[1]
        i, j = self._upper = np.triu_indices(self.size)
        self._features = np.concatenate([np.ones((len(d), 1)), d, d[:, i] * d[:, j]], axis=1)
        self._by_row = np.ascontiguousarray(self._features.T)

    def totals(self, weights: Any) -> np.ndarray:
        """Weighted sums over the points, (..., n, K) -> (..., K, F)."""
        return np.swapaxes(weights, -1, -2) @ self._features

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
        return np.swapaxes(coefficients @ self._by_row, -1, -2)
