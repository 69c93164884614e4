"""Right answers to lesson 10 in forms that a learner may well choose."""

import math

import numpy as np
from scipy import stats
from scipy.special import betaln, loggamma


def joint_in_loops(y1, y2, rate1, rate2, a, b):
    terms = [2 * (a * math.log(b) - math.lgamma(a))]
    for y, rate in ((y1, rate1), (y2, rate2)):
        terms += [(a - 1) * math.log(rate), -b * rate]
        terms += [int(c) * math.log(rate) - rate - math.log(math.factorial(int(c))) for c in y]
    return math.fsum(terms)


def joint_concatenated(y1, y2, rate1, rate2, a, b):
    rates = np.repeat([rate1, rate2], [len(y1), len(y2)])
    prior = stats.gamma(a, scale=1 / b).logpdf([rate1, rate2]).sum()
    return np.array([prior + stats.poisson(rates).logpmf(np.r_[y1, y2]).sum()])


def evidence_by_bayes(y, a, b):
    """log joint minus log posterior, at rate 1."""
    prior, n = stats.gamma(a, scale=1 / b), len(y)
    posterior = stats.gamma(a + y.sum(), scale=1 / (b + n))
    return stats.poisson.logpmf(y, 1.0).sum() + prior.logpdf(1.0) - posterior.logpdf(1.0)


def evidence_of_the_sum(y, a, b):
    """The sum is negative binomial; given the sum the counts are multinomial."""
    n, total = len(y), int(y.sum())
    split = stats.multinomial.logpmf(y, total, np.full(n, 1 / n))
    return [stats.nbinom.logpmf(total, a, b / (b + n)) + split]


def evidence_with_beta(y, a, b):
    s, n = float(y.sum()), len(y)
    gammas = -betaln(a, s) + loggamma(s) if s else 0.0
    return a * np.log(b / (b + n)) - s * np.log(b + n) + gammas - loggamma(y + 1.0).sum()


UNUSUAL = {
    "10.1": [joint_in_loops, joint_concatenated],
    "10.2": [
        lambda y, a, b: [a + sum(int(count) for count in y), b + sum(1 for _ in y)],
        lambda y, a, b: np.array([a, b]) + np.array([y.sum(), y.size]),
        lambda y, a, b: np.add((a, b), (np.ones(len(y)) @ y, len(y))).tolist(),
    ],
    "10.3": [evidence_by_bayes, evidence_of_the_sum, evidence_with_beta],
}
