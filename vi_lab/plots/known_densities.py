"""What a result knows of a density without draws: the truth by itself, a q by its factors.

Coordinates are (name, index) pairs of latents, or of summaries for the truth. Each function gives
None for what is known by draws alone.
"""

from __future__ import annotations

import numpy as np

from vi_lab.results import Exact, Factorised, GaussianRows, Posterior
from vi_lab.results.exact import Coordinate
from vi_lab.results.factor_densities import find_density, find_pair_density


def find_marginal(result: Posterior, at: Coordinate, x: np.ndarray) -> np.ndarray | None:
    """The density of a real number at x (n,), or the probabilities of a discrete one."""
    if isinstance(result, Exact):
        return result.find_marginal(*at, x)
    if isinstance(result, Factorised | GaussianRows):
        return find_density(result.model, result.q, at, x)
    return None


def find_joint(
    result: Posterior, one: Coordinate, two: Coordinate, x: np.ndarray, y: np.ndarray
) -> np.ndarray | None:
    """The density of two real numbers, (x points, y points)."""
    if isinstance(result, Exact):
        return result.find_joint(one, two, x, y)
    if isinstance(result, Factorised | GaussianRows):
        return find_pair_density(result.model, result.q, one, two, x, y)
    return None
