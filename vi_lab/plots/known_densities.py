"""What a result knows of a density without draws: the truth by itself, a q by its factors.

Coordinates are (name, index) pairs of latents, or of summaries for the truth. Each function gives
None for what is known by draws alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.results import Exact, Factorised, GaussianRows, Posterior
from vi_lab.results.exact import Coordinate
from vi_lab.results.factor_densities import find_factor, find_factor_density


def find_marginal(result: Posterior, at: Coordinate, x: np.ndarray) -> np.ndarray | None:
    """The density of a real number at x (n,), or the probabilities of a discrete one."""
    name, index = at
    if isinstance(result, Exact):
        return result.find_marginal(name, index, x)
    return find_factor_density(_find_factor(result, name), index, x)


def find_joint(
    result: Posterior, one: Coordinate, two: Coordinate, x: np.ndarray, y: np.ndarray
) -> np.ndarray | None:
    """The density of two real numbers, (x points, y points)."""
    if isinstance(result, Exact):
        return result.find_joint(one, two, x, y)
    factors = _find_factor(result, one[0]), _find_factor(result, two[0])
    # independent are two blocks, or two plates of one
    if None in factors or (one[0] == two[0] and factors[0].family.event_shape):
        return None
    first, then = find_marginal(result, one, x), find_marginal(result, two, y)
    return None if first is None or then is None else np.multiply.outer(first, then)


def _find_factor(result: Posterior, name: str) -> Any:
    """The factor of q that is this latent and nothing else, or None."""
    if isinstance(result, Factorised | GaussianRows):
        return find_factor(result.q, result.model.sources, name)
    return None
