"""The charges: how a fit can be wrong, each with a limit that was fixed before any fit was run.

    kl         KL[q || p] above 0.1 nats
    mean       a posterior mean off by more than 0.2 exact sds
    sd         a ratio of sds outside 0.8 to 1.25
    evidence   log p(x) by importance sampling from q, 4,000 draws, off by more than 0.1 nats
    mode       a mode missed: see `misses_mode`

kl and evidence are charges against densities alone: draws have neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

MOST_KL, MOST_MEAN, MOST_EVIDENCE = 0.1, 0.2, 0.1
SD_RATIOS = (0.8, 1.25)
BINS, MODE_MASS, VALLEY, LEFT = 30, 0.05, 0.3, 0.1
CHARGES = ("kl", "mean", "sd", "evidence", "mode")


def charge_moments(
    found: Mapping[str, tuple[np.ndarray, np.ndarray]],
    exact: Mapping[str, tuple[np.ndarray, np.ndarray]],
) -> dict[str, Any]:
    """The worst mean error in exact sds and the ends of the sd ratio, of mean and sd by latent."""
    errors = [np.abs(found[n][0] - exact[n][0]) / exact[n][1] for n in found]
    ratios = np.concatenate([np.ravel(found[n][1] / exact[n][1]) for n in found])
    worst = float(np.concatenate([np.ravel(error) for error in errors]).max())
    low, high = float(ratios.min()), float(ratios.max())
    return {
        "mean_error": worst,
        "sd_ratio_min": low,
        "sd_ratio_max": high,
        "guilty_mean": worst > MOST_MEAN,
        "guilty_sd": low < SD_RATIOS[0] or high > SD_RATIOS[1],
    }


def misses_mode(exact: np.ndarray, own: np.ndarray) -> bool:
    """Whether some coordinate has two modes of which the draws have all but lost one.

    A histogram of exact draws (n, P) in 30 bins over their central 99%, of whole numbers as many in
    each bin, has two modes where a bin is below 0.3 of the highest on either side, with at least 5%
    of the draws on each. One is missed where a side has less than a tenth of the share that it
    should have.

    Parameters
    ----------
    exact, own : array (draws, P)
    """
    return any(_misses(a, b) for a, b in zip(exact.T, own.T, strict=True))


def _misses(exact: np.ndarray, own: np.ndarray) -> bool:
    low, high = np.percentile(exact, (0.5, 99.5))
    if not high > low:
        return False
    edges = np.linspace(low, high, BINS + 1)
    if np.array_equal(exact, np.round(exact)):
        width = np.ceil((high - low + 1.0) / BINS)
        edges = np.arange(np.floor(low) - 0.5, high + width, width)
    counts, _ = np.histogram(exact, edges)
    for valley in _find_valleys(counts):
        for beyond in (exact < edges[valley], exact > edges[valley + 1]):
            own_side = own < edges[valley] if beyond[exact.argmin()] else own > edges[valley + 1]
            if own_side.mean() < LEFT * beyond.mean():
                return True
    return False


def _find_valleys(counts: np.ndarray) -> list[int]:
    """The deepest bin between two modes, if there is one."""
    total, found = counts.sum(), []
    for i in range(1, len(counts) - 1):
        left, right = counts[:i], counts[i + 1 :]
        peak = min(left.max(), right.max())
        enough = min(left.sum(), right.sum()) >= MODE_MASS * total
        if enough and counts[i] < VALLEY * peak:
            found.append((counts[i] / peak, i))
    return [min(found)[1]] if found else []
