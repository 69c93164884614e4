"""Lesson 03: the year of a change.

    p(s | rates, y)  is proportional to  rate1^E1 e^(-s rate1) rate2^E2 e^(-(n - s) rate2)

with E1 events in the first s years and E2 in the others (Carlin, Gelfand & Smith 1992).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator
from scipy.special import gammaln

from vi_lab.teach.exercise import Exercise
from vi_lab.teach.lessons.exercises.lesson_03_labels import normalised

# 03.4 ------------------------------------------------------------------------------------------


def p_s(y, rate1, rate2):
    """The n - 1 probabilities of s = 1..n-1 given both rates and the counts y (n,).

    The first s counts are Poisson(rate1), the others Poisson(rate2); s is equally likely before.
    """
    s = np.arange(1, len(y))
    events = np.cumsum(y)[:-1]  # in the first s years
    log_weights = events * np.log(rate1) - s * rate1
    log_weights += (np.sum(y) - events) * np.log(rate2) - (len(y) - s) * rate2
    weights = np.exp(log_weights - log_weights.max())
    return weights / weights.sum()


def counts(rng: Generator, i: int) -> tuple[Any, ...]:
    """A change in the middle; two years; equal counts; three; many; zeros to begin with."""
    n, rates = (9, 2, 6, 3, 40, 7)[i % 6], rng.uniform(0.5, 4, 2)
    y = rng.poisson(np.where(np.arange(n) < n // 2, *rates))
    if i % 6 == 2:
        y = np.full(n, 2)
    if i % 6 == 5:
        y[:3] = 0
    return y, float(rates[0]), float(rates[1])


def from_table(wrong: Callable[..., Any]) -> Callable[..., Any]:
    """Probabilities from log weights of (s, n - s, events before, after, rate1, rate2)."""

    def probabilities(y: Any, r1: float, r2: float) -> Any:
        s, events = np.arange(1, len(y)), np.cumsum(y)[:-1]
        return normalised(wrong(s, len(y) - s, events, np.sum(y) - events, r1, r2))

    return probabilities


def table(s: Any, t: Any, e: Any, f: Any, r1: Any, r2: Any) -> Any:
    """The right log weights."""
    return e * np.log(r1) - s * r1 + f * np.log(r2) - t * r2


def unnormalised(y: Any, r1: float, r2: float) -> Any:
    """The right log weights of the counts."""
    s, events = np.arange(1, len(y)), np.cumsum(y)[:-1]
    return table(s, len(y) - s, events, np.sum(y) - events, r1, r2)


def shifted(y: Any, r1: float, r2: float, by: int) -> Any:
    """s + by counts stand under rate1."""
    s = np.arange(1, len(y)) + by
    events = np.concatenate([[0], np.cumsum(y)])[s]
    return normalised(table(s, len(y) - s, events, np.sum(y) - events, r1, r2))


def every_end(y: Any, r1: float, r2: float, first: int, last: int) -> Any:
    """Probabilities of s = first..n + last."""
    s = np.arange(first, len(y) + last + 1)
    events = np.concatenate([[0], np.cumsum(y)])[s]
    return normalised(table(s, len(y) - s, events, np.sum(y) - events, r1, r2))


def counted(y: Any, r1: float, r2: float) -> Any:
    """The right log likelihoods, factorials and all."""
    return unnormalised(y, r1, r2) - np.sum(gammaln(np.asarray(y) + 1))


def each_count(y: Any, r1: float, r2: float) -> Any:
    """log p of each count under both rates, (2, n)."""
    y = np.asarray(y)
    return np.array([y * np.log(rate) - rate - gammaln(y + 1) for rate in (r1, r2)])


def summed(y: Any, r1: float, r2: float) -> Any:
    """The probabilities of the counts, added."""
    p = np.exp(each_count(y, r1, r2))
    total = np.cumsum(p[0])[:-1] + p[1].sum() - np.cumsum(p[1])[:-1]
    return total / total.sum()


def averaged(y: Any, r1: float, r2: float) -> Any:
    """exp of the mean log probability of each part."""
    one, other = each_count(y, r1, r2)
    before, s = np.arange(1, len(one)), np.cumsum(one)[:-1]
    return normalised(s / before + (other.sum() - np.cumsum(other)[:-1]) / (len(one) - before))


def year_counted(which: int, rate: int, times: int, factorial: bool) -> Callable[..., Any]:
    """The factor of year s (which = 0) or s + 1 (1) under rate 1 or 2, once more or once less."""

    def probabilities(y: Any, r1: float, r2: float) -> Any:
        year = np.asarray(y)[1:] if which else np.asarray(y)[:-1]
        factor = year * np.log((r1, r2)[rate - 1])
        if factorial:
            factor = factor - gammaln(year + 1)
        return normalised(unnormalised(y, r1, r2) + times * factor)

    return probabilities


CHANGE = Exercise(
    id="03.4",
    title="When did the rate change?",
    minutes=12,
    star=False,
    inputs=counts,
    right=p_s,
    beyond=(
        (np.full(400, 6), 5.0, 7.0),
        "But on 400 counts it fails: so many probabilities have a product that is 0 to the "
        "computer, or overflow. Add logarithms, and take the largest off before exp.",
    ),
    mistakes={
        "Off by one: s years stand under rate1, you put s - 1 there.": lambda y, r1, r2: shifted(
            y, r1, r2, -1
        ),
        "Off by one to the other side: you put s + 1 years under rate1.": lambda y, r1, r2: shifted(
            y, r1, r2, 1
        ),
        "You gave n probabilities: at s = n nothing changes, leave it out.": lambda y, r1, r2: (
            every_end(y, r1, r2, 1, 0)
        ),
        "You gave n probabilities, from s = 0: the first year is under rate1.": lambda y, r1, r2: (
            every_end(y, r1, r2, 0, -1)
        ),
        "You gave n + 1 probabilities: s is 1..n-1.": lambda y, r1, r2: every_end(y, r1, r2, 0, 0),
        "You gave n - 2 probabilities: s = n - 1 is possible.": lambda y, r1, r2: every_end(
            y, r1, r2, 1, -2
        ),
        "The lengths are missing: -length times rate, each with its own.": from_table(
            lambda s, t, e, f, a, b: table(0, 0, e, f, a, b)
        ),
        "The length under rate2 is n - s, not n.": from_table(
            lambda s, t, e, f, a, b: table(s, 0, e, f, a, b)
        ),
        "The length under rate1 is s: it is missing.": from_table(
            lambda s, t, e, f, a, b: table(0, t, e, f, a, b)
        ),
        "The lengths changed places, or their sign: -s rate1 - (n - s) rate2.": from_table(
            lambda s, t, e, f, a, b: table(t, s, e, f, a, b)
        ),
        "The rates changed places.": from_table(lambda s, t, e, f, a, b: table(s, t, e, f, b, a)),
        "The events before and after changed places.": from_table(
            lambda s, t, e, f, a, b: table(s, t, f, e, a, b)
        ),
        "You took the first regime alone: the years after s count too.": from_table(
            lambda s, t, e, f, a, b: table(s, 0, e, 0, a, b)
        ),
        "You took the second regime alone: the years up to s count too.": from_table(
            lambda s, t, e, f, a, b: table(0, t, 0, f, a, b)
        ),
        "All events stand in the second regime: take off those before.": from_table(
            lambda s, t, e, f, a, b: table(s, t, e, e + f, a, b)
        ),
        "Rates where their logarithms belong.": from_table(
            lambda s, t, e, f, a, b: e * a - s * a + f * b - t * b
        ),
        "Logarithms where the rates belong: -length rate.": from_table(
            lambda s, t, e, f, a, b: (e - s) * np.log(a) + (f - t) * np.log(b)
        ),
        "The events are missing: they stand on the logs of the rates.": from_table(
            lambda s, t, e, f, a, b: -s * a - t * b
        ),
        "You took averages in place of sums: each year is a factor.": from_table(
            lambda s, t, e, f, a, b: table(1, 1, e / s, f / t, a, b)
        ),
        "The rates were taken for means: 1/rate.": from_table(
            lambda s, t, e, f, a, b: table(s, t, e, f, 1 / a, 1 / b)
        ),
        "You took the count of year s alone: all years up to s count.": lambda y, r1, r2: (
            normalised(np.asarray(y)[:-1] * np.log(r1 / r2) - (r1 - r2))
        ),
        "Log weights were divided by n: each year is a whole factor.": lambda y, r1, r2: normalised(
            unnormalised(y, r1, r2) / len(y)
        ),
        "You squared the likelihood: each year is a factor once.": lambda y, r1, r2: normalised(
            2 * unnormalised(y, r1, r2)
        ),
        "You added the probabilities of the counts: multiply them.": summed,
        "You averaged the log probabilities of each part: add them.": averaged,
        "You took the counts of years s and s + 1 alone: all years count.": lambda y, r1, r2: (
            normalised(each_count(y, r1, r2)[0, :-1] + each_count(y, r1, r2)[1, 1:])
        ),
        "You took log10: the natural logarithm is wanted.": from_table(
            lambda s, t, e, f, a, b: e * np.log10(a) - s * a + f * np.log10(b) - t * b
        ),
        "You left the events of year s + 1 out of both parts.": year_counted(1, 2, -1, False),
        "You left year s + 1 out of both parts.": year_counted(1, 2, -1, True),
        "You left the events of year s out of both parts.": year_counted(0, 1, -1, False),
        "You left year s out of both parts.": year_counted(0, 1, -1, True),
        "You counted the events of year s + 1 in both parts.": year_counted(1, 1, 1, False),
        "You counted year s + 1 in both parts.": year_counted(1, 1, 1, True),
        "You counted the events of year s in both parts.": year_counted(0, 2, 1, False),
        "You counted year s in both parts.": year_counted(0, 2, 1, True),
        "You took years s and s + 1 alone: all years count.": lambda y, r1, r2: normalised(
            np.asarray(y)[:-1] * np.log(r1) + np.asarray(y)[1:] * np.log(r2)
        ),
        "The sum of s counts is Poisson(s rate1), not Poisson(rate1).": from_table(
            lambda s, t, e, f, a, b: table(0, 0, e, f, a, b) - gammaln(e + 1) - gammaln(f + 1)
        ),
        "You took the probabilities of two sums: here each count is a factor.": from_table(
            lambda s, t, e, f, a, b: (
                table(s, t, e, f, a * s, b * t)
                + s * a * (s - 1)
                + t * b * (t - 1)
                - gammaln(e + 1)
                - gammaln(f + 1)
            )
        ),
        "The years were reversed: s counts from the first.": lambda y, r1, r2: normalised(
            unnormalised(np.asarray(y)[::-1], r1, r2)
        ),
        "The probabilities came back in reversed order.": lambda y, r1, r2: normalised(
            unnormalised(y, r1, r2)
        )[::-1],
        "You took log weights, not probabilities.": unnormalised,
        "You took log likelihoods, not probabilities.": counted,
        "Likelihoods that do not sum to one: divide by their sum.": lambda y, r1, r2: np.exp(
            counted(y, r1, r2)
        ),
        "Log likelihoods were divided by their sum: take exp first.": lambda y, r1, r2: (
            counted(y, r1, r2) / counted(y, r1, r2).sum()
        ),
        "You took log probabilities: take exp.": lambda y, r1, r2: np.log(
            normalised(unnormalised(y, r1, r2))
        ),
        "Weights that do not sum to one.": lambda y, r1, r2: np.exp(unnormalised(y, r1, r2)),
        "Divided by the largest: divide by the sum.": lambda y, r1, r2: np.exp(
            unnormalised(y, r1, r2) - unnormalised(y, r1, r2).max()
        ),
        "Log weights were divided by their sum: take exp first.": lambda y, r1, r2: (
            unnormalised(y, r1, r2) / unnormalised(y, r1, r2).sum()
        ),
        "Cumulated: the probability of each s itself is wanted.": lambda y, r1, r2: np.cumsum(
            normalised(unnormalised(y, r1, r2))
        ),
        "You took the most probable s: its whole table is wanted.": lambda y, r1, r2: (
            1 + np.argmax(unnormalised(y, r1, r2))
        ),
    },
    hints=(
        "For one s, write the log likelihood of the first s counts, then of the others.",
        "E1(s) log rate1 - s rate1 + E2(s) log rate2 - (n - s) rate2; exp; divide by the sum",
        "s = np.arange(1, len(y))",
    ),
)
