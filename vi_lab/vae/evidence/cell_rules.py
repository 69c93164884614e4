"""The rules by which cells.py integrates over one datum's latents: p(x, z) itself, or an
expectation under a Gaussian q."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from vi_lab.numerics.arithmetic import LOG_2PI, log
from vi_lab.vae.evidence.cell_nodes import CellNodes, lay_nodes
from vi_lab.vae.evidence.cells import Integral, Looked, integrate
from vi_lab.vae.evidence.reference_decoder import Decoder
from vi_lab.vae.evidence.unseen import bound_highest

MOST_CELLS, MOST_ROUGHLY = 2**15, 2**10
ROUGH = 1e-3  # the tolerance above which an integral is a rough one
FINEST = 1e-11  # of an integral: the tolerance where the cells suffice
USABLE = 1e-6  # nats: what an error must not exceed if anything is to be told from a number
MUCH = 30.0  # nats that a node may hide: more, and all of its cell may be as high
STEEP = 3.0  # nats between neighbouring nodes: more, and a peak may stand between them

Function = Callable[[np.ndarray], np.ndarray]


class Layout(NamedTuple):
    """Of the cells over a q: the nodes of a cell along an axis, how many sds of q the cells cover,
    and their number along an axis at first."""

    order: int
    reach: float
    cells: int


def integrate_joint(
    decoder: Decoder,
    x: np.ndarray,
    log_joint: Function,
    low: np.ndarray,
    high: np.ndarray,
    *,
    order: int,
    cells: int = 1,
) -> Integral:
    """The integrals of p(x, z), p(x, z) z and p(x, z) z^2 over a box, (1 + 2 d,), of one datum.

    Parameters
    ----------
    x : array (n_inputs,)
    log_joint : callable
        (g, d) -> (g,) in nats.
    order : int
        Nodes of a cell along an axis.
    cells : int
        Along an axis, at first.
    """
    d = decoder.n_latent

    def rule(nodes: CellNodes, corners: np.ndarray, sides: np.ndarray) -> Looked:
        z = nodes.points.reshape(-1, d)
        height = log_joint(z).reshape(nodes.weights.shape)
        top, log_volume = height.max(1), np.log(sides).sum(-1)
        density = np.exp(height - top[:, None]) * nodes.weights
        powers = np.concatenate([np.ones((len(z), 1)), z, z**2], axis=1)
        sums = np.einsum("mg,mgk->mk", density, powers.reshape(*height.shape, -1))
        steep, hidden = nodes.steepest(height), nodes.hidden.max(1)
        more = log((density * np.expm1(np.minimum(nodes.hidden, MUCH))).sum(1))
        more = np.where(hidden > MUCH, (height + nodes.hidden).max(1) - top, more)
        more = np.where(steep > STEEP, 2.0 * steep + hidden, more)
        # all of the cell at the highest density that it can have
        nearest = np.clip(0.0, corners, corners + sides)
        most = bound_highest(decoder, x, corners, corners + sides) - 0.5 * (nearest**2).sum(-1)
        log_hidden = np.minimum(top + more, most - 0.5 * d * LOG_2PI)
        return Looked(sums, top + log_volume, log_hidden + log_volume)

    return integrate(
        _in_parts(rule, decoder, x, order, np.zeros(d), np.eye(d)),
        low,
        high,
        cells=cells,
        tolerance=FINEST,
        usable=USABLE,
        relative=True,
        most=MOST_CELLS,
    )


def integrate_under(
    decoder: Decoder,
    x: np.ndarray,
    function: Callable[[np.ndarray, np.ndarray], np.ndarray],
    mean: np.ndarray,
    root: np.ndarray,
    layout: Layout,
    tolerance: float,
    powers: np.ndarray | None = None,
) -> Integral:
    """E[g u^a] for each row a of `powers` (k, d), with z = mean + root u and u ~ N(0, I).
    Without powers: E[g] alone.

    Parameters
    ----------
    function : callable
        g of z and u, both (g, d), -> (g,); it may hide as much between nodes as log p(x|z) does.
    """
    d = decoder.n_latent
    powers = np.zeros((1, d)) if powers is None else powers

    def rule(nodes: CellNodes, _: np.ndarray, sides: np.ndarray) -> Looked:
        u = nodes.points
        flat = u.reshape(-1, d)
        values = function(mean + flat @ root.T, flat).reshape(nodes.weights.shape)
        mass = np.exp(-0.5 * (u**2).sum(-1) - 0.5 * d * LOG_2PI)
        mass = mass * nodes.weights * sides.prod(-1)[:, None]
        sums = np.einsum("mg,mgk->mk", mass * values, (u[:, :, None] ** powers).prod(-1))
        return Looked(sums, np.zeros(len(mass)), log((mass * nodes.hidden).sum(1)))

    box = np.full(d, layout.reach)
    return integrate(
        _in_parts(rule, decoder, x, layout.order, mean, root),
        -box,
        box,
        cells=layout.cells,
        tolerance=tolerance,
        usable=max(tolerance, USABLE),
        relative=False,
        most=MOST_CELLS if tolerance < ROUGH else MOST_ROUGHLY,
    )


def _in_parts(
    rule: Callable[[CellNodes, np.ndarray, np.ndarray], Looked],
    decoder: Decoder,
    x: np.ndarray,
    order: int,
    mean: np.ndarray,
    root: np.ndarray,
) -> Callable[[np.ndarray, np.ndarray], Looked]:
    """The rule for as many cells at a time as the cache holds, each laid as its kinks ask for;
    a cell's coordinates u are those of z = mean + root u."""
    size = max(decoder.points // order ** len(mean), 1)

    def in_parts(corners: np.ndarray, sides: np.ndarray) -> Looked:
        found: Looked | None = None
        for i in range(0, len(corners), size):
            part = slice(i, i + size)
            for rows, nodes in lay_nodes(
                decoder, x[None], corners[part], sides[part], order, mean, root
            ):
                at, looked = rows + i, rule(nodes, corners[part][rows], sides[part][rows])
                if found is None:
                    found = Looked(*(np.empty((len(corners), *f.shape[1:])) for f in looked))
                for field, new in zip(found, looked, strict=True):
                    field[at] = new
        assert found is not None
        return found

    return in_parts
