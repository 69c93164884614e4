"""Densities from draws: Gaussian kernels on even grids, and the level sets that hold a share."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def bandwidth(draws: np.ndarray, dimension: int = 1) -> float:
    """Silverman's rule: 0.9 min(sd, interquartile range / 1.34) n^(-1/(dimension + 4)).

    At least the smallest step between two draws: of few different values, such as the means of
    spins, it is no detail.
    """
    draws = np.asarray(draws, float)
    low, high = np.quantile(draws, [0.25, 0.75])
    width = min(draws.std(), (high - low) / 1.34) or draws.std() or 1.0
    step = np.diff(np.unique(draws)).min(initial=np.inf)
    rule = 0.9 * width * len(draws) ** (-1.0 / (dimension + 4))
    return float(max(rule, step if np.isfinite(step) else 0.0))


def smooth(draws: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """A Gaussian kernel density of draws on an even grid."""
    counts, _ = np.histogram(draws, _edges(grid))
    return _kernel(grid, bandwidth(draws)) @ counts / len(draws)


def smooth_pair(x: np.ndarray, y: np.ndarray, x_grid: np.ndarray, y_grid: np.ndarray) -> np.ndarray:
    """The same in two dimensions, shape (x grid, y grid)."""
    counts, _, _ = np.histogram2d(x, y, [_edges(x_grid), _edges(y_grid)])
    left, right = (_kernel(g, bandwidth(d, 2)) for g, d in ((x_grid, x), (y_grid, y)))
    return left @ counts @ right.T / len(x)


def _edges(grid: np.ndarray) -> np.ndarray:
    half = 0.5 * (grid[1] - grid[0])
    return np.append(grid - half, grid[-1] + half)


def _kernel(grid: np.ndarray, width: float) -> np.ndarray:
    width = max(width, grid[1] - grid[0])
    distance = (grid[:, None] - grid[None, :]) / width
    return np.exp(-0.5 * distance**2) / (width * np.sqrt(2.0 * np.pi))


def mass_levels(density: np.ndarray, shares: Iterable[float]) -> list[float]:
    """The densities whose level sets hold these shares of the probability, rising."""
    flat = np.sort(density.ravel())[::-1]
    held = np.cumsum(flat) / flat.sum()
    return sorted({float(flat[np.searchsorted(held, share)]) for share in shares})
