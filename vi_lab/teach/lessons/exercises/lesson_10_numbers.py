"""Lesson 10: the log joint, the conditionals and the evidence of two groups of counts.

rate_g ~ Gamma(a, b)        y_gi ~ Poisson(rate_g), g = 1, 2
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln
from scipy.stats import gamma, poisson

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


TERMS = {
    "a log b": lambda y, r, a, b: a * np.log(b),
    "-log Gamma(a)": lambda y, r, a, b: -gammaln(a),
    "(a - 1) log rate": lambda y, r, a, b: (a - 1) * np.log(r),
    "-b rate": lambda y, r, a, b: -b * r,
    "Σ y log rate": lambda y, r, a, b: np.sum(y) * np.log(r),
    "-n rate": lambda y, r, a, b: -len(y) * r,
    "-Σ log y!": lambda y, r, a, b: -np.sum(gammaln(y + 1)),
}  # of one group; the first four are its prior

OTHERS = {
    "a log b": {
        "You took a b: the logarithm of b is missing.": lambda y, r, a, b: a * b,
        "You took log b: to the power a, so a times that.": lambda y, r, a, b: np.log(b),
        "You took b log a for a log b.": lambda y, r, a, b: b * np.log(a),
        "You took a + log b: the logarithm of a power is a product.": lambda y, r, a, b: (
            a + np.log(b)
        ),
        "You took a log rate for a log b.": lambda y, r, a, b: a * np.log(r),
    },
    "-log Gamma(a)": {
        "You took Gamma(a), not its logarithm.": lambda y, r, a, b: -np.exp(gammaln(a)),
        "You took a for log Gamma(a).": lambda y, r, a, b: -a,
        "You took log Gamma(b) for log Gamma(a).": lambda y, r, a, b: -gammaln(b),
        "You took log a! for log Gamma(a): one too many.": lambda y, r, a, b: -gammaln(a + 1),
        "You took log Gamma(a - 1): one too few.": lambda y, r, a, b: -gammaln(a - 1),
    },
    "(a - 1) log rate": {
        "a for a - 1, or a Jacobian was added: the rates are the coordinates.": lambda y, r, a, b: (
            a * np.log(r)
        ),
        "You took a + 1 for a - 1: that is an inverse gamma.": lambda y, r, a, b: (
            (a + 1) * np.log(r)
        ),
        "You took b - 1 for a - 1.": lambda y, r, a, b: (b - 1) * np.log(r),
        "You took (a - 1) log b for (a - 1) log rate.": lambda y, r, a, b: (a - 1) * np.log(b),
        "You took log rate alone: a - 1 times that.": lambda y, r, a, b: np.log(r),
        "You took (a - 1) rate: the logarithm is missing in the prior.": lambda y, r, a, b: (
            (a - 1) * r
        ),
    },
    "-b rate": {
        "You took -rate / b: b is a rate, and multiplies.": lambda y, r, a, b: -r / b,
        "You took -b / rate.": lambda y, r, a, b: -b / r,
        "You took -b log rate: the rate itself.": lambda y, r, a, b: -b * np.log(r),
        "You took -a rate for -b rate.": lambda y, r, a, b: -a * r,
        "You took -rate for -b rate.": lambda y, r, a, b: -r,
        "You took -b for -b rate.": lambda y, r, a, b: -b,
        "You took -rate - b: a product.": lambda y, r, a, b: -r - b,
        "You took -b n rate: the prior stands once.": lambda y, r, a, b: -b * len(y) * r,
    },
    "Σ y log rate": {
        "You took y rate: the logarithm is missing.": lambda y, r, a, b: np.sum(y) * r,
        "You took log rate: y times that.": lambda y, r, a, b: len(y) * np.log(r),
        "You took log rate once: y times that.": lambda y, r, a, b: np.log(r),
        "You took y for y log rate.": lambda y, r, a, b: np.sum(y),
        "You took y / log rate.": lambda y, r, a, b: np.sum(y) / np.log(r),
        "You took y + log rate: the logarithm of a power is a product.": lambda y, r, a, b: np.sum(
            y + np.log(r)
        ),
        "You took the mean of y for the sum.": lambda y, r, a, b: np.mean(y) * np.log(r),
        "You took log10 of the rate: nats want the natural logarithm.": lambda y, r, a, b: (
            np.sum(y) * np.log10(r)
        ),
        "You took log2 of the rate: nats want the natural logarithm.": lambda y, r, a, b: (
            np.sum(y) * np.log2(r)
        ),
    },
    "-n rate": {
        "You took -rate once for a group, not once for each datum.": lambda y, r, a, b: -r,
        "You took -n for -n rate.": lambda y, r, a, b: -len(y),
        "You took -log rate for -rate.": lambda y, r, a, b: -len(y) * np.log(r),
        "You took -y rate for -rate.": lambda y, r, a, b: -np.sum(y) * r,
        "You took -1 / rate for -rate.": lambda y, r, a, b: -len(y) / r,
    },
    "-Σ log y!": {
        "The factorial of the sum stands where the factorials belong.": lambda y, r, a, b: (
            -gammaln(np.sum(y) + 1)
        ),
        "gammaln(y) is log (y - 1)!: add one.": lambda y, r, a, b: -np.sum(gammaln(y)),
        "gammaln(y + 2) is log (y + 1)!.": lambda y, r, a, b: -np.sum(gammaln(y + 2)),
        "You took y! itself, not its logarithm.": lambda y, r, a, b: (
            -np.sum(np.exp(gammaln(y + 1)))
        ),
        "You took log y for log y!.": lambda y, r, a, b: -np.sum(np.log(y)),
        "You took y + 1 for log y!: gammaln is missing.": lambda y, r, a, b: -np.sum(y + 1),
        "You took the mean of log y! for the sum.": lambda y, r, a, b: -np.mean(gammaln(y + 1)),
    },
}  # what stands in place of a term, in both groups


def _plus(name, first, second):
    """The log joint with so many more of a term in the first and in the second group."""
    term = TERMS[name]
    return lambda y1, y2, r1, r2, a, b: (
        log_joint(y1, y2, r1, r2, a, b) + first * term(y1, r1, a, b) + second * term(y2, r2, a, b)
    )


def _instead(name, other):
    """The log joint with something else in place of a term."""
    return lambda y1, y2, r1, r2, a, b: (
        _plus(name, -1, -1)(y1, y2, r1, r2, a, b) + other(y1, r1, a, b) + other(y2, r2, a, b)
    )


def _crossed(name, values):
    """The second group's term with what belongs to the first: its rate, or its counts."""

    def wrong(y1, y2, r1, r2, a, b):
        y, r = (y2, r1) if values == "rate1" else (y1, r2)
        return _plus(name, 0, -1)(y1, y2, r1, r2, a, b) + TERMS[name](y, r, a, b)

    return wrong


