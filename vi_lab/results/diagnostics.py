"""Convergence diagnostics: rank-normalised split R-hat, bulk and tail ESS, MCSE, k-hat.

Arrays are (chains, draws, ...); results have the trailing shape. Sources: Vehtari, Gelman, Simpson,
Carpenter & Buerkner (2021), whose formulas are in `numerics.autocorrelation`. k-hat and densities
of draws are arviz-stats', which takes half a second to import and is imported for these alone.
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
from vi_lab.numerics import special
from vi_lab.numerics.autocorrelation import (
    compare_variances,
    effective_size,
    fold,
    score_ranks,
    split,
)

MIXED = 1.02  # R-hat above which chains have not forgotten where they started
FEWEST_DRAWS = 4  # of a chain that can be split
NUMBERS_AT_ONCE = 2**18  # of draws that are looked at together
FEWEST_WEIGHTS = 25  # that a Pareto tail can be fitted to


@public
def rhat(draws: np.ndarray) -> np.ndarray:
    """Rank-normalised split R-hat, shape (...); nan where every draw is the same, of one chain
    alone, or where a chain has fewer than four draws, which cannot be split.

    inf where no half of a chain has moved and they are not all at one place: between them there is
    a variance, and within them none.
    """

    def find(rows: np.ndarray) -> np.ndarray:
        return _compare(halves := split(rows), score_ranks(halves))

    return _mark_still(_apply(find, draws), np.asarray(draws))


def _compare(halves: np.ndarray, bulk: np.ndarray) -> np.ndarray:
    """The larger R-hat: of the places of the halves, by their scores, and of their widths."""
    if halves.shape[1] < 4:
        return np.full(len(halves), np.nan)
    # of two values the folded draws are all the same, and say nothing
    return np.fmax(compare_variances(bulk), compare_variances(score_ranks(fold(halves))))


def _mark_still(found: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """R-hats, inf where no half of a chain has moved."""
    half = draws.shape[1] // 2
    if half >= 2:
        still = [np.ptp(part, axis=1).max(0) == 0 for part in (draws[:, :half], draws[:, -half:])]
        found = np.where(np.isfinite(found) & still[0] & still[1], np.inf, found)
    return found


@public
def ess(draws: np.ndarray) -> np.ndarray:
    """Bulk effective sample size, shape (...); nan where every draw is the same, or where a chain
    has fewer than four, which cannot be split."""
    return _apply(lambda rows: effective_size(score_ranks(split(rows))), draws)


@public
def rhat_and_ess(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both of these, (...) each, in less time: the draws are ranked once for the two."""

    def find(rows: np.ndarray) -> np.ndarray:
        halves = split(rows)
        bulk = score_ranks(halves)
        return np.stack([_compare(halves, bulk), effective_size(bulk)])

    rhats, sizes = _apply(find, draws, outputs=(2,))
    return _mark_still(rhats, np.asarray(draws)), sizes


@public
def tail_ess(draws: np.ndarray) -> np.ndarray:
    """Tail effective sample size, shape (...): the smaller of those of the 5% and the 95% quantile
    (Vehtari et al. 2021, section 4.3); nan where `ess` is."""
    return _apply(lambda rows: np.minimum(*(_below(rows, p) for p in (0.05, 0.95))), draws)


def _below(rows: np.ndarray, p: float) -> np.ndarray:
    """The effective size of the draws for the probability to be below their p-quantile."""
    below = rows <= np.quantile(rows, p, axis=(1, 2), keepdims=True)
    return effective_size(split(below.astype(np.float64)))


@public
def mcse(draws: np.ndarray) -> np.ndarray:
    """Monte Carlo standard error of the mean, shape (...); nan where `ess` is."""

    def find(rows: np.ndarray) -> np.ndarray:
        spread = np.ldexp(1.0, np.frexp(np.ptp(rows, axis=(1, 2)))[1])  # whose square is not lost
        rows = rows / spread[:, None, None]
        error = rows.std(axis=(1, 2), ddof=1) / np.sqrt(effective_size(split(rows)))
        return np.asarray(error * spread)

    return _apply(find, draws)


@public
def quantile_mcse(draws: np.ndarray, p: float) -> np.ndarray:
    """Monte Carlo standard error of the p-quantile, shape (...); nan where `ess` is.

    Half the distance between two of the ordered draws: at the shares of them that the posterior of
    a probability, Beta(S p + 1, S (1 - p) + 1) by S effective draws, has an sd below its mean and
    above, as a normal has (Vehtari et al. 2021, section 4.4).
    """
    p = float(checks.shares("p", p))
    ends = special.ndtr([[-1.0], [1.0]])

    def find(rows: np.ndarray) -> np.ndarray:
        size, ordered = _below(rows, p), np.sort(rows.reshape(len(rows), -1), axis=-1)
        low, high = special.betaincinv(size * p + 1.0, size * (1.0 - p) + 1.0, ends)
        last = ordered.shape[-1] - 1
        places = np.floor(low * (last + 1) - 1.0), np.ceil(high * (last + 1) - 1.0)
        ranks = np.clip(places, 0, last).astype(np.int64)
        below, above = np.take_along_axis(ordered, ranks.T, -1).T
        return np.asarray((above - below) / 2.0)

    return _apply(find, draws)


def _apply(
    find: Callable[[np.ndarray], np.ndarray], draws: np.ndarray, outputs: tuple[int, ...] = ()
) -> np.ndarray:
    """`find` of rows (quantities, chains, draws), giving (*outputs, quantities), some quantities at
    a time; (*outputs, ...), nan where there is nothing to find."""
    array = checks.real_array("draws", draws)
    refuse_if(array.ndim < 2, f"draws: needs shape (chains, draws, ...), got {array.shape}")
    array = checks.square_fits("draws", array)
    flat = array.reshape(*array.shape[:2], -1)
    found = np.full((*outputs, flat.shape[2]), np.nan)
    # a constant has no variance to compare; too few draws cannot be split
    varied = np.flatnonzero(np.ptp(flat, axis=(0, 1)) > 0)
    if array.shape[1] >= FEWEST_DRAWS:
        step = max(1, NUMBERS_AT_ONCE // flat[..., 0].size)
        for begin in range(0, len(varied), step):
            some = varied[begin : begin + step]
            with np.errstate(all="ignore"):
                found[..., some] = find(np.ascontiguousarray(np.moveaxis(flat[..., some], -1, 0)))
    return found.reshape((*outputs, *array.shape[2:]))


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

    The area between the quantile functions, integral |F_a^-1(u) - F_b^-1(u)| du over 0 < u < 1
    (Vallender 1974), each of which is a staircase over the sorted draws.
    """
    samples = (checks.observations(name, value, None) for name, value in (("a", a), ("b", b)))
    one, two = (np.sort(sample, axis=None) for sample in samples)
    step_a, step_b, widths = _overlay_steps(len(one), len(two))
    return float(np.abs(one[step_a] - two[step_b]) @ widths)


@functools.lru_cache(maxsize=4)
def _overlay_steps(m: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of two staircases over (0, 1), of m and of n even steps: on which step of each every piece
    between two edges lies, and how wide it is. Edges are whole numbers of 1/(m n)."""
    edges = np.union1d(np.arange(m + 1) * n, np.arange(n + 1) * m)
    return edges[:-1] // n, edges[:-1] // m, np.diff(edges) / (m * n)
