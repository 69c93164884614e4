"""Convergence diagnostics of arrays (chains, draws, ...); results have the trailing shape.

How each is computed is in `chain_diagnostics`. k-hat and densities of draws are arviz-stats',
imported when first needed.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.errors import InputError, NotApplicable, refuse_if
from vi_lab.results.chain_diagnostics import (
    find_ess,
    find_normal_scores,
    find_quantile_error,
    find_quantile_ess,
    find_rank_rhat,
    split_chains,
)

MIXED = 1.02  # R-hat above which chains have not forgotten where they started
FEWEST_DRAWS = 4  # of a chain: it is cut into halves that have a variance
FEWEST_WEIGHTS = 25  # that a Pareto tail can be fitted to


@public
def rhat(draws: np.ndarray) -> np.ndarray:
    """Rank-normalised split R-hat, shape (...); nan where every draw is the same, or where a
    chain has fewer than four, which cannot be split.

    inf where no half of a chain has moved and they are not all at one place: between them there is
    a variance, and within them none.
    """
    return _find_each(_rhat, draws)


@public
def ess(draws: np.ndarray) -> np.ndarray:
    """Bulk effective sample size, shape (...); nan where every draw is the same, or where a chain
    has fewer than four, which cannot be split."""
    return _find_each(lambda chains: find_ess(find_normal_scores(split_chains(chains))), draws)


@public
def rhat_and_ess(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both of these, (...) each, of ranks found once; nan where they are."""
    found = _find_each(_rhat_and_ess, draws, numbers=2)
    return found[..., 0], found[..., 1]


@public
def tail_ess(draws: np.ndarray) -> np.ndarray:
    """Tail effective sample size, shape (...): the smaller of those of the 5% and the 95% quantile
    (Vehtari et al. 2021, section 4.3); nan where `ess` is."""
    return _find_each(lambda chains: min(find_quantile_ess(chains, p) for p in (0.05, 0.95)), draws)


@public
def mcse(draws: np.ndarray) -> np.ndarray:
    """Monte Carlo standard error of the mean, shape (...); nan where `ess` is."""
    return _find_each(
        lambda chains: chains.std(ddof=1) / np.sqrt(find_ess(split_chains(chains))), draws
    )


@public
def quantile_mcse(draws: np.ndarray, p: float) -> np.ndarray:
    """Monte Carlo standard error of the p-quantile, shape (...); nan where `ess` is (Vehtari et al.
    2021, section 4.4)."""
    p = float(checks.shares("p", p))
    return _find_each(lambda chains: find_quantile_error(chains, p), draws)


def _rhat(chains: np.ndarray) -> float:
    split = split_chains(chains)
    return find_rank_rhat(split, find_normal_scores(split))


def _rhat_and_ess(chains: np.ndarray) -> tuple[float, float]:
    split = split_chains(chains)
    scores = find_normal_scores(split)
    return find_rank_rhat(split, scores), find_ess(scores)


def _find_each(
    find: Callable[[np.ndarray], Any], draws: np.ndarray, numbers: int | None = None
) -> np.ndarray:
    """What `find` gives for each quantity, draws (chains, draws, ...) -> (...), or (..., numbers);
    nan of a constant, which has no variance to compare, and of draws too few to be split."""
    array = checks.real_array("draws", draws)
    refuse_if(array.ndim < 2, f"draws: needs shape (chains, draws, ...), got {array.shape}")
    array = checks.square_fits("draws", array)
    shape, several = array.shape[2:], () if numbers is None else (numbers,)
    each = np.moveaxis(array.reshape(*array.shape[:2], -1), 2, 0)
    result = np.full((len(each), *several), np.nan)
    if array.shape[1] >= FEWEST_DRAWS:
        for index, strided in enumerate(each):
            chains = strided.copy(order="K")  # side by side in memory
            if np.ptp(chains) > 0:
                result[index] = find(chains)
    return result.reshape((*shape, *several))