def _less(names, first, second):
    """The log joint without some terms, in one group or in both."""

    def wrong(*args):
        total = log_joint(*args)
        return total + sum(_plus(name, -first, -second)(*args) - total for name in names)

    return wrong


PRIOR, DATA = tuple(TERMS)[:4], tuple(TERMS)[4:]
CONSTANTS = ("a log b", "-log Gamma(a)", "-Σ log y!")
SHARED, NOT_SHARED = tuple(TERMS)[:2], tuple(TERMS)[2:]  # the same number in both groups, or not

JOINT = Exercise(
    id="10.1",
    title="the log joint of two groups",
    minutes=10,
    star=False,
    inputs=joint_inputs,
    right=log_joint,
    mistakes={
        **{f"{name} is missing.": _plus(name, -1, -1) for name in TERMS},
        **{f"{name} has the wrong sign.": _plus(name, -2, -2) for name in TERMS},
        **{f"{name} is missing in the first group.": _plus(name, -1, 0) for name in NOT_SHARED},
        **{f"{name} is missing in the second group.": _plus(name, 0, -1) for name in NOT_SHARED},
        **{f"{name} stands once: there are two priors.": _plus(name, 0, -1) for name in SHARED},
        **{
            sentence: _instead(name, other)
            for name, others in OTHERS.items()
            for sentence, other in others.items()
        },
        **{
            f"In {name} of the second group stands rate1.": _crossed(name, "rate1")
            for name in ("(a - 1) log rate", "-b rate", "Σ y log rate", "-n rate")
        },
        **{
            f"In {name} of the second group stands y1.": _crossed(name, "y1")
            for name in ("Σ y log rate", "-n rate", "-Σ log y!")
        },
        "The prior of rate2 is missing: each group has its own.": _less(PRIOR, 0, 1),
        "The prior of rate1 is missing: each group has its own.": _less(PRIOR, 1, 0),
        "You took the prior twice for each rate.": _less(PRIOR, -1, -1),
        "Both priors are missing: that is the log likelihood.": _less(PRIOR, 1, 1),
        "The data are missing: that is the prior.": _less(DATA, 1, 1),
        "The second group is missing.": _less(TERMS, 0, 1),
        "The first group is missing.": _less(TERMS, 1, 0),
        "a log b and -log Gamma(a) are missing: the prior is not normalised.": _less(
            CONSTANTS[:2], 1, 1
        ),
        "a log b and -log Gamma(a) stand once: there are two priors.": _less(CONSTANTS[:2], 0, 1),
        "All constants are missing.": _less(CONSTANTS, 1, 1),
        "You took a prior for each datum; a rate has one.": lambda y1, y2, r1, r2, a, b: _less(
            PRIOR, 1 - len(y1), 1 - len(y2)
        )(y1, y2, r1, r2, a, b),
        "You took means over the data: they multiply, so their logarithms add.": (
            lambda y1, y2, r1, r2, a, b: _less(DATA, 1 - 1 / len(y1), 1 - 1 / len(y2))(
                y1, y2, r1, r2, a, b
            )
        ),
        "b was taken for a scale: it is a rate.": lambda y1, y2, r1, r2, a, b: log_joint(
            y1, y2, r1, r2, a, 1 / b
        ),
        "a and b changed places.": lambda y1, y2, r1, r2, a, b: log_joint(y1, y2, r1, r2, b, a),
        "The rates changed places.": lambda y1, y2, r1, r2, a, b: log_joint(y1, y2, r2, r1, a, b),
        "You took one rate for both groups: the first.": lambda y1, y2, r1, r2, a, b: log_joint(
            y1, y2, r1, r1, a, b
        ),
        "You took one rate for both groups: the second.": lambda y1, y2, r1, r2, a, b: log_joint(
            y1, y2, r2, r2, a, b
        ),
        "scipy's third argument is a location: scale=1/b is wanted.": (
            lambda y1, y2, r1, r2, a, b: (
                _less(PRIOR, 1, 1)(y1, y2, r1, r2, a, b) + sum(gamma.logpdf([r1, r2], a, b))
            )
        ),
        "You took one prior, of the summed rates: each has its own.": lambda y1, y2, r1, r2, a, b: (
            _less(PRIOR, 1, 1)(y1, y2, r1, r2, a, b) + gamma.logpdf(r1 + r2, a, scale=1 / b)
        ),
        "The sum of the counts stands for one count.": lambda y1, y2, r1, r2, a, b: log_joint(
            y1.sum()[None], y2.sum()[None], r1, r2, a, b
        ),
        "The sum of the counts alone: the data are a sequence.": lambda y1, y2, r1, r2, a, b: (
            _less(DATA, 1, 1)(y1, y2, r1, r2, a, b)
            + poisson.logpmf(y1.sum(), len(y1) * r1)
            + poisson.logpmf(y2.sum(), len(y2) * r2)
        ),
        "The first count of each group alone.": lambda y1, y2, r1, r2, a, b: log_joint(
            y1[:1], y2[:1], r1, r2, a, b
        ),
        "This is a density, not its logarithm.": lambda *args: np.exp(log_joint(*args)),
        "You took minus the log joint.": lambda *args: -log_joint(*args),
        "The groups were averaged: logarithms add.": lambda *args: log_joint(*args) / 2,
        "You took an exponential prior: a plays no part.": lambda y1, y2, r1, r2, a, b: log_joint(
            y1, y2, r1, r2, 1.0, b
        ),
        "The second group was subtracted: logarithms add.": _less(TERMS, 0, 2),
        "The likelihood was subtracted: logarithms add.": _less(DATA, 2, 2),
        "The groups were multiplied: logarithms add.": lambda *args: (
            _less(TERMS, 0, 1)(*args) * _less(TERMS, 1, 0)(*args)
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
