"""What readers of lesson 09 answered who had not seen the answers: wrong answers and right ones.

Each is written from the learner's notebook alone; the key says what went through the reader's head.
"""

import bisect
import fractions
import math
import statistics

import numpy as np
from scipy import special, stats


def drawn(n, seed=0):
    """A rate of the prior for each of n, and its data; noise for a step."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2, 1, n)
    return rate, rng.poisson(rate), rng.standard_normal(n), rng.random(n)


def by_the_prior_alone(step):
    """Steps keep the prior, if each has its own data."""
    rate, y, eps, u = drawn(20_000)
    return stats.kstest(step(rate, y, eps, u), stats.gamma(2).cdf).pvalue > 1e-4


def by_the_means_of_one_y(step):
    rng, rate = np.random.default_rng(1), np.full(4000, 2.0)
    y = np.full(4000, 3)
    for _ in range(60):
        rate = step(rate, y, rng.standard_normal(4000), rng.random(4000))
    return bool(abs(rate.mean() - 2.5) < 0.1)


def moved(step):
    rate, y, eps, u = drawn(2000)
    return bool(np.any(step(rate, y, eps, u) != rate))


def with_data_of_somebody_else(step):
    rate, y, eps, u = drawn(20_000)
    y = np.roll(y, 1)
    return stats.kstest(step(rate, y, eps, u), stats.gamma(2).cdf).pvalue > 1e-4


def with_ten(step):
    rate, y, eps, u = drawn(10)
    return stats.kstest(step(rate, y, eps, u), stats.gamma(2).cdf).pvalue > 1e-4


def too_strict(step):
    rate, y, eps, u = drawn(5000)
    new = step(rate, y, eps, u)
    return bool(abs(new.mean() - 2) < 1e-3 and abs(np.mean(new * y) - 8) < 1e-3)


def tied_to_the_data(step):
    """Right: after a few steps, ranks in the exact posterior given y, two ways, and it moved."""
    n = 40_000
    rng = np.random.default_rng(2)
    rate = rng.gamma(2, 1, n)
    y, start = rng.poisson(rate), rate
    for _ in range(5):
        rate = step(rate, y, rng.standard_normal(n), rng.random(n))
    if not np.all(np.isfinite(rate)) or np.mean(rate != start) < 0.05:
        return False
    ranks = stats.gamma.cdf(rate, 2 + y, scale=0.5)
    each = [ranks[y == k] for k in range(5)]
    return bool(all(stats.kstest(r, stats.uniform.cdf).pvalue > 1e-4 for r in [ranks, *each]))


def moments_of_each_y(step):
    """Right: mean and square of the next rate for each y, in standard errors."""
    n = 60_000
    rng = np.random.default_rng(8)
    y = np.tile(np.arange(6), n // 6)
    rate = rng.gamma(2 + y, 0.5)
    old = rate.copy()
    for _ in range(4):
        rate = step(rate, y, rng.standard_normal(n), rng.random(n))
    if np.array_equal(rate, old):
        return np.False_
    worst = 0.0
    for k in range(6):
        u = stats.gamma.cdf(rate[y == k], 2 + k, scale=0.5)
        for moment in (1, 2, 3):
            error = math.sqrt((1 / (2 * moment + 1) - 1 / (moment + 1) ** 2) / len(u))
            worst = max(worst, abs(np.mean(u**moment) - 1 / (moment + 1)) / error)
    return worst < 4.5


WRONG = {
    "09.1": {
        "is any": "bool(np.any(draws < theta))",
    },
    "09.2": {
        "log n taken off": "log_p - log_q - np.log(len(log_p))",
    },
    "09.3": {
        "n / ess under the root": "np.std(draws, ddof=1) * np.sqrt(len(draws) / ess)",
        "the mean with it": ("np.mean(draws)", "np.std(draws, ddof=1) / np.sqrt(ess)"),
    },
    "09.6": {
        "never satisfied": "False",
        "always satisfied": "True",
        "the prior alone": by_the_prior_alone,
        "the mean for one y": by_the_means_of_one_y,
        "does it move": moved,
        "is it finite": "bool(np.all(np.isfinite(step(*drawn(2000)))))",
        "data of somebody else": with_data_of_somebody_else,
        "ten of them": with_ten,
        "three digits": too_strict,
        "True for a wrong one": "not tied_to_the_data(step)",
        "a text": '"right" if tied_to_the_data(step) else "wrong"',
    },
}

RIGHT = {
    "09.1": {
        "a sorted list": "bisect.bisect_left(sorted(draws), theta)",
        "among all, by scipy": "int(stats.rankdata([theta, *draws])[0]) - 1",
        "half signs": "np.sum(1 + np.sign(theta - draws)) / 2",
        "one by one": "sum(1 for draw in draws if draw < theta)",
    },
    "09.2": {
        "one by one": "[p - q for p, q in zip(log_p, log_q, strict=True)]",
        "a table": "np.array([1, -1]) @ np.stack([log_p, log_q])",
        "subtract": np.subtract,
    },
    "09.3": {
        "scipy, scaled": "stats.sem(draws) * (len(draws) / ess) ** 0.5",
        "the standard library": "statistics.stdev(map(float, draws)) / math.sqrt(ess)",
        "a covariance": "np.sqrt(np.cov(draws) / ess)",
    },
    "09.5": {
        "not above": "not claim > log_evidence + error",
        "the largest of two": "max(claim, log_evidence + error) == log_evidence + error",
        "a sign": "np.sign(claim - (log_evidence + error)) < 1",
        "fractions": "fractions.Fraction(claim) <= fractions.Fraction(log_evidence + error)",
        "one or nought": "int(claim <= log_evidence + error)",
        "an excess": "claim - log_evidence <= error",
    },
    "09.6": {
        "ranks in the posterior": tied_to_the_data,
        "moments for each y": moments_of_each_y,
    },
}

FAR = {
    "09.1": [
        "np.max(draws)",
        "theta - draws",
    ],
    "09.2": [
        "np.log(np.exp(log_p) + np.exp(log_q))",
        "np.exp(log_p) / np.exp(log_q) / len(log_p)",
        "np.cumsum(log_p - log_q)",
    ],
    "09.3": [
        "np.sqrt(ess / len(draws))",
    ],
    "09.5": [
        "claim == log_evidence + error",
        "True if claim <= log_evidence + error else None",
        "claim < 0",
        "claim + error > log_evidence",
    ],
}
