"""Densities that are simple given what was summed or integrated out: their average over it.

    p(x) = sum_m weight_m p(x | m)

m is a labelling, a year of change, or a node of a quadrature.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.numerics import densities

ENTRIES = 2**20  # of a table over m and the points, computed at a time
LEFT_OUT = 1e-9  # probability of what is left out, m by m, the least probable first
NARROWEST = 1e-10  # share of a variance that is left by the other of two; below it is rounding
HELD = 0.7  # sd of a ridge, in steps of a grid whose sums are right to exp(-2 (pi 0.7)**2) = 6e-5
WIDENED = 0.1  # a ridge's share of a variance is lifted to this at most, however wide the steps
LOWEST = 1e-300  # in place of 0, at the end of what is positive


def average_density(
    weights: np.ndarray, density: Callable[..., Any], *given: Any, size: int
) -> np.ndarray:
    """The average of a density over m.

    Parameters
    ----------
    weights : array (M,), summing to 1
    density : callable
        The parameters of some m, each (some, ...) -> their densities (some, *shape).
    *given : arrays (M, ...)
        The parameters of all m.
    size : int
        How many points there are.

    Returns
    -------
    array (*shape,)
    """
    order = np.argsort(-weights)
    kept = order[: 1 + int(np.searchsorted(np.cumsum(weights[order]), 1.0 - LEFT_OUT))]
    step = max(1, ENTRIES // max(size, 1))
    total: Any = 0.0
    for i in range(0, len(kept), step):
        some = kept[i : i + step]
        total = total + np.tensordot(weights[some], density(*(g[some] for g in given)), axes=1)
    return np.asarray(total)


def column(table: Any, index: tuple[int, ...]) -> np.ndarray:
    """One number for each m, (M,), of a table (M, ...)."""
    return np.asarray(table[(slice(None), *index)])


def mix(log_density: Callable[..., Any], weights: np.ndarray, x: np.ndarray, *given: Any) -> Any:
    """The average of exp(log_density(x, *parameters)) at x (n,), the parameters (M,) each."""

    def density(*some: np.ndarray) -> Any:
        return np.exp(log_density(x, *(parameter[:, None] for parameter in some)))

    return average_density(weights, density, *given, size=len(x))


def normal(x: np.ndarray, mean: Any, variance: Any) -> Any:
    """The density of one normal at x (n,)."""
    return np.exp(densities.log_normal(x, mean, variance))


def mix_normals(weights: np.ndarray, x: np.ndarray, mean: Any, variance: Any) -> Any:
    """The density of a mixture of normals at x (n,), with means and variances (M,)."""
    return mix(densities.log_normal, weights, x, mean, variance)


def mix_gammas(weights: np.ndarray, x: np.ndarray, shape: Any, rate: Any) -> Any:
    """The density of a mixture of gammas at x (n,), its limit at 0; shapes and rates (M,)."""
    return mix(densities.log_gamma, weights, np.where(x == 0, LOWEST, x), shape, rate)


def mix_betas(weights: np.ndarray, x: np.ndarray, a: Any, b: Any) -> Any:
    """The density of a mixture of Beta(a, b) at x (n,), its limits at 0 and 1; a and b (M,)."""
    inside = (x >= 0) & (x <= 1)
    pi = np.maximum(np.stack([x, 1.0 - x], axis=-1), LOWEST)

    def log_beta(pi: np.ndarray, a: np.ndarray, b: np.ndarray) -> Any:
        return densities.log_dirichlet(pi, np.stack([a, b], axis=-1))

    return np.where(inside, mix(log_beta, weights, pi, a, b), 0.0)


def mix_normal_pairs(
    weights: np.ndarray, x: np.ndarray, y: np.ndarray, means: Any, variances: Any, cov: Any
) -> np.ndarray:
    """The density of a mixture of normals in two dimensions, (x points, y points).

    `means` and `variances` are pairs of arrays (M,); `cov` (M,) the covariances. Each is
    N(x; m_x, v_x) N(y; m_y + c/v_x (x - m_x), v_y - c**2/v_x).
    """

    def density(m_x: Any, m_y: Any, v_x: Any, slope: Any, left: Any) -> Any:
        first = densities.log_normal(x, m_x[:, None], v_x[:, None])
        centre = m_y[:, None] + slope[:, None] * (x - m_x[:, None])
        then = densities.log_normal(y, centre[..., None], left[:, None, None])
        return np.exp(first[..., None] + then)

    slope, left = cov / variances[0], variances[1] - cov**2 / variances[0]
    left = np.maximum(left, NARROWEST * variances[1])
    return average_density(
        weights, density, *means, variances[0], slope, left, size=len(x) * len(y)
    )


def widen_ridges(x: np.ndarray, y: np.ndarray, variances: Any, cov: Any) -> Any:
    """Covariances (M,) of pairs, less those of ridges that fall between the points of a grid.

    Given one of the pair the other has a share 1 - r**2 of its variance, r their correlation. It is
    lifted to where its sd is HELD steps, by a smaller r: each of the two keeps its own density, so
    that sums over the grid are right. Pairs whose ridge is wider stay as they are.
    """
    steps = [np.ptp(points) / max(len(points) - 1, 1) for points in (x, y)]
    widths = [(HELD * step) ** 2 / v for step, v in zip(steps, variances, strict=True)]
    widest = np.sqrt(variances[0] * variances[1] * (1.0 - np.minimum(np.maximum(*widths), WIDENED)))
    return np.clip(cov, -widest, widest)


def normal_pair(x: np.ndarray, y: np.ndarray, mean: np.ndarray, cov: np.ndarray) -> np.ndarray:
    """The density of one normal in two dimensions, (x points, y points)."""
    one, spread = np.ones(1), np.diag(cov)
    return mix_normal_pairs(one, x, y, mean[:, None], spread[:, None], cov[:1, 1])


def density_of_exponential(
    log_density: Callable[[np.ndarray], Any], t: np.ndarray, power: float = 1.0
) -> np.ndarray:
    """The density of t = exp(power s), (n,), from the log density of s: p(s) / (power t).

    At t = 0 its limit; below, 0.
    """
    log_t = np.log(np.maximum(t, LOWEST**power))
    value = np.exp(log_density(log_t / power) - np.log(power) - log_t)
    return np.where(t >= 0, value, 0.0)


def is_two_valued(p: float, x: np.ndarray, low: float = 0.0) -> np.ndarray:
    """The probabilities at x of a variable that is 1 with probability p, and else `low`."""
    return np.where(x == 1, p, np.where(x == low, 1.0 - p, 0.0))


def mix_order_statistic(
    weights: np.ndarray,
    density: Callable[..., Any],
    below: Callable[..., Any],
    rank: int,
    given: Any,
    size: int,
) -> np.ndarray:
    """The density of the `rank`-th lowest of K numbers that are independent given m.

    It is x where one of them is, and just `rank` of the others are below x:

        sum_k p_k(x) P(rank of the others < x)

    `given` holds parameters (M, K) each; `density` and `below` take those of some m and give
    p_k(x) and P(number k < x), (some, K, size).
    """

    def ranked(*some: np.ndarray) -> Any:
        each, lower = density(*some), below(*some)
        total = 0.0
        for k in range(each.shape[1]):
            # how many of the others are below: a Poisson-binomial, one after the other
            counts = [np.ones_like(each[:, k])]
            for other in (j for j in range(each.shape[1]) if j != k):
                p = lower[:, other]
                counts = [
                    (counts[c] * (1.0 - p) if c < len(counts) else 0.0)
                    + (counts[c - 1] * p if c else 0.0)
                    for c in range(len(counts) + 1)
                ]
            total = total + each[:, k] * counts[rank]
        return total

    return average_density(weights, ranked, *given, size=size * np.shape(given[0])[1])
