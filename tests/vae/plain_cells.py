"""An integral over a square or an interval with no knowledge of the integrand: Gauss's rule in even
cells, each held against its halves, and these against theirs, until nothing changes."""

import numpy as np
from scipy.special import logsumexp


def log_integral(log_function, half, d, cells, order=8, tolerance=1e-9):
    """log of the integral of e^log_function over (-half, half)^d; points (m, d) -> (m,).

    `cells` along an axis at first: no feature may be so narrow that these do not see it.
    """
    nodes, weights = np.polynomial.legendre.leggauss(order)
    points = _product(0.5 * (nodes + 1.0), d)
    log_weights = np.log(_product(0.5 * weights, d).prod(-1))
    shifts = _product(np.arange(2.0), d)

    def look(corners, side):
        parts = np.array_split(corners, max(len(corners) * len(points) // 10**6, 1))
        heights = [
            log_function((part[:, None] + side * points).reshape(-1, d)).reshape(len(part), -1)
            for part in parts
        ]
        return np.concatenate([logsumexp(h + log_weights, axis=1) for h in heights]) + d * np.log(
            side
        )

    side = 2.0 * half / cells
    corners = side * _product(np.arange(float(cells)), d) - half
    masses, settled = look(corners, side), []
    while len(corners):
        corners, side = (corners[:, None] + 0.5 * side * shifts).reshape(-1, d), 0.5 * side
        parts = look(corners, side).reshape(-1, len(shifts))
        top = max(done.max(initial=-np.inf) for done in (parts, *settled))
        moved = np.abs(np.exp(logsumexp(parts, axis=1) - top) - np.exp(masses - top))
        total = np.exp(logsumexp(np.concatenate([*settled, parts.ravel()])) - top)
        order = np.argsort(moved)
        again = np.zeros(len(moved), bool)
        again[order] = np.cumsum(moved[order]) > tolerance * total
        settled.append(parts[~again].ravel())
        corners, masses = (
            corners.reshape(-1, len(shifts), d)[again].reshape(-1, d),
            parts[again].ravel(),
        )
    return logsumexp(np.concatenate(settled))


def _product(axis, d):
    return np.stack(np.meshgrid(*(axis,) * d, indexing="ij"), axis=-1).reshape(-1, d)
