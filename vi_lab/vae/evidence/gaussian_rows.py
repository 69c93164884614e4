"""Gaussians q = N(mean, L L'), one a datum, as an optimiser holds them.

    z = mean + L eps,   L = diag(e^(logvar / 2)) U,   U lower triangular with ones on its diagonal

A row of q is (mean, logvar, lower) side by side, `lower` the entries of U below its diagonal, row
by row of U. A q without them, 2 d numbers a row, has U = I: its coordinates are independent, as an
encoder's are (mean field). With all d (d - 1) / 2 of them it is any Gaussian (full rank).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.vae import layers

Cache = tuple[Any, tuple[np.ndarray, np.ndarray]]


def split(q: np.ndarray, d: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(mean, logvar, lower), (n, d), (n, d) and (n, 0 or d (d - 1) / 2)."""
    return q[:, :d], q[:, d : 2 * d], q[:, 2 * d :]


def to_full_rank(q: np.ndarray, d: int) -> np.ndarray:
    """The same mean-field q as a full-rank one: U = I, written out."""
    return np.concatenate([q[:, : 2 * d], np.zeros((len(q), d * (d - 1) // 2))], axis=1)


def _below(d: int, lower: np.ndarray) -> list[tuple[int, int]]:
    """(row, column) of U for each entry of `lower`."""
    return [(i, j) for i in range(d) for j in range(i)][: lower.shape[1]]


def root(q: np.ndarray, d: int) -> np.ndarray:
    """L of each datum, (n, d, d): the lower triangular root of its covariance."""
    _, logvar, lower = split(q, d)
    U = np.broadcast_to(np.eye(d), (len(q), d, d)).copy()
    for (i, j), entry in zip(_below(d, lower), lower.T, strict=True):
        U[:, i, j] = entry
    return np.exp(0.5 * logvar)[:, :, None] * U


def pack(mean: np.ndarray, root: np.ndarray) -> np.ndarray:
    """The full-rank rows of q from means (n, d) and lower triangular roots (n, d, d)."""
    d = mean.shape[1]
    diagonal = np.diagonal(root, axis1=1, axis2=2)
    U = root / diagonal[:, :, None]
    lower = [U[:, i, j] for i in range(d) for j in range(i)]
    return np.concatenate([mean, 2.0 * np.log(diagonal), *(u[:, None] for u in lower)], axis=1)


def correlate(eps: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """U eps: eps_i + sum_(j < i) u_ij eps_j; eps (draws, n or 1, d) -> (draws, n, d).

    Put into `layers.reparameterise` in the place of eps, it gives z = mean + L eps.
    """
    if not lower.shape[1]:
        return eps
    columns = [eps[..., i] + np.zeros(len(lower)) for i in range(eps.shape[-1])]
    for (i, j), entry in zip(_below(len(columns), lower), lower.T, strict=True):
        columns[i] = columns[i] + entry * eps[..., j]
    return np.stack(columns, axis=-1)


def correlate_backward(
    dz: np.ndarray, eps: np.ndarray, logvar: np.ndarray, lower: np.ndarray
) -> np.ndarray:
    """The gradient of `lower`, (n, its size).

    z_i = mean_i + e^(logvar_i / 2) (eps_i + sum_j u_ij eps_j), so dz_i/du_ij = e^(logvar_i / 2)
    eps_j; all draws share u_ij: a sum over them.
    """
    sd, gradient = np.exp(0.5 * logvar), np.empty_like(lower)
    for k, (i, j) in enumerate(_below(logvar.shape[1], lower)):
        gradient[:, k] = sd[:, i] * (dz[..., i] * eps[..., j]).sum(0)
    return gradient


def kl_standard_normal(
    mean: np.ndarray, logvar: np.ndarray, lower: np.ndarray
) -> tuple[np.ndarray, Cache]:
    """KL[N(mean, L L') || N(0, I)] of each datum, (n,).

    (|mean|^2 + |L|^2 - d - log|L L'|) / 2, where |L|^2 = sum_i e^logvar_i (1 + sum_j u_ij^2) and,
    U having ones on its diagonal, log|L L'| = sum_i logvar_i: the closed form of layers.py for
    independent coordinates, and e^logvar_i u_ij^2 / 2 for each entry of `lower`.
    """
    value, independent = layers.kl_standard_normal(mean, logvar)
    rows = [i for i, _ in _below(logvar.shape[1], lower)]
    variance = np.exp(logvar[:, rows])
    return value + 0.5 * (variance * lower**2).sum(-1), (independent, (variance, lower))


def kl_standard_normal_backward(
    dy: np.ndarray, cache: Cache
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradients of mean, logvar and lower.

    To those of layers.py come, from e^logvar_i u_ij^2 / 2, the half itself for logvar_i (an
    exponential is its own derivative) and e^logvar_i u_ij for u_ij.
    """
    independent, (variance, lower) = cache
    d_mean, d_logvar = layers.kl_standard_normal_backward(dy, independent)
    d_logvar = d_logvar.copy()
    for k, (i, _) in enumerate(_below(d_logvar.shape[1], lower)):
        d_logvar[:, i] += dy * 0.5 * variance[:, k] * lower[:, k] ** 2
    return d_mean, d_logvar, dy[:, None] * variance * lower
