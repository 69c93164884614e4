"""Independent draws from a posterior that even cells do not fit: a cell of cells.py by its mass,
then a point in it, kept with probability p(x, z) / e^bound.

Where the cells have settled, the log joint differs by no more than STEEP from a node to the next,
and the largest such difference on top of the highest node bounds what stands between them.
"""

from __future__ import annotations

import numpy as np

from vi_lab.vae.evidence.cell_nodes import lay_nodes
from vi_lab.vae.evidence.cell_rules import integrate_joint
from vi_lab.vae.evidence.reference_decoder import Decoder

ORDER = 8  # nodes of a cell along an axis


class LeafDraws:
    """Draws of p(z|x) of one datum, within a box that holds it.

    Parameters
    ----------
    x : array (n_inputs,)
    low, high : array (d,)
        The corners of the box.
    """

    def __init__(self, decoder: Decoder, x: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
        self._decoder, self._x, d = decoder, x[None], len(low)
        found = integrate_joint(decoder, x, self._log_joint, low, high, order=ORDER)
        kept = found.shares > 1e-16 * found.shares.max()
        self._corners, self._sides = found.corners[kept], found.sides[kept]
        self._ends = np.cumsum(found.shares[kept])
        self._bound = np.empty(kept.sum())
        for rows, nodes in lay_nodes(
            decoder, self._x, self._corners, self._sides, ORDER, np.zeros(d), np.eye(d)
        ):
            height = self._log_joint(nodes.points.reshape(-1, d)).reshape(nodes.weights.shape)
            self._bound[rows] = height.max(1) + nodes.steepest(height) + nodes.hidden.max(1)

    def _log_joint(self, z: np.ndarray) -> np.ndarray:
        return self._decoder.log_joint(self._x, z[None])[0]

    def sample(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """n independent draws, (n, d)."""
        cell = np.searchsorted(self._ends, rng.random(n) * self._ends[-1])
        z, left = np.empty((n, self._corners.shape[1])), np.arange(n)
        while len(left):
            at = cell[left]
            trial = self._corners[at] + self._sides[at] * rng.random((len(left), z.shape[1]))
            kept = -rng.standard_exponential(len(left)) < self._log_joint(trial) - self._bound[at]
            z[left[kept]] = trial[kept]
            left = left[~kept]
        return z
