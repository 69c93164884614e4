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
