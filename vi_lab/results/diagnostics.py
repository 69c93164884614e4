"""Convergence diagnostics: a thin wrap of arviz-stats, imported when first needed.

Arrays are (chains, draws, ...); results have the trailing shape. Sources: Vehtari, Gelman, Simpson,
Carpenter & Buerkner (2021) for rank-normalised split R-hat, bulk ESS and MCSE.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import sys
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.errors import InputError, NotApplicable, refuse_if
from vi_lab.numerics import special

MIXED = 1.02  # R-hat above which chains have not forgotten where they started
FEWEST_WEIGHTS = 25  # that a Pareto tail can be fitted to


@public
def rhat(draws: np.ndarray) -> np.ndarray:
    """Rank-normalised split R-hat, shape (...); nan where every draw is the same, or where a
    chain has fewer than four, which cannot be split.

    inf where no half of a chain has moved and they are not all at one place: between them there is
    a variance, and within them none.
    """
    return _mark_still(_apply("rhat", draws, minimum=4), checks.real_array("draws", draws))


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
    return _apply("ess", draws, minimum=4)


@public
def rhat_and_ess(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both of these, (...) each, in half the time: the draws are ranked once for the two."""
    array = checks.real_array("draws", draws)
    if array.ndim < 2 or array.shape[0] < 2 or array.shape[1] < 8:  # too few to be handed on split
        return rhat(draws), ess(draws)
    half = array.shape[1] // 2
    split = np.concatenate([array[:, :half], array[:, -half:]])
    bulk = _score_ranks(split)
    folded = _score_ranks(np.abs(split - np.median(split, axis=(0, 1))))
    # of two values the folded draws are all the same, and say nothing
    found = np.fmax(*(_apply("rhat", z, 4, method="identity") for z in (bulk, folded)))
    return _mark_still(found, array), _apply("ess", bulk, 4, method="identity")


def _score_ranks(split: np.ndarray) -> np.ndarray:
    """Normal scores of each draw's rank among all of its quantity, (chains, draws, ...): what
    arviz-stats makes R-hat and ESS of (Vehtari et al. 2021, eq. 14). Equal draws share the mean of
    their ranks."""
    rows = np.moveaxis(split, (0, 1), (-2, -1)).reshape(*split.shape[2:], -1)
    order = rows.argsort(axis=-1)
    ordered = np.take_along_axis(rows, order, -1)
    place, edge = np.arange(rows.shape[-1]), ordered[..., 1:] != ordered[..., :-1]
    # of each in its order, the places of the first and of the last draw that are equal to it
    first, last = np.zeros_like(order), np.full_like(order, place[-1])
    first[..., 1:] = np.maximum.accumulate(edge * place[1:], -1)
    ends = np.where(edge, place[:-1], place[-1])[..., ::-1]
    last[..., :-1] = np.minimum.accumulate(ends, -1)[..., ::-1]
    scores = np.empty_like(rows)
    np.put_along_axis(scores, order, _list_scores(len(place))[first + last], -1)
    scores = scores.reshape(*split.shape[2:], *split.shape[:2])
    return np.moveaxis(scores, (-2, -1), (0, 1))


@functools.lru_cache(maxsize=4)
def _list_scores(count: int) -> np.ndarray:
    """The scores of the ranks 1, 1.5, 2, ..., count among so many draws."""
    ranks = np.arange(2, 2 * count + 1) / 2.0
    return np.asarray(special.ndtri((ranks - 0.375) / (count + 0.25)))


@public
def tail_ess(draws: np.ndarray) -> np.ndarray:
    """Tail effective sample size, shape (...): the smaller of those of the 5% and the 95% quantile
    (Vehtari et al. 2021, section 4.3); nan where `ess` is."""
    return _apply("ess", draws, minimum=4, method="tail", prob=0.95)


@public
def mcse(draws: np.ndarray) -> np.ndarray:
    """Monte Carlo standard error of the mean, shape (...); nan where `ess` is."""
    return _apply("mcse", draws, minimum=4)


@public
def quantile_mcse(draws: np.ndarray, p: float) -> np.ndarray:
    """Monte Carlo standard error of the p-quantile, shape (...); nan where `ess` is (Vehtari et al.
    2021, section 4.4)."""
    p = float(checks.shares("p", p))
    return _apply("mcse", draws, minimum=4, method="quantile", prob=p)


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


def _apply(name: str, draws: np.ndarray, minimum: int, **more: Any) -> np.ndarray:
    array_stats = _import_array_stats()
    array = checks.real_array("draws", draws)
    refuse_if(array.ndim < 2, f"draws: needs shape (chains, draws, ...), got {array.shape}")
    array = checks.square_fits("draws", array)
    shape = array.shape[2:]
    flat = array.reshape(*array.shape[:2], -1)
    result = np.full(flat.shape[2], np.nan)
    span = np.ptp(flat, axis=(0, 1))
    # a constant has no variance to compare; too few draws cannot be split
    varied = span > 0
    if varied.any() and flat.shape[1] >= minimum:
        function = getattr(array_stats, name)
        # arviz-stats takes draws within 1e-15 of each other for a constant; a power of 2 is exact
        unit = np.ldexp(1.0, np.frexp(span[varied])[1])
        with np.errstate(all="ignore"):
            found = function(flat[:, :, varied] / unit, chain_axis=0, draw_axis=1, **more)
        result[varied] = found * unit if name == "mcse" else found
    return result.reshape(shape)


@functools.cache
def _import_array_stats() -> Any:
    """arviz-stats' functions of arrays, without what it would import for xarray.

    Where xarray and arviz-base are installed, `import arviz_stats` brings them, pandas and
    matplotlib along, which triples its second. They are hidden from this one import; it is then
    forgotten, so that an import of the user's gives the whole package.
    """
    if sys.flags.optimize > 1:
        raise NotApplicable(
            "R-hat, ESS and densities of draws are arviz-stats', which breaks without docstrings: "
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
