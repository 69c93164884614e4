"""Where a step changes nothing: x = g(x), reached in fewer steps than by repeating it.

    x_next = sum_i c_i g(x_i),   c the shares, summing to 1, for which sum_i c_i (g(x_i) - x_i)
                                 is least

over the last few points (Anderson 1965; Walker & Ni 2011, eq. 2.1). Of a linear map in D dimensions
D + 1 points tell where it stands still. Where a mixture leads out of bounds, or farther from rest,
the plain step is taken and the points before it are forgotten.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

MEMORY = 6  # points that are mixed, beside the last
GROWN = 2.0  # times the last residual, by which a mixture led astray
CUTOFF = 1e-10  # of singular values: points on one line tell no more than two of them


def find_fixed_point(
    step: Callable[[np.ndarray], np.ndarray], start: np.ndarray, settled: float, most_steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """x (D,) and g(x), apart by less than `settled` or after so many steps; g(x) is not finite
    where the plain step leads to such a point."""
    x = plain = start
    points: list[np.ndarray] = []
    images: list[np.ndarray] = []
    last, reached = np.inf, (start, start)
    for _ in range(most_steps):
        image = step(x)
        residual = float(np.abs(image - x).max())
        if not residual <= GROWN * last and x is not plain:
            x, points, images, last = plain, [], [], np.inf
            continue
        reached = x, image
        if not settled <= residual < np.inf:
            break
        points, images = [*points[-MEMORY:], x], [*images[-MEMORY:], image]
        x, plain, last = mix(np.stack(points), np.stack(images)), image, residual
    return reached


def mix(points: np.ndarray, images: np.ndarray) -> np.ndarray:
    """The mixture of images (n, D) whose residual is least; of one, itself."""
    residuals = images - points
    apart, moved = residuals[-1] - residuals[:-1], images[-1] - images[:-1]
    shares = np.linalg.lstsq(apart.T, residuals[-1], rcond=CUTOFF)[0]
    return images[-1] - shares @ moved
