"""Expectations under a Gaussian q for each datum: the ELBO by one rule, the KL by another.

The ELBO is E_q[log p(x|z)] by the trapezoidal rule over eps, through the layers that training uses,
less KL[q || p(z)] in closed form. The KL to the posterior is an integral over boxes by the midpoint
rule, of densities written out in reference_decoder.py, against a posterior normalised by a sum over
nodes of its own. Each rule is repeated with half as many nodes again along an axis until two in a
row agree, datum by datum.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.rounding import Estimate, rounding
from vi_lab.runtime.progress import progress
from vi_lab.vae import layers
from vi_lab.vae.evidence import gaussian_rows
from vi_lab.vae.evidence.convergence import AGREE, Changes, product
from vi_lab.vae.evidence.quadrature import Quadrature
from vi_lab.vae.evidence.reference_decoder import Decoder
from vi_lab.vae.evidence.rows import Rows

WORK = 2**22  # nodes times the widest layer, for one datum, at most (but two rules at least)
REACH = 8.0  # standard deviations of q: beyond lie 1e-15 of it
SHARED = 30.0  # data for which a node decoded once costs as much again as decoding it
DEPTH = 34.0  # nats below its top at which a posterior ends: e**-34 is 2e-15


def trapezoid(nodes: int, d: int, reach: float = REACH) -> tuple[np.ndarray, np.ndarray]:
    """Points (nodes**d, d) and weights that average over N(0, I), out to `reach` sds.

    Equispaced nodes, unlike those of Gauss and Hermite, stand no farther apart for reaching farther
    out; where q is wide and the decoder is not, that is what counts (Trefethen 2022).
    """
    points = np.linspace(-reach, reach, nodes)
    weights = np.exp(-0.5 * points**2)
    return product(points, d), product(weights / weights.sum(), d).prod(-1)


def expected_elbo(data: Rows, q: np.ndarray, agree: float = AGREE) -> Estimate:
    """E_q[log p(x|z)] - KL[q || p(z)] for each datum (n,), its q a row as in gaussian_rows.py.

    Where a rough number will do, `agree` says how closely two rules are to agree.
    """
    network, params, d = data.network, data.params, data.dimension
    mean, logvar, lower = gaussian_rows.split(q, d)

    def rule(rows: np.ndarray, nodes: int) -> np.ndarray:
        eps, weights = trapezoid(nodes, d)
        turned = gaussian_rows.correlate(eps[:, None], lower[rows])
        z, _ = layers.reparameterise(mean[rows], logvar[rows], turned)
        out = network.decode(params, z.reshape(-1, d))[0].reshape(*z.shape[:2], -1)
        return weights @ network.log_likelihood(params, data.x[rows], out)[0]

    value, error = _refine(_in_parts(rule, data.decoder), len(data), data.decoder, agree)
    kl, _ = gaussian_rows.kl_standard_normal(mean, logvar, lower)
    return Estimate(value - kl, error + rounding(value, kl), "quadrature (trapezoid over eps)")


def kl_to_posterior(data: Rows, q: np.ndarray, normaliser: Estimate) -> Estimate:
    """KL[q || p(z|x)] for each datum, (n,): E_q[log q - log p(z|x)], p(z|x) = p(x, z) / sum,
    the sum as `normalise` gives it."""
    decoder, d = data.decoder, data.dimension
    mean, logvar, _ = gaussian_rows.split(q, d)
    root = gaussian_rows.root(q, d)

    def divergence(rows: np.ndarray, nodes: int) -> np.ndarray:
        step = 2.0 * REACH / nodes
        u = product((np.arange(nodes) + 0.5) * step - REACH, d)
        density = np.exp(-0.5 * (u**2).sum(-1) - 0.5 * d * LOG_2PI)
        log_q = np.log(density) - 0.5 * logvar[rows].sum(-1)[:, None]
        z = mean[rows, None] + u @ root[rows].transpose(0, 2, 1)
        log_joint = decoder.log_joint(data.x[rows], z)
        return (log_q - log_joint) @ density * step**d

    value, error = _refine(_in_parts(divergence, decoder), len(data), decoder)
    error = normaliser.error + error + rounding(value, normaliser.value)
    return Estimate(
        value + normaliser.value, error, "quadrature (midpoint, normalised on its own nodes)"
    )


def normalise(data: Rows, truth: Quadrature) -> Estimate:
    """log of the integral of p(x, z) over the box of each datum, on nodes of its own.

    `truth` is asked for the boxes, not for its log p(x). Where they lie close, one grid over all of
    them is decoded once for all data; else each box has a grid to itself.
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
            return _in_parts(own, decoder)(rows, nodes)
        axes = [c + s * (np.arange(k) + 0.5) for c, s, k in zip(corner, step, counts, strict=True)]
        z = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, decoder.n_latent)
        total = np.zeros(len(rows))
        for i in range(0, len(z), decoder.points):
            log_joint = decoder.log_joint_everywhere(x[rows], z[i : i + decoder.points])
            total += np.exp(log_joint - best[rows, None]).sum(1)
        return best[rows] + np.log(total * step.prod())

    return Estimate(*_refine(rule, len(x), decoder), "quadrature (midpoint)")


