"""Draws against a known posterior, in units of their own Monte Carlo error, chain by chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public, short_repr
from vi_lab.errors import InputError, InputTypeError
from vi_lab.model_or_problem import model_behind
from vi_lab.numerics import special
from vi_lab.results import Draws, Posterior, diagnostics
from vi_lab.testing import limits
from vi_lab.testing.report import PointReport

# A standard error is itself estimated from the chain: Student's t with so many degrees of freedom
# in place of the normal allows for one that is off by a tenth (1/sqrt(2 * 50)).
DEGREES = 50
LEAST_DRAWS = 100
EFFECTIVE = 100  # draws of a chain, (sd / MCSE)**2, below which its error is a guess
HEAVY = 0.5  # k-hat above which a variance is infinite, and with it the Monte Carlo error
TAIL = 20_000  # draws of a known posterior that its tails are read from
SEVERAL = 4  # chains, which all being off on one side is no accident of slow mixing


@public
def agreement(
    draws: Any, truth: Any, *, alpha: float = limits.ALPHA, name: str = "the draws"
) -> PointReport:
    """Is each chain's mean and variance the posterior's, within the chain's Monte Carlo error?

    For each chain and coordinate z = (mean of the chain - mean of the posterior) / MCSE, with the
    Monte Carlo standard error of that chain alone (Vehtari et al. 2021); the same for
    (x - posterior mean)**2 and the posterior's variance. Pooling the chains would let errors of
    two of them cancel. The limit is the quantile of Student's t with 50 degrees of freedom at
    alpha / m for m comparisons. Unlike the exact tests this leans on a central limit theorem: its
    alpha is nominal, and where the theorem cannot carry the limit a quantity is not judged:

        mixing   a chain has fewer than 100 effective draws, (sd / MCSE)**2, of x or of its square.
                 Judged all the same where four chains or more are all beyond the limit on one
                 side: slow chains err on either.
        tails    the Pareto k-hat of what is averaged, x or its square, is above 1/2: its variance
                 is infinite (no fourth moment for the variance, no second for the mean), and an
                 error estimated from draws means nothing. It is of 20,000 draws of the truth where
                 that is a posterior, for a chain may not have seen the tails; else of the chains.

    A wrong quantity that is judged is rejected whatever the others are; otherwise one that is not
    judged leaves the report without a verdict, and without false alarms. A chain that has settled
    in one mode mixes well by itself and is judged: compare R-hat before blaming the sampler.

    Parameters
    ----------
    draws : Draws, or mapping of str to array (chains, draws, ...)
        At least 100 draws a chain.
    truth : Exact or other posterior, or mapping of str to (mean, sd)
        Each mean and sd an array of the shape of one draw. Labels are compared by their
        probabilities where it is a posterior.
    alpha : float
        The nominal rate of false alarms of the whole report, in (0, 1).
    name : str

    Returns
    -------
    PointReport
        `.points[quantity]` holds z of each chain. `passed` is None, and the report's alpha 0, where
        a quantity could not be judged and no other is wrong; the sentence says what to do.
    """
    alpha = limits.rate(alpha)
    needed = "truth: needs a result or a mapping of names to (mean, sd)"
    checks.require(isinstance(truth, Posterior | Mapping), needed, truth)
    values = draws.values if isinstance(draws, Draws) else draws
    needed = "draws: needs Draws or a mapping of names to arrays"
    checks.require(isinstance(values, Mapping), needed, draws)
    found = {of.quantity: (_z(of), _doubt(of)) for of in _comparisons(values, truth)}
    if not found:
        raise InputError(f"truth: knows none of {', '.join(values)}")
    points = {quantity: z for quantity, (z, _) in found.items()}
    count = sum(z.size for z in points.values())
    limit = float(-special.stdtrit(DEGREES, 0.5 * alpha / count))
    sizes = {quantity: float(np.abs(z).max()) for quantity, z in points.items()}
    doubts = {
        quantity: doubt
        for quantity, (z, doubt) in found.items()
        if doubt is not None and not (doubt is SLOW and _all_off(z, limit))
    }
    judged = [quantity for quantity in points if quantity not in doubts]
    failed = any(sizes[quantity] > limit for quantity in judged)
    passed = False if failed else None if doubts else True
    worst = max(judged if failed else points, key=lambda quantity: sizes[quantity])
    sentence = (
        f"The worst of {count} comparisons, {worst}, is {sizes[worst]:.1f} Monte Carlo standard "
        f"errors off, {'within' if sizes[worst] <= limit else 'beyond'} the limit of {limit:.1f}."
    )
    if passed is None:
        doubtful = max(doubts, key=lambda quantity: sizes[quantity])
        sentence += f" Not judged: {doubtful} {doubts[doubtful]}"
        sentence += f" ({len(doubts)} of {len(points)} quantities)."
    rows = tuple(
        {
            "quantity": quantity,
            "worst chain, in MCSE": sizes[quantity],
            "limit": limit,
            "judged": quantity not in doubts,
        }
        for quantity in points
    )
    return PointReport(
        f"agreement of {name}",
        passed,
        sizes[worst],
        limit,
        sentence,
        0.0 if passed is None else alpha,
        rows,
        points,
        "MCSE",
    )


class Comparison(NamedTuple):
    """Draws (chains, draws) of a quantity and what their mean should be.

    `values` are the draws of the coordinate itself, before it was squared; None for an indicator,
    whose tails are bounded. `tails` are draws (n,) of the quantity that show how heavy those are.
    """

    quantity: str
    numbers: np.ndarray
    expected: float
    values: np.ndarray | None
    tails: np.ndarray | None


def _comparisons(values: Mapping[str, Any], truth: Any) -> Iterator[Comparison]:
    """The mean and variance of each coordinate, or its probabilities."""
    known = isinstance(truth, Posterior)
    nominal = model_behind(truth).nominal if known else {}
    own = truth.sample(TAIL, rng=0) if known and set(truth.names) - set(nominal) else {}
    for name in truth.names if known else truth:
        if name not in values:
            continue
        array = checks.observations(f"draws[{name!r}]", values[name], None)
        if array.ndim < 2 or array.shape[1] < LEAST_DRAWS:
            raise InputError(
                f"draws: {name!r} needs shape (chains, draws, ...) with at least {LEAST_DRAWS} "
                f"draws, got {array.shape}"
            )
        if name in nominal:
            is_label = (array[..., None] == np.arange(nominal[name])).astype(np.float64)
            _require_shape(name, truth.mean(name), is_label.shape[2:])
            moments: list[Any] = [("probability", is_label, truth.mean(name), None)]
        else:
            pair = (truth.mean(name), truth.sd(name)) if known else truth[name]
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                raise InputTypeError(f"truth: needs (mean, sd) of {name!r}, got {short_repr(pair)}")
            mean, sd = (checks.numbers(f"truth[{name!r}]", part) for part in pair)
            _require_shape(name, mean, array.shape[2:])
            _require_shape(name, sd, array.shape[2:])
            seen = own[name] if known else array.reshape(-1, *array.shape[2:])
            moments = [
                ("mean", array, mean, seen),
                ("variance", (array - mean) ** 2, np.square(sd), (seen - mean) ** 2),
            ]
        for moment, numbers, expected, tails in moments:
            expected = np.broadcast_to(expected, numbers.shape[2:])
            for index in np.ndindex(expected.shape):
                where = f"[{', '.join(map(str, index))}]" if index else ""
                at = (..., *index)
                own_values, its_tails = (None, None) if tails is None else (array[at], tails[at])
                yield Comparison(
                    f"{moment} of {name}{where}",
                    numbers[at],
                    float(expected[index]),
                    own_values,
                    its_tails,
                )


def _require_shape(name: str, expected: Any, shape: tuple[int, ...]) -> None:
    """InputError unless what is expected of a quantity is one number, or of the draws' shape."""
    if np.shape(expected) not in ((), shape):
        raise InputError(
            f"truth: needs shape {shape} of {name!r}, as the draws have, got {np.shape(expected)}"
        )


