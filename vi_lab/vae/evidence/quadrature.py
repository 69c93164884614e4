"""log p(x) and the posterior of one or two latents by quadrature, for many data at once.

    p(x) = integral of p(x|z) N(z; 0, I) dz

The midpoint rule on ever finer grids over a square that provably holds all but e^-30 of every
integral; for smooth, fast-falling integrands its error falls geometrically with the spacing
(Trefethen & Weideman 2014). A finer grid shares no node with the coarser one, so two that agree are
two opinions. The grid is kept as tiles: each is decoded once for all data, and a tile is split
further only for the data whose posterior may have mass in it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vi_lab.runtime.progress import progress
from vi_lab.vae.evidence.convergence import Changes, product
from vi_lab.vae.evidence.reference_decoder import Decoder

AXIS = {1: 256, 2: 16}  # nodes of a tile along each of its axes
NODES = 2**17  # of a grid for each datum, at most, on average
ROWS_INTEGRATED = 1000  # data taken together
NEGLIGIBLE = 36.0  # nats below the highest point: e**-36 is 2e-16


class Quadrature(NamedTuple):
    """What the grids say of each datum.

    Attributes
    ----------
    value, error : array (n,)
        log p(x) in nats and its error: 1e-9 where two grids agreed; else three times how far
        the last two lay apart.
    mean, variance : array (n, n_latent)
        Of the posterior.
    low, high : array (n, n_latent)
        Corners of a box outside which the posterior is negligible.
    """

    value: np.ndarray
    error: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    low: np.ndarray
    high: np.ndarray


def quadrature(decoder: Decoder, x: np.ndarray, floor: np.ndarray) -> Quadrature:
    """Integrate until two grids agree to 1e-10 nats, or the next would be too large.

    Parameters
    ----------
    x : array (n, n_inputs)
    floor : array (n,)
        A lower bound on each log p(x). It sets the size of the square, and a value below it is
        not believed.
    """
    parts = [slice(i, i + ROWS_INTEGRATED) for i in range(0, len(x), ROWS_INTEGRATED)]
    found = [_quadrature(decoder, x[part], floor[part]) for part in progress(parts, "log evidence")]
    return Quadrature(*(np.concatenate(field) for field in zip(*found, strict=True)))


def _quadrature(decoder: Decoder, x: np.ndarray, floor: np.ndarray) -> Quadrature:
    n, d = len(x), decoder.n_latent
    found = Quadrature(*(np.full((n,) if i < 2 else (n, d), np.nan) for i in range(6)))
    # beyond R lies at most e^ceiling P(|z_j| > R for some j) < e^(ceiling - R^2 / 2 + log d)
    half = np.sqrt(2.0 * (decoder.ceiling - floor.min() + 31.0))
    corners, side = np.full((1, d), -half), 2.0 * half
    alive = np.ones((1, n), bool)  # tile by datum
    changes = Changes(n, smooth=decoder.smooth)
    while True:
        grid = Grid(decoder, x, corners, side, alive)
        believed = grid.resolved & (grid.value >= floor - 1e-6)
        present = np.asarray(alive.any(axis=0))
        settled = changes.update(present, grid.value) & believed
        corners, side, split = _split(corners, side, alive & ~settled & grid.heavy)
        last = split.sum() * AXIS[d] ** d > NODES * n
        rows = np.flatnonzero(present & (settled | last))
        columns = grid.value, changes.error(), *grid.moments(), *grid.box()
        for field, column in zip(found, columns, strict=True):
            field[rows] = column[rows]
        alive = split
        if last or not len(corners):
            return found


class Grid:
    """One grid: its integrals for the data alive in each tile.

    Attributes
    ----------
    value : array (n,)
    resolved : array (n,) of bool
        Whether the posterior spreads over several nodes, as far as this grid can see.
    heavy : array (tiles, n) of bool
        Whether a tile may hold mass of the posterior, between its nodes included.
    """

    def __init__(
        self, decoder: Decoder, x: np.ndarray, corners: np.ndarray, side: float, alive: np.ndarray
    ) -> None:
        n, d = len(x), decoder.n_latent
        self._corners, self._side = corners, side
        spacing = side / AXIS[d]
        offsets = product((np.arange(AXIS[d]) + 0.5) * spacing, d)
        self._top = np.full(alive.shape, -np.inf)  # highest log joint of a tile
        slope = np.zeros(alive.shape)  # largest difference between neighbouring nodes
        self._best = np.full(n, -np.inf)
        self._sums = np.zeros((n, 1 + 2 * d))  # of w, w z and w z^2, with w = e^(log joint - best)
        squares = np.zeros(n)
        for t, corner in enumerate(corners):
            z = corner + offsets
            powers = np.concatenate([np.ones((len(z), 1)), z, z**2], axis=1)
            for rows in _parts(np.flatnonzero(alive[t]), decoder.points):
                w = decoder.log_joint_everywhere(x[rows], z)
                top, best = w.max(1), self._best[rows]
                slope[t, rows] = _steepest(w, d)
                self._top[t, rows] = top
                new = np.maximum(best, top)
                w -= new[:, None]
                np.exp(w, out=w)
                shrink = np.exp(best - new)
                self._sums[rows] = shrink[:, None] * self._sums[rows] + w @ powers
                squares[rows] = shrink**2 * squares[rows] + (w * w).sum(1)
                self._best[rows] = new
        with np.errstate(divide="ignore", invalid="ignore"):
            self.value = self._best + np.log(self._sums[:, 0]) + d * np.log(spacing)
            # a Gaussian of sd s makes this (2 sqrt(pi) s / spacing)^d
            self.resolved = self._sums[:, 0] ** 2 / squares >= 2.4**d
        self.heavy = self._top + 2.0 * slope > self._best - NEGLIGIBLE

    def moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of each posterior, (n, d)."""
        d = self._corners.shape[1]
        with np.errstate(invalid="ignore"):
            mean, square = np.split(self._sums[:, 1:] / self._sums[:, :1], [d], axis=1)
        return mean, np.maximum(square - mean**2, 0.0)

    def box(self) -> tuple[np.ndarray, np.ndarray]:
        """Corners of the smallest box of tiles that holds each posterior's mass, (n, d)."""
        with np.errstate(invalid="ignore"):
            inside = (self._top > self._best - NEGLIGIBLE)[:, :, None]
        corners = self._corners[:, None]
        low = np.where(inside, corners, np.inf).min(0)
        return low, np.where(inside, corners, -np.inf).max(0) + self._side


def _steepest(log_joint: np.ndarray, d: int) -> np.ndarray:
    """The largest difference between nodes that are neighbours, for each datum."""
    cube = log_joint.reshape(len(log_joint), *(AXIS[d],) * d)
    largest = np.zeros(len(cube))
    for axis in range(1, d + 1):
        step = np.diff(cube, axis=axis).reshape(len(cube), -1)
        largest = np.maximum(largest, np.maximum(step.max(1), -step.min(1)))
    return largest


def _split(
    corners: np.ndarray, side: float, alive: np.ndarray
) -> tuple[np.ndarray, float, np.ndarray]:
    """Every tile that is alive for a datum as 2^d tiles of half the side."""
    kept = alive.any(1)
    shifts = product(np.array([0.0, 0.5 * side]), corners.shape[1])
    children = (corners[kept][:, None] + shifts).reshape(-1, corners.shape[1])
    return children, 0.5 * side, np.repeat(alive[kept], len(shifts), axis=0)


def _parts(rows: np.ndarray, size: int) -> list[np.ndarray]:
    """Rows in parts of at most `size`."""
    return [rows[i : i + size] for i in range(0, len(rows), size)]
