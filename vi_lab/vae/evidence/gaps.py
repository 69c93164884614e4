"""Where a VAE's nats go: the part the family of q costs, and the part the encoder costs.

    log p(x) = ELBO(q) + [ELBO(q*) - ELBO(q)] + [log p(x) - ELBO(q*)]
                          amortisation gap       approximation gap

with q the encoder's Gaussian and q* the best Gaussian of the same family, climbed to for each datum
on its own (Cremer, Li & Duvenaud 2018, eq. 6). No q* is worse than q: the climb starts there.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.runtime.progress import progress
from vi_lab.vae import layers
from vi_lab.vae.evidence import gaussian_rows
from vi_lab.vae.evidence.rows import Rows

MOST_STEPS = 200
FLAT_GRADIENT = 1e-7  # nats per unit of a coordinate: where a climb ends


class Gaps(NamedTuple):
    """log_evidence = elbo + approximation + amortisation + residual, in nats, each (n,).

    Attributes
    ----------
    log_evidence, elbo : array
        elbo is that of the encoder's q.
    approximation : array
        KL[q* || p(z|x)]: for n_latent <= 2 by quadrature of its own, beyond that by subtraction,
        log p(x) - ELBO(q*).
    amortisation : array
        ELBO(q*) - ELBO(q).
    residual : array or None
        What quadrature left over; None for n_latent > 2, where a subtraction leaves nothing over.
    error : array
        The numerical errors together; Monte Carlo errors for n_latent > 2, infinite where log p(x)
        is a lower bound alone, and with it the approximation gap.
    route : str
    khat : array or None
        Of the weights of log p(x) (see `LogEvidence`); None by quadrature.
    """

    log_evidence: np.ndarray
    elbo: np.ndarray
    approximation: np.ndarray
    amortisation: np.ndarray
    residual: np.ndarray | None
    error: np.ndarray
    route: str
    khat: np.ndarray | None = None


def elbo_at(
    rows: Rows, q: np.ndarray, eps: np.ndarray, weights: Any
) -> tuple[np.ndarray, np.ndarray]:
    """The ELBO of each datum at its q, a row as in gaussian_rows.py, and its gradient there.

    E_q is the weighted average over eps (draws, 1 or n, d): the chain of objective.py with q a free
    vector for each datum instead of an encoder.
    """
    network, params = rows.network, rows.params
    mean, logvar, lower = gaussian_rows.split(q, rows.dimension)
    z, noise = layers.reparameterise(mean, logvar, gaussian_rows.correlate(eps, lower))
    out, decoder = network.decode(params, z.reshape(-1, network.n_latent))
    out = out.reshape(*z.shape[:2], -1)
    log_likelihood, likelihood = network.log_likelihood(params, rows.x, out)
    kl, divergence = gaussian_rows.kl_standard_normal(mean, logvar, lower)

    shares = np.broadcast_to(np.reshape(weights, (-1, 1)), log_likelihood.shape)
    d_out, _ = network.log_likelihood_backward(shares, likelihood)
    d_z, _ = network.decode_backward(d_out.reshape(-1, network.n_inputs), decoder)
    d_z = d_z.reshape(z.shape)
    d_mean, d_logvar = layers.reparameterise_backward(d_z, noise)
    d_lower = gaussian_rows.correlate_backward(d_z, eps, logvar, lower)
    of_kl = gaussian_rows.kl_standard_normal_backward(-np.ones(len(rows)), divergence)
    value = (shares * log_likelihood).sum(0) - kl
    return value, np.concatenate([d_mean, d_logvar, d_lower], axis=1) + np.concatenate(
        of_kl, axis=1
    )


class Climb(NamedTuple):
    """Where the climbs ended: q in rows, and how often log p(x, z) was evaluated for a datum,
    summed over data."""

    q: np.ndarray
    evaluations: int


def climb(
    rows: Rows, q: np.ndarray, eps: np.ndarray, weights: Any, flat: float = FLAT_GRADIENT
) -> Climb:
    """Climb each datum's ELBO from its q, a row as in gaussian_rows.py, until no slope is above
    `flat`; E_q as in `elbo_at`."""
    size = max(rows.decoder.points // len(eps), 1)
    parts = [slice(i, i + size) for i in range(0, len(rows), size)]
    own = [eps if eps.shape[1] == 1 else eps[:, part] for part in parts]
    ends = [
        _climb_part(rows[part], q[part], noise, weights, flat)
        for part, noise in progress(list(zip(parts, own, strict=True)), "best Gaussians")
    ]
    return Climb(np.concatenate([e.q for e in ends]), sum(e.evaluations for e in ends))


def _climb_part(data: Rows, q: np.ndarray, eps: np.ndarray, weights: Any, flat: float) -> Climb:
    """BFGS uphill, all data side by side.

    Every datum has its own inverse Hessian (Nocedal & Wright 2006, eq. 6.17) and halves its own
    step until it gains (their eq. 3.6a); a datum that is flat, or gains no more, is done.
    """
    q, (n, size) = q.copy(), q.shape
    rows, inverse = np.arange(n), np.broadcast_to(np.eye(size), (n, size, size)).copy()
    evaluations = 0

    def evaluate(rows: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        nonlocal evaluations
        evaluations += len(rows) * len(eps)
        own = eps if eps.shape[1] == 1 else eps[:, rows]
        return elbo_at(data[rows], at, own, weights)

    value, gradient = evaluate(rows, q)
    scale = np.maximum(1.0, np.abs(gradient).max(1))
    inverse /= scale[:, None, None]  # a first step of at most one unit
    for _ in range(MOST_STEPS):
        rows = rows[np.abs(gradient[rows]).max(1) > flat]
        if not len(rows):
            break
        direction = (inverse[rows] @ gradient[rows][:, :, None])[:, :, 0]
        slope = (direction * gradient[rows]).sum(1)
        found, new_q, new_value, new_gradient = _line_search(
            evaluate, rows, q[rows], value[rows], direction, slope
        )
        rows, new_q = rows[found], new_q[found]
        step, turn = new_q - q[rows], gradient[rows] - new_gradient[found]
        gain = new_value[found] - value[rows]
        q[rows], value[rows], gradient[rows] = new_q, new_value[found], new_gradient[found]
        inverse[rows] = _bfgs(inverse[rows], step, turn)
        rows = rows[gain > 1e-14 * (1.0 + np.abs(value[rows]))]
    return Climb(q, evaluations)


def _line_search(
    evaluate: Any,
    rows: np.ndarray,
    q: np.ndarray,
    value: np.ndarray,
    direction: np.ndarray,
    slope: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Halve the step of each datum until it gains a ten-thousandth of what its slope promises."""
    n = len(rows)
    new_q, new_value, new_gradient = q.copy(), np.full(n, -np.inf), np.zeros_like(q)
    found, open_, length = np.zeros(n, bool), np.arange(n), 1.0
    for _ in range(30):
        trial = q[open_] + length * direction[open_]
        with np.errstate(over="ignore", invalid="ignore"):
            v, g = evaluate(rows[open_], trial)
        good = v >= value[open_] + 1e-4 * length * slope[open_]
        kept = open_[good]
        new_q[kept], new_value[kept], new_gradient[kept] = trial[good], v[good], g[good]
        found[kept] = True
        open_, length = open_[~good], 0.5 * length
        if not len(open_):
            break
    return found, new_q, new_value, new_gradient


def _bfgs(inverse: np.ndarray, step: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """H <- (I - r s y') H (I - r y s') + r s s' with r = 1 / y's; unchanged where y's <= 0."""
    bend = (step * turn).sum(1)
    bent = bend > 1e-300
    r = np.where(bent, 1.0 / np.where(bent, bend, 1.0), 0.0)[:, None, None]
    s, y = step[:, :, None], turn[:, :, None]
    left = np.eye(step.shape[1]) - r * (s @ y.transpose(0, 2, 1))
    return left @ inverse @ left.transpose(0, 2, 1) + np.where(
        r > 0, r * (s @ s.transpose(0, 2, 1)), 0.0
    )
