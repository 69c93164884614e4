"""How far an empirical distribution may stray, at a stated rate of false alarms for every size.

All limits hold for finite samples and fresh seeds: nothing here is asymptotic.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.errors import InputError, refuse_if

ALPHA = 5e-9  # false alarms of one report
WIDEST = 0.9  # a limit that some wrong samplers are beyond
GRID = np.linspace(0.0, 1.0, 201)  # where the curves of a report are kept


def rate(alpha: Any) -> float:
    """A rate of false alarms, above 0 and below 1."""
    alpha = checks.positive("alpha", alpha)
    refuse_if(alpha >= 1.0, f"alpha: needs a rate of false alarms below 1, got {alpha:g}")
    return alpha


def require_power(replicates: int, alpha: float, comparisons: int = 1, samples: int = 1) -> None:
    """InputError where the limit is so wide that no sampler, however wrong, could be found out.

    One that gives the same number always is about 1 away, which is as far as anything can be.
    """
    least = replicates
    limit = two_samples if samples == 2 else one_sample
    while limit(least, alpha, comparisons) > WIDEST:
        least += 1
    if least > replicates:
        raise InputError(
            f"replicates: needs at least {least} for a rate of false alarms of {alpha:g}, got "
            f"{replicates}: with fewer, no sampler, however wrong, could be found out"
        )


def from_uniform(u: np.ndarray) -> float:
    """The largest distance of the empirical distribution of u from the uniform one."""
    u, n = np.sort(u), len(u)
    above = np.arange(1, n + 1) / n - u
    return float(max(above.max(), (1.0 / n - above).max()))


def one_sample(replicates: int, alpha: float, comparisons: int = 1) -> float:
    """The Dvoretzky-Kiefer-Wolfowitz limit, P(D > limit) <= alpha, shared by so many comparisons.

    P(D > e) <= 2 exp(-2 n e**2) with the constant 2 of Massart (1990), hence
    e = sqrt(log(2 m / alpha) / (2 n)) for m comparisons, by the union bound.
    """
    return float(np.sqrt(np.log(2.0 * comparisons / alpha) / (2.0 * replicates)))


def measure_distance(one: np.ndarray, two: np.ndarray) -> float:
    """The largest distance between two empirical distributions."""
    return float(np.abs(_gaps(one, two, np.unique(np.concatenate([one, two])))).max())


def two_samples(replicates: int, alpha: float, comparisons: int = 1) -> float:
    """The same for two samples of equal size: P(D > e) <= e exp(-n e**2) (Wei & Dudley 2012, 1a).

    Hence e = sqrt((1 + log(m / alpha)) / n).
    """
    return float(np.sqrt((1.0 + np.log(comparisons / alpha)) / replicates))


def curve_from_uniform(u: np.ndarray) -> np.ndarray:
    """Empirical distribution of u less the uniform one, over GRID."""
    return np.searchsorted(np.sort(u), GRID, side="right") / len(u) - GRID


def curve_between(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """One empirical distribution less the other, over the quantiles GRID of both together."""
    pooled = np.sort(np.concatenate([one, two]))
    return _gaps(one, two, pooled[np.round(GRID * (len(pooled) - 1)).astype(int)])


def _gaps(one: np.ndarray, two: np.ndarray, at: np.ndarray) -> np.ndarray:
    below = [np.searchsorted(np.sort(v), at, side="right") / len(v) for v in (one, two)]
    return below[0] - below[1]
