"""Quantiles of draws, and how far chance may have moved them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.numerics import special
from vi_lab.results import diagnostics

MASS = 0.89  # of an interval, where no other is asked for
DRAWS, MOST_NUMBERS = 20_000, 4_000_000  # made where only draws tell; fewer where one is large


class Interval(NamedTuple):
    """The ends of an interval, each in the shape of the latent."""

    low: Any
    high: Any


def find_normal_quantiles(mean: Any, sd: Any, levels: np.ndarray) -> np.ndarray:
    """The quantiles (levels, ...) of normals with these means and sds."""
    found: np.ndarray = mean + np.multiply.outer(special.ndtri(levels), sd)
    return found


def find_quantiles(draws: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """(chains, draws, ...) -> (levels, ...), over all chains; of whole numbers a whole number."""
    method: Any = "inverted_cdf" if draws.dtype.kind in "iu" else "linear"
    found: np.ndarray = np.quantile(draws, levels, axis=(0, 1), method=method)
    return found


def find_errors(draws: np.ndarray, levels: np.ndarray, independent: bool) -> np.ndarray:
    """Monte Carlo standard errors of `find_quantiles`, (levels, ...)."""
    find = _find_independent_error if independent else diagnostics.quantile_mcse
    return np.stack([find(draws, float(p)) for p in levels])


def _find_independent_error(draws: np.ndarray, p: float) -> np.ndarray:
    """Of n independent draws, (1, n, ...) -> (...): half the distance between two of them.

    How many of n draws lie below the p-quantile is binomial, with mean n p and sd
    sqrt(n p (1 - p)): the draws of these two ranks, an sd of counts apart on either side, are an sd
    of the quantile away, whatever the density (David & Nagaraja 2003, section 7.1).
    """
    n = draws.shape[1]
    ordered, reach = np.sort(draws[0], axis=0), np.sqrt(n * p * (1.0 - p))
    ranks = np.clip(np.round([n * p - reach, n * p + reach]), 0, n - 1).astype(np.int64)
    low, high = ordered[ranks]
    found: np.ndarray = 0.5 * (np.asarray(high, np.float64) - low)
    return found


def write_level(p: float) -> str:
    """A level as the heading of a column: 0.055 is "5.5 %"."""
    return f"{100.0 * p:.6g} %"
