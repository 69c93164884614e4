"""log of the integral of p(x, z) for the posterior's own use, on nodes of its own: the evidence of
quadrature.py is asked for the boxes that hold the posterior, not for its log p(x)."""

from __future__ import annotations

from functools import partial

import numpy as np

from vi_lab.numerics.rounding import Estimate, rounding
from vi_lab.vae.evidence.cell_rules import integrate_joint
from vi_lab.vae.evidence.convergence import AGREE, AGREED, product, steepest
from vi_lab.vae.evidence.expectations import refine, split_rule
from vi_lab.vae.evidence.quadrature import Quadrature
from vi_lab.vae.evidence.reference_decoder import Decoder
from vi_lab.vae.evidence.rows import Rows
from vi_lab.vae.evidence.unseen import bound_hidden, smooth_everywhere

SHARED = 30.0  # data for which a node decoded once costs as much again as decoding it
DEPTH = 34.0  # nats below its top at which a posterior ends: e**-34 is 2e-15
LOOK = 24  # nodes along an axis of a coarse look
CELLS = {"order": 9, "cells": 3}  # thirds: no node in common with the evidence's


def normalise(data: Rows, truth: Quadrature) -> Estimate:
    """log of the integral of p(x, z) over the box of each datum, on nodes of its own.

    `truth` is asked for the boxes, not for its log p(x). Where they lie close, one grid over all of
    them is decoded once for all data; else each box has a grid to itself, and one of cells that
    adapt where something may hide between the nodes.
    """
    decoder, x = data.decoder, data.x
    low, high, best = trim_boxes(data, truth)

    def own(rows: np.ndarray, nodes: int) -> np.ndarray:
        z, volume = _midpoints(low[rows], high[rows], nodes)
        log_joint = decoder.log_joint(x[rows], z)
        return best[rows] + np.log((np.exp(log_joint - best[rows, None])).sum(1) * volume)

    def rule(rows: np.ndarray, nodes: int) -> np.ndarray:
        step = ((high[rows] - low[rows]) / nodes).min(0)
        corner = low[rows].min(0)
        counts = np.ceil((high[rows].max(0) - corner) / step)
        if counts.prod() * (1.0 + len(rows) / SHARED) > len(rows) * nodes**decoder.n_latent:
            return split_rule(own, decoder)(rows, nodes)
        axes = [c + s * (np.arange(k) + 0.5) for c, s, k in zip(corner, step, counts, strict=True)]
        z = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, decoder.n_latent)
        total = np.zeros(len(rows))
        for i in range(0, len(z), decoder.points):
            log_joint = decoder.log_joint_everywhere(x[rows], z[i : i + decoder.points])
            total += np.exp(log_joint - best[rows, None]).sum(1)
        return best[rows] + np.log(total * step.prod())

    value, error = np.full(len(x), np.nan), np.full(len(x), np.inf)
    plain = np.flatnonzero(truth.plain)
    if len(plain):
        found = refine(lambda rows, count: rule(plain[rows], count), len(plain), decoder)
        value[plain], error[plain], nodes = found
        steps = ((high - low)[plain] / nodes[:, None])[:, :, None] * np.eye(decoder.n_latent)
        for k in np.flatnonzero(~smooth_everywhere(decoder, steps)):
            one = plain[[k]]
            z, _ = _midpoints(low[one], high[one], int(nodes[k]))
            height = np.exp(decoder.log_joint(x[one], z)[0] - best[one])
            hidden = bound_hidden(decoder, x[one], z[0][height > 1e-13], steps[k])
            if not height[height > 1e-13] @ np.expm1(hidden) <= AGREE * height.sum():
                error[one] = np.inf
    for row in np.flatnonzero(np.isinf(error)):
        cells = integrate_joint(
            decoder,
            x[row],
            partial(_log_joint_of_one, decoder, x[[row]]),
            truth.low[row],
            truth.high[row],
            **CELLS,
        )
        value[row] = np.log(cells.sums[0]) + cells.log_scale
        error[row] = max(np.log1p(cells.error / cells.sums[0]), AGREED * AGREE)
    return Estimate(value, np.maximum(error, rounding(value)), "quadrature (midpoint)")


def _log_joint_of_one(decoder: Decoder, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """log p(x, z) of one datum x (1, n_inputs) at z (g, d), (g,)."""
    return decoder.log_joint(x, z[None])[0]


def _midpoints(low: np.ndarray, high: np.ndarray, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """The centres of nodes**d cells in each box, (n, nodes**d, d), and the cells' volumes (n,)."""
    step = (high - low) / nodes
    grid = product(np.arange(nodes) + 0.5, low.shape[1])
    return low[:, None] + step[:, None] * grid, step.prod(-1)


def trim_boxes(
    data: Rows, truth: Quadrature, depth: float = DEPTH, between: bool = True
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The boxes of `truth` cut down to where a coarse look finds that the log joint may come within
    `depth` nats of its top, what may stand between the nodes included unless `between` is False;
    the highest log joint seen. Where a look at
    even nodes is not enough, the boxes stay."""
    low, high, best = truth.low.copy(), truth.high.copy(), np.empty(len(data))
    decoder, d = data.decoder, data.dimension
    size = max(decoder.points // LOOK**d, 1)
    plain = np.flatnonzero(truth.plain)
    for i in range(0, len(plain), size):
        rows = plain[i : i + size]
        z, _ = _midpoints(low[rows], high[rows], LOOK)
        step = (high[rows] - low[rows]) / LOOK
        log_joint = decoder.log_joint(data.x[rows], z)
        best[rows] = log_joint.max(1)
        highest = log_joint.copy()
        if between:
            highest += steepest(log_joint, d).reshape(log_joint.shape)
            steps = step[:, :, None] * np.eye(d)
            for k in np.flatnonzero(~smooth_everywhere(decoder, steps)):
                highest[k] += bound_hidden(decoder, data.x[rows[[k]]], z[k], steps[k])
        inside = (highest > best[rows, None] - depth)[:, :, None]
        low[rows] = np.maximum(low[rows], np.where(inside, z, np.inf).min(1) - 1.5 * step)
        high[rows] = np.minimum(high[rows], np.where(inside, z, -np.inf).max(1) + 1.5 * step)
    return low, high, best
