"""A grid of evenly spaced nodes over tiles, for many data at once: each tile is decoded once for
all data that are alive in it, and says for which of them it may hold mass of the posterior."""

from __future__ import annotations

import numpy as np

from vi_lab.vae.evidence.convergence import product
from vi_lab.vae.evidence.reference_decoder import Decoder
from vi_lab.vae.evidence.unseen import bound_hidden, smooth_everywhere

AXIS = {1: 256, 2: 16}  # nodes of a tile along each of its axes
NEGLIGIBLE = 36.0  # nats below the highest point: e**-36 is 2e-16
HIDDEN = 1e-11  # nats that may hide between the nodes of a grid that is believed


class Grid:
    """One grid: its integrals for the data alive in each tile.

    Attributes
    ----------
    value : array (n,)
    resolved : array (n,) of bool
        Whether the posterior spreads over several nodes, as far as this grid can see.
    heavy : array (tiles, n) of bool
        Whether a tile may hold mass of the posterior, between its nodes included.
    shown : array (n,) of bool
        Whether the decoder hides nothing between the nodes of any heavy tile.
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
        hidden = np.zeros(len(corners))  # what the decoder may hide between the nodes of a tile
        steps = spacing * np.eye(d)
        doubtful = not smooth_everywhere(decoder, steps)
        self._best = np.full(n, -np.inf)
        self._sums = np.zeros((n, 1 + 2 * d))  # of w, w z and w z^2, with w = e^(log joint - best)
        squares = np.zeros(n)
        for t, corner in enumerate(corners):
            z = corner + offsets
            powers = np.concatenate([np.ones((len(z), 1)), z, z**2], axis=1)
            if doubtful:
                hidden[t] = bound_hidden(decoder, x[alive[t]], z, steps).max()
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
        self.heavy = self._top + 2.0 * slope + hidden[:, None] > self._best - NEGLIGIBLE
        self.shown = ~(self.heavy & (hidden > HIDDEN)[:, None]).any(0)

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


def split(
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
