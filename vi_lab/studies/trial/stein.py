"""The kernel Stein discrepancy: how far draws are from a density known by its slopes alone.

With the inverse multiquadric k(x, y) = (1 + |x - y|^2)^-1/2 and the score s = grad log p,

    k_p(x, y) = s(x).s(y) k + s(x).grad_y k + s(y).grad_x k + tr grad_x grad_y k

has mean 0 over y ~ p at every x, and KSD^2 = E k_p(x, x') over independent draws is 0 for draws of
p alone (Liu, Lee & Jordan 2016, definition 3.2; Gorham & Mackey 2017, theorem 8). With
r2 = |x - y|^2 and u = 1 + r2, k = u^b at b = -1/2:

    grad_x k = 2 b u^(b-1) (x - y) = -grad_y k
    tr grad_x grad_y k = -2 b D u^(b-1) - 4 b (b - 1) r2 u^(b-2)
"""

from __future__ import annotations

import numpy as np

POWER = -0.5


def stein_kernel(x: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """k_p between all pairs of points x (n, D) with scores (n, D), (n, n)."""
    apart = x[:, None] - x[None]  # x - y
    square = (apart**2).sum(-1)
    u, b, size = 1.0 + square, POWER, x.shape[1]
    slope = 2.0 * b * u ** (b - 1.0)  # grad_x k = slope (x - y)
    along_x = np.einsum("id,ijd->ij", scores, apart)
    along_y = np.einsum("jd,ijd->ij", scores, apart)
    trace = -2.0 * b * size * u ** (b - 1.0) - 4.0 * b * (b - 1.0) * square * u ** (b - 2.0)
    found: np.ndarray = scores @ scores.T * u**b + slope * (along_y - along_x) + trace
    return found


def stein_discrepancy(x: np.ndarray, scores: np.ndarray) -> float:
    """KSD^2 by the unbiased mean over pairs of different draws, in units of their own sds.

    Each coordinate is divided by the sd of the draws, and the scores are multiplied by it, so that
    nothing depends on units of measure. Below 0 by chance alone.
    """
    sd = x.std(0)
    sd = np.where(sd > 0, sd, 1.0)
    pairs = stein_kernel(x / sd, scores * sd)
    n = len(x)
    return float((pairs.sum() - np.trace(pairs)) / (n * (n - 1)))
