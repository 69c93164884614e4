"""Lesson 02: what correlated draws are worth, the effective sample size."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from vi_lab.teach.exercise import Exercise

# 02.7 ------------------------------------------------------------------------------------------


def ess(rho, n):
    """The effective sample size of n draws: n / (1 + 2 sum of all given autocorrelations).

    rho (lags,): rho[0] is lag 1; all of them count, negative ones too. Not rounded.
    """
    return n / (1 + 2 * np.sum(rho))


SHORT = (
    (0.5, -0.3, 0.2),
    (0.6, 0.2, -0.3, 0.25),
    (0.4,),
    (-0.4, 0.3, 0.04, 0.35, -0.2),
    (0.3, 0.45, -0.15, -0.1, 0.2, 0.12),
    (-0.35,),
)  # no powers of the first; the last counts


def correlations(rng: Generator, i: int) -> tuple[Any, ...]:
    """A few lags, of both signs, or one; or those of an AR(1): slow, quick, alternating."""
    n, kind = int(rng.integers(100, 10_000)), i // 2 % 6
    if i % 2 == 0:
        return np.array(SHORT[kind]) * rng.uniform(0.9, 1.1, len(SHORT[kind])), n
    phi = (0.5, 0.9, -0.4, 0.2, -0.7, 0.8)[kind] + rng.uniform(-0.05, 0.05)
    return phi ** np.arange(1, 401 + 50 * (kind % 3)), n


def before(stop: Any, rho: Any) -> Any:
    """The lags before the first where `stop` is true; all where it never is."""
    return rho[: np.argmax(stop)] if np.any(stop) else rho


def while_pairs_are_positive(rho: Any) -> Any:
    """The sum of the lags in Geyer's way: pairs (0, 1), (2, 3), ... before one is not positive."""
    both = np.append(1, rho)
    pairs = both[: len(both) // 2 * 2].reshape(-1, 2).sum(axis=1)
    return np.sum(before(pairs <= 0, pairs)) - 1


ESS = Exercise(
    id="02.7",
    title="The effective sample size",
    minutes=6,
    star=True,
    inputs=correlations,
    right=ess,
    mistakes={
        "The 2 is missing: lags count on both sides.": lambda r, n: n / (1 + np.sum(r)),
        "The 1 is missing: a draw counts itself.": lambda r, n: n / (2 * np.sum(r)),
        "The 1 and the 2 are missing.": lambda r, n: n / np.sum(r),
        "The 2 stands around the 1 too.": lambda r, n: n / (2 * (1 + np.sum(r))),
        "You took lag 1 alone: sum over all lags.": lambda r, n: n / (1 + 2 * r[0]),
        "You gave the autocorrelation time: the number of draws is wanted.": lambda r, n: (
            1 + 2 * np.sum(r)
        ),
        "It is upside down: correlated draws are worth less.": lambda r, n: n * (1 + 2 * np.sum(r)),
        "You gave a share of n: multiply by n.": lambda r, n: 1 / (1 + 2 * np.sum(r)),
        "Lag 1 was left out: rho[0] is lag 1.": lambda r, n: n / (1 + 2 * np.sum(r[1:])),
        "Lag 0 was counted among the lags.": lambda r, n: n / (1 + 2 * (1 + np.sum(r))),
        "rho[0] was taken for lag 0, and counted once.": lambda r, n: (
            n / (r[0] + 2 * np.sum(r[1:]))
        ),
        "The sign is wrong: 1 + 2 sum.": lambda r, n: n / (1 - 2 * np.sum(r)),
        "You took a mean of the lags: they are summed.": lambda r, n: n / (1 + 2 * np.mean(r)),
        "A root was taken: that is the sd's share.": lambda r, n: n / np.sqrt(1 + 2 * np.sum(r)),
        "The correlations were squared.": lambda r, n: n / (1 + 2 * np.sum(np.square(r))),
        "You took absolute values: a negative correlation makes draws worth more.": lambda r, n: (
            n / (1 + 2 * np.sum(np.abs(r)))
        ),
        "Negative lags were left out: here all count.": lambda r, n: (
            n / (1 + 2 * np.sum(np.maximum(r, 0)))
        ),
        "Lags under 0.05 in size were left out: here all count.": lambda r, n: (
            n / (1 + 2 * np.sum(np.where(np.abs(r) < 0.05, 0, r)))
        ),
        "It stops where the correlation falls under 0.05: here all count.": lambda r, n: (
            n / (1 + 2 * np.sum(before(np.abs(r) < 0.05, r)))
        ),
        "You cut at n: alternating draws are worth more than n.": lambda r, n: min(
            n, n / (1 + 2 * np.sum(r))
        ),
        "It stops at the first negative lag: here all count.": lambda r, n: (
            n / (1 + 2 * np.sum(before(r < 0, r)))
        ),
        "You took pairs of lags while positive, Geyer's rule: here all count.": lambda r, n: (
            n / (1 + 2 * while_pairs_are_positive(r))
        ),
        "You took the formula of an AR(1), by lag 1: sum the lags, whatever they are.": (
            lambda r, n: n * (1 - r[0]) / (1 + r[0])
        ),
        "The last lag is lost.": lambda r, n: n / (1 + 2 * np.sum(r[:-1])),
        "The first and the last lag are halved: lags are summed, not integrated.": lambda r, n: (
            n / (1 + 2 * np.trapezoid(r))
        ),
        "The 1 was added to each lag: it stands there once.": lambda r, n: n / np.sum(1 + 2 * r),
        "A bracket is missing: n / 1 comes first, and the sum is added.": lambda r, n: (
            n + 2 * np.sum(r)
        ),
        "The sum of the lags stands alone, not under n: n - 2 sum.": lambda r, n: n - 2 * np.sum(r),
        "You have minus one: a draw counts itself, 1 + 2 sum.": lambda r, n: (
            n / (2 * np.sum(r) - 1)
        ),
        "The factor is squared.": lambda r, n: n / (1 + 2 * np.sum(r)) ** 2,
        "You took n (1 - rho^2): that is no share of draws.": lambda r, n: n * (1 - r[0] ** 2),
        "You took n / (1 + rho): the 2 is missing, and all lags but one.": lambda r, n: (
            n / (1 + r[0])
        ),
        "You took the first ten lags alone: all given ones count.": lambda r, n: (
            n / (1 + 2 * np.sum(r[:10]))
        ),
        "You took lags above 0.05 alone: here all count, negative ones too.": lambda r, n: (
            n / (1 + 2 * np.sum(np.where(r > 0.05, r, 0)))
        ),
        "You took a root: there is none in it.": lambda r, n: np.sqrt(n / (1 + 2 * np.sum(r))),
        "You rounded: an ESS is no count.": lambda r, n: round(n / (1 + 2 * np.sum(r))),
        "You cut to an integer: an ESS is no count.": lambda r, n: int(n / (1 + 2 * np.sum(r))),
        "You took weights 1 - lag/n, as for a short chain: here all count fully.": lambda r, n: (
            n / (1 + 2 * np.sum((1 - np.arange(1, len(r) + 1) / n) * r))
        ),
        "You took the lags for n: it is the number of draws.": lambda r, n: (
            len(r) / (1 + 2 * np.sum(r))
        ),
        "You took n - 1 for n.": lambda r, n: (n - 1) / (1 + 2 * np.sum(r)),
    },
    samples=16,
    hints=(
        "How much larger is the variance of a mean of correlated draws?",
        "n / (1 + 2 (rho_1 + rho_2 + ...))",
        "time = 1 + ...",
    ),
)
