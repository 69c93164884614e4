"""Convergence diagnostics: a thin wrap of arviz-stats, imported when first needed.

Arrays are (chains, draws, ...); results have the trailing shape. Sources: Vehtari, Gelman, Simpson,
Carpenter & Buerkner (2021) for rank-normalised split R-hat, bulk ESS and MCSE.
"""

from __future__ import annotations

import numpy as np

from vi_lab import checks
from vi_lab.errors import InputError


@checks.clear_keywords
def rhat(draws: np.ndarray) -> np.ndarray:
    """Rank-normalised split R-hat, shape (...); nan where every draw is the same.

    inf where no half of a chain has moved and they are not all at one place: between them there is
    a variance, and within them none.
    """
    found = _apply("rhat", draws, minimum=4)
    array = np.asarray(draws)
    half = array.shape[1] // 2
    if half >= 2:
        still = [np.ptp(part, axis=1).max(0) == 0 for part in (array[:, :half], array[:, -half:])]
        found = np.where(np.isfinite(found) & still[0] & still[1], np.inf, found)
    return found


@checks.clear_keywords
def ess(draws: np.ndarray) -> np.ndarray:
    """Bulk effective sample size, shape (...); nan where every draw is the same."""
    return _apply("ess", draws, minimum=4)


@checks.clear_keywords
def mcse(draws: np.ndarray) -> np.ndarray:
    """Monte Carlo standard error of the mean, shape (...)."""
    return _apply("mcse", draws, minimum=4)


def _apply(name: str, draws: np.ndarray, minimum: int) -> np.ndarray:
    from arviz_stats.base import array_stats

    array = checks.real_array("draws", draws)
    if array.ndim < 2:
        raise InputError(f"draws: needs shape (chains, draws, ...), got {array.shape}")
    array = checks.moderate("draws", array)
    shape = array.shape[2:]
    flat = array.reshape(*array.shape[:2], -1)
    result = np.full(flat.shape[2], np.nan)
    # a constant has no variance to compare; too few draws cannot be split
    varied = np.ptp(flat, axis=(0, 1)) > 0
    if varied.any() and flat.shape[1] >= minimum:
        function = getattr(array_stats, name)
        with np.errstate(all="ignore"):
            result[varied] = function(flat[:, :, varied], chain_axis=0, draw_axis=1)
    return result.reshape(shape)


@checks.clear_keywords
def wasserstein(a: np.ndarray, b: np.ndarray) -> float:
    """Wasserstein-1 distance between two samples of one quantity, in its own unit."""
    from scipy.stats import wasserstein_distance

    one, two = (checks.data(name, value, None).ravel() for name, value in (("a", a), ("b", b)))
    return float(wasserstein_distance(one, two))
