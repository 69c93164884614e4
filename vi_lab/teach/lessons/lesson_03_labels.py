"""Lesson 03: discrete unknowns, the year of a change and the component of a point.

    p(s | rates, y)  is proportional to  rate1^E1 e^(-s rate1) rate2^E2 e^(-(n - s) rate2)

with E1 events in the first s years and E2 in the others (Carlin, Gelfand & Smith 1992); and for a
mixture p(z_i = k | x_i) is proportional to weight_k N(x_i; mean_k, sd^2) (Bishop 2006, eq. 9.13).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator

from vi_lab.teach.exercise import Exercise


def normalised(log_weights: Any, axis: int = -1) -> Any:
    """exp of log weights, to sum to one."""
    weights = np.exp(log_weights - np.max(log_weights, axis=axis, keepdims=True))
    return weights / weights.sum(axis=axis, keepdims=True)


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


CHANGE = Exercise(
    id="03.4",
    title="When did the rate change?",
    minutes=12,
    star=False,
    inputs=counts,
    right=p_s,
    mistakes={
        "Off by one: s years stand under rate1, you put s - 1 there.": lambda y, r1, r2: shifted(
            y, r1, r2, -1
        ),
        "Off by one to the other side: you put s + 1 years under rate1.": lambda y, r1, r2: shifted(
            y, r1, r2, 1
        ),
        "n probabilities: at s = n nothing changes, and it is left out.": lambda y, r1, r2: (
            every_end(y, r1, r2, 1, 0)
        ),
        "n probabilities from s = 0: the first year is under rate1.": lambda y, r1, r2: every_end(
            y, r1, r2, 0, -1
        ),
        "n + 1 probabilities: s is 1..n-1.": lambda y, r1, r2: every_end(y, r1, r2, 0, 0),
        "n - 2 probabilities: s = n - 1 is possible.": lambda y, r1, r2: every_end(
            y, r1, r2, 1, -2
        ),
        "The lengths are missing: -length times rate.": from_table(
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
        "The first regime alone: the years after s count too.": from_table(
            lambda s, t, e, f, a, b: table(s, 0, e, 0, a, b)
        ),
        "The second regime alone: the years up to s count too.": from_table(
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
        "Averages in place of sums: each year is a factor.": from_table(
            lambda s, t, e, f, a, b: table(1, 1, e / s, f / t, a, b)
        ),
        "The rates were taken for means: 1/rate.": from_table(
            lambda s, t, e, f, a, b: table(s, t, e, f, 1 / a, 1 / b)
        ),
        "The count of year s alone: all years up to s count.": lambda y, r1, r2: normalised(
            np.asarray(y)[:-1] * np.log(r1 / r2) - (r1 - r2)
        ),
        "Log weights, not probabilities.": unnormalised,
        "Log probabilities: take exp.": lambda y, r1, r2: np.log(
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
        "The most probable s: its whole table is wanted.": lambda y, r1, r2: (
            1 + np.argmax(unnormalised(y, r1, r2))
        ),
    },
    hints=(
        "For one s, write the log likelihood of the first s counts, then of the others.",
        "E1(s) log rate1 - s rate1 + E2(s) log rate2 - (n - s) rate2; exp; divide by the sum",
        "s = np.arange(1, len(y))",
    ),
)

# 03.7 ------------------------------------------------------------------------------------------


def responsibilities(x, means, weights, sd):
    """Probabilities (N, K) of the component of each x (N,), for K normals with one sd.

    means (K,), weights (K,) sum to one; sd is one number. Each row sums to one.
    """
    distances = (x[:, None] - means) / sd
    shares = weights * np.exp(-0.5 * distances**2)
    return shares / shares.sum(axis=1, keepdims=True)


def mixtures(rng: Generator, i: int) -> tuple[Any, ...]:
    """5 points of 3; as many as components; one point; one component; equal weights; two of six."""
    n, k = ((5, 3), (3, 3), (1, 2), (4, 1), (6, 2), (7, 4))[i % 6]
    weights = np.full(k, 1 / k) if i % 6 == 4 else rng.dirichlet(np.full(k, 2.0)) * 0.9 + 0.1 / k
    return rng.normal(0, 2, n), rng.normal(0, 2, k), weights, float(rng.uniform(0.6, 1.8))


def shares_of(wrong: Callable[..., Any]) -> Callable[..., Any]:
    """Responsibilities from wrong log weights of (distance, weights, sd), rows normalised."""
    return lambda x, m, w, sd: normalised(wrong(np.asarray(x)[:, None] - m, w, sd))


def logs(x: Any, m: Any, w: Any, sd: Any) -> Any:
    """The right log weights."""
    return np.log(w) - 0.5 * ((np.asarray(x)[:, None] - m) / sd) ** 2


def nearest(x: Any, m: Any, w: Any, sd: Any) -> Any:
    """A one where the mean is nearest."""
    return np.eye(len(m))[np.argmin(np.abs(np.asarray(x)[:, None] - m), axis=1)]


LABELS = Exercise(
    id="03.7",
    title="Responsibilities",
    minutes=10,
    star=True,
    inputs=mixtures,
    right=responsibilities,
    mistakes={
        "The weights of the components are missing.": shares_of(
            lambda d, w, sd: -0.5 * (d / sd) ** 2
        ),
        "The weights are squared.": shares_of(lambda d, w, sd: 2 * np.log(w) - 0.5 * (d / sd) ** 2),
        "Divided by the weights: multiply by them.": shares_of(
            lambda d, w, sd: -np.log(w) - 0.5 * (d / sd) ** 2
        ),
        "Weights were added to the log densities: add their logs.": shares_of(
            lambda d, w, sd: w - 0.5 * (d / sd) ** 2
        ),
        "The weights alone: the point plays no part.": shares_of(
            lambda d, w, sd: np.log(w) + 0 * d
        ),
        "sd was taken for a variance.": shares_of(lambda d, w, sd: np.log(w) - 0.5 * d**2 / sd),
        "sd was taken for a precision.": shares_of(lambda d, w, sd: np.log(w) - 0.5 * d**2 * sd),
        "sd^2 multiplies: it divides the squared distance.": shares_of(
            lambda d, w, sd: np.log(w) - 0.5 * d**2 * sd**2
        ),
        "sd is missing: distances count in sds.": shares_of(
            lambda d, w, sd: np.log(w) - 0.5 * d**2
        ),
        "The half in the exponent is missing.": shares_of(
            lambda d, w, sd: np.log(w) - (d / sd) ** 2
        ),
        "The sign in the exponent: far points are less likely.": shares_of(
            lambda d, w, sd: np.log(w) + 0.5 * (d / sd) ** 2
        ),
        "Distances are not squared.": shares_of(lambda d, w, sd: np.log(w) - 0.5 * np.abs(d / sd)),
        "Normalised over the data: each row sums to one.": lambda x, m, w, sd: normalised(
            logs(x, m, w, sd), axis=0
        ),
        "Normalised over everything: each row sums to one.": lambda x, m, w, sd: (
            np.exp(logs(x, m, w, sd)) / np.exp(logs(x, m, w, sd)).sum()
        ),
        "Not normalised: weight times density.": lambda x, m, w, sd: (
            np.exp(logs(x, m, w, sd)) / (sd * np.sqrt(2 * np.pi))
        ),
        "Not normalised, and the density's constant is missing.": lambda x, m, w, sd: np.exp(
            logs(x, m, w, sd)
        ),
        "Log weights: take exp and normalise.": logs,
        "Logarithms of the responsibilities: take exp.": lambda x, m, w, sd: np.log(
            normalised(logs(x, m, w, sd))
        ),
        "A hard choice of the nearest component.": nearest,
        "A hard choice of the most probable component.": lambda x, m, w, sd: np.eye(len(m))[
            np.argmax(logs(x, m, w, sd), axis=1)
        ],
        "The label alone: the probabilities are wanted.": lambda x, m, w, sd: np.argmax(
            logs(x, m, w, sd), axis=1
        ),
        "Components by data: transposed.": lambda x, m, w, sd: normalised(logs(x, m, w, sd)).T,
        "How many points each has: one row a point is wanted.": lambda x, m, w, sd: normalised(
            logs(x, m, w, sd)
        ).sum(0),
        "The mixture's density at each x: its shares are wanted.": lambda x, m, w, sd: (
            np.exp(logs(x, m, w, sd)).sum(1) / (sd * np.sqrt(2 * np.pi))
        ),
        "Normalised before the weights came in.": lambda x, m, w, sd: (
            w * normalised(-0.5 * ((np.asarray(x)[:, None] - m) / sd) ** 2)
        ),
    },
    hints=(
        "Bayes' rule for one label: prior times likelihood, over their sum.",
        "r_ik = w_k N(x_i; m_k, sd^2) / sum over j of w_j N(x_i; m_j, sd^2)",
        "distances = (x[:, None] - means) / sd",
    ),
)
