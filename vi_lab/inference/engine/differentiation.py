"""Derivatives where none is written by hand, and densities where the arithmetic breaks down."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.errors import NumericalError
from vi_lab.model import Parameterisation

# A point far out may overflow on its way to a density of 0; nan and inf are looked for.
far_out = np.errstate(over="ignore", divide="ignore", invalid="ignore")
BROKEN = (ArithmeticError, RuntimeWarning, np.linalg.LinAlgError, NumericalError)
COMPLEX_STEP = 1e-200  # no difference is taken, so none is lost
CENTRAL_STEP = float(np.finfo(np.float64).eps) ** 0.2  # where h**4 and eps/h are of a size
Density = Callable[[np.ndarray], Any]
Derivative = Callable[[Density, np.ndarray], np.ndarray]


@far_out
def one_by_one_where_broken(function: Density, y: np.ndarray, broken: float) -> np.ndarray:
    """function(y), y (*batch, D), each point by itself where all at once raise; `broken` at those
    that do, and where it is not finite."""
    try:
        found = np.asarray(function(y))
    except BROKEN:
        if y.ndim == 1:
            return np.full((y if np.isnan(broken) else y[0]).shape, broken)
        found = np.stack([one_by_one_where_broken(function, part, broken) for part in y])
    return np.where(np.isfinite(found), found, broken)


def pull_back(
    change: Parameterisation, y: dict[str, Any], slopes: dict[str, Any], batch: tuple[int, ...]
) -> dict[str, Any]:
    """The gradient over y of f(inverse(y)) plus the log determinant, from that of f there.

    A complex step along each coordinate, Im g(y + i h e_j) / h (Squire & Trapp 1998), is good to
    the last digit of any map made of analytic functions; all coordinates move on a leading axis.
    """
    gradient = {}
    for name, part in y.items():
        size = int(np.prod(part.shape[len(batch) :], dtype=np.int64))
        steps = np.eye(size).reshape(size, *(1,) * len(batch), *part.shape[len(batch) :])
        moved, log_det = change.inverse({**y, name: part + 1j * COMPLEX_STEP * steps})
        total = np.imag(log_det) / COMPLEX_STEP
        for other, slope in slopes.items():
            product = np.imag(moved[other]) / COMPLEX_STEP * slope
            lead = np.broadcast_shapes(product.shape, (size, *slope.shape))[: 1 + len(batch)]
            total = total + np.broadcast_to(product, lead + slope.shape[len(batch) :]).reshape(
                *lead, -1
            ).sum(-1)
        gradient[name] = np.moveaxis(total, 0, -1).reshape(part.shape)
    return gradient


def complex_step(log_density: Density, y: np.ndarray) -> np.ndarray:
    """Im f(y + i h e_j) / h for every j, (*batch, D)."""
    columns = [
        np.imag(log_density(y + 1j * COMPLEX_STEP * unit)) / COMPLEX_STEP
        for unit in np.eye(y.shape[-1])
    ]
    return np.stack(columns, axis=-1)


def central_differences(log_density: Density, y: np.ndarray) -> np.ndarray:
    """(8 (f(y + h) - f(y - h)) - (f(y + 2h) - f(y - 2h))) / 12h along every coordinate, its error
    of order h**4."""
    columns = []
    for unit in np.eye(y.shape[-1]):
        h = CENTRAL_STEP * (1.0 + np.abs(y)) * unit
        near = log_density(y + h) - log_density(y - h)
        far = log_density(y + 2.0 * h) - log_density(y - 2.0 * h)
        columns.append((8.0 * near - far) / (12.0 * h.sum(-1)))
    return np.stack(columns, axis=-1)


@far_out
def choose_derivative(log_density: Density, y: np.ndarray) -> Derivative:
    """The complex step where the density takes it and it is what differences give, else those."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        slope = central_differences(log_density, y)
        try:
            step = complex_step(log_density, y)
        except Exception:  # a density of real numbers may say so in any way
            return central_differences
    same = step.shape == slope.shape and np.allclose(step, slope, rtol=1e-5, atol=1e-5)
    return complex_step if same else central_differences
