"""What readers of lesson 00 answered who had not seen the answers: wrong answers and right ones.

Each is written from the learner's notebook alone; the key says what went through the reader's head.
"""

import math
from functools import reduce

import numpy as np
from scipy import special, stats
from scipy.special import betaln, comb, gammaln


def largest_is_forgotten_in_the_exponent(a):
    m = np.max(a)
    return m + np.log(np.sum(np.exp(a)))


def halves(a):
    a = list(a)
    if len(a) == 1:
        return a[0]
    return np.logaddexp(halves(a[: len(a) // 2]), halves(a[len(a) // 2 :]))


def lse(a):
    m = np.max(a)
    return m + np.log(np.sum(np.exp(a - m)))


def cells_in_a_loop(log_joint, grid):
    m, total = max(log_joint), 0.0
    for value in log_joint:
        total += math.exp(value - m)
    return [m + math.log(total * (grid[-1] - grid[0]) / (len(grid) - 1))][0]


def one_toss_after_another(h, t, a, b):
    for _ in range(h):
        a = a + 1
    for _ in range(t):
        b = b + 1
    return [a, b]


def foretold_one_by_one(h, t, a, b):
    total = 0.0
    for i in range(h):
        total += math.log((a + i) / (a + b + i))
    for j in range(t):
        total += math.log((b + j) / (a + b + h + j))
    return total


def datum_by_datum(x, mu, tau, mu0, kappa0, a0, b0):
    def log_normal(value, mean, precision):
        return 0.5 * math.log(precision / math.tau) - precision * (value - mean) ** 2 / 2

    total = a0 * math.log(b0) - math.lgamma(a0) + (a0 - 1) * math.log(tau) - b0 * tau
    total += log_normal(mu, mu0, kappa0 * tau)
    for value in x:
        total += log_normal(float(value), mu, tau)
    return np.array([total])[0]


WRONG = {
    "00.2": {
        "the largest left in the exponent": largest_is_forgotten_in_the_exponent,
        "the largest subtracted again": "lse(a) - 2 * np.max(a)",
    },
    "00.4": {
        "its mean": "(a + h) / (a + b + h + t)",
    },
}

# A second round: slips that lie farther off, two of them at once among them.
FAR = {
    "00.1": [
        (
            "(a - 1 + h) * np.log(theta) + (b - 1 + t) * np.log(1 - theta) "
            "- np.log(special.beta(a, b)) * 2"
        ),
        "stats.beta.logpdf(theta, a, b) + np.log(h * theta + t * (1 - theta))",
    ],
    "00.2": [
        "np.max(a) * np.log(np.sum(np.exp(a)))",
        "np.max(a) - np.log(np.sum(np.exp(a - np.max(a))))",
        "np.max(a) + np.log(np.sum(np.exp(np.max(a) - a)))",
        "np.max(a) + np.log1p(np.sum(np.exp(a - np.max(a))))",
        "np.abs(a).max() + np.log(np.sum(np.exp(a - np.abs(a).max())))",
    ],
    "00.3": [
        (
            "np.max(log_joint) + np.log(np.mean(np.exp(log_joint - np.max(log_joint))) "
            "* (grid[1] - grid[0]))"
        ),
        "np.max(log_joint) + np.log(np.sum(np.exp(log_joint - np.max(log_joint))) * grid[0])",
    ],
    "00.4": [
        ("a + h + t", "b + h + t"),
        ("a + h - 1", "b + t"),
        ("a + h / (h + t)", "b + t / (h + t)"),
        ("a + b + h", "a + b + t"),
        ("a - h", "b - t"),
        ("h + t", "a + b"),
    ],
    "00.5": [
        "betaln(a, b) + h * np.log(a / (a + b))",
        "betaln(a + h, b + t) - 2 * betaln(a, b)",
        "betaln(a + t, b + h)",
        "betaln(a + h, b + t) / 2 - betaln(a, b)",
        "(h + t) * np.log(0.5)",
        "np.log(betaln(a + h, b + t) / betaln(a, b))",
    ],
    "00.8": [
        (
            "stats.norm.logpdf(x, mu0, tau**-0.5).sum() + stats.norm.logpdf(mu, mu0, (kappa0 "
            "* tau) ** -0.5) + stats.gamma.logpdf(tau, a0, scale=1 / b0)"
        ),
        (
            "stats.norm.logpdf(x, mu, tau**-0.5).sum() + stats.norm.logpdf(mu, mu0, "
            "(tau) ** -0.5) + stats.gamma.logpdf(tau, a0, scale=1 / b0)"
        ),
        (
            "stats.norm.logpdf(x, mu, tau**-0.5).sum() + stats.norm.logpdf(mu, mu0, (kappa0 "
            "* tau) ** -0.5) - stats.gamma.logpdf(tau, a0, scale=1 / b0)"
        ),
        (
            "-0.5 * tau * ((x - mu) ** 2).sum() - 0.5 * kappa0 * tau * (mu - mu0) ** 2 + (a0 "
            "- 1) * np.log(tau) - b0 * tau"
        ),
        (
            "(len(x) + 1) / 2 * np.log(tau) - 0.5 * tau * ((x - mu) ** 2).sum() - 0.5 * kappa0 "
            "* tau * (mu - mu0) ** 2 + (a0 - 1) * np.log(tau) - b0 * tau"
        ),
        (
            "np.exp(stats.norm.logpdf(x, mu, tau**-0.5).sum() + stats.norm.logpdf(mu, mu0, "
            "(kappa0 * tau) ** -0.5) + stats.gamma.logpdf(tau, a0, scale=1 / b0))"
        ),
    ],
}

RIGHT = {
    "00.1": {
        "scipy": (
            "stats.beta.logpdf(theta, a, b) + stats.bernoulli.logpmf([1] * h + [0] * t, "
            "theta).sum()"
        ),
    },
    "00.2": {
        "two by two": (
            "reduce(lambda s, v: max(s, v) + math.log1p(math.exp(-abs(s - v))), list(a))"
        ),
        "halves": halves,
        "scipy": special.logsumexp,
    },
    "00.3": {
        "a loop": cells_in_a_loop,
    },
    "00.4": {
        "one toss after another": one_toss_after_another,
        "an array": "np.add([h, t], [a, b]).astype(np.float32)",
    },
    "00.5": {
        "foretold one by one": foretold_one_by_one,
        "prior times likelihood over posterior": (
            "stats.beta.logpdf(0.3, a, b) + h * np.log(0.3) + t * np.log(0.7) "
            "- stats.beta.logpdf(0.3, a + h, b + t)"
        ),
    },
    "00.8": {
        "datum by datum": datum_by_datum,
    },
}
