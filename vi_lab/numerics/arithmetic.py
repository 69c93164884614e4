"""Arithmetic with log densities: log 2 pi, products in which 0 * inf is 0, supports, symmetry;
and functions of values that are several arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

LOG_2PI = float(np.log(2 * np.pi))


def times(a: Any, b: Any) -> Any:
    """a * b with 0 * (+-inf) = 0, as in the limit of x log x: an impossible label costs nothing."""
    with np.errstate(invalid="ignore"):
        product = np.multiply(a, b)
    if np.isnan(product).any():
        hole = ((a == 0) & np.isinf(b)) | ((b == 0) & np.isinf(a))
        product = np.where(hole, 0.0, product)
    return product


def inner_product(a: Any, b: Any) -> Any:
    """sum_k a_k b_k over the last axis, with 0 * (+-inf) = 0 as in `times`."""
    with np.errstate(invalid="ignore"):
        total = np.einsum("...k,...k->...", a, b)
    return times(a, b).sum(-1) if np.isnan(total).any() else total


def multiply_row(row: Any, matrix: Any) -> Any:
    """row (..., a) times one matrix (a, b), or each its own (..., a, b): (..., b)."""
    return row @ matrix if matrix.ndim == 2 else (row[..., None, :] @ matrix)[..., 0, :]


def log(x: Any) -> Any:
    """log x with log 0 = -inf and no warning: the log of a weight or probability that may be 0."""
    with np.errstate(divide="ignore"):
        return np.log(x)


def log1p(x: Any) -> Any:
    """log(1 + x) with log 0 = -inf and no warning, as `log`."""
    with np.errstate(divide="ignore"):
        return np.log1p(x)


def exp(x: Any, factor: Any = 1.0) -> Any:
    """factor * exp x with inf where it overflows and no warning: minus it is the log of a density
    that is 0."""
    with np.errstate(over="ignore"):
        return factor * np.exp(x)


def normalise_logs(x: Any) -> tuple[Any, Any]:
    """log sum_k exp x_k over the last axis, and x less it: less the largest first, so that log
    probabilities have the digits of their own size and not those of the weights. Where all are
    -inf they are equal."""
    top = x.max(-1)
    apart = difference(x, top[..., None])
    level = np.log(np.exp(apart).sum(-1))
    return top + level, apart - level[..., None]


def difference(a: Any, b: Any) -> Any:
    """a - b with -inf - (-inf) = 0: what is impossible before and after has not changed."""
    with np.errstate(invalid="ignore"):
        step = np.subtract(a, b)
    return np.where(np.isneginf(a) & np.isneginf(b), 0.0, step) if np.isnan(step).any() else step


def symmetric(matrix: Any) -> Any:
    """(A + A')/2, (..., D, D): a matrix that is symmetric but for rounding, without that."""
    return 0.5 * (matrix + np.swapaxes(matrix, -1, -2))


def indicator_covariance(p: Any) -> np.ndarray:
    """diag(p) - p p', (..., K, K): the digits of a class nearly certain are in the others."""
    others = p @ (1.0 - np.eye(p.shape[-1]))
    covariance: np.ndarray = -p[..., :, None] * p[..., None, :]
    diagonal = np.arange(p.shape[-1])
    covariance[..., diagonal, diagonal] = p * others
    return covariance


def restrict(log_density: Callable[[], Any], inside: Any) -> Any:
    """The log density where a point is inside the support, -inf where not: there its formula may be
    the log of a negative number, of which nobody is warned."""
    with np.errstate(invalid="ignore", divide="ignore"):
        value = log_density()
    return np.where(inside, value, -np.inf)


def map_parts(function: Callable[..., Any], *values: Any) -> Any:
    """A function of arrays, or of each array of a value that is several."""
    if isinstance(values[0], tuple):
        return type(values[0])(*(function(*parts) for parts in zip(*values, strict=True)))
    return function(*map(np.asarray, values))
