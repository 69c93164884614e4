"""Lesson 09: a rank, log weights and the error of a mean."""

from __future__ import annotations

import numpy as np

from vi_lab.teach.exercise import Exercise


def rank_inputs(rng, i):
    """A number and draws about it: below all, above all, one draw, negative, many."""
    n = [9, 1, 2, 19, 99, 5][i % 6]
    theta = rng.normal() + [0.0, 0.0, 3.0, 0.0, -0.5, -6.0, 6.0, 0.3][i % 8]
    return theta, rng.normal(loc=[0.0, -0.5, 0.5][i % 3], size=n)


def rank(theta, draws):
    """The rank of theta among draws (n,): how many of them are smaller. No two are equal."""
    return int(np.sum(draws < theta))


RANK = Exercise(
    id="09.1",
    title="the rank of a draw",
    minutes=4,
    star=False,
    inputs=rank_inputs,
    right=rank,
    samples=48,
    mistakes={
        "Counted from the other side: the larger ones.": lambda t, x: np.sum(x > t),
        "From one, not from zero: below all draws the rank is 0.": lambda t, x: np.sum(x < t) + 1,
        "Your rank is one too small: below all draws it is 0.": lambda t, x: np.sum(x < t) - 1,
        "From the other side, and from one.": lambda t, x: np.sum(x > t) + 1,
        "A fraction, not a count.": lambda t, x: np.mean(x < t),
        "The fraction of larger ones, not a count.": lambda t, x: np.mean(x > t),
        "Divided by n + 1: a count is wanted.": lambda t, x: np.sum(x < t) / (len(x) + 1),
        "A percentage, not a count.": lambda t, x: 100 * np.mean(x < t),
        "The larger were counted with a minus.": lambda t, x: -np.sum(x > t),
        "You put a minus in front.": lambda t, x: -np.sum(x < t),
        "You took smaller less larger: the smaller ones alone are wanted.": lambda t, x: np.sum(
            np.sign(t - x)
        ),
        "The draws are not sorted: searchsorted needs them so.": lambda t, x: np.searchsorted(x, t),
        "Which draw is nearest, not how many are smaller.": lambda t, x: np.argmin(np.abs(x - t)),
        "The smaller draws were added up, not counted.": lambda t, x: np.sum(x[x < t]),
        "You took the smaller draws themselves, not their number.": lambda t, x: x[x < t],
        "Not counted: one truth value for each draw.": lambda t, x: x < t,
        "You took sizes without their signs: -3 is smaller than 1.": lambda t, x: np.sum(
            abs(x) < abs(t)
        ),
        "This is a z-score, not a rank.": lambda t, x: (t - x.mean()) / x.std(),
        "You took the number of draws: theta plays no part.": lambda t, x: len(x),
        "You took the draws below their own mean: theta plays no part.": lambda t, x: np.sum(
            x < x.mean()
        ),
        "The first draw above theta in the order they came.": lambda t, x: np.argmax(x > t),
        "The order of the draws, not a count.": lambda t, x: np.argsort(x),
        "The last draw is left out.": lambda t, x: np.sum(x[:-1] < t),
        "The number of draws was doubled.": lambda t, x: 2 * np.sum(x < t),
        "You took the draw next to theta, not its place.": lambda t, x: x[np.argmin(np.abs(x - t))],
        "The distances were added up, not the draws counted.": lambda t, x: np.sum(t - x),
    },
    hints=(
        "Compare every draw with theta.",
        "The rank is Σ 1[draw < theta], from 0 to n.",
        "Start with smaller = draws < theta.",
    ),
)


def weight_inputs(rng, i):
    """Log densities, some far below zero, one draw, an exact q, a large n."""
    n = [6, 1, 4, 50, 5, 7][i % 6]
    log_q = rng.normal(size=n) + (2.0 if i % 6 == 3 else -2.0)  # a density may be above one
    log_p = log_q + rng.normal(size=n) - 1.0
    if i % 6 == 2:
        log_p, log_q = log_p - 2000.0, log_q - 1500.0
    return (log_q if i % 6 == 4 else log_p), log_q


def log_weights(log_p, log_q):
    """The log importance weights of draws of q, (n,), not normalised.

    log_p (n,) is the log joint log p(x, z) at the draws, log_q (n,) their log density under q.
    """
    return log_p - log_q


def _log_sum(w):
    return np.max(w) + np.log(np.sum(np.exp(w - np.max(w))))


