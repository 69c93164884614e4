"""How far rounding may move a number whose terms cancel: no look at the result alone would tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from vi_lab.numerics import arithmetic

DISTURBANCE = 1e-9  # far above rounding, far below what would change the answer
EPS = float(np.finfo(np.float64).eps)
WHOLE = 1.0 - 1e-12  # a sum of probabilities has reached p where it is that share of it


class Estimate(NamedTuple):
    """A number, its numerical error (or Monte Carlo standard error) and the route that gave it."""

    value: Any
    error: Any
    route: str


def rounding(*magnitudes: Any) -> Any:
    """An error bar for a closed form: a thousand roundings of the largest term that went in."""
    return 1e3 * np.finfo(np.float64).eps * sum((np.abs(m) for m in magnitudes), 1.0)


def closed_form(*terms: Any) -> Estimate:
    """The sum of the terms of a closed form, with an error bar that follows from the same terms."""
    return Estimate(sum(terms), rounding(*terms), "closed form")


def sum_terms(terms: Any, route: str = "closed form") -> Estimate:
    """The sum over the last axis of an array of terms, with an error bar from the same terms."""
    return Estimate(terms.sum(-1), rounding(np.abs(terms).sum(-1)), route)


def sum_one_by_one(
    sum_at: Callable[[tuple[int, ...]], tuple[float, float]], batch: tuple[int, ...], route: str
) -> Estimate:
    """Sums over terms too many to hold for a whole batch: at each of its indices `sum_at` gives the
    sum and that of the terms' sizes, from which the error bar follows."""
    values, sizes = np.array([sum_at(at) for at in np.ndindex(batch)]).T.reshape(2, *batch)
    return Estimate(values, rounding(sizes), route)


def cancelled(slope: Any, *sizes: Any) -> Any:
    """How far rounding moves a term through a difference of numbers of these sizes, when the term
    changes by `slope` for each unit of the difference: eight roundings of the sizes."""
    return 8.0 * np.finfo(np.float64).eps * np.abs(slope) * sum(np.abs(s) for s in sizes)


def disturb_log_joint(model: Any, stats: Any, roundings: float = 1e3) -> Any:
    """The largest change of the log joint over a few random disturbances of the statistics, scaled
    down from the disturbance to so many roundings; in nats, (*batch,).

    Terms that cancel (data far from the origin, a tiny noise variance) magnify it.
    """
    rng = np.random.default_rng(0)
    still = model.log_joint(stats)
    change: Any = 0.0
    for _ in range(3):
        moved = {
            name: type(t)(*(f * (1.0 + DISTURBANCE * rng.uniform(-1, 1, np.shape(f))) for f in t))
            for name, t in stats.items()
        }
        change = np.maximum(change, np.abs(model.log_joint(moved) - still))
    return change * roundings * EPS / DISTURBANCE


def round_entropies(
    model: Any, stats: Any, etas: dict[str, Any], batch: tuple[int, ...], roundings: float
) -> Any:
    """So many roundings of the terms <eta, t> of the blocks' entropies, in nats, (*batch,)."""
    total: Any = 0.0
    for name, block in model.blocks.items():
        terms = map(arithmetic.times, etas[name], stats[name])
        sizes = [np.where(np.isfinite(term), np.abs(term), 0.0) for term in terms]
        ones = [np.ones_like(size) for size in sizes]
        total = total + block.sum_over_plates(block.family.inner(sizes, ones), batch)
    return total * roundings * EPS
