"""The other routes to what lesson 10 asks: scipy's densities, slopes, a chain of predictions."""

import numpy as np
from scipy import stats

from vi_lab.teach.lessons.exercises.lesson_10_numbers import log_joint as joint


def log_joint(y1, y2, rate1, rate2, a, b):
    total = 0.0
    for y, rate in ((y1, rate1), (y2, rate2)):
        total += stats.gamma.logpdf(rate, a, scale=1 / b) + stats.poisson.logpmf(y, rate).sum()
    return total


def rate_given(y, a, b):
    """Three differences of the log joint of 10.1 in one rate tell what multiplies log r and r."""

    def along(rate):
        return joint(y, np.array([1]), rate, 1.0, a, b)

    one, two, four = along(1.0), along(2.0), along(4.0)
    slope = (four - two) - (two - one)  # log 2 cancels: (4 - 2) - (2 - 1) = 1 times what is at r
    at_log = ((two - one) - slope) / np.log(2)
    return at_log + 1.0, -slope


def log_evidence(y, a, b):
    """p(y) = p(y_1) p(y_2 | y_1) ...: each prediction is a negative binomial, then a and b move."""
    total = 0.0
    for count in y:
        total += stats.nbinom.logpmf(count, a, b / (b + 1))
        a, b = a + count, b + 1
    return total


ORACLES = {"10.1": log_joint, "10.2": rate_given, "10.3": log_evidence}
