"""The nodes of Gauss and Legendre in cells, and what a decoder may hide between them.

A cell in which one unit of a relu decoder has its kink is cut along it. The kink is the straight
line alpha + beta . s = 0 in the cell's own coordinates s in [0, 1]^d: along the axis that meets it
most squarely the cell is cut where the line passes, and along the other one, where there is one, at
the two places where the line leaves the cell. Within each piece all is smooth.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from vi_lab.vae.evidence.convergence import product, steepest
from vi_lab.vae.evidence.reference_decoder import Decoder
from vi_lab.vae.evidence.unseen import Kinks, bound_hidden, find_kinks


class CellNodes(NamedTuple):
    """Of m cells.

    Attributes
    ----------
    points : array (m, g, d)
    weights : array (m, g)
        For a cell of volume one.
    hidden : array (m, g)
        What log p(x|z) may hide about each node, in nats.
    even : bool
        Whether the nodes of a cell are a product.
    """

    points: np.ndarray
    weights: np.ndarray
    hidden: np.ndarray
    even: bool

    def steepest(self, values: np.ndarray) -> np.ndarray:
        """The largest difference between values (m, g) at neighbouring nodes (at any two, where
        the cell is cut), (m,)."""
        if self.even:
            return steepest(values, self.points.shape[-1]).reshape(values.shape).max(1)
        return np.ptp(values, axis=1)


@lru_cache
def gauss(order: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Nodes and weights of [0, 1], and the widest gap (the ends are nearer to a node than half)."""
    points, weights = np.polynomial.legendre.leggauss(order)
    points, weights = 0.5 * (points + 1.0), 0.5 * weights
    return points, weights, float(np.diff(points).max())


def lay_nodes(
    decoder: Decoder,
    x: np.ndarray,
    corners: np.ndarray,
    sides: np.ndarray,
    order: int,
    mean: np.ndarray,
    root: np.ndarray,
) -> Iterator[tuple[np.ndarray, CellNodes]]:
    """Which cells (m', ) and their nodes, those cut along a kink apart from those that are not.

    Points and cells are in coordinates u, with z = mean + root u.
    """
    d, (axis, along, gap) = len(mean), gauss(order)
    s, weights = product(axis, d), product(along, d).prod(-1)
    uncut, kinks = np.arange(len(corners)), None
    if not decoder.smooth:
        edges = sides[:, :, None] * root.T
        kinks = find_kinks(decoder, x, mean + (corners + 0.5 * sides) @ root.T, edges, gap)
        uncut = np.flatnonzero(kinks.number != 1)
        # a piece on one side of the kink may be the same in a cell and in its half: with a node
        # more in every other generation the two are two opinions still
        odd = np.frexp(sides[:, 0])[1] % 2
        for generation in (0, 1):
            one = np.flatnonzero((kinks.number == 1) & (odd == generation))
            if len(one):
                order_of_cut = order // 2 + 2 + generation
                cut, cut_weights = _cut_cells(Kinks(*(f[one] for f in kinks)), order_of_cut)
                hidden = np.broadcast_to(kinks.hidden[one, None], cut_weights.shape)
                points = corners[one, None] + cut * sides[one, None]
                yield one, CellNodes(points, cut_weights, hidden, False)
    if not len(uncut):
        return
    points = corners[uncut, None] + s * sides[uncut, None]
    if kinks is None:
        steps = np.repeat(gap * sides[:, :, None] * root.T, len(s), axis=0)
        z = (mean + points @ root.T).reshape(-1, d)
        hidden = bound_hidden(decoder, x, z, steps).reshape(points.shape[:2])
    else:
        hidden = np.broadcast_to(kinks.hidden[uncut, None], points.shape[:2])
    yield uncut, CellNodes(points, np.broadcast_to(weights, points.shape[:2]), hidden, True)


def _cut_cells(kinks: Kinks, order: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes (m, g, d) in [0, 1]^d and weights (m, g) for cells with one kink each."""
    d, beta = kinks.moves.shape[1], kinks.moves
    alpha = kinks.value - 0.5 * beta.sum(1)
    rows, inner = np.arange(len(beta)), np.abs(beta).argmax(1)
    across = beta[rows, inner]
    if d == 1:
        s, weights = _pieces((-alpha / across)[:, None], order)
        return s[:, :, None], weights
    other = beta[rows, 1 - inner]
    with np.errstate(divide="ignore", invalid="ignore"):
        leaves = np.stack([-alpha / other, -(alpha + across) / other], axis=1)
    outer, outer_weights = _pieces(np.nan_to_num(leaves, nan=0.0), order)
    cut = -(alpha[:, None] + other[:, None] * outer) / across[:, None]
    s, weights = _pieces(cut[:, :, None], order)
    points = np.empty((*s.shape, 2))
    points[rows, :, :, inner] = s
    points[rows, :, :, 1 - inner] = outer[:, :, None]
    weights = weights * outer_weights[:, :, None]
    return points.reshape(len(beta), -1, 2), weights.reshape(len(beta), -1)


def _pieces(cuts: np.ndarray, order: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on the pieces into which cuts (..., c) divide [0, 1], each (..., g)."""
    points, weights, _ = gauss(order)
    cuts = np.sort(np.clip(cuts, 0.0, 1.0), axis=-1)
    ends = np.concatenate(
        [np.zeros_like(cuts[..., :1]), cuts, np.ones_like(cuts[..., :1])], axis=-1
    )
    lengths = np.diff(ends, axis=-1)[..., None]
    nodes = ends[..., :-1, None] + lengths * points
    return nodes.reshape(*cuts.shape[:-1], -1), (lengths * weights).reshape(*cuts.shape[:-1], -1)
