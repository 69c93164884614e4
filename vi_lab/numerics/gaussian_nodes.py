"""Nodes of a standard normal in D dimensions: a product rule while that is small, else points that
fill the space evenly.

Gauss-Hermite nodes are exact for polynomials of a degree below twice their number on each axis; in
more than two dimensions they are too many, and scrambled Sobol points with their mirror images take
their place (Owen 1997): odd functions have the mean 0 to the last digit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vi_lab.arguments.read_only import read_only
from vi_lab.numerics import special

MOST_HERMITE = 2  # dimensions of a product rule
# Nodes an axis of a bound by dimension, and of another rule that tells how far off it is. Errors
# fall as exp(-c sqrt(nodes)): of two rules that are nearly alike both are as far off.
OF_BOUND = {0: (2, 1), 1: (80, 48), 2: (48, 32)}
OF_KL, STEPS_OF_KL = (40, 28), (0.125, 0.25)  # in a plane; and on a line


class Nodes(NamedTuple):
    """points (rules, N, D) and weights (N,), which sum to 1: several rules for one integral tell
    how far off it is."""

    points: np.ndarray
    weights: np.ndarray
    route: str


def hermite_nodes(dimension: int, per_axis: int) -> Nodes:
    """The product of Gauss-Hermite rules, per_axis**D nodes."""
    x, w = np.polynomial.hermite_e.hermegauss(per_axis)
    w = w / w.sum()
    points = np.stack(np.meshgrid(*[x] * dimension, indexing="ij"), axis=-1)
    weights = np.ones(1)
    for _ in range(dimension):
        weights = np.multiply.outer(weights, w).ravel()
    points = read_only(points.reshape(1, -1, dimension))
    return Nodes(points, read_only(weights), "Gauss-Hermite quadrature")


def bound_rules(dimension: int) -> tuple[Nodes, ...]:
    """Of an ELBO, and to judge it by."""
    return tuple(hermite_nodes(dimension, n) for n in OF_BOUND[dimension])


def kl_rules(dimension: int) -> tuple[Nodes, ...]:
    """As `bound_rules`, with other nodes: two integrals on the same ones are off alike."""
    if dimension == 1:
        return tuple(even_nodes(step) for step in STEPS_OF_KL)
    return tuple(hermite_nodes(dimension, n) for n in OF_KL)


def even_nodes(step: float, reach: float = 11.5) -> Nodes:
    """The trapezoidal rule on the line: it errs by exp(-2 pi d / step), d the distance of the next
    pole off it, and one of twice the step by the root of that."""
    x = step * np.arange(-round(reach / step), round(reach / step) + 1.0)
    w = np.exp(-0.5 * x * x)
    return Nodes(read_only(x[None, :, None]), read_only(w / w.sum()), "the trapezoidal rule")


def sobol_nodes(dimension: int, count: int, rules: int, rng: np.random.Generator) -> Nodes:
    """So many independent scrambles, each of `count` points (a power of 2), every one followed by
    its mirror image: the first 2 n of them, n a power of 2, are a rule too."""
    from scipy.stats import qmc

    points = np.empty((rules, 2 * count, dimension))
    for rule, child in zip(points, rng.spawn(rules), strict=True):
        uniform = qmc.Sobol(dimension, rng=child).random(count)
        rule[::2] = special.ndtri(np.clip(uniform, 2.0**-54, 1.0 - 2.0**-53))
        rule[1::2] = -rule[::2]
    weights = np.full(2 * count, 0.5 / count)
    return Nodes(read_only(points), read_only(weights), "randomised quasi-Monte Carlo")
