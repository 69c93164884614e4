"""Symmetric positive definite matrices (*lead, D, D) by their Cholesky factors, P = L L'.

Their real coordinates are the entries of L on and below the diagonal, those on it by their logs
(the log-Cholesky parametrisation of Pinheiro & Bates 1996).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from vi_lab.errors import LostDigits
from vi_lab.numerics.compensated import subtract_terms
from vi_lab.numerics.rounding import EPS

NEARLY_SINGULAR = 1e3  # the product of the diagonal over the determinant
SHORT_PIVOT = 10.0  # a diagonal entry over the square of its pivot, from where a factor is refined


def factorise(matrix: np.ndarray, refusal: str) -> np.ndarray:
    """L, lower triangular; LostDigits with these words where the matrix has none."""
    try:
        return np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        raise LostDigits(refusal) from None


def log_det(factor: np.ndarray) -> Any:
    """log|P| = 2 sum_i log L_ii, shape (*lead,)."""
    return 2.0 * np.log(np.diagonal(factor, axis1=-2, axis2=-1)).sum(-1)


def whiten(matrix: np.ndarray, refusal: str) -> tuple[np.ndarray, Any]:
    """A of A P A' = I, (*lead, D, D), and log|P|, (*lead,); LostDigits where there is none.

    It is C^-1 of the Cholesky factor C; where P is nearly singular, C C' is P but for a rounding of
    its entries, which is a share of its smallest direction. With E of `_refine`, which is small,

        P = C (I + E) C',    log|P| = log|C C'| + log|I + E|,    A = L^-1 C^-1 with L L' = I + E.
    """
    factor = factorise(matrix, refusal)
    white, rest = _refine(matrix, factor, refusal)
    if rest is None:
        return white, log_det(factor)
    return np.linalg.inv(rest) @ white, log_det(factor) + log_det(rest)


def root(matrix: np.ndarray, refusal: str) -> np.ndarray:
    """C L of the same: the lower triangular root of P, (*lead, D, D), with its digits."""
    factor = factorise(matrix, refusal)
    rest = _refine(matrix, factor, refusal)[1]
    return factor if rest is None else factor @ rest


def _refine(
    matrix: np.ndarray, factor: np.ndarray, refusal: str
) -> tuple[np.ndarray, np.ndarray | None]:
    """C^-1, and L of I + E with E = C^-1 (P - C C') C'^-1; None where no pivot of P is short.

    What is missed, P - C C', is computed with twice the digits.
    """
    white, pivots = np.linalg.inv(factor), factor.diagonal(0, -2, -1)
    if not (matrix.diagonal(0, -2, -1) > SHORT_PIVOT * pivots**2).any():
        return white, None
    products = [(factor[..., :, None, k], factor[..., None, :, k]) for k in range(factor.shape[-1])]
    missed = white @ subtract_terms(matrix, products) @ np.swapaxes(white, -1, -2)
    return white, factorise(np.eye(factor.shape[-1]) + missed, refusal)


def take_in_row(
    root: np.ndarray, blur: np.ndarray, row: np.ndarray, moved: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The upper triangular R of R'R = P + x x', from that of P, (*lead, D, D), and x (*lead, D);
    the squares of what rounding has moved its entries by, from those of P's root, `blur`, and of x;
    and log|P + x x'| - log|P|, (*lead,).

    Givens rotations of each row of R with what is left of x: a diagonal entry r and its a become
    the root of r**2 + a**2, and the determinant grows by 1 + (a/r)**2. Nothing is squared but this
    ratio, so that what is short keeps its digits beside what is long; and the logs have one sign.
    """
    root, blur, grown = root.copy(), blur.copy(), np.zeros(row.shape[:-1])
    rest = row
    for i in range(row.shape[-1]):
        above, shaken = root[..., i, i:].copy(), blur[..., i, i:].copy()
        ratio = rest[..., :1] / above[..., :1]
        grown += np.log1p(ratio[..., 0] ** 2)
        cosine = 1.0 / np.hypot(1.0, ratio)
        sine = ratio * cosine
        root[..., i, i:] = cosine * above + sine * rest
        terms = (EPS * cosine) ** 2 * above**2 + (EPS * sine) ** 2 * rest**2
        blur[..., i, i:] = cosine**2 * shaken + sine**2 * moved + terms
        terms = (EPS * cosine) ** 2 * rest**2 + (EPS * sine) ** 2 * above**2
        moved = (cosine**2 * moved + sine**2 * shaken + terms)[..., 1:]
        rest = (cosine * rest - sine * above)[..., 1:]
    return root, blur, grown


def triangulate(root: np.ndarray) -> np.ndarray:
    """The Cholesky factor of R'R, (*lead, D, D), without this product: C' is that of Q C' = R with
    a diagonal above 0."""
    upper = np.linalg.qr(root, mode="r")
    signs = np.sign(np.diagonal(upper, axis1=-2, axis2=-1))
    return np.swapaxes(signs[..., None] * upper, -1, -2)


def lost_share(matrix: np.ndarray, log_determinant: Any) -> Any:
    """The share of a determinant that rounding of the entries takes of a nearly singular matrix,
    (*lead,); else 0, as the roundings of a sum allow for it.

    It is a rounding times prod_i P_ii / |P|, which is 1 where coordinates are uncorrelated,
    whatever their units; or, if that is less, over the smallest eigenvalue of the correlations: a
    matrix that is large along one direction has several small ones.
    """
    diagonal = np.diagonal(matrix, axis1=-2, axis2=-1)
    magnified = np.log(diagonal).sum(-1) - log_determinant
    magnified = np.atleast_1d(np.exp(np.minimum(magnified, 700.0)))
    near = magnified > NEARLY_SINGULAR
    if near.any():
        units = np.sqrt(np.broadcast_to(diagonal, (*magnified.shape, matrix.shape[-1]))[near])
        entries = np.broadcast_to(matrix, (*magnified.shape, *matrix.shape[-2:]))[near]
        smallest = np.linalg.eigvalsh(entries / (units[:, :, None] * units[:, None, :]))[:, 0]
        magnified[near] = np.minimum(magnified[near], 1.0 / np.maximum(smallest, EPS))
    return (EPS * np.where(near, magnified, 0.0)).reshape(np.shape(log_determinant))


def invert(factor: np.ndarray) -> np.ndarray:
    """P^-1 = L'^-1 L^-1, shape (*lead, D, D)."""
    whiten = np.linalg.inv(factor)
    return np.swapaxes(whiten, -1, -2) @ whiten


def is_positive_definite(matrix: np.ndarray) -> Any:
    """Whether each matrix is finite, symmetric (but for rounding) and positive definite."""
    finite = np.isfinite(matrix).all((-2, -1))
    safe = np.where(finite[..., None, None], matrix, np.eye(matrix.shape[-1]))
    skew = np.abs(safe - np.swapaxes(safe, -1, -2)).max((-2, -1))
    symmetric = skew <= 1e-8 * np.abs(safe).max((-2, -1))
    return finite & symmetric & (np.linalg.eigvalsh(safe)[..., 0] > 0)


def to_log_cholesky(matrix: np.ndarray) -> np.ndarray:
    """The D(D + 1)/2 real coordinates of each matrix, row by row of L."""
    lower, diagonal = _lower_triangle(matrix.shape[-1])
    entries = np.linalg.cholesky(matrix)[..., *lower]
    entries[..., diagonal] = np.log(entries[..., diagonal])
    return entries


def from_log_cholesky(coordinates: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, Any]:
    """L, the logs of its diagonal, and log|d P / d coordinates|.

    |d P / d L| = 2**D prod_i L_ii**(D + 1 - i), times L_ii for each log (i = 1..D).
    """
    lower, diagonal = _lower_triangle(size)
    entries = coordinates.copy()
    log_diagonal = entries[..., diagonal]
    entries[..., diagonal] = np.exp(log_diagonal)
    factor = np.zeros((*coordinates.shape[:-1], size, size))
    factor[..., *lower] = entries
    powers = size + 1.0 - np.arange(size)  # D + 1 - i, one more for the log, i from 1
    log_jacobian = size * np.log(2.0) + (powers * log_diagonal).sum(-1)
    return factor, log_diagonal, log_jacobian


def pull_back(coordinates: np.ndarray, slope: Any, log_det_slope: Any, size: int) -> np.ndarray:
    """The gradient of <slope, P> + log_det_slope log|P| + log|d P / d coordinates|, P = L L'.

    d <G, L L'>/dL = (G + G') L, times L_ii for a log of the diagonal; there log|P| adds 2 and the
    Jacobian D + 2 - i (i = 1..D).
    """
    lower, diagonal = _lower_triangle(size)
    factor, _, _ = from_log_cholesky(coordinates, size)
    gradient: np.ndarray = ((slope + np.swapaxes(slope, -1, -2)) @ factor)[..., *lower]
    gradient[..., diagonal] *= factor[..., *lower][..., diagonal]
    powers = size + 1.0 - np.arange(size)
    gradient[..., diagonal] += 2.0 * np.asarray(log_det_slope)[..., None] + powers
    return gradient


@cache
def _lower_triangle(size: int) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Rows and columns of the entries on and below the diagonal, and which stand on it."""
    rows, columns = np.tril_indices(size)
    return (rows, columns), np.flatnonzero(rows == columns)