WEIGHTS = Exercise(
    id="09.2",
    title="log weights",
    minutes=4,
    star=False,
    inputs=weight_inputs,
    right=log_weights,
    mistakes={
        "Upside down: k-hat would praise a bad q.": lambda p, q: q - p,
        "You took weights, not log weights.": lambda p, q: np.exp(p - q),
        "You took weights, and upside down.": lambda p, q: np.exp(q - p),
        "Normalised: fine for k-hat, not for log p(x).": lambda p, q: p - q - _log_sum(p - q),
        "Normalised to a mean of one: fine for k-hat, not for log p(x).": lambda p, q: (
            p - q - _log_sum(p - q) + np.log(len(p))
        ),
        "You took weights that sum to one, not log weights.": lambda p, q: np.exp(
            p - q - _log_sum(p - q)
        ),
        "The peak was taken off: fine for k-hat, not for log p(x).": lambda p, q: (
            p - q - np.max(p - q)
        ),
        "The mean was taken off: fine for k-hat, not for log p(x).": lambda p, q: (
            p - q - np.mean(p - q)
        ),
        "The peaks of p and q were taken off each.": lambda p, q: p - np.max(p) - (q - np.max(q)),
        "You took a sum: the density of q divides.": lambda p, q: p + q,
        "You took a ratio of logarithms: the logarithm of a ratio is a difference.": lambda p, q: (
            p / q
        ),
        "You took a ratio of logarithms, upside down.": lambda p, q: q / p,
        "You took a product of logarithms: take their difference.": lambda p, q: p * q,
        "q is missing.": lambda p, q: p,
        "p is missing: minus log q alone.": lambda p, q: -q,
        "You took log q alone.": lambda p, q: q,
        "Summed: one weight for each draw.": lambda p, q: np.sum(p - q),
        "Averaged: that is the ELBO; one weight for each draw.": lambda p, q: np.mean(p - q),
        "That is the estimate of log p(x); one weight for each draw.": lambda p, q: (
            _log_sum(p - q) - np.log(len(p))
        ),
        "Sorted: the weights lost their draws.": lambda p, q: np.sort(p - q),
        "Without signs: a weight may be small.": lambda p, q: np.abs(p - q),
        "The logarithm was taken of logarithms.": lambda p, q: np.log(p) - np.log(q),
        "You took the log of a ratio of logs: they are logarithms already.": lambda p, q: np.log(
            np.divide(p, q)
        ),
        "exp underflows: subtract the logarithms.": lambda p, q: np.log(np.exp(p) / np.exp(q)),
        "Weights, and exp underflows.": lambda p, q: np.exp(p) / np.exp(q),
        "You took log of a sum: the density of q divides.": lambda p, q: np.logaddexp(p, q),
        "You took a difference of densities, not of their logarithms.": lambda p, q: (
            np.exp(p) - np.exp(q)
        ),
        "Halved.": lambda p, q: 0.5 * (p - q),
        "Squared: the ratio once.": lambda p, q: 2 * (p - q),
        "That is p log of the ratio: a term of a KL.": lambda p, q: np.exp(p) * (p - q),
        "That is q log of the ratio: draws of q weight by themselves.": lambda p, q: (
            np.exp(q) * (p - q)
        ),
        "Cut off at zero: a weight may be above one.": lambda p, q: np.minimum(p - q, 0.0),
    },
    hints=(
        "A draw of q stands for p with the weight p / q.",
        "log w = log p - log q; nothing is normalised.",
        "Both are logarithms already: no np.log, no np.exp.",
    ),
)


def mcse_inputs(rng, i):
    """Draws and their effective number: fewer, one, more than draws (antithetic), two draws."""
    n = [40, 30, 7, 2, 100, 12][i % 6]
    ess = [9.5, 1.0, 11.0, 1.7, 25.0, 6.0][i % 6]
    return rng.normal(loc=3.0 * rng.normal(), scale=rng.gamma(2.0), size=n), ess


def mcse(draws, ess):
    """The Monte Carlo standard error of the mean of draws (n,), worth `ess` independent ones.

    The standard deviation has n - 1.
    """
    return np.std(draws, ddof=1) / np.sqrt(ess)


