"""Densities from draws: Gaussian kernels, and the level sets that hold a share."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from vi_lab.results.diagnostics import kernel_density

PAD = 0.25  # how far beyond the points draws still count, in ranges of the points


def smooth(draws: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """The density of draws on an even grid, by arviz-stats' kernels.

    These are turned back at the ends of the draws, so that a density that begins with a step, as an
    exponential's, keeps it. Draws far from the grid are counted but not looked at: a long tail
    would take all the resolution. Kernels are no narrower than the smallest step between two draws:
    of few different values, such as the means of spins, it is no detail.
    """
    draws = np.asarray(draws, float)
    pad = PAD * (grid[-1] - grid[0])
    near = draws[(draws >= grid[0] - pad) & (draws <= grid[-1] + pad)]
    values = np.unique(near)
    if len(values) < 2:
        counts, _ = np.histogram(near, _edges(grid))
        return _kernel(grid, 0.0) @ counts / len(draws)
    at, density, width = kernel_density(near)
    step = float(np.diff(values).min())
    if width < step:
        at, density, width = kernel_density(near, step)
    cell = at[1] - at[0]  # the ends of the draws lie half of one beyond the first and the last
    found = np.interp(grid, at, density)
    inside = (grid >= at[0] - cell) & (grid <= at[-1] + cell)
    return np.where(inside, found, 0.0) * len(near) / len(draws)


def bandwidth(draws: np.ndarray) -> float:
    """Silverman's rule for one of two dimensions: 0.9 min(sd, interquartile range / 1.34) n^(-1/6).

    At least the smallest step between two draws, as in one dimension.
    """
    draws = np.asarray(draws, float)
    low, high = np.quantile(draws, [0.25, 0.75])
    width = min(draws.std(), (high - low) / 1.34) or draws.std() or 1.0
    step = np.diff(np.unique(draws)).min(initial=np.inf)
    rule = 0.9 * width * len(draws) ** (-1.0 / 6.0)
    return float(max(rule, step if np.isfinite(step) else 0.0))


def smooth_pair(x: np.ndarray, y: np.ndarray, x_grid: np.ndarray, y_grid: np.ndarray) -> np.ndarray:
    """The density of pairs of draws on even grids, shape (x grid, y grid).

    By kernels of our own: arviz-stats has none in two dimensions among its public functions.
    """
    counts, _, _ = np.histogram2d(x, y, [_edges(x_grid), _edges(y_grid)])
    left, right = (_kernel(g, bandwidth(d)) for g, d in ((x_grid, x), (y_grid, y)))
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
