"""Named mistakes of lesson 08: weights, gaps, a sum over a plane, a standard error."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import logsumexp


def log_mean(a):
    """log of the mean of exp(a)"""
    return logsumexp(a) - np.log(np.size(a))


IMPORTANCE = {
    "You took the average of the logarithms, the ELBO: average first, then the logarithm.": (
        np.mean
    ),
    "log K is missing: this is the logarithm of a sum, not of an average.": logsumexp,
    "exp underflows or overflows: subtract the peak first.": lambda a: np.log(np.mean(np.exp(a))),
    "You took the best draw alone.": np.max,
    "You took the best draw alone, divided by K.": lambda a: np.max(a) - np.log(len(a)),
    "You took the worst draw alone.": np.min,
    "log K was added: an average divides by K.": lambda a: logsumexp(a) + np.log(len(a)),
    "log K was subtracted twice.": lambda a: logsumexp(a) - 2 * np.log(len(a)),
    "K was subtracted, not log K.": lambda a: logsumexp(a) - len(a),
    "Divided by K behind the logarithm: divide inside, or subtract log K.": lambda a: (
        logsumexp(a) / len(a)
    ),
    "Each logarithm was divided by K: to divide a weight, subtract log K.": lambda a: logsumexp(
        a / len(a)
    ),
    "You took K - 1 for K: an average divides by the number of draws.": lambda a: (
        logsumexp(a) - np.log(max(len(a) - 1, 0))
    ),
    "You took the root of K: an average divides by K.": lambda a: logsumexp(a) - np.log(len(a)) / 2,
    "The peak was subtracted and not added back.": lambda a: log_mean(a) - np.max(a),
    "The mean was added back: add the peak that was subtracted.": lambda a: (
        log_mean(a) - np.max(a) + np.mean(a)
    ),
    "You took the first draw alone.": lambda a: a[0],
    "The peak was added twice.": lambda a: log_mean(a) + np.max(a),
    "The peak was subtracted from the logarithm's result.": lambda a: log_mean(a) - 2 * np.max(a),
    "You took the median of the logarithms.": np.median,
    "You took the sum of the logarithms: that is the logarithm of a product.": np.sum,
    "You took log2 of K: nats want the natural logarithm.": lambda a: (
        logsumexp(a) - np.log2(len(a))
    ),
    "The sign is wrong.": lambda a: -log_mean(a),
    "You took the weights upside down: the mean of 1/w.": lambda a: log_mean(-a),
    "You took the harmonic mean: the average of 1/w was turned over.": lambda a: -log_mean(-a),
    "The weights were squared.": lambda a: log_mean(2 * a),
    "You took the logarithm of the effective number of draws.": lambda a: (
        2 * logsumexp(a) - logsumexp(2 * a)
    ),
    "A correction of second order, mean + variance/2: take the average itself.": lambda a: (
        np.mean(a) + np.var(a) / 2
    ),
    "Weighted by the weights themselves: each draw counts once.": lambda a: np.sum(
        np.exp(a - logsumexp(a)) * a
    ),
    "You took exp, not its logarithm: p(x) and not log p(x).": lambda a: np.exp(log_mean(a)),
    "You took one number for each draw: the normalised log weights.": lambda a: a - logsumexp(a),
    "You took a running bound: one number for all draws is wanted.": lambda a: (
        np.logaddexp.accumulate(a) - np.log(np.arange(1, len(a) + 1))
    ),
}

SPLIT = {
    "The two changed places: amortisation first.": lambda e, s, p: (p - s, s - e),
    "The signs are wrong: a gap is what is missing below.": lambda e, s, p: (e - s, s - p),
    "The sign of the amortisation gap is wrong.": lambda e, s, p: (e - s, p - s),
    "The sign of the approximation gap is wrong.": lambda e, s, p: (s - e, s - p),
    "Both were taken against log p(x): amortisation ends at the best q.": lambda e, s, p: (
        p - e,
        p - s,
    ),
    "Both were taken against log p(x), and changed places.": lambda e, s, p: (p - s, p - e),
    "Both were taken from the encoder's ELBO: the approximation gap starts at the best q.": (
        lambda e, s, p: (s - e, p - e)
    ),
    "Both are the whole gap log p(x) - ELBO.": lambda e, s, p: (p - e, p - e),
    "Both are the amortisation gap.": lambda e, s, p: (s - e, s - e),
    "Both are the approximation gap.": lambda e, s, p: (p - s, p - s),
    "You took half of the gap each: they are different gaps.": lambda e, s, p: (
        (p - e) / 2,
        (p - e) / 2,
    ),
    "You took absolute values: a negative gap would show that the climb stopped too low.": (
        lambda e, s, p: (abs(s - e), abs(p - s))
    ),
    "Floored at 0: a negative gap would show that the climb stopped too low.": (
        lambda e, s, p: (max(s - e, 0.0), max(p - s, 0.0))
    ),
    "You took shares of the gap: nats are wanted.": lambda e, s, p: (
        np.divide(s - e, p - e),
        np.divide(p - s, p - e),
    ),
    "You took ratios: logarithms are subtracted.": lambda e, s, p: (
        np.divide(s, e),
        np.divide(p, s),
    ),
    "These are log p(x) and the best ELBO themselves, not gaps.": lambda e, s, p: (s, p),
    "You took sums: a gap is a difference.": lambda e, s, p: (s + e, p + s),
    "Exponentiated: nats are differences of logarithms.": lambda e, s, p: (
        np.exp(s - e),
        np.exp(p - s),
    ),
}


def trapezoid(log_joint, h):
    """The rule that halves the cells at the edges."""
    return np.log(np.trapezoid(np.trapezoid(np.exp(log_joint), dx=h), dx=h))


PLANE = {
    "You took h once: a cell has two sides.": lambda t, h: logsumexp(t) + np.log(h),
    "The area of a cell is missing: h^2.": lambda t, h: logsumexp(t),
    "You took an average over the grid: the sum times the area of a cell is wanted.": lambda t, h: (
        log_mean(t)
    ),
    "You took an average over the grid times the square of its corners: a node has a whole cell.": (
        lambda t, h: log_mean(t) + np.sum(np.log(np.subtract(t.shape, 1) * h))
    ),
    "You took an average over the grid times the area of a cell.": lambda t, h: (
        log_mean(t) + 2 * np.log(h)
    ),
    "Summed along one axis only.": lambda t, h: logsumexp(t, axis=0) + 2 * np.log(h),
    "Summed along the last axis only.": lambda t, h: logsumexp(t, axis=1) + 2 * np.log(h),
    "Summed along one axis only, with one side of the cell.": lambda t, h: (
        logsumexp(t, axis=0) + np.log(h)
    ),
    "Summed along the last axis only, with one side of the cell.": lambda t, h: (
        logsumexp(t, axis=1) + np.log(h)
    ),
    "You took the diagonal alone: all pairs of coordinates count.": lambda t, h: (
        logsumexp(np.diag(t)) + 2 * np.log(h)
    ),
    "h^2 was divided by.": lambda t, h: logsumexp(t) - 2 * np.log(h),
    "h^2 multiplies all of it: it belongs inside the logarithm.": lambda t, h: logsumexp(t) * h**2,
    "h^2 multiplies the logarithm of the sum: it belongs inside.": lambda t, h: (
        np.max(t) + (logsumexp(t) - np.max(t)) * h**2
    ),
    "You took the logarithm of a sum of log joints: exponentiate first.": lambda t, h: np.log(
        np.sum(t) * h**2
    ),
    "h^2 was added to the logarithm: log h^2 belongs there.": lambda t, h: logsumexp(t) + h**2,
    "You took 2h for h^2: the area of a cell is a product.": lambda t, h: (
        logsumexp(t) + np.log(2 * h)
    ),
    "You took h^2 twice.": lambda t, h: logsumexp(t) + 4 * np.log(h),
    "You took h^3: a cell in the plane has two sides.": lambda t, h: logsumexp(t) + 3 * np.log(h),
    "The log joint itself was summed: exponentiate first.": lambda t, h: np.sum(t) * h**2,
    "You took the highest cell alone.": lambda t, h: np.max(t) + 2 * np.log(h),
    "You took the highest value alone.": lambda t, h: np.max(t),
    "The peak was not added back.": lambda t, h: logsumexp(t) - np.max(t) + 2 * np.log(h),
    "The peak was added twice.": lambda t, h: logsumexp(t) + np.max(t) + 2 * np.log(h),
    "You took p(x), not its logarithm.": lambda t, h: np.exp(logsumexp(t)) * h**2,
    "You took half cells at the edges: the plain sum gives each node a whole cell.": trapezoid,
    "The last row and the last column are left out.": lambda t, h: (
        logsumexp(t[:-1, :-1]) + 2 * np.log(h) if min(t.shape) > 1 else -np.inf
    ),
    "The sign is wrong.": lambda t, h: -logsumexp(t) - 2 * np.log(h),
    "The prior was added once more as 2 pi: a log joint is complete.": lambda t, h: (
        logsumexp(t) + 2 * np.log(h) - np.log(2 * np.pi)
    ),
    "You took bits: log2.": lambda t, h: (logsumexp(t) + 2 * np.log(h)) / np.log(2),
}

STANDARD_ERROR: dict[str, Callable[..., Any]] = {
    "This is the spread of the data: the root of n is missing.": lambda x: np.std(x, ddof=1),
    "This is the spread of the data with ddof=0: the root of n is missing.": np.std,
    "ddof=0: the mean was estimated from the same data, divide by n - 1.": lambda x: (
        np.std(x) / np.sqrt(len(x))
    ),
    "n stands where its root belongs.": lambda x: np.std(x, ddof=1) / len(x),
    "n stands where its root belongs, and ddof=0.": lambda x: np.std(x) / len(x),
    "This is a variance: take its root.": lambda x: np.var(x, ddof=1) / len(x),
    "This is a variance, with ddof=0.": lambda x: np.var(x) / len(x),
    "You took the variance of the data.": lambda x: np.var(x, ddof=1),
    "You took the variance of the data, with ddof=0.": np.var,
    "The variance was divided by the root of n.": lambda x: np.var(x, ddof=1) / np.sqrt(len(x)),
    "You took n - 1 twice: inside the spread, and the root of n - 1 below.": lambda x: (
        np.std(x, ddof=1) / np.sqrt(len(x) - 1)
    ),
    "ddof=2: one mean was estimated.": lambda x: np.sqrt(
        np.sum((x - x.mean()) ** 2) / np.maximum(len(x) - 2, 0) / len(x)
    ),
    "Multiplied by the root of n: the mean of more data is more certain.": lambda x: (
        np.std(x, ddof=1) * np.sqrt(len(x))
    ),
    "You took half the width of a 95 % interval: 1.96 does not belong to it.": lambda x: (
        1.96 * np.std(x, ddof=1) / np.sqrt(len(x))
    ),
    "The root was taken of all: the sd over the root of n.": lambda x: np.sqrt(
        np.std(x, ddof=1) / len(x)
    ),
    "You took two standard errors.": lambda x: 2 * np.std(x, ddof=1) / np.sqrt(len(x)),
    "You took the mean absolute distance, not the root of the mean square.": lambda x: (
        np.mean(np.abs(x - x.mean())) / np.sqrt(len(x))
    ),
    "The mean was not subtracted.": lambda x: np.sqrt(np.sum(x**2) / (len(x) - 1) / len(x)),
    "The mean was not subtracted, and ddof=0.": lambda x: np.sqrt(np.mean(x**2) / len(x)),
    "Relative to the mean: the standard error has the unit of x.": lambda x: (
        np.std(x, ddof=1) / np.sqrt(len(x)) / x.mean()
    ),
    "You took the mean, not its standard error.": np.mean,
    "You took the mean divided by the root of n: divide the standard deviation.": lambda x: (
        x.mean() / np.sqrt(len(x))
    ),
    "You took the root of n + 1: the mean is one of n numbers.": lambda x: (
        np.std(x, ddof=1) / np.sqrt(len(x) + 1)
    ),
    "You took the distance of the quartiles, not the standard deviation.": lambda x: (
        np.ptp(np.percentile(x, [25, 75])) / np.sqrt(len(x))
    ),
    "You took the range, not the standard deviation.": lambda x: np.ptp(x) / np.sqrt(len(x)),
    "Squares about the median, not about the mean.": lambda x: np.sqrt(
        np.sum((x - np.median(x)) ** 2) / (len(x) - 1) / len(x)
    ),
    "You took distances from each other one by one: np.diff is for time series.": lambda x: (
        np.std(np.diff(x)) / np.sqrt(len(x))
    ),
}
