"""Lesson 10: the log joint, the conditionals and the evidence of two groups of counts.

rate_g ~ Gamma(a, b)        y_gi ~ Poisson(rate_g), g = 1, 2
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from vi_lab.teach.exercise import Exercise


def counts(rng, i):
    """Two groups: of unlike sizes, one datum each, all zeros, ties, large counts, of like sizes."""
    n1, n2 = [(4, 3), (1, 1), (3, 5), (2, 6), (5, 2), (3, 3)][i % 6]
    mean = [3.0, 2.0, 0.1, 1.0, 60.0, 5.0][i % 6]
    y1, y2 = rng.poisson(mean, n1), rng.poisson(2 * mean, n2)
    return (0 * y1, 0 * y2 + 1) if i % 6 == 2 else (y1, y2)


def joint_inputs(rng, i):
    """Counts, rates about them, and a prior; a = 1 and b = 1 among them."""
    y1, y2 = counts(rng, i)
    rates = rng.gamma(3.0, (1.0 + y1.mean()) / 3), rng.gamma(3.0, (1.0 + y2.mean()) / 3)
    a = 1.0 if i % 6 == 3 else 0.5 + rng.gamma(2.0)
    b = 1.0 if i % 6 == 5 else 0.3 + rng.gamma(2.0, 0.5)
    return y1, y2, *rates, a, b


def log_joint(y1, y2, rate1, rate2, a, b):
    """log p(y1, y2, rate1, rate2), one number, every constant kept.

    Both rates ~ Gamma(shape a, rate b); y1 and y2 are vectors of counts, Poisson(rate1) and
    Poisson(rate2).
    """
    total = 0.0
    for y, rate in ((y1, rate1), (y2, rate2)):
        log_prior = a * np.log(b) - gammaln(a) + (a - 1) * np.log(rate) - b * rate
        total += log_prior + np.sum(y * np.log(rate) - rate - gammaln(y + 1))
    return total


def _prior(r, a, b):
    return a * np.log(b) - gammaln(a) + (a - 1) * np.log(r) - b * r


def _fit(y, r):
    return np.sum(y * np.log(r) - r - gammaln(y + 1))


def _groups(prior=_prior, fit=_fit):
    """The sum over both groups of a prior (rate, a, b) and a likelihood (y, rate)."""
    return lambda y1, y2, r1, r2, a, b: (
        prior(r1, a, b) + fit(y1, r1) + prior(r2, a, b) + fit(y2, r2)
    )


def _less(term):
    """The log joint plus a function of all arguments."""
    return lambda *args: log_joint(*args) + term(*args)


JOINT = Exercise(
    id="10.1",
    title="the log joint of two groups",
    minutes=10,
    star=False,
    inputs=joint_inputs,
    right=log_joint,
    mistakes={
        "The prior of rate2 is missing: each group has its own.": _less(
            lambda y1, y2, r1, r2, a, b: -_prior(r2, a, b)
        ),
        "The prior of rate1 is missing: each group has its own.": _less(
            lambda y1, y2, r1, r2, a, b: -_prior(r1, a, b)
        ),
        "The prior twice for each rate.": _less(
            lambda y1, y2, r1, r2, a, b: _prior(r1, a, b) + _prior(r2, a, b)
        ),
        "Both priors are missing: that is the log likelihood.": _groups(lambda r, a, b: 0.0),
        "The data are missing: that is the prior.": _groups(fit=lambda y, r: 0.0),
        "The second group is missing.": lambda y1, y2, r1, r2, a, b: (
            _prior(r1, a, b) + _fit(y1, r1)
        ),
        "The first group is missing.": lambda y1, y2, r1, r2, a, b: _prior(r2, a, b) + _fit(y2, r2),
        "A prior for each datum; a rate has one.": lambda y1, y2, r1, r2, a, b: (
            len(y1) * _prior(r1, a, b) + _fit(y1, r1) + len(y2) * _prior(r2, a, b) + _fit(y2, r2)
        ),
        "log y! is missing: a constant, and the evidence needs it.": _groups(
            fit=lambda y, r: np.sum(y * np.log(r) - r)
        ),
        "log y! has the wrong sign.": _groups(
            fit=lambda y, r: np.sum(y * np.log(r) - r + gammaln(y + 1))
        ),
        "The factorial of the sum stands where the factorials belong.": _groups(
            fit=lambda y, r: np.sum(y * np.log(r) - r) - gammaln(np.sum(y) + 1)
        ),
        "gammaln(y) is log (y - 1)!: add one.": _groups(
            fit=lambda y, r: np.sum(y * np.log(r) - r - gammaln(y))
        ),
        "a log b is missing: the prior is not normalised.": _groups(
            lambda r, a, b: _prior(r, a, b) - a * np.log(b)
        ),
        "log Gamma(a) is missing: the prior is not normalised.": _groups(
            lambda r, a, b: _prior(r, a, b) + gammaln(a)
        ),
        "a log b and log Gamma(a) are missing: the prior is not normalised.": _groups(
            lambda r, a, b: (a - 1) * np.log(r) - b * r
        ),
        "a log b and log Gamma(a) stand once: there are two priors.": _less(
            lambda y1, y2, r1, r2, a, b: gammaln(a) - a * np.log(b)
        ),
        "All constants are missing.": _groups(
            lambda r, a, b: (a - 1) * np.log(r) - b * r, lambda y, r: np.sum(y * np.log(r) - r)
        ),
        "The sign of log Gamma(a).": _groups(lambda r, a, b: _prior(r, a, b) + 2 * gammaln(a)),
        "The sign of a log b.": _groups(lambda r, a, b: _prior(r, a, b) - 2 * a * np.log(b)),
        "b log a for a log b.": _groups(
            lambda r, a, b: _prior(r, a, b) - a * np.log(b) + b * np.log(a)
        ),
        "log b for a log b.": _groups(lambda r, a, b: _prior(r, a, b) + (1 - a) * np.log(b)),
        "Gamma(a), not its logarithm.": _groups(
            lambda r, a, b: _prior(r, a, b) + gammaln(a) - np.exp(gammaln(a))
        ),
        "log(a!) stands where log Gamma(a) belongs: a one too many.": _groups(
            lambda r, a, b: _prior(r, a, b) + gammaln(a) - gammaln(a + 1)
        ),
        "The rate stands where its logarithm belongs.": _groups(
            fit=lambda y, r: np.sum(y * r - r - gammaln(y + 1))
        ),
        "In the prior the rate stands where its logarithm belongs.": _groups(
            lambda r, a, b: a * np.log(b) - gammaln(a) + (a - 1) * r - b * r
        ),
        "y log rate is missing.": _groups(fit=lambda y, r: np.sum(-r - gammaln(y + 1))),
        "-rate once for a group, not once for each datum.": _groups(
            fit=lambda y, r: np.sum(y * np.log(r) - gammaln(y + 1)) - r
        ),
        "-rate is missing in the likelihood.": _groups(
            fit=lambda y, r: np.sum(y * np.log(r) - gammaln(y + 1))
        ),
        "The sign of -rate in the likelihood.": _groups(
            fit=lambda y, r: np.sum(y * np.log(r) + r - gammaln(y + 1))
        ),
        "-b rate is missing in the prior.": _groups(lambda r, a, b: _prior(r, a, b) + b * r),
        "The sign of -b rate.": _groups(lambda r, a, b: _prior(r, a, b) + 2 * b * r),
        "a for a - 1 in the prior.": _groups(lambda r, a, b: _prior(r, a, b) + np.log(r)),
        "a + 1 for a - 1 in the prior.": _groups(lambda r, a, b: _prior(r, a, b) + 2 * np.log(r)),
        "(a - 1) log rate is missing in the prior.": _groups(
            lambda r, a, b: _prior(r, a, b) - (a - 1) * np.log(r)
        ),
        "b was taken for a scale: it is a rate.": _groups(lambda r, a, b: _prior(r, a, 1 / b)),
        "-rate / b: b is a rate, and multiplies.": _groups(
            lambda r, a, b: _prior(r, a, b) + b * r - r / b
        ),
        "a and b changed places.": _groups(lambda r, a, b: _prior(r, b, a)),
        "The rates changed places.": lambda y1, y2, r1, r2, a, b: log_joint(y1, y2, r2, r1, a, b),
        "One rate for both groups: the first.": lambda y1, y2, r1, r2, a, b: log_joint(
            y1, y2, r1, r1, a, b
        ),
        "One rate for both groups: the second.": lambda y1, y2, r1, r2, a, b: log_joint(
            y1, y2, r2, r2, a, b
        ),
        "The means of the terms; the data multiply, so their logarithms add.": _groups(
            fit=lambda y, r: np.mean(y * np.log(r) - r - gammaln(y + 1))
        ),
        "A density, not its logarithm.": lambda *args: np.exp(log_joint(*args)),
        "Minus the log joint.": lambda *args: -log_joint(*args),
        "The groups were multiplied: logarithms add.": lambda y1, y2, r1, r2, a, b: (
            (_prior(r1, a, b) + _fit(y1, r1)) * (_prior(r2, a, b) + _fit(y2, r2))
        ),
        "The groups were averaged: logarithms add.": lambda *args: log_joint(*args) / 2,
        "An exponential prior: a plays no part.": _groups(lambda r, a, b: np.log(b) - b * r),
        "log rate stands for log b in the prior.": _groups(
            lambda r, a, b: a * np.log(r) - gammaln(a) + (a - 1) * np.log(r) - b * r
        ),
    },
    hints=(
        "Four factors: two Gamma densities, two products of Poisson probabilities.",
        "a log b - log Γ(a) + (a - 1) log r - b r, and Σ y log r - r - log y!, for each group.",
        "Start with total = 0.0 and go through ((y1, rate1), (y2, rate2)).",
    ),
)


def group_inputs(rng, i):
    """The first group of counts with a prior."""
    y1, _, _, _, a, b = joint_inputs(rng, i)
    return y1, a, b


EXERCISES = (JOINT,)
