"""Rules of integration that the second routes share, each with an error of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from vi_lab.numerics.rounding import Estimate, rounding

LOG_2PI = float(np.log(2.0 * np.pi))


def logsumexp(log_terms: Any) -> float:
    """log sum exp of an array of any shape."""
    flat = np.asarray(log_terms).ravel()
    top = float(flat.max())
    return top + float(np.log(np.exp(flat - top).sum()))


def log_mean(log_weights: Any, route: str) -> Estimate:
    """The log of the mean of weights, with its Monte Carlo standard error by the delta method."""
    log_weights = np.asarray(log_weights)
    top = float(log_weights.max())
    share = np.exp(log_weights - top)
    error = float(share.std(ddof=1) / share.mean() / np.sqrt(len(share)))
    return Estimate(top + float(np.log(share.mean())), error, route)


def even_grid(*axes: tuple[float, float, int]) -> tuple[list[np.ndarray], float]:
    """Even nodes (low, high, count) on each axis, laid open for broadcasting; log of one cell."""
    nodes = [np.linspace(*axis) for axis in axes]
    log_cell = sum(np.log((high - low) / (count - 1)) for low, high, count in axes)
    return list(np.meshgrid(*nodes, indexing="ij", sparse=True)), float(log_cell)


def trapezoid(log_density: Any, log_cell: float, route: str) -> Estimate:
    """log of an integral from log heights on an even grid; every second node gives the error, and
    half the share of the nodes at the ends what lies beyond: they have a whole weight, not half.

    For integrands that are smooth and vanish at the ends of every axis, where the rule converges
    geometrically (Trefethen & Weideman 2014).
    """
    log_density = np.asarray(log_density)
    rank = log_density.ndim
    value = logsumexp(log_density) + log_cell
    every_second = log_density[(slice(None, None, 2),) * rank]
    halved = logsumexp(every_second) + log_cell + rank * np.log(2.0)
    inside = log_density[(slice(1, -1),) * rank]
    beyond = -0.5 * np.expm1(min(logsumexp(inside) + log_cell - value, 0.0))
    error = max(abs(value - halved), beyond) + rounding(log_density.max())
    return Estimate(value, float(error), route)


def add_up(estimates: Iterable[Estimate], route: str) -> Estimate:
    """log of a product of integrals, each with its own error."""
    values, errors, _ = zip(*estimates, strict=True)
    return Estimate(float(sum(values)), float(sum(errors)), route)


def panels(low: float, high: float, count: int, degree: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of Gauss and Legendre's rule on each of `count` equal panels."""
    x, w = np.polynomial.legendre.leggauss(degree)
    edges = np.linspace(low, high, count + 1)
    half = 0.5 * np.diff(edges)[:, None]
    return (edges[:-1, None] + half * (1.0 + x)).ravel(), (half * w).ravel()


def by_panels(
    log_density: Callable[..., Any],
    box: list[tuple[float, float]],
    count: int,
    route: str,
    degree: int = 12,
) -> Estimate:
    """log of an integral over a box by Gauss-Legendre panels; half as many of them give the error.

    `log_density` takes one open coordinate array an axis, and returns their broadcast.
    """
    found = []
    for number in (count, count // 2):
        rules = [panels(low, high, number, degree) for low, high in box]
        points = np.meshgrid(*(x for x, _ in rules), indexing="ij", sparse=True)
        total = log_density(*points)
        for log_w in np.meshgrid(*(np.log(w) for _, w in rules), indexing="ij", sparse=True):
            total = total + log_w
        found.append(logsumexp(total))
    return Estimate(found[0], float(abs(found[0] - found[1]) + rounding(found[0])), route)
