"""Draws against a known posterior, in units of their own Monte Carlo error, chain by chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from vi_lab import checks, diagnostics, special
from vi_lab.doors import brief
from vi_lab.entry import nominal_of
from vi_lab.errors import InputError, InputTypeError
from vi_lab.results import Draws, Posterior
from vi_lab.testing import limits
from vi_lab.testing.report import PointReport

# A standard error is itself estimated from the chain: Student's t with so many degrees of freedom
# in place of the normal allows for one that is off by a tenth (1/sqrt(2 * 50)).
DEGREES = 50
LEAST_DRAWS = 100


@checks.clear_keywords
def agreement(
    draws: Any, truth: Any, *, alpha: float = limits.ALPHA, name: str = "the draws"
) -> PointReport:
    """Is each chain's mean and variance the posterior's, within the chain's Monte Carlo error?

    For each chain and coordinate z = (mean of the chain - mean of the posterior) / MCSE, with the
    Monte Carlo standard error of that chain alone (Vehtari et al. 2021); the same for
    (x - posterior mean)**2 and the posterior's variance. Pooling the chains would let errors of
    two of them cancel. The limit is the quantile of Student's t with 50 degrees of freedom at
    alpha / m for m comparisons; unlike the exact tests it leans on a central limit theorem, and a
    chain that has not seen a mode has an error that is too small.

    Parameters
    ----------
    draws : Draws, or mapping of str to array (chains, draws, ...)
        At least 100 draws a chain.
    truth : Exact or other posterior, or mapping of str to (mean, sd)
        Each mean and sd an array of the shape of one draw. Labels are compared by their
        probabilities where it is a posterior.
    alpha : float
        The nominal rate of false alarms of the whole report.
    name : str

    Returns
    -------
    PointReport
        `.points[quantity]` holds z of each chain.
    """
    alpha = checks.positive("alpha", alpha)
    if alpha >= 1.0:
        raise InputError(f"alpha: needs a rate of false alarms below 1, got {alpha:g}")
    if not isinstance(truth, Posterior | Mapping):
        raise InputTypeError(
            f"truth: needs a result or a mapping of names to (mean, sd), got {brief(truth)}"
        )
    values = draws.values if isinstance(draws, Draws) else draws
    if not isinstance(values, Mapping):
        raise InputTypeError(
            f"draws: needs Draws or a mapping of names to arrays, got {brief(draws)}"
        )
    points: dict[str, np.ndarray] = {}
    for quantity, chains, expected in _comparisons(values, truth):
        points[quantity] = _z(chains, expected)
    if not points:
        raise InputError(f"truth: knows none of {', '.join(values)}")
    count = sum(z.size for z in points.values())
    limit = float(-special.stdtrit(DEGREES, 0.5 * alpha / count))
    sizes = {quantity: float(np.abs(z).max()) for quantity, z in points.items()}
    worst = max(sizes, key=lambda quantity: sizes[quantity])
    passed = sizes[worst] <= limit
    sentence = (
        f"The worst of {count} comparisons, {worst}, is {sizes[worst]:.1f} Monte Carlo standard "
        f"errors off, {'within' if passed else 'beyond'} the limit of {limit:.1f}."
    )
    rows = tuple(
        {"quantity": quantity, "worst chain, in MCSE": sizes[quantity], "limit": limit}
        for quantity in points
    )
    return PointReport(
        f"agreement of {name}", passed, sizes[worst], limit, sentence, alpha, rows, points, "MCSE"
    )


def _comparisons(values: Mapping[str, Any], truth: Any) -> Iterator[tuple[str, Any, float]]:
    """(quantity, its draws (chains, draws), its expectation) for each coordinate."""
    known = isinstance(truth, Posterior)
    nominal = nominal_of(truth.model) if known else {}
    for name in truth.names if known else truth:
        if name not in values:
            continue
        array = checks.data(f"draws[{name!r}]", values[name], None)
        if array.ndim < 2 or array.shape[1] < LEAST_DRAWS:
            raise InputError(
                f"draws: {name!r} needs shape (chains, draws, ...) with at least {LEAST_DRAWS} "
                f"draws, got {array.shape}"
            )
        if name in nominal:
            is_label = (array[..., None] == np.arange(nominal[name])).astype(np.float64)
            moments = [("probability", is_label, truth.mean(name))]
        else:
            pair = (truth.mean(name), truth.sd(name)) if known else truth[name]
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                raise InputTypeError(f"truth: needs (mean, sd) of {name!r}, got {brief(pair)}")
            mean, sd = pair
            moments = [("mean", array, mean), ("variance", (array - mean) ** 2, np.square(sd))]
        for moment, numbers, expected in moments:
            expected = np.broadcast_to(expected, numbers.shape[2:])
            for index in np.ndindex(expected.shape):
                where = f"[{', '.join(map(str, index))}]" if index else ""
                yield f"{moment} of {name}{where}", numbers[(..., *index)], float(expected[index])


def _z(chains: np.ndarray, expected: float) -> np.ndarray:
    """Distance of each chain's mean from the expectation in its own standard errors, (chains,)."""
    error = np.array([diagnostics.mcse(chain[None])[()] for chain in chains])
    distance = chains.mean(1) - expected
    stuck = np.ptp(chains, axis=1) == 0  # a chain that never moves has no error to speak of
    right = np.abs(distance) <= 1e-9 * (1.0 + abs(expected))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(stuck, np.where(right, 0.0, np.inf), distance / error)
