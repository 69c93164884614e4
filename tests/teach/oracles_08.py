"""The other routes to what lesson 08 asks: decimals of many digits, a linear system, scipy."""

from decimal import Decimal, localcontext

import numpy as np
from scipy.stats import sem


def importance_log_evidence(log_w):
    """With decimals of 60 digits and exponents without end, no peak is needed."""
    with localcontext() as context:
        context.prec, context.Emin, context.Emax = 60, -999999, 999999
        weights = [Decimal(float(one)).exp() for one in log_w]
        return float((sum(weights) / len(weights)).ln())


def split(elbo, elbo_star, log_evidence):
    """From the two sums that the gaps make up."""
    sums = np.array([[1.0, 0.0], [1.0, 1.0]])
    return tuple(np.linalg.solve(sums, [elbo_star - elbo, log_evidence - elbo]))


def log_evidence_2d(log_joint, h):
    """As importance sampling: each node is a draw from the uniform density over the square."""
    area = log_joint.size * h * h
    return importance_log_evidence(log_joint.ravel() + np.log(area))


ORACLES = {
    "08.1": importance_log_evidence,
    "08.2": split,
    "08.4": log_evidence_2d,
    "08.6": sem,
}
