"""Lesson 02: whether a chain has arrived, and what its draws are worth.

R-hat compares the chains with one another (Gelman & Rubin 1992; Vehtari et al. 2021, eq. 1-3); the
effective sample size says what correlated draws are worth.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from vi_lab.teach.exercise import Exercise

# 02.6 ------------------------------------------------------------------------------------------


def rhat(x):
    """R-hat of x (chains, draws), without splitting; both variances divide by their number - 1.

    W is the mean of the variances within the chains, B/n the variance of their means:
    R-hat = sqrt(((n - 1)/n W + B/n) / W) for n draws a chain.
    """
    n = x.shape[1]
    within = x.var(axis=1, ddof=1).mean()
    between = x.mean(axis=1).var(ddof=1)
    return np.sqrt(((n - 1) / n * within + between) / within)


def chains(rng: Generator, i: int) -> tuple[Any, ...]:
    """4 chains of 6; a square; few draws; integers; chains that disagree; two chains."""
    shape = ((4, 6), (5, 5), (3, 4), (4, 10), (4, 30), (2, 7))[i % 6]
    x = rng.normal(rng.normal(0, 2), rng.uniform(0.5, 3), shape)
    if i == 3:
        x = np.round(2 * x)
    if i == 4:
        x += np.arange(4)[:, None] * 5.0
    return (x * np.linspace(0.6, 1.5, shape[0])[:, None],)


def rhat_of(wrong: Any) -> Any:
    """A wrong R-hat from W, B/n, n and m, in that order."""
    return lambda x: wrong(x.var(1, ddof=1).mean(), x.mean(1).var(ddof=1), x.shape[1], x.shape[0])


def whole(W: Any, b: Any, n: int) -> Any:
    """The estimate of the variance in R-hat."""
    return (n - 1) / n * W + b


RHAT = Exercise(
    id="02.6",
    title="R-hat",
    minutes=10,
    star=False,
    inputs=chains,
    right=rhat,
    mistakes={
        "ddof=0: variances of a sample divide by n - 1.": lambda x: np.sqrt(
            whole(x.var(1).mean(), x.mean(1).var(), x.shape[1]) / x.var(1).mean()
        ),
        "ddof=0 within the chains: divide by n - 1.": lambda x: np.sqrt(
            whole(x.var(1).mean(), x.mean(1).var(ddof=1), x.shape[1]) / x.var(1).mean()
        ),
        "The square root is missing.": rhat_of(lambda W, b, n, m: whole(W, b, n) / W),
        "Within and between changed places.": rhat_of(
            lambda W, b, n, m: (whole(b, W, n) / b) ** 0.5
        ),
        "Divided by the variance between, not within.": rhat_of(
            lambda W, b, n, m: (whole(W, b, n) / b) ** 0.5
        ),
        "Upside down: W belongs below.": rhat_of(lambda W, b, n, m: (W / whole(W, b, n)) ** 0.5),
        "Axes changed: chains are rows.": lambda x: rhat(x.T),
        "The (n - 1)/n is missing.": rhat_of(lambda W, b, n, m: ((W + b) / W) ** 0.5),
        "(n - 1)/n stands around both: it belongs to W alone.": rhat_of(
            lambda W, b, n, m: ((n - 1) / n * (W + b) / W) ** 0.5
        ),
        "n is the number of draws, not of chains.": rhat_of(
            lambda W, b, n, m: (whole(W, b, m) / W) ** 0.5
        ),
        "n is the number of draws of one chain, not of all.": rhat_of(
            lambda W, b, n, m: (whole(W, b, n * m) / W) ** 0.5
        ),
        "(n + 1)/n: it is (n - 1)/n.": rhat_of(
            lambda W, b, n, m: (((n + 1) / n * W + b) / W) ** 0.5
        ),
        "n/(n - 1): it is (n - 1)/n.": rhat_of(
            lambda W, b, n, m: ((n / (n - 1) * W + b) / W) ** 0.5
        ),
        "The total variance of the pooled draws stands on top.": lambda x: np.sqrt(
            x.var(ddof=1) / x.var(1, ddof=1).mean()
        ),
        "ddof=0 between the chains, as in all draws pooled: divide by the chains - 1.": lambda x: (
            np.sqrt(x.var() / x.var(1, ddof=1).mean())
        ),
        "B was not divided by n: the variance of the means is B/n.": rhat_of(
            lambda W, b, n, m: (whole(W, n * b, n) / W) ** 0.5
        ),
        "The variance of the means was divided by n again.": rhat_of(
            lambda W, b, n, m: (whole(W, b / n, n) / W) ** 0.5
        ),
        "Between alone over within: W belongs on top too.": rhat_of(
            lambda W, b, n, m: (b / W) ** 0.5
        ),
        "A ratio of variances, between over within.": rhat_of(lambda W, b, n, m: b / W),
        "This is B/W: an F statistic of the analysis of variance.": rhat_of(
            lambda W, b, n, m: n * b / W
        ),
        "Sds were averaged within the chains: average the variances.": lambda x: np.sqrt(
            whole(x.std(1, ddof=1).mean() ** 2, x.mean(1).var(ddof=1), x.shape[1])
            / x.std(1, ddof=1).mean() ** 2
        ),
        "Sds stand where variances belong.": lambda x: np.sqrt(
            whole(x.std(1, ddof=1).mean(), x.mean(1).std(ddof=1), x.shape[1])
            / x.std(1, ddof=1).mean()
        ),
        "The sd of the means was added: variances add.": rhat_of(
            lambda W, b, n, m: (whole(W, b**0.5, n) / W) ** 0.5
        ),
        "Within was summed over the chains: it is their mean.": rhat_of(
            lambda W, b, n, m: (whole(m * W, b, n) / (m * W)) ** 0.5
        ),
        "The excess alone: R-hat of good chains is 1, not 0.": rhat_of(
            lambda W, b, n, m: (whole(W, b, n) / W) ** 0.5 - 1
        ),
        "W is missing below: a ratio is wanted.": rhat_of(lambda W, b, n, m: whole(W, b, n) ** 0.5),
        "The root covers the ratio, not the upper part alone.": rhat_of(
            lambda W, b, n, m: whole(W, b, n) ** 0.5 / W
        ),
        "m in place of n, in both terms: n counts the draws of a chain.": rhat_of(
            lambda W, b, n, m: (whole(W, n * b / m, m) / W) ** 0.5
        ),
        "The (n - 1)/n is missing, and B was not divided by n.": rhat_of(
            lambda W, b, n, m: ((W + n * b) / W) ** 0.5
        ),
        "B/W under the root: a root of the F statistic.": rhat_of(
            lambda W, b, n, m: (n * b / W) ** 0.5
        ),
        "Pooled over within, both with ddof=0.": lambda x: np.sqrt(x.var() / x.var(1).mean()),
        "Pooled over within, both with ddof=0, and no root.": lambda x: x.var() / x.var(1).mean(),
        "Pooled over within, without the root.": lambda x: x.var(ddof=1) / x.var(1, ddof=1).mean(),
        "Sds of all over sds within: average variances, then take the root.": lambda x: (
            x.std() / x.std(1).mean()
        ),
        "Variances down the columns over those along the rows.": lambda x: np.sqrt(
            x.var(0, ddof=1).mean() / x.var(1, ddof=1).mean()
        ),
        "Chains were split in halves: right for use, but here unsplit.": lambda x: rhat(
            np.concatenate([x[:, : x.shape[1] // 2], x[:, (x.shape[1] + 1) // 2 :]])
        ),
        "Chains were split, an odd draw left off at the end: here unsplit.": lambda x: rhat(
            x[:, : x.shape[1] // 2 * 2].reshape(2 * len(x), -1)
        ),
        "The first half of each chain was left out: here all draws count.": lambda x: rhat(
            x[:, x.shape[1] // 2 :]
        ),
        "Medians of the chains stand where their means belong.": lambda x: np.sqrt(
            whole(x.var(1, ddof=1).mean(), np.median(x, axis=1).var(ddof=1), x.shape[1])
            / x.var(1, ddof=1).mean()
        ),
        "The factor (m + 1)/m of Brooks and Gelman is too much here.": rhat_of(
            lambda W, b, n, m: (whole(W, (m + 1) / m * b, n) / W) ** 0.5
        ),
        "The chains differ nowhere in it: B/n is missing.": rhat_of(
            lambda W, b, n, m: (whole(W, 0, n) / W) ** 0.5
        ),
    },
    hints=(
        "Two variances: within each chain, and of the chains' means. Which axis is which?",
        "R-hat = sqrt(((n - 1)/n W + B/n) / W), W = mean of s_j^2, B/n = variance of the means",
        "within = x.var(axis=1, ddof=1).mean()",
    ),
)

# 02.7 ------------------------------------------------------------------------------------------


def ess(rho, n):
    """The effective sample size of n draws: n / (1 + 2 sum of all given autocorrelations).

    rho (lags,): rho[0] is lag 1; all of them count, negative ones too. Not rounded.
    """
    return n / (1 + 2 * np.sum(rho))


def correlations(rng: Generator, i: int) -> tuple[Any, ...]:
    """The autocorrelations of an AR(1): slow, quick, alternating."""
    phi = (0.5, 0.9, -0.4, 0.2, -0.7, 0.8)[i % 6] + rng.uniform(-0.05, 0.05)
    return phi ** np.arange(1, 401 + 50 * (i % 3)), int(rng.integers(100, 10_000))


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
        "Lag 1 alone: sum over all lags.": lambda r, n: n / (1 + 2 * r[0]),
        "The autocorrelation time, not the number of draws.": lambda r, n: 1 + 2 * np.sum(r),
        "Upside down: correlated draws are worth less.": lambda r, n: n * (1 + 2 * np.sum(r)),
        "A share of n: multiply by n.": lambda r, n: 1 / (1 + 2 * np.sum(r)),
        "Lag 1 was left out: rho[0] is lag 1.": lambda r, n: n / (1 + 2 * np.sum(r[1:])),
        "Lag 0 was counted among the lags.": lambda r, n: n / (1 + 2 * (1 + np.sum(r))),
        "rho[0] was taken for lag 0, and counted once.": lambda r, n: (
            n / (r[0] + 2 * np.sum(r[1:]))
        ),
        "The sign: 1 + 2 sum.": lambda r, n: n / (1 - 2 * np.sum(r)),
        "A mean of the lags: they are summed.": lambda r, n: n / (1 + 2 * np.mean(r)),
        "A root was taken: that is the sd's share.": lambda r, n: n / np.sqrt(1 + 2 * np.sum(r)),
        "The correlations were squared.": lambda r, n: n / (1 + 2 * np.sum(np.square(r))),
        "Absolute values: a negative correlation makes draws worth more.": lambda r, n: (
            n / (1 + 2 * np.sum(np.abs(r)))
        ),
        "Negative lags were left out: here all count.": lambda r, n: (
            n / (1 + 2 * np.sum(np.maximum(r, 0)))
        ),
        "It stops where the correlation falls under 0.05: here all count.": lambda r, n: (
            n / (1 + 2 * np.sum(np.where(np.abs(r) < 0.05, 0, r)))
        ),
        "Cut at n, or at the first negative lag: alternating draws are worth more.": lambda r, n: (
            min(n, n / (1 + 2 * np.sum(r)))
        ),
        "A bracket is missing: n / 1 comes first, and the sum is added.": lambda r, n: (
            n + 2 * np.sum(r)
        ),
        "The sum of the lags stands alone, not under n: n - 2 sum.": lambda r, n: n - 2 * np.sum(r),
        "Minus one: a draw counts itself, 1 + 2 sum.": lambda r, n: n / (2 * np.sum(r) - 1),
        "The factor is squared.": lambda r, n: n / (1 + 2 * np.sum(r)) ** 2,
        "n (1 - rho^2): that is no share of draws.": lambda r, n: n * (1 - r[0] ** 2),
        "n / (1 + rho): the 2 is missing, and all lags but one.": lambda r, n: n / (1 + r[0]),
        "The first ten lags alone: all given ones count.": lambda r, n: (
            n / (1 + 2 * np.sum(r[:10]))
        ),
        "Lags above 0.05 alone: here all count, negative ones too.": lambda r, n: (
            n / (1 + 2 * np.sum(np.where(r > 0.05, r, 0)))
        ),
        "The root of it.": lambda r, n: np.sqrt(n / (1 + 2 * np.sum(r))),
        "Rounded: an ESS is no count.": lambda r, n: round(n / (1 + 2 * np.sum(r))),
        "Cut to an integer: an ESS is no count.": lambda r, n: int(n / (1 + 2 * np.sum(r))),
        "Weights 1 - lag/n: right for a short chain, but here all count fully.": lambda r, n: (
            n / (1 + 2 * np.sum((1 - np.arange(1, len(r) + 1) / n) * r))
        ),
        "n is the number of draws, not of lags.": lambda r, n: len(r) / (1 + 2 * np.sum(r)),
        "n - 1 for n.": lambda r, n: (n - 1) / (1 + 2 * np.sum(r)),
    },
    samples=16,
    hints=(
        "How much larger is the variance of a mean of correlated draws?",
        "n / (1 + 2 (rho_1 + rho_2 + ...))",
        "time = 1 + ...",
    ),
)