@public
def khat(log_weights: np.ndarray) -> np.ndarray:
    """Pareto k-hat of the largest of importance weights, (..., draws) -> (...).

    Above 0.5 their variance is infinite; above `khat_limit` no mean of so many can be relied on
    (Vehtari, Simpson, Gelman, Yao & Gabry 2024; the fit is Zhang & Stephens 2009). nan for fewer
    than 25 draws; -inf where all weights are equal, which is what an exact proposal gives, or all
    of those that a tail is fitted to; inf where the largest weight is more than e^600 times most of
    these: psislw sees noughts there, and gives a small k-hat.

    Too few draws overstate it: the tail is fitted to the largest 3 sqrt(draws) weights, and of a
    light-tailed proposal 4,000 draws have seen the steep shoulder of the ratio alone. For Gaussians
    of least KL 4,000 draws gave 1.3 to 3.3 where the mean of the weights was right to 0.003 nats,
    and 100,000 gave 0.36, 0.29 and 0.51. A small k-hat can be relied on; a large one asks for more
    draws before it is a verdict.
    """
    array = checks.numbers("log_weights", log_weights).astype(np.float64)
    if not array.size or not array.ndim:
        raise InputError(f"log_weights: needs shape (..., draws), got {array.shape}")
    rows = array.reshape(-1, array.shape[-1])
    return np.array([_fit_khat(row) for row in rows]).reshape(array.shape[:-1])


def _fit_khat(log_weights: np.ndarray) -> float:
    """k-hat of one row, (draws,)."""
    array_stats = _import_array_stats()
    count, top = len(log_weights), log_weights.max()
    if count < FEWEST_WEIGHTS or not np.isfinite(top):
        return np.nan
    row = log_weights - top
    quartile = int(0.75 * min(0.2 * count, 3.0 * np.sqrt(count)))  # the tail's, from the top
    if np.sort(row)[-quartile] < -600.0:
        return np.inf
    row = np.maximum(row, -700.0)
    # psislw takes minus the log weights, and raises where all in the tail are the same
    with np.errstate(all="ignore"), contextlib.suppress(ValueError):
        if np.ptp(row) >= 1e-9:
            return float(array_stats.psislw(-row)[1])
    return -np.inf


@public
def khat_limit(draws: int) -> float:
    """The k-hat up to which a mean of so many weights can be relied on: min(1 - 1 / log10 S, 0.7)
    (Vehtari et al. 2024, section 3.2.4)."""
    draws = checks.integer("draws", draws, 0)
    return min(1.0 - 1.0 / np.log10(draws), 0.7) if draws > 1 else -np.inf


def kernel_density(
    draws: np.ndarray, bandwidth: float | str = "experimental"
) -> tuple[np.ndarray, np.ndarray, float]:
    """The density of draws (n,), two of them different: even points over their range, the density
    there, and the width of the Gaussian kernels.

    arviz-stats' own: the width halfway between Silverman's and that of the improved Sheather-Jones
    rule (Botev, Grotowski & Kroese 2010), unless it is given; kernels reflected at both ends.
    """
    at, density, width = _import_array_stats().kde(draws, bw=bandwidth)
    return at, density, float(width)


@functools.cache
def _import_array_stats() -> Any:
    """arviz-stats' functions of arrays, without what it would import for xarray.

    Where xarray and arviz-base are installed, `import arviz_stats` brings them, pandas and
    matplotlib along, which triples its second. They are hidden from this one import; it is then
    forgotten, so that an import of the user's gives the whole package.
    """
    if sys.flags.optimize > 1:
        raise NotApplicable(
            "k-hat and densities of draws are arviz-stats', which breaks without docstrings: "
            "run Python without -OO"
        )
    if not {"arviz_stats", "arviz_base", "xarray"} & sys.modules.keys():
        absent: Any = {"arviz_base": None, "xarray": None}
        sys.modules.update(absent)
        try:
            return importlib.import_module("arviz_stats.base").array_stats
        finally:
            for name in [name for name in sys.modules if name.startswith("arviz_stats")]:
                del sys.modules[name]
            for name in absent:
                del sys.modules[name]
    return importlib.import_module("arviz_stats.base").array_stats


@public
def wasserstein(a: np.ndarray, b: np.ndarray) -> float:
    """Wasserstein-1 distance between two samples of one quantity, in its own unit.

    The integral of |F_a - F_b|, of the shares F of each sample at or below (Vallender 1974): both
    are steps from one draw of the two to the next.
    """
    ordered = [
        np.sort(checks.observations(name, sample, None), axis=None)
        for name, sample in (("a", a), ("b", b))
    ]
    together = np.concatenate(ordered)
    merged = together.argsort(kind="stable")  # of two sorted runs a merge
    of_a, of_b = map(len, ordered)
    at_or_below = np.arange(1, of_a + of_b)
    from_a = (merged < of_a).cumsum()[:-1]  # between equal draws, where it is not, there is no step
    apart = np.abs(from_a / of_a - (at_or_below - from_a) / of_b)
    return float(np.vecdot(apart, np.diff(together[merged])))