def _errors(chains: np.ndarray) -> np.ndarray:
    """The Monte Carlo standard error of each chain's mean, (chains,); nan of one that is stuck."""
    return np.array([diagnostics.mcse(chain[None])[()] for chain in chains])


def _z(of: Comparison) -> np.ndarray:
    """Distance of each chain's mean from the expectation in its own standard errors, (chains,).

    An indicator's error is at least that of as many independent draws, sqrt(p (1 - p) / n): a chain
    that has not met a rare label has seen nothing vary.
    """
    chains, expected = of.numbers, of.expected
    error, distance = _errors(chains), chains.mean(1) - expected
    stuck = np.ptp(chains, axis=1) == 0  # a chain that never moves has no error to speak of
    error = np.where(stuck, 0.0, error)
    if of.values is None:
        variance = max(expected * (1.0 - expected), 0.0)
        error = np.maximum(error, np.sqrt(variance / chains.shape[1]))
    right = np.abs(distance) <= 1e-9 * (1.0 + abs(expected))
    none = np.where(stuck & right, 0.0, np.copysign(np.inf, distance))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(error > 0, distance / error, none)


SLOW = (
    f"has a chain of fewer than {EFFECTIVE} effective draws: draw more, or use a sampler that "
    "mixes better"
)
TAILS = (
    "has tails too heavy for a Monte Carlo error (k-hat above 1/2): no number of draws helps; "
    "compare quantiles, or a transform with lighter tails such as a logarithm"
)


def _doubt(of: Comparison) -> str | None:
    """Why the limit of the normal cannot be relied on for this quantity; None where it can."""
    if of.values is None or of.tails is None:
        rare = of.expected * (1.0 - of.expected) * of.numbers.shape[1] < EFFECTIVE
        return SLOW if _slow(of.numbers, still_is_fine=rare) else None
    if _slow(of.numbers) or _slow(of.values):
        return SLOW
    return TAILS if _tail(np.abs(of.tails - of.tails.mean())) > HEAVY else None


def _slow(chains: np.ndarray, *, still_is_fine: bool = False) -> bool:
    """Whether a chain has too few effective draws; where none ever moves there is none to ask."""
    moves = np.ptp(chains, axis=1) > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = (chains.std(axis=1) / _errors(chains)) ** 2
    effective = np.where(moves, effective, np.inf if still_is_fine else 0.0)
    return bool(moves.any() and (effective < EFFECTIVE).any())


def _tail(sizes: np.ndarray) -> float:
    """Pareto k-hat of the largest of non-negative numbers; -inf where these are all the same."""
    with np.errstate(divide="ignore"):
        return float(diagnostics.khat(np.log(sizes)))


def _all_off(z: np.ndarray, limit: float) -> bool:
    """Whether all of several chains are beyond the limit on the same side."""
    return len(z) >= SEVERAL and bool((z > limit).all() or (z < -limit).all())
