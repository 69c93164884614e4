"""Expectations under a Gaussian q for each datum: the ELBO by one rule, the KL by another.

The ELBO is E_q[log p(x|z)] by the trapezoidal rule over eps, through the layers that training uses,
less KL[q || p(z)] in closed form. The KL to the posterior is an integral over boxes by the midpoint
rule, of densities written out in reference_decoder.py, against a posterior normalised by a sum over
nodes of its own. Each rule is repeated with half as many nodes again along an axis until two in a
row agree, datum by datum.

Where something may hide between those nodes (unseen.py), no two rules agree, or the decoder has
kinks, cells that adapt take over (cells.py); each of the three numbers lays its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.rounding import Estimate, rounding
from vi_lab.runtime.progress import progress
from vi_lab.vae import layers
from vi_lab.vae.evidence import gaussian_rows
from vi_lab.vae.evidence.cell_rules import Layout, integrate_under
from vi_lab.vae.evidence.convergence import AGREE, AGREED, Changes, product
from vi_lab.vae.evidence.reference_decoder import Decoder
from vi_lab.vae.evidence.rows import Rows
from vi_lab.vae.evidence.unseen import bound_hidden, smooth_everywhere

WORK = 2**22  # nodes times the widest layer, for one datum, at most (but two rules at least)
REACH = 8.5  # standard deviations of q: beyond lie 2e-15 of E[u**2], and log p(x|z) grows no faster
# beyond lie 1e-30, for behind its kinks a decoder may be as steep as it likes
ELBO_CELLS = Layout(order=8, reach=12.0, cells=8)
KL_CELLS = Layout(order=9, reach=12.5, cells=7)  # no node in common with those of the ELBO

Rule = Callable[[np.ndarray, int], np.ndarray]


def trapezoid(nodes: int, d: int, reach: float = REACH) -> tuple[np.ndarray, np.ndarray]:
    """Points (nodes**d, d) and weights that average over N(0, I), out to `reach` sds.

    Equispaced nodes, unlike those of Gauss and Hermite, stand no farther apart for reaching farther
    out; where q is wide and the decoder is not, that is what counts (Trefethen 2022).
    """
    points = np.linspace(-reach, reach, nodes)
    weights = np.exp(-0.5 * points**2)
    return product(points, d), product(weights / weights.sum(), d).prod(-1)


def log_likelihood(data: Rows, row: Any) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """log p(x|z) of one datum as a function of z (and u) (g, d) -> (g,), through the layers."""
    network, params, x = data.network, data.params, data.x[row][None]

    def at(z: np.ndarray, _: np.ndarray) -> np.ndarray:
        out, _cache = network.decode(params, z)
        return network.log_likelihood(params, x, out[:, None])[0][:, 0]

    return at


def expected_elbo(data: Rows, q: np.ndarray, agree: float = AGREE) -> Estimate:
    """E_q[log p(x|z)] - KL[q || p(z)] for each datum (n,), its q a row as in gaussian_rows.py.

    Where a rough number will do, `agree` says how closely two rules are to agree.
    """
    network, params, d = data.network, data.params, data.dimension
    mean, logvar, lower = gaussian_rows.split(q, d)
    root = gaussian_rows.root(q, d)

    def rule(rows: np.ndarray, nodes: int) -> np.ndarray:
        eps, weights = trapezoid(nodes, d)
        turned = gaussian_rows.correlate(eps[:, None], lower[rows])
        z, _ = layers.reparameterise(mean[rows], logvar[rows], turned)
        out = network.decode(params, z.reshape(-1, d))[0].reshape(*z.shape[:2], -1)
        return weights @ network.log_likelihood(params, data.x[rows], out)[0]

    value, error, nodes = refine(split_rule(rule, data.decoder), len(data), data.decoder, agree)
    error[find_doubtful_rows(data, q, nodes, agree)] = np.inf
    for row in np.flatnonzero(np.isinf(error)):
        found = integrate_under(
            data.decoder,
            data.x[row],
            log_likelihood(data, row),
            mean[row],
            root[row],
            ELBO_CELLS,
            agree,
        )
        value[row], error[row] = found.sums[0], max(found.error, AGREED * agree)
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

    value, error, nodes = refine(split_rule(divergence, decoder), len(data), decoder)
    error[find_doubtful_rows(data, q, nodes, AGREE)] = np.inf
    for row in np.flatnonzero(np.isinf(error)):
        x = data.x[row]

        def log_ratio(z: np.ndarray, u: np.ndarray, row: Any = row, x: Any = x) -> np.ndarray:
            log_q = -0.5 * (u**2).sum(-1) - 0.5 * d * LOG_2PI - 0.5 * logvar[row].sum()
            return log_q - decoder.log_joint(x[None], z[None])[0]

        found = integrate_under(decoder, x, log_ratio, mean[row], root[row], KL_CELLS, AGREE)
        value[row], error[row] = found.sums[0], max(found.error, AGREED * AGREE)
    error = normaliser.error + error + rounding(value, normaliser.value)
    return Estimate(
        value + normaliser.value, error, "quadrature (midpoint, normalised on its own nodes)"
    )


def refine(
    rule: Rule, n: int, decoder: Decoder, agree: float = AGREE
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """rule(rows, nodes) with ever more nodes along an axis until two in a row agree: its value, its
    error (infinite where no two agree, or there are kinks), and how many nodes it took, (n,)."""
    value, changes = np.full(n, np.nan), Changes(n, agree)
    rows, nodes, taken = np.arange(n if decoder.smooth else 0), 16, np.full(n, 16)
    while len(rows) and (nodes <= 24 or nodes**decoder.n_latent * decoder.width <= WORK):
        value[rows], taken[rows] = rule(rows, nodes), nodes
        settled = changes.update(rows, value)
        rows = rows[~settled[rows]]
        nodes += nodes // 2
    return value, changes.error(), taken


def find_doubtful_rows(data: Rows, q: np.ndarray, nodes: np.ndarray, agree: float) -> np.ndarray:
    """The data for which more than `agree` of E_q[log p(x|z)] may hide between so many nodes; all
    where there are kinks."""
    if not data.decoder.smooth:
        return np.arange(len(data))
    d, decoder, root = data.dimension, data.decoder, gaussian_rows.root(q, data.dimension)
    steps = 2.0 * REACH / (nodes - 1)[:, None, None] * root.mT
    doubtful = np.zeros(len(data), bool)
    for row in np.flatnonzero(~smooth_everywhere(decoder, steps)):
        u, weights = trapezoid(int(nodes[row]), d)
        hidden = bound_hidden(decoder, data.x[[row]], q[row, :d] + u @ root[row].T, steps[row])
        doubtful[row] = not weights @ hidden <= agree
    return np.flatnonzero(doubtful)


def split_rule(rule: Rule, decoder: Decoder) -> Rule:
    """The rule for a few data at a time, as many as the cache holds with their nodes."""

    def rule_in_parts(rows: np.ndarray, nodes: int) -> np.ndarray:
        size = max(decoder.points // nodes**decoder.n_latent, 1)
        parts = [rows[i : i + size] for i in range(0, len(rows), size)]
        return np.concatenate([rule(part, nodes) for part in progress(parts, "quadrature")])

    return rule_in_parts
