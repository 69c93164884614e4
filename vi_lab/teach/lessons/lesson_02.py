"""Lesson 02, Metropolis-Hastings: may I move? The acceptance.

    A(old -> new) = min(1, p(new) q(old|new) / (p(old) q(new|old)))

(Metropolis et al. 1953; Hastings 1970; Bishop 2006, eq. 11.44.) The matrix, the walk, the arrival,
and the choices and predictions are in the files beside this one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator

from vi_lab.teach.exercise import Exercise
from vi_lab.teach.lessons.exercises.lesson_02_arrival import RHAT
from vi_lab.teach.lessons.exercises.lesson_02_choices import CHOICES as CHOICES
from vi_lab.teach.lessons.exercises.lesson_02_choices import PREDICTIONS as PREDICTIONS
from vi_lab.teach.lessons.exercises.lesson_02_matrix import MATRIX
from vi_lab.teach.lessons.exercises.lesson_02_rates import LOG_RATES
from vi_lab.teach.lessons.exercises.lesson_02_steps import RUN, STEP
from vi_lab.teach.lessons.exercises.lesson_02_worth import ESS

# 02.1 ------------------------------------------------------------------------------------------


def log_accept(new, old, q_back, q_forth):
    """The log of the probability with which a move from old to new is accepted.

    new = log p(new), old = log p(old), q_back = log q(old|new), q_forth = log q(new|old):
    logarithms all, and the answer is one too.
    """
    log_ratio = (new + q_back) - (old + q_forth)
    return min(0.0, log_ratio)


def accept_inputs(rng: Generator, i: int) -> tuple[Any, ...]:
    """Any four; no Hastings ratio; integers; logs far below what exp reaches."""
    new, old, q_back, q_forth = rng.normal(0, 2, 4).tolist()
    if i % 6 == 1:
        q_forth = q_back
    if i % 6 == 2:
        new, old, q_back, q_forth = (float(round(value)) for value in (new, old, q_back, q_forth))
    if i % 6 == 3:
        new, old = new - 2000, old - 2000
    return new, old, q_back, q_forth


def of_ratios(wrong: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """A mistake in the target's log ratio p and the proposal's log ratio q."""
    return lambda new, old, q_back, q_forth: wrong(new - old, q_back - q_forth)


ACCEPT_RATIOS = {
    "The proposal densities are missing: Metropolis, not Metropolis-Hastings.": lambda p, q: min(
        0, p
    ),
    "The proposal ratio is upside down: q(old|new) stands on top.": lambda p, q: min(0, p - q),
    "The target ratio is upside down: p(new) stands on top.": lambda p, q: min(0, q - p),
    "Both ratios are upside down: this moves from new to old.": lambda p, q: min(0, -p - q),
    "A probability is at most one: min(0, .) is missing.": lambda p, q: p + q,
    "You gave a probability: its logarithm is wanted.": lambda p, q: np.exp(min(0, p + q)),
    "You gave the ratio itself: min(1, .) and the logarithm are missing.": lambda p, q: np.exp(
        p + q
    ),
    "You squared it: each log stands here once, without a 2.": lambda p, q: min(0, 2 * (p + q)),
    "A root was taken: there is no half in the rule.": lambda p, q: min(0, (p + q) / 2),
    "A log probability is at most 0: min(0, .), not min(1, .).": lambda p, q: min(1, p + q),
    "max where min belongs: only downhill moves are in doubt.": lambda p, q: max(0, p + q),
    "The target plays no part: p(new)/p(old) is missing.": lambda p, q: min(0, q),
    "The cut comes too early: the proposal ratio goes inside it.": lambda p, q: min(0, p) + q,
    "You cut twice: min goes once, around the product.": lambda p, q: min(0, p) + min(0, q),
    "Everything is accepted: log 1 = 0, whatever the ratio is.": lambda p, q: 0.0,
    "Neither q nor min(0, .): this is the target's log ratio alone.": lambda p, q: p,
    "You gave a probability, and the proposal densities are missing.": lambda p, q: np.exp(
        min(0, p)
    ),
    "Uphill is what the whole ratio says, not p(new) > p(old) alone.": lambda p, q: (
        0.0 if p > 0 else p + q
    ),
    "Uphill moves are accepted for certain: the log is 0 there.": lambda p, q: -abs(p + q),
    "The proposal ratio is squared: each q stands there once.": lambda p, q: min(0, p + 2 * q),
    "The two log ratios are multiplied: add them.": lambda p, q: min(0, p * q),
    "The proposals are missing, and the rest is squared.": lambda p, q: 2 * min(0, p),
    "You took log2: the natural logarithm is wanted.": lambda p, q: min(0, p + q) / np.log(2),
    "You took log10: the natural logarithm is wanted.": lambda p, q: min(0, p + q) / np.log(10),
    "The sign is wrong: the log of a probability is not above 0.": lambda p, q: -min(0, p + q),
    "You took Barker's rule r/(1 + r): right in the long run, but slower.": lambda p, q: (
        -np.logaddexp(0, -p - q)
    ),
}
ACCEPT_LOGS: dict[str, Callable[..., Any]] = {
    "You have only the way forth: q(old|new) is missing.": lambda n, o, b, f: min(0, n - o - f),
    "You have only the way back: q(new|old) is missing.": lambda n, o, b, f: min(0, n - o + b),
    "You have only the way forth, and multiplied: divide by q(new|old).": lambda n, o, b, f: min(
        0, n - o + f
    ),
    "You have only the way back, and divided by it: q(old|new) stands on top.": lambda n, o, b, f: (
        min(0, n - o - b)
    ),
    "Both q are divided by: q(old|new) stands on top.": lambda n, o, b, f: min(0, n - o - b - f),
    "Logs are multiplied where densities would be: add them.": lambda n, o, b, f: np.minimum(
        0, np.multiply(n, b) - np.multiply(o, f)
    ),
    "p(old) multiplies: divide by it, its log is subtracted.": lambda n, o, b, f: min(
        0, n + o + b - f
    ),
    "The two q are multiplied: one of the two is divided by.": lambda n, o, b, f: min(
        0, n - o + b + f
    ),
    "p(old) is missing: compare both ends.": lambda n, o, b, f: min(0, n + b - f),
    "p(new) is missing: compare both ends.": lambda n, o, b, f: min(0, -o + b - f),
    "You took a ratio of logs: a ratio of densities is a difference of logs.": lambda n, o, b, f: (
        np.minimum(0, np.divide(n + b, o + f))
    ),
    "Logs are multiplied and divided where densities would be: add and subtract them.": (
        lambda n, o, b, f: np.minimum(0, np.divide(n * b, o * f))
    ),
    "You took the log of a ratio of logs: these are logs already.": lambda n, o, b, f: np.log(
        np.minimum(1, np.divide(n * b, o * f))
    ),
    "Everything is multiplied: divide by p(old) and q(new|old).": lambda n, o, b, f: min(
        0, n + o + b + f
    ),
    "You took the smaller of both sides: what lies between them is cut, at 0.": (
        lambda n, o, b, f: min(n + b, o + f)
    ),
    "You took exp of the two q: they are logs already, as the rest is.": lambda n, o, b, f: min(
        0, n - o + np.exp(b) - np.exp(f)
    ),
    "You took logs of the two q, which are logs already.": lambda n, o, b, f: np.minimum(
        0, n - o + np.log(np.abs(b)) - np.log(np.abs(f))
    ),
    "You divided log densities: subtract them.": lambda n, o, b, f: np.minimum(
        0, np.divide(n, o) + b - f
    ),
    "exp underflows: subtract the logs before you take exp.": lambda n, o, b, f: np.log(
        np.minimum(1, np.exp(n) * np.exp(b) / (np.exp(o) * np.exp(f)))
    ),
    "You gave a probability, and exp underflows: stay in logs.": lambda n, o, b, f: np.minimum(
        1, np.exp(n) * np.exp(b) / (np.exp(o) * np.exp(f))
    ),
}

ACCEPT = Exercise(
    id="02.1",
    title="The log of the acceptance probability",
    minutes=8,
    star=False,
    inputs=accept_inputs,
    right=log_accept,
    mistakes={name: of_ratios(f) for name, f in ACCEPT_RATIOS.items()} | ACCEPT_LOGS,
    samples=48,
    hints=(
        "A probability is a ratio that is cut off at one. In logs: a difference, cut off at 0.",
        "min(0, log p(new) + log q(old|new) - log p(old) - log q(new|old))",
        "log_ratio = (new + q_back) - ...",
    ),
    relations=False,
)

EXERCISES = (ACCEPT, STEP, MATRIX, LOG_RATES, RUN, RHAT, ESS)
