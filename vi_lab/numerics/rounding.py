"""How far rounding may move a number whose terms cancel: no look at the result alone would tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments.user_models import read_shares
from vi_lab.numerics import arithmetic

DISTURBANCE = 1e-9  # far above rounding, far below what would change the answer
EPS = float(np.finfo(np.float64).eps)
WHOLE = 1.0 - 1e-12  # a sum of probabilities has reached p where it is that share of it
ROUNDINGS = 100.0  # of the terms of a sum that an error bar allows


class Estimate(NamedTuple):
    """A number, its numerical error (or Monte Carlo standard error) and the route that gave it."""

    value: Any
    error: Any
    route: str


def rounding(*magnitudes: Any) -> Any:
    """An error bar for a closed form: a hundred roundings of the terms that went in, and of 1."""
    return ROUNDINGS * EPS * sum((np.abs(m) for m in magnitudes), 1.0)


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


def bound_cancellation(slope: Any, *sizes: Any) -> Any:
    """How far rounding moves a term through a difference of numbers of these sizes, when the term
    changes by `slope` for each unit of the difference: eight roundings of the sizes."""
    return 8.0 * EPS * np.abs(slope) * sum(np.abs(s) for s in sizes)


def round_square(scale: Any, difference: Any, *sizes: Any) -> Any:
    """How far rounding moves scale * difference**2 / 2, the difference being one of numbers of
    these sizes: eight roundings e of them, and scale (|difference| e + e**2 / 2)."""
    moved = 8.0 * EPS * sum(np.abs(s) for s in sizes)
    return scale * moved * (np.abs(difference) + 0.5 * moved)


def disturb_log_joint(
    log_joint: Any, stats: Any, shares: Mapping[str, Any], roundings: float = ROUNDINGS
) -> Any:
    """The largest change of the log joint over a few random disturbances of the statistics, scaled
    down from the disturbance to so many roundings; in nats, (*batch,).

    `shares`, by block, is what part of a rounding a statistic may be off, where that is not all.
    Terms that cancel (data far from the origin, a tiny noise variance) magnify it.
    """
    rng = np.random.default_rng(0)
    still = log_joint(stats)
    change: Any = 0.0
    for _ in range(3):
        moved = {
            name: type(t)(
                *(
                    f * (1.0 + share * DISTURBANCE * rng.uniform(-1, 1, np.shape(f)))
                    for f, share in zip(t, shares.get(name, repeat(1.0)), strict=False)
                )
            )
            for name, t in stats.items()
        }
        change = np.maximum(change, np.abs(log_joint(moved) - still))
    return change * roundings * EPS / DISTURBANCE


def round_products(
    model: Any,
    stats: Any,
    etas: dict[str, Any],
    batch: tuple[int, ...],
    roundings: float,
    split: bool,
) -> Any:
    """So many roundings of the products eta t that a bound is the sum of, in nats, (*batch,).

    Every product in the log joint is one of <eta_b, t_b> of each block b that it is made of, be it
    of squares of distances from a centre or of a count and a log probability; of one that is exact
    in part, `Model.share_of_rounding`. Of a block with a
    prior, where the bound is `split` into a likelihood and differences of two densities, it is
    eta - eta0.
    """
    total: Any = 0.0
    shares = read_shares(model, stats)
    for name, block in model.blocks.items():
        eta = etas[name]
        if block.prior is not None and split:
            eta = map(arithmetic.difference, eta, block.plate_prior.eta)
        terms = map(arithmetic.times, eta, stats[name])
        sizes = [
            np.where(np.isfinite(term), np.abs(term), 0.0) * share
            for term, share in zip(terms, shares.get(name, repeat(1.0)), strict=False)
        ]
        ones = [np.ones_like(size) for size in sizes]
        total = total + block.sum_over_plates(block.family.inner(sizes, ones), batch)
    return total * roundings * EPS
