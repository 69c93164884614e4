"""What a difference of numbers with errors may be called: they agree, differ, or cannot be told.

A difference beyond what the errors of both sides allow is one, however wide they are. Within them
two numbers agree only if the errors are narrow enough to say so: an identity that holds "within
3e11 nats" was never checked, its numbers have lost their digits. How narrow hangs on the route.

    route                                     allowed for             agree only within
    closed form, enumeration, recursions      the stated error        1e-6 nats *
    deterministic quadrature                  the stated error        1e-5 nats a datum *
    Monte Carlo, randomised quasi-Monte Carlo five standard errors    any width: "agrees within ± e"
    as another tool stated it                 the digits it printed   any width

    * or 1e-9 of the largest number, where that is more

Where numbers of several routes meet, each uses up its share: the sum over numbers of (allowed for)
over (agree only within) is at most 1. A number that is sampled or stated uses up none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from vi_lab.errors import NumericalError
from vi_lab.numerics.rounding import Estimate

AGREES, DIFFERS, CANNOT_BE_TOLD = "agrees", "differs", "cannot be told"
STANDARD_ERRORS = 5.0  # allowed where a number is a Monte Carlo average
CLOSED_FORM, QUADRATURE = 1e-6, 1e-5  # nats within which numbers of these routes agree
RELATIVE = 1e-9  # or this share of the largest number
DIGITS = 10.0  # of its own error: from there on an amount has a digit to show
STATED = "stated"  # the route of a number that another tool printed
SAMPLED = ("monte carlo", "importance sampl", "particle")  # in what routes by draws are called


class Agreement(NamedTuple):
    """What a difference may be called.

    Attributes
    ----------
    word : "agrees", "differs" or "cannot be told"
    difference : float or array
    tolerance : float or array
        What the errors of all numbers allow, together.
    sampled : bool
        Whether Monte Carlo errors are among them: then `tolerance` is said with the word.
    reason : str or None
        Where it cannot be told, which number has no digits, and how wide it is.
    """

    word: str
    difference: Any
    tolerance: Any
    sampled: bool = False
    reason: str | None = None

    @property
    def holds(self) -> bool | None:
        """True, False, or None where it cannot be told."""
        return {AGREES: True, DIFFERS: False, CANNOT_BE_TOLD: None}[self.word]

    @property
    def has_digits(self) -> bool:
        """Whether a difference, there beyond doubt, is ten times as large as its error.

        Only then it is worth a number; else all there is to say is that it is below `most`.
        """
        return bool(np.all(np.abs(self.difference) > DIGITS * self.tolerance))

    @property
    def most(self) -> Any:
        """The size that the difference cannot be above."""
        return np.abs(self.difference) + self.tolerance

    @property
    def impossible(self) -> bool:
        """Of a difference that cannot be negative (a KL, a gap): whether it is, beyond its error.

        A negative one within its error, however wide, is no mistake.
        """
        return self.word == DIFFERS and bool(np.any(self.difference < -self.tolerance))

    @property
    def brief(self) -> str:
        """The word, and where a number was sampled how far it goes: 'agrees within ± 0.02'."""
        within = f" within ± {np.max(self.tolerance):.2g}"
        return self.word + within * (self.word == AGREES and self.sampled)


def judge(difference: Any, numbers: Mapping[str, Estimate], data: int = 1) -> Agreement:
    """What the difference of some numbers may be called.

    Parameters
    ----------
    difference : float or array
        In nats. Of an array, they agree if each does, and differ if one does.
    numbers : mapping of name to Estimate
        All that entered the difference, each with its error (of an array each, or one for all).
    data : int
        How many data each number is a sum over, where each datum has a quadrature of its own.
    """
    difference = np.asarray(difference, np.float64)
    allowed = {name: np.asarray(allowance(number)) for name, number in numbers.items()}
    with np.errstate(invalid="ignore"):
        tolerance = sum(allowed.values(), np.zeros(difference.shape))
        apart = np.abs(difference) > tolerance  # never where one of the two is nan
        shares = _use_up(numbers, allowed, data)
        told = sum(shares.values(), np.zeros(difference.shape)) <= 1.0
    unknown = ~apart & ~(told & ~np.isnan(difference))
    sampled = any(is_sampled(number.route) for number in numbers.values())
    found = difference[()], tolerance[()], sampled
    if apart.any():
        return Agreement(DIFFERS, *found)
    if unknown.any():
        return Agreement(CANNOT_BE_TOLD, *found, _describe(numbers, allowed, shares, unknown))
    return Agreement(AGREES, *found)


def judge_identity(
    evidence: Estimate, elbo: Estimate, kl: Estimate, data: int = 1
) -> tuple[Agreement, str | None]:
    """Whether log p(x) = ELBO + KL, of one q or (arrays) of one for each datum.

    Returns
    -------
    Agreement
        `difference` is log p(x) - ELBO - KL; 0 where the ELBO is -inf and the KL inf, as they are
        of a q that gives weight to what is impossible.
    str or None
        Which sign is impossible, if one is: a KL below 0, an ELBO above log p(x).
    """
    with np.errstate(invalid="ignore"):
        gap = evidence.value - elbo.value
        impossible = np.isneginf(elbo.value) & np.isposinf(kl.value)
        residual = np.where(impossible, 0.0, gap - kl.value)
        # an infinite number is known, and no rounding moves it
        elbo, kl = (n._replace(error=np.where(impossible, 0.0, n.error)[()]) for n in (elbo, kl))
    numbers = {"log p(x)": evidence, "the ELBO": elbo, "the KL": kl}
    signs = {
        "the KL": judge(kl.value, {"the KL": kl}, data),
        "log p(x) - ELBO": judge(gap, {"log p(x)": evidence, "the ELBO": elbo}, data),
    }
    mistakes = [describe_impossible(what, sign) for what, sign in signs.items() if sign.impossible]
    return judge(residual, numbers, data), mistakes[0] if mistakes else None


def allowance(number: Estimate) -> Any:
    """How far off a number may be: its error, or five standard errors of an average over draws.

    Without bound where the stated error is none: nan, or below zero.
    """
    error = np.asarray(number.error, np.float64)
    with np.errstate(invalid="ignore"):
        error = np.where(error >= 0.0, error, np.inf)
    return (error * (STANDARD_ERRORS if is_sampled(number.route) else 1.0))[()]


def is_sampled(route: str) -> bool:
    """Whether a number was computed from draws, by what its route is called."""
    return any(word in route.lower() for word in SAMPLED)


def refuse_impossible(what: str, judged: Agreement) -> None:
    """NumericalError where a number that cannot be negative is, by more than its error allows."""
    if judged.impossible:
        raise NumericalError(describe_impossible(what, judged))


def describe_impossible(what: str, judged: Agreement) -> str:
    """'a mistake: the KL is -0.1 nats, below 0 by more than its error of 2e-10'"""
    excess = np.ravel(judged.difference + judged.tolerance)
    worst = int(np.nanargmin(excess))
    value, error = (np.ravel(each)[worst] for each in (judged.difference, judged.tolerance))
    row = f" of row {worst}" if excess.size > 1 else ""
    return (
        f"a mistake: {what}{row} is {value:.4g} nats, below 0 by more than its error of {error:.1g}"
    )


def write_amount(judged: Agreement, nats: Callable[[float], str]) -> str:
    """The size of a difference, written by `nats`; of one without a digit, what it is below."""
    if judged.has_digits:
        return nats(abs(float(judged.difference)))
    return f"less than {nats(float(judged.most))}"


def _use_up(numbers: Mapping[str, Estimate], allowed: Mapping[str, Any], data: int) -> Any:
    """The share that each number uses up of what its route allows."""
    sizes = [np.abs(np.asarray(number.value, np.float64)) for number in numbers.values()]
    scale = np.max(np.broadcast_arrays(*(np.where(np.isfinite(s), s, 0.0) for s in sizes)), axis=0)
    shares = {}
    for name, number in numbers.items():
        nats = QUADRATURE * data if "quadrature" in number.route.lower() else CLOSED_FORM
        share = allowed[name] / np.maximum(nats, RELATIVE * scale)
        if is_sampled(number.route) or number.route == STATED:
            share = np.where(np.isfinite(share), 0.0, np.inf)  # of no known error nothing follows
        shares[name] = share
    return shares


def _describe(numbers: Any, allowed: Any, shares: Any, unknown: np.ndarray) -> str:
    """'lost digits: log p(x) is -6.7e+07 ± 1.3e+11', of the first that cannot be told."""
    row = int(np.argmax(unknown.ravel()))

    def pick(value: Any) -> float:
        return float(np.broadcast_to(value, unknown.shape).ravel()[row])

    without = [name for name, number in numbers.items() if np.isnan(pick(number.value))]
    name = without[0] if without else max(shares, key=lambda name: pick(shares[name]))
    value, width = pick(numbers[name].value), pick(allowed[name])
    where = f" of row {row}" if unknown.size > 1 else ""
    if not np.isfinite([value, width]).all():
        return f"lost digits: {name}{where} is {value:.4g}, and how far off it is is not known"
    return f"lost digits: {name}{where} is {value:.6g} ± {width:.1e}"
