"""The Wishart distribution of a D x D precision Lambda, W(W, nu), for the families built upon it.

    log p = (nu - D - 1)/2 log|Lambda| - tr(W^-1 Lambda)/2
            - [ nu/2 log|W| + nu D/2 log 2 + log Gamma_D(nu/2) ]

(Bishop 2006, B.78-B.81.) The inverse scale W^-1 = C C' is known by its Cholesky factor C.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from vi_lab.numerics import positive_definite, special


def factorise_inverse_scale(w_inv: np.ndarray) -> np.ndarray:
    """C; NumericalError where W^-1 lost its digits."""
    return positive_definite.factorise(
        w_inv,
        "the scale matrix of a normal-Wishart is no longer positive definite: the data lie too "
        "far from the centre for the digits there are",
    )


def log_normaliser_terms(log_det_w: Any, nu: Any, size: int) -> tuple[Any, ...]:
    """The terms of the bracket, with log Gamma_D as a sum of D log gammas; each (*lead,)."""
    return (
        0.5 * nu * (log_det_w + size * np.log(2.0)),
        0.25 * size * (size - 1) * np.log(np.pi),
        special.gammaln(_half_degrees(nu, size)).sum(-1),
    )


def expected_log_det_ratio(nu: Any, size: int) -> Any:
    """E log|Lambda| - log|W| = sum_i psi((nu + 1 - i)/2) + D log 2"""
    return special.psi(_half_degrees(nu, size)).sum(-1) + size * np.log(2.0)


def draw_root(
    rng: np.random.Generator, nu: Any, factor: np.ndarray, shape: tuple[int, ...]
) -> np.ndarray:
    """T, (*shape, D, D), with Lambda = T T' a draw: Bartlett's decomposition.

    T = C'^-1 B with B lower triangular: standard normals below its diagonal, and on it the roots of
    chi-squares of nu, nu - 1, ... degrees.
    """
    size = factor.shape[-1]
    below, diagonal = _below_and_diagonal(size)
    bartlett = rng.standard_normal((*shape, size, size))
    bartlett *= below
    chi_square = 2.0 * rng.standard_gamma(_half_degrees(nu, size), (*shape, size))
    bartlett[..., diagonal, diagonal] = np.sqrt(chi_square)
    return np.swapaxes(np.linalg.inv(factor), -1, -2) @ bartlett


def entry_covariances(w: np.ndarray, nu: Any) -> np.ndarray:
    """Of the entries of Lambda, (*lead, D D, D D): nu (W_ik W_jl + W_il W_jk) for ij and kl."""
    size = w.shape[-1]
    pairs = np.einsum("...ik,...jl->...ijkl", w, w) + np.einsum("...il,...jk->...ijkl", w, w)
    found: np.ndarray = nu[..., None, None] * pairs.reshape(*w.shape[:-2], size**2, size**2)
    return found


def entry_sds(w: np.ndarray, nu: Any) -> np.ndarray:
    """The sd of each entry of Lambda: Var = nu (w_ij**2 + w_ii w_jj)."""
    w_ii = np.diagonal(w, axis1=-2, axis2=-1)
    product = w_ii[..., :, None] * w_ii[..., None, :]
    sds: np.ndarray = np.sqrt(nu[..., None, None] * (w**2 + product))
    return sds


def _half_degrees(nu: Any, size: int) -> Any:
    """(nu + 1 - i)/2 for i = 1..D, shape (*lead, D)"""
    return 0.5 * (nu[..., None] - np.arange(size))


@cache
def _below_and_diagonal(size: int) -> tuple[np.ndarray, np.ndarray]:
    """A matrix of 1 below the diagonal and 0 elsewhere, and the indices of the diagonal."""
    return np.tri(size, k=-1), np.arange(size)
