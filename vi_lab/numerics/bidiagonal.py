"""A tridiagonal precision P = L L' of T steps by its root L, which is bidiagonal: all is O(T).

    L_11**2 = P_11,    L_(t+1,t) = P_(t+1,t) / L_tt,    L_(t+1,t+1)**2 = P_(t+1,t+1) - L_(t+1,t)**2

(Rue & Held 2005, section 2.4.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.errors import NumericalError


def multiply(diagonal: Any, off: Any, d: Any) -> np.ndarray:
    """The symmetric tridiagonal matrix of these entries times d, (*lead, T)."""
    product: np.ndarray = diagonal * d
    product[..., :-1] += off * d[..., 1:]
    product[..., 1:] += off * d[..., :-1]
    return product


class Bidiagonal(NamedTuple):
    """L: its diagonal (*lead, T) and what stands below it (*lead, T-1)."""

    diagonal: np.ndarray
    below: np.ndarray

    def log_det(self) -> Any:
        """log|L|, half of log|P|, shape (*lead,)."""
        return np.log(self.diagonal).sum(-1)

    def solve(self, h: Any) -> np.ndarray:
        """L^-1 h: one pass forward."""
        diagonal, below = self
        u = np.empty(np.broadcast_shapes(np.shape(h), diagonal.shape))
        u[..., 0] = h[..., 0] / diagonal[..., 0]
        for t in range(1, diagonal.shape[-1]):
            u[..., t] = (h[..., t] - below[..., t - 1] * u[..., t - 1]) / diagonal[..., t]
        return u

    def solve_transposed(self, u: np.ndarray) -> np.ndarray:
        """L'^-1 u, written over u: one pass back."""
        diagonal, below = self
        u[..., -1] /= diagonal[..., -1]
        for t in range(diagonal.shape[-1] - 2, -1, -1):
            u[..., t] -= below[..., t] * u[..., t + 1]
            u[..., t] /= diagonal[..., t]
        return u

    def transposed_times(self, r: Any) -> np.ndarray:
        """L'r"""
        product = self.diagonal * r
        product[..., :-1] += self.below * r[..., 1:]
        return product

    def covariances(self) -> tuple[np.ndarray, np.ndarray]:
        """Of N(., P^-1) the variances (*lead, T) and covariances of neighbours (*lead, T-1).

        From the last step back: z_t given z_(t+1) has slope -L_(t+1,t)/L_tt and variance 1/L_tt**2.
        """
        diagonal, below = self
        slope = -below / diagonal[..., :-1]
        variance, covariance = diagonal**-2.0, np.empty_like(below)
        for t in range(diagonal.shape[-1] - 2, -1, -1):
            covariance[..., t] = slope[..., t] * variance[..., t + 1]
            variance[..., t] += slope[..., t] * covariance[..., t]
        return variance, covariance


def factorise(p: np.ndarray, off: np.ndarray) -> Bidiagonal:
    """L of a precision with this diagonal (*lead, T) and these entries beside it (*lead, T-1)."""
    lead, size = np.broadcast_shapes(p.shape[:-1], off.shape[:-1]), p.shape[-1]
    diagonal, below = np.empty((*lead, size)), np.empty((*lead, size - 1))
    pivot = p[..., 0]
    for t in range(size):
        if not np.all(pivot > 0):
            wrong = f"pivot {t} is {np.min(pivot):g}"
            raise NumericalError(
                f"the precision of a Gaussian chain is not positive definite: {wrong}"
            )
        root = diagonal[..., t] = np.sqrt(pivot)
        if t < size - 1:
            step = below[..., t] = off[..., t] / root
            pivot = p[..., t + 1] - step * step
    return Bidiagonal(diagonal, below)