MCSE = Exercise(
    id="09.3",
    title="the error of a mean",
    minutes=4,
    star=False,
    inputs=mcse_inputs,
    right=mcse,
    mistakes={
        "The draws were taken for independent: ess, not n.": lambda x, e: (
            np.std(x, ddof=1) / np.sqrt(len(x))
        ),
        "Independent, and n for n - 1.": lambda x, e: np.std(x) / np.sqrt(len(x)),
        "ess where its root belongs.": lambda x, e: np.std(x, ddof=1) / e,
        "ess where its root belongs, and n for n - 1.": lambda x, e: np.std(x) / e,
        "This is a variance: its root is the error.": lambda x, e: np.var(x, ddof=1) / e,
        "This is a variance, and n for n - 1.": lambda x, e: np.var(x) / e,
        "A variance where an sd belongs, over the root of ess.": lambda x, e: (
            np.var(x, ddof=1) / np.sqrt(e)
        ),
        "You took n for n - 1 in the sd.": lambda x, e: np.std(x) / np.sqrt(e),
        "You took the sd of the draws: the root of ess is missing.": lambda x, e: np.std(x, ddof=1),
        "You took the sd of the draws, with n.": lambda x, e: np.std(x),
        "You took the variance of the draws.": lambda x, e: np.var(x, ddof=1),
        "Times the root of ess: more draws would be worse.": lambda x, e: (
            np.std(x, ddof=1) * np.sqrt(e)
        ),
        "Times ess: more draws would be worse.": lambda x, e: np.std(x, ddof=1) * e,
        "You took ess - 1: the n - 1 is inside the sd.": lambda x, e: (
            np.std(x, ddof=1) / np.sqrt(e - 1)
        ),
        "You took ess - 1 under the squares: the sd has n - 1.": lambda x, e: np.sqrt(
            np.sum((x - x.mean()) ** 2) / (e - 1) / e
        ),
        "The mean was not taken off.": lambda x, e: np.sqrt(np.sum(x**2) / (len(x) - 1) / e),
        "You took ess - 1 inside, n outside.": lambda x, e: np.std(x) / np.sqrt(e - 1),
        "You took n / ess for ess: that is the autocorrelation time.": lambda x, e: (
            np.std(x, ddof=1) / np.sqrt(len(x) / e)
        ),
        "ess / n is upside down: a correlated chain has the larger error.": lambda x, e: (
            np.std(x, ddof=1) / np.sqrt(len(x)) * np.sqrt(e / len(x))
        ),
        "You took n times ess: one of them.": lambda x, e: np.std(x, ddof=1) / np.sqrt(len(x) * e),
        "You took 1.96 standard errors: half a 95 % interval.": lambda x, e: (
            1.96 * np.std(x, ddof=1) / np.sqrt(e)
        ),
        "You took two standard errors.": lambda x, e: 2 * np.std(x, ddof=1) / np.sqrt(e),
        "The mean where the sd belongs.": lambda x, e: np.mean(x) / np.sqrt(e),
        "Relative to the mean: the error itself is wanted.": lambda x, e: (
            np.std(x, ddof=1) / np.sqrt(e) / np.mean(x)
        ),
        "You took the error of the sd: without the 2 it is that of the mean.": lambda x, e: (
            np.std(x, ddof=1) / np.sqrt(2 * e)
        ),
        "The root was taken twice.": lambda x, e: np.sqrt(np.std(x, ddof=1) / e),
        "The root was taken twice, of sd and of its quotient.": lambda x, e: np.sqrt(
            np.std(x, ddof=1) / np.sqrt(e)
        ),
        "You took the mean distance from the mean, not the sd.": lambda x, e: (
            np.mean(np.abs(x - x.mean())) / np.sqrt(e)
        ),
        "You took the squares about zero: take the mean off first.": lambda x, e: (
            np.sqrt(np.mean(x**2)) / np.sqrt(e)
        ),
        "You took the range of the draws, not their sd.": lambda x, e: np.ptp(x) / np.sqrt(e),
        "You took one over the root of ess: the sd is missing.": lambda x, e: 1 / np.sqrt(e),
        "Divided by the sum of draws, not by their number.": lambda x, e: (
            np.sqrt(np.sum((x - x.mean()) ** 2)) / np.sqrt(e)
        ),
    },
    hints=(
        "How does the error of a mean fall with the number of independent draws?",
        "sd / √ess, the sd with n - 1.",
        "Start with sd = np.std(draws, ddof=1).",
    ),
)


EXERCISES = (RANK, WEIGHTS, MCSE)
