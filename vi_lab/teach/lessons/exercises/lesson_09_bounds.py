"""Lesson 09: whether a claim can be a lower bound on log p(x)."""

from __future__ import annotations

import numpy as np

from vi_lab.teach.exercise import Exercise

ERRORS = (0.0, 0.5, 2.0, 0.25, 4.0)
OFF = (
    0.0,
    1.0,
    0.5,
    1.5,
    2.0,
    1.96875,
    2.5,
    3.0,
    4.0,
    -0.5,
    -1.0,
    -1.5,
    -3.0,
    0.25,
    -400.0,
    600.0,
    1.0,
)


def bound_inputs(rng, i):
    """Quarters, so that ties are exact: below, at, inside, at the edge of and above the error."""
    log_evidence = float(rng.integers(1, 9) if i % 3 == 1 else -rng.integers(1, 2000)) / 4
    error, off = ERRORS[i % 5], OFF[i % 17]
    away = off if abs(off) > 100 or error == 0.0 else off * error
    return log_evidence + away, log_evidence, error


def is_a_bound(claim, log_evidence, error):
    """True if `claim` can be a lower bound on log p(x).

    log_evidence is right within `error` >= 0; all are in nats. At the edge it can.
    """
    return claim <= log_evidence + error


BOUND = Exercise(
    id="09.5",
    title="is it a bound?",
    minutes=6,
    star=False,
    inputs=bound_inputs,
    right=is_a_bound,
    samples=48,
    relations=False,
    mistakes={
        "The sign is wrong: a lower bound lies below.": lambda c, e, s: c >= e + s,
        "The sign is wrong, with the error the other way.": lambda c, e, s: c >= e - s,
        "The sign, and the error is ignored.": lambda c, e, s: c >= e,
        "That is the answer to: is it above?": lambda c, e, s: c > e + s,
        "That is the answer to: is it above? Without the error.": lambda c, e, s: c > e,
        "The error is ignored.": lambda c, e, s: c <= e,
        "The error is ignored, and equality refused.": lambda c, e, s: c < e,
        "The error was subtracted: the claim has the benefit of the doubt.": lambda c, e, s: (
            c <= e - s
        ),
        "The error was subtracted, and equality refused.": lambda c, e, s: c < e - s,
        "You took the error twice.": lambda c, e, s: c <= e + 2 * s,
        "You took half the error.": lambda c, e, s: c <= e + 0.5 * s,
        "The error was squared.": lambda c, e, s: c <= e + s**2,
        "At the edge it can be one: <=, not <.": lambda c, e, s: c < e + s,
        "That asks for agreement; a bound may lie far below.": lambda c, e, s: abs(c - e) <= s,
        "You took agreement, and equality refused; a bound may lie far below.": lambda c, e, s: (
            abs(c - e) < s
        ),
        "That asks for disagreement.": lambda c, e, s: abs(c - e) > s,
        "You took sizes without their signs: -500 is below -400.": lambda c, e, s: (
            abs(c) <= abs(e) + s
        ),
        "Relative: the error is in nats.": lambda c, e, s: c <= e * (1 + s),
        "Relative, without the sign: the error is in nats.": lambda c, e, s: c <= e + s * abs(e),
        "The error was added to a probability: it is in nats.": lambda c, e, s: (
            np.exp(c) <= np.exp(e) + s
        ),
        "You took a ratio of logarithms: take their difference.": lambda c, e, s: (
            np.divide(c, e) <= 1 + s
        ),
        "You took sizes without their signs, turned round.": lambda c, e, s: abs(c) >= abs(e) - s,
        "Always True: you never say no.": lambda c, e, s: True,
        "Always False: you never say yes.": lambda c, e, s: False,
        "You took the gap, not a yes or no.": lambda c, e, s: e - c,
        "You took the excess, not a yes or no.": lambda c, e, s: c - e,
        "The room that is left, not a yes or no.": lambda c, e, s: e + s - c,
        "You took 1.96 errors: the error once.": lambda c, e, s: c <= e + 1.96 * s,
        "You took three errors: the error once.": lambda c, e, s: c <= e + 3 * s,
        "The claim is compared with the error alone.": lambda c, e, s: c <= s,
        "A bound need not be negative.": lambda c, e, s: c <= min(0.0, e + s),
    },
    hints=(
        "log p(x) may be as large as what was found for it, plus its error.",
        "It can be one where claim ≤ log_evidence + error, the error once.",
        "Start with the largest that log p(x) can be: most = log_evidence + error.",
    ),
)

EXERCISES = (BOUND,)
