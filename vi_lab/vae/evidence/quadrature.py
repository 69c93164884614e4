"""log p(x) and the posterior of one or two latents by quadrature, for many data at once.

    p(x) = integral of p(x|z) N(z; 0, I) dz

The midpoint rule on ever finer grids over a square that provably holds all but e^-30 of every
integral; for smooth, fast-falling integrands its error falls geometrically with the spacing
(Trefethen & Weideman 2014). A finer grid shares no node with the coarser one, so two that agree are
two opinions, if the decoder does nothing between the nodes of both: what may hide there is bounded
from its weights (unseen.py). The grid is kept as tiles: each is decoded once for all data, and a
tile is split further only for the data whose posterior may have mass in it, hidden mass included.

The data for which something hides or no two grids agree, and all under a decoder with kinks, are
integrated one by one over cells that adapt (cells.py).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vi_lab.numerics.rounding import rounding
from vi_lab.runtime.progress import progress
from vi_lab.vae.evidence.cell_rules import integrate_joint
from vi_lab.vae.evidence.convergence import AGREE, AGREED, Changes
from vi_lab.vae.evidence.even_grid import AXIS, NEGLIGIBLE, Grid, split
from vi_lab.vae.evidence.reference_decoder import Decoder

NODES = 2**17  # of a grid for each datum, at most, on average
ROWS_INTEGRATED = 1000  # data taken together
ORDER = {1: 10, 2: 8}  # nodes of an adaptive cell along each of its axes


class Quadrature(NamedTuple):
    """What the grids say of each datum.

    Attributes
    ----------
    value, error : array (n,)
        log p(x) in nats and its error: 1e-9 where two grids agreed; else what the cells have left
        in doubt.
    mean, variance : array (n, n_latent)
        Of the posterior.
    low, high : array (n, n_latent)
        Corners of a box outside which the posterior is negligible.
    plain : array (n,) of bool
        Whether even grids sufficed: nothing hides between nodes that stand evenly.
    """

    value: np.ndarray
    error: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    low: np.ndarray
    high: np.ndarray
    plain: np.ndarray


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
    every = Quadrature(*(np.concatenate(field) for field in zip(*found, strict=True)))
    return every._replace(error=np.maximum(every.error, rounding(every.value)))


def _quadrature(decoder: Decoder, x: np.ndarray, floor: np.ndarray) -> Quadrature:
    n, d = len(x), decoder.n_latent
    # beyond R lies at most e^ceiling P(|z_j| > R for some j) < e^(ceiling - R^2 / 2 + log d)
    half = float(np.sqrt(2.0 * (decoder.ceiling - floor.min() + 31.0)))
    value, error = np.full((2, n), np.nan)
    mean, variance, low, high = np.full((4, n, d), np.nan)
    found = Quadrature(value, error, mean, variance, low, high, np.zeros(n, bool))
    if decoder.smooth:
        _fill_by_grids(found, decoder, x, floor, half)
    for row in np.flatnonzero(~found.plain):
        one = _over_cells(decoder, x[row], half)
        for field, number in zip(found, one, strict=False):
            field[row] = number
    return found


def _fill_by_grids(
    found: Quadrature, decoder: Decoder, x: np.ndarray, floor: np.ndarray, half: float
) -> None:
    """Fill in the rows for which two grids agree and nothing hides between their nodes."""
    n, d = len(x), decoder.n_latent
    corners, side = np.full((1, d), -half), 2.0 * half
    alive = np.ones((1, n), bool)  # tile by datum
    changes = Changes(n)
    while len(corners) and alive.sum() * AXIS[d] ** d <= NODES * n:
        grid = Grid(decoder, x, corners, side, alive)
        believed = grid.resolved & (grid.value >= floor - 1e-6)
        agree = changes.update(np.asarray(alive.any(axis=0)), grid.value) & believed
        rows = np.flatnonzero(alive.any(axis=0) & agree & grid.shown)
        columns = grid.value, changes.error(), *grid.moments(), *grid.box(), grid.shown
        for field, column in zip(found, columns, strict=True):
            field[rows] = column[rows]
        corners, side, alive = split(corners, side, alive & ~agree & grid.heavy)


def _over_cells(decoder: Decoder, x: np.ndarray, half: float) -> tuple[np.ndarray | float, ...]:
    """The fields of `Quadrature`, but the last, of one datum x (n_inputs,)."""
    d = decoder.n_latent
    edge = np.full(d, half)
    found = integrate_joint(
        decoder,
        x,
        lambda z: decoder.log_joint_everywhere(x[None], z)[0],
        -edge,
        edge,
        order=ORDER[d],
    )
    if not found.sums[0] > 0:
        nowhere = np.full(d, np.nan)
        return np.nan, np.nan, nowhere, nowhere, nowhere, nowhere
    mean, square = np.split(found.sums[1:] / found.sums[0], [d])
    error = max(AGREED * AGREE, float(np.log1p(found.error / found.sums[0])))
    inside = found.shares > np.exp(-NEGLIGIBLE) * found.sums[0]
    low, high = found.corners[inside], (found.corners + found.sides)[inside]
    value = float(np.log(found.sums[0]) + found.log_scale)
    return value, error, mean, np.maximum(square - mean**2, 0.0), low.min(0), high.max(0)
