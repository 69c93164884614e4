"""The other routes to what lesson 09 asks: the package's rank, many digits, exact fractions."""

import statistics
from fractions import Fraction

import mpmath
import numpy as np

from vi_lab.testing.rank import rank as rank_of_the_first


def rank(theta, draws):
    return rank_of_the_first(np.random.default_rng(0), np.array([theta, *draws]))


def log_weights(log_p, log_q):
    """The logarithm of a ratio of densities, in fifty digits and without underflow."""
    with mpmath.workdps(50):
        pairs = zip(log_p.tolist(), log_q.tolist(), strict=True)
        return [float(mpmath.log(mpmath.exp(p) / mpmath.exp(q))) for p, q in pairs]


def mcse(draws, ess):
    exact = statistics.variance(map(Fraction, draws.tolist())) / Fraction(ess)
    return float(exact) ** 0.5


def is_a_bound(claim, log_evidence, error):
    above = Fraction(claim) - Fraction(log_evidence)
    return not above > Fraction(error)


ORACLES = {"09.1": rank, "09.2": log_weights, "09.3": mcse, "09.5": is_a_bound}
