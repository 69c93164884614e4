"""Lesson 02: whether a chain has arrived.

R-hat compares the chains with one another (Gelman & Rubin 1992; Vehtari et al. 2021, eq. 1-3).
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


def rhat_down(x: Any, n: int, ddof: int) -> Any:
    """R-hat with the columns taken for chains, whatever n is."""
    W, b = x.var(0, ddof=ddof).mean(), x.mean(0).var(ddof=ddof)
    return np.sqrt(whole(W, b, n) / W)


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
        "You took ddof=0: variances of a sample divide by n - 1.": lambda x: np.sqrt(
            whole(x.var(1).mean(), x.mean(1).var(), x.shape[1]) / x.var(1).mean()
        ),
        "You took ddof=0 within the chains: divide by n - 1.": lambda x: np.sqrt(
            whole(x.var(1).mean(), x.mean(1).var(ddof=1), x.shape[1]) / x.var(1).mean()
        ),
        "The square root is missing.": rhat_of(lambda W, b, n, m: whole(W, b, n) / W),
        "Within and between changed places.": rhat_of(
            lambda W, b, n, m: (whole(b, W, n) / b) ** 0.5
        ),
        "You divided by the variance between: divide by that within.": rhat_of(
            lambda W, b, n, m: (whole(W, b, n) / b) ** 0.5
        ),
        "It is upside down: W belongs below.": rhat_of(
            lambda W, b, n, m: (W / whole(W, b, n)) ** 0.5
        ),
        "You changed the axes: chains are rows.": lambda x: rhat(x.T),
        "You changed the axes, but kept n, the number of draws: chains are rows.": lambda x: (
            rhat_down(x, x.shape[1], 1)
        ),
        "You changed the axes, kept n, and took ddof=0: chains are rows.": lambda x: rhat_down(
            x, x.shape[1], 0
        ),
        "You changed the axes, and took ddof=0: chains are rows.": lambda x: rhat_down(
            x, x.shape[0], 0
        ),
        "You took ddof=0, and the chains for n: n is the number of draws.": lambda x: np.sqrt(
            whole(x.var(1).mean(), x.mean(1).var(), x.shape[0]) / x.var(1).mean()
        ),
        "You took ddof=0, and divided the variance of the means by n again.": lambda x: np.sqrt(
            whole(x.var(1).mean(), x.mean(1).var() / x.shape[1], x.shape[1]) / x.var(1).mean()
        ),
        "You averaged an R-hat of each chain: W is the mean of the variances.": lambda x: np.mean(
            np.sqrt(whole(1, x.mean(1).var(ddof=1) / x.var(1, ddof=1), x.shape[1]))
        ),
        "You averaged the ratios, chain by chain: W is the mean of the variances.": lambda x: (
            np.sqrt(np.mean(whole(1, x.mean(1).var(ddof=1) / x.var(1, ddof=1), x.shape[1])))
        ),
        "The (n - 1)/n is missing.": rhat_of(lambda W, b, n, m: ((W + b) / W) ** 0.5),
        "(n - 1)/n stands around both: it belongs to W alone.": rhat_of(
            lambda W, b, n, m: ((n - 1) / n * (W + b) / W) ** 0.5
        ),
        "You took the chains for n: it is the number of draws.": rhat_of(
            lambda W, b, n, m: (whole(W, b, m) / W) ** 0.5
        ),
        "You took all draws for n: it is the number of draws of one chain.": rhat_of(
            lambda W, b, n, m: (whole(W, b, n * m) / W) ** 0.5
        ),
        "You took (n + 1)/n: it is (n - 1)/n.": rhat_of(
            lambda W, b, n, m: (((n + 1) / n * W + b) / W) ** 0.5
        ),
        "You took n/(n - 1): it is (n - 1)/n.": rhat_of(
            lambda W, b, n, m: ((n / (n - 1) * W + b) / W) ** 0.5
        ),
        "The total variance of the pooled draws stands on top.": lambda x: np.sqrt(
            x.var(ddof=1) / x.var(1, ddof=1).mean()
        ),
        "You took ddof=0 between the chains, as if all were pooled: divide by m - 1.": lambda x: (
            np.sqrt(x.var() / x.var(1, ddof=1).mean())
        ),
        "B was not divided by n: the variance of the means is B/n.": rhat_of(
            lambda W, b, n, m: (whole(W, n * b, n) / W) ** 0.5
        ),
        "The variance of the means was divided by n again.": rhat_of(
            lambda W, b, n, m: (whole(W, b / n, n) / W) ** 0.5
        ),
        "You have between alone over within: W belongs on top too.": rhat_of(
            lambda W, b, n, m: (b / W) ** 0.5
        ),
        "You took a ratio of variances, B/n over W: W belongs on top too, and a root.": rhat_of(
            lambda W, b, n, m: b / W
        ),
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
        "You gave the excess alone: R-hat of good chains is 1, not 0.": rhat_of(
            lambda W, b, n, m: (whole(W, b, n) / W) ** 0.5 - 1
        ),
        "W is missing below: a ratio is wanted.": rhat_of(lambda W, b, n, m: whole(W, b, n) ** 0.5),
        "The root covers the ratio, not the upper part alone.": rhat_of(
            lambda W, b, n, m: whole(W, b, n) ** 0.5 / W
        ),
        "You took m in place of n, in both terms: n counts the draws of a chain.": rhat_of(
            lambda W, b, n, m: (whole(W, n * b / m, m) / W) ** 0.5
        ),
        "The (n - 1)/n is missing, and B was not divided by n.": rhat_of(
            lambda W, b, n, m: ((W + n * b) / W) ** 0.5
        ),
        "You have B/W under the root: a root of the F statistic.": rhat_of(
            lambda W, b, n, m: (n * b / W) ** 0.5
        ),
        "You put pooled over within, both with ddof=0.": lambda x: np.sqrt(
            x.var() / x.var(1).mean()
        ),
        "You put pooled over within, both with ddof=0, and no root.": lambda x: (
            x.var() / x.var(1).mean()
        ),
        "You put pooled over within, without the root.": lambda x: (
            x.var(ddof=1) / x.var(1, ddof=1).mean()
        ),
        "You put sds of all over sds within: average variances, then take the root.": lambda x: (
            x.std() / x.std(1).mean()
        ),
        "You put variances down the columns over those along the rows.": lambda x: np.sqrt(
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