def _refine(
    rule: Callable[[np.ndarray, int], np.ndarray], n: int, decoder: Decoder, agree: float = AGREE
) -> tuple[np.ndarray, np.ndarray]:
    """rule(rows, nodes) with ever more nodes along an axis until two in a row agree; its error."""
    value, changes = np.full(n, np.nan), Changes(n, agree, decoder.smooth)
    rows, nodes = np.arange(n), 16
    while len(rows) and (nodes <= 24 or nodes**decoder.n_latent * decoder.width <= WORK):
        value[rows] = rule(rows, nodes)
        settled = changes.update(rows, value)
        rows = rows[~settled[rows]]
        nodes += nodes // 2
    return value, changes.error()


def _in_parts(
    rule: Callable[[np.ndarray, int], np.ndarray], decoder: Decoder
) -> Callable[[np.ndarray, int], np.ndarray]:
    """The rule for a few data at a time, as many as the cache holds with their nodes."""

    def rule_in_parts(rows: np.ndarray, nodes: int) -> np.ndarray:
        size = max(decoder.points // nodes**decoder.n_latent, 1)
        parts = [rows[i : i + size] for i in range(0, len(rows), size)]
        return np.concatenate([rule(part, nodes) for part in progress(parts, "quadrature")])

    return rule_in_parts


def _midpoints(low: np.ndarray, high: np.ndarray, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """The centres of nodes**d cells in each box, (n, nodes**d, d), and the cells' volumes (n,)."""
    step = (high - low) / nodes
    grid = product(np.arange(nodes) + 0.5, low.shape[1])
    return low[:, None] + step[:, None] * grid, step.prod(-1)


def trim_boxes(
    data: Rows, truth: Quadrature, nodes: int = 24, depth: float = DEPTH
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The boxes of `truth` cut down to what a coarse look finds within `depth` nats of the top;
    the highest log joint."""
    low, high, best = truth.low.copy(), truth.high.copy(), np.empty(len(data))
    size = max(data.decoder.points // nodes**data.dimension, 1)
    for i in range(0, len(data), size):
        rows = slice(i, i + size)
        z, _ = _midpoints(low[rows], high[rows], nodes)
        log_joint = data.decoder.log_joint(data.x[rows], z)
        best[rows] = log_joint.max(1)
        inside = (log_joint > best[rows, None] - depth)[:, :, None]
        step = (high[rows] - low[rows]) / nodes
        low[rows] = np.maximum(low[rows], np.where(inside, z, np.inf).min(1) - 1.5 * step)
        high[rows] = np.minimum(high[rows], np.where(inside, z, -np.inf).max(1) + 1.5 * step)
    return low, high, best
