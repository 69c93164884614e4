"""Quadrature over a variance v > 0, on the line of s = log v, by the trapezoidal rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.numerics.line_density import log_gamma_of_log
from vi_lab.numerics.plane_density import Grid

SCAN_REACH, SCAN_SPACING = 60.0, 0.1  # of the scan for the mode, in s
MODE_TOLERANCE = 1e-9  # in s
LEAST_CURVATURE = 1e-2  # taken for that of a mode: its width is 10 at most


def integrate_over_line(log_density: Callable[[np.ndarray], Any], low: float, high: float) -> Grid:
    """The integral of exp(log_density), (N,) -> (N,), over s, whose mode is near low to high."""
    scan = np.arange(low - SCAN_REACH, high + SCAN_REACH, SCAN_SPACING)
    rough = scan[int(np.argmax(log_density(scan)))]
    mode, width = find_mode(lambda s: float(log_density(np.array([s]))[0]), rough)
    return Grid(lambda points: log_density(points[:, 0]), np.array([mode]), np.array([[width]]))


def find_mode(f: Callable[[float], float], rough: float) -> tuple[float, float]:
    """The mode of a density next to a rough place, and its width, by f = log density."""
    from scipy.optimize import minimize_scalar

    bounds = rough - 2 * SCAN_SPACING, rough + 2 * SCAN_SPACING
    options = {"xatol": MODE_TOLERANCE}
    found = minimize_scalar(lambda s: -f(s), bounds=bounds, method="bounded", options=options)
    mode, step = float(found.x), SCAN_SPACING
    while True:  # narrow the step until the parabola through three points is the density's own
        bend = -(f(mode - step) - 2.0 * f(mode) + f(mode + step)) / step**2
        if bend * step**2 < 0.1 or step < 1e-6:
            return mode, float(max(bend, LEAST_CURVATURE) ** -0.5)
        step *= 0.5


def log_variance_nodes(
    shape: np.ndarray, scale: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nodes of log v, weights and log density (N, *batch) under v ~ InverseGamma(shape, scale).

    y = log(scale / v / shape) is the log of a gamma variable of mean one: its density falls like
    exp(shape y) on the left and twice exponentially on the right.
    """
    low = -12.0 / np.sqrt(shape) - 45.0 / shape  # of the log of a gamma variable over its mean
    high = np.log1p((12.0 * np.sqrt(shape) + 50.0) / shape)
    step = 0.12 * np.minimum(1.0, 1.0 / np.sqrt(shape))
    count = 2 * int(np.ceil(np.max((high - low) / step) / 2))
    y = low + (high - low) * np.arange(count + 1).reshape((-1,) + (1,) * shape.ndim) / count
    log_density = log_gamma_of_log(shape, shape)(y)
    return np.log(scale / shape) - y, np.exp(log_density) * (high - low) / count, log_density
