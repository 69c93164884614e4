"""Newton's method for the ELBO of a Gaussian q, on moments of log p(x|z) alone.

Let g(u) = log p(x | m + L u), and q move from N(m, L L') to N(m + L mu, L A A' L'), A triangular.
With v ~ N(0, I) the expectation of log p(x|z) becomes E[g(mu + A v)], and at mu = 0, A = I

    d / d mu_i        E[d_i g]              d / d A_ij           E[v_j d_i g]
    second ones       E[p r d_i d_k g]      with p, r = 1 or v_j, v_m as each is of mu or of A

By parts (Stein's identity) E[p d_i g] = E[g (v_i p - d_i p)], once more for each derivative: all of
these are averages of g times polynomials of degree four at most. So no gradient of the decoder is
asked for, and one with kinks has as good derivatives as any. The KL to the prior, with K = L' L, is

    (|m + L mu|^2 + sum_ij A_ij (K A)_ij - d) / 2 - sum_i log A_ii - log|L|

with the derivatives  L' m;  K_ij - delta_ij;  K_ik between mu_i and mu_k;
K_ik delta_jm + delta_ij delta_km delta_ik between A_ij and A_km.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product as tuples
from typing import NamedTuple

import numpy as np

from vi_lab.runtime.progress import progress
from vi_lab.vae.evidence import gaussian_rows
from vi_lab.vae.evidence.cell_rules import integrate_under
from vi_lab.vae.evidence.expectations import (
    ELBO_CELLS,
    find_doubtful_rows,
    log_likelihood,
    split_rule,
    trapezoid,
)
from vi_lab.vae.evidence.rows import Rows

FLAT = 1e-11  # nats that the next step promises: where q is the best
ROUNDS = 8  # steps of one datum by even nodes at most, half as many again from one to the next
MOST_NODES = {1: 2048, 2: 108}  # along an axis
FIRST_NODES = {1: 32, 2: 24}
CELL_ROUNDS = 20
CELL_TOLERANCE = 1e-7  # nats
LONGEST = 0.5  # step, in standard deviations of q

Polynomial = dict[tuple[int, ...], float]  # powers of each coordinate -> coefficient


class Shape(NamedTuple):
    """Which coordinates of (mu, A) may move, and the derivatives of E[g] in them as combinations of
    its moments E[g v^a].

    Attributes
    ----------
    powers : array (k, d)
    entries : list of (i, j)
        j = -1 is mu_i; else A_ij.
    gradient : array (size, k)
    hessian : array (size, size, k)
    """

    powers: np.ndarray
    entries: list[tuple[int, int]]
    gradient: np.ndarray
    hessian: np.ndarray


def _by_parts(p: Polynomial, i: int) -> Polynomial:
    """v_i p - dp / dv_i."""
    found: Polynomial = {}
    for powers, c in p.items():
        for shift, factor in ((1, c), (-1, -c * powers[i])):
            if factor:
                key = tuple(a + shift * (axis == i) for axis, a in enumerate(powers))
                found[key] = found.get(key, 0.0) + factor
    return found


@lru_cache
def _shape(d: int, full_rank: bool) -> Shape:
    entries = [(i, -1) for i in range(d)]
    entries += [(i, j) for i in range(d) for j in range(i + 1) if full_rank or i == j]
    powers = [a for a in tuples(range(5), repeat=d) if sum(a) <= 4]
    gradient = np.zeros((len(entries), len(powers)))
    hessian = np.zeros((len(entries), len(entries), len(powers)))
    for s, (i, j) in enumerate(entries):
        factor = np.arange(d) == j
        for a, c in _by_parts({tuple(map(int, factor)): 1.0}, i).items():
            gradient[s, powers.index(a)] = c
        for t, (k, m) in enumerate(entries):
            both = tuple(map(int, factor.astype(int) + (np.arange(d) == m)))
            for a, c in _by_parts(_by_parts({both: 1.0}, i), k).items():
                hessian[s, t, powers.index(a)] = c
    return Shape(np.array(powers), entries, gradient, hessian)


def _step(moments: np.ndarray, q: np.ndarray, d: int) -> tuple[np.ndarray, np.ndarray]:
    """The next q (n, size), and the nats that it promises (n,), from moments (n, k)."""
    shape = _shape(d, q.shape[1] > 2 * d)
    root, mean = gaussian_rows.root(q, d), q[:, :d]
    K, pull = root.mT @ root, (root.mT @ mean[:, :, None])[:, :, 0]
    gradient, hessian = moments @ shape.gradient.T, moments @ shape.hessian.transpose(0, 2, 1)
    hessian = np.moveaxis(hessian, 1, 0)
    for s, (i, j) in enumerate(shape.entries):
        gradient[:, s] -= pull[:, i] if j < 0 else K[:, i, j] - (i == j)
        for t, (k, m) in enumerate(shape.entries):
            hessian[:, s, t] -= K[:, i, k] * (j == m) + (i == j == k == m)
    # uphill along every axis of the Hessian, as if each bent downwards
    bend, axes = np.linalg.eigh(hessian)
    along = (axes.mT @ gradient[:, :, None])[:, :, 0]
    bend = np.maximum(np.abs(bend), 1e-8)
    step = (axes @ (along / bend)[:, :, None])[:, :, 0]
    step *= np.minimum(1.0, LONGEST / np.maximum(np.abs(step).max(1), 1e-300))[:, None]
    mu, A = np.zeros((len(q), d)), np.zeros((len(q), d, d)) + np.eye(d)
    for s, (i, j) in enumerate(shape.entries):
        if j < 0:
            mu[:, i] = step[:, s]
        else:
            A[:, i, j] += step[:, s]
    moved = gaussian_rows.pack(mean + (root @ mu[:, :, None])[:, :, 0], root @ A)
    return moved[:, : q.shape[1]], 0.5 * (along**2 / bend).sum(1)


def polish(data: Rows, q: np.ndarray) -> tuple[np.ndarray, int]:
    """The best Gaussian near each q, a row as in gaussian_rows.py, and how often log p(x|z) was
    evaluated for a datum, summed over data.

    Each step is judged on finer nodes than it was made on: a datum is done where these promise
    nothing more, and nothing hides between them.
    """
    d, q, evaluations = data.dimension, q.copy(), 0
    rows, nodes = np.arange(len(q) if data.decoder.smooth else 0), FIRST_NODES[d]
    for turn in range(ROUNDS):
        if not len(rows):
            break
        moments = _moments(data, q, rows, nodes)
        evaluations += len(rows) * nodes**d
        q[rows], promised = _step(moments, q[rows], d)
        done = (promised <= FLAT) & (turn > 0)
        rows = rows[~done]
        nodes = min(nodes + nodes // 2, MOST_NODES[d])
    # what they hide may move the slopes: an error e costs e^2 over twice the curvature
    left = np.union1d(rows, find_doubtful_rows(data, q, np.full(len(q), nodes), CELL_TOLERANCE))
    for row in progress(list(left), "best Gaussians"):
        for _ in range(CELL_ROUNDS):
            found = integrate_under(
                data.decoder,
                data.x[row],
                log_likelihood(data, row),
                q[row, :d],
                gaussian_rows.root(q[[row]], d)[0],
                ELBO_CELLS,
                CELL_TOLERANCE,
                _shape(d, True).powers,
            )
            evaluations += len(found.corners) * ELBO_CELLS.order**d
            q[[row]], promised = _step(found.sums[None], q[[row]], d)
            if promised[0] <= FLAT:
                break
    return q, evaluations


def _moments(data: Rows, q: np.ndarray, rows: np.ndarray, nodes: int) -> np.ndarray:
    """E[log p(x|z) u^a], z = m + L u, for each of these rows and all powers, (rows, k)."""
    network, params, d = data.network, data.params, data.dimension
    root, powers = gaussian_rows.root(q, d), _shape(d, True).powers
    u, weights = trapezoid(nodes, d)
    weighted = weights[:, None] * (u[:, None] ** powers).prod(-1)

    def rule(some: np.ndarray, _: int) -> np.ndarray:
        z = q[some, :d] + np.einsum("gj,nij->gni", u, root[some])
        out = network.decode(params, z.reshape(-1, d))[0].reshape(*z.shape[:2], -1)
        return network.log_likelihood(params, data.x[some], out)[0].T @ weighted

    return split_rule(rule, data.decoder)(rows, nodes)
