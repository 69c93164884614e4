"""Lesson 10: the conditional and the evidence of one group of counts."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln
from scipy.stats import nbinom

from vi_lab.teach.exercise import Exercise
from vi_lab.teach.lessons.lesson_10_numbers import group_inputs


def rate_given(y, a, b):
    """The (shape, rate) of the gamma that a group's rate has given its counts y (n,).

    The prior is Gamma(shape a, rate b), the counts are Poisson(rate).
    """
    return a + np.sum(y), b + len(y)


CONDITIONAL = Exercise(
    id="10.2",
    title="both conditionals",
    minutes=6,
    star=False,
    inputs=group_inputs,
    right=rate_given,
    parts=("shape", "rate"),
    mistakes={
        "The prior is missing.": lambda y, a, b: (np.sum(y), len(y)),
        "The prior of the shape is missing.": lambda y, a, b: (np.sum(y), b + len(y)),
        "The prior of the rate is missing.": lambda y, a, b: (a + np.sum(y), len(y)),
        "The sum of the data belongs to the shape, their number to the rate.": lambda y, a, b: (
            a + len(y),
            b + np.sum(y),
        ),
        "The number of data is missing: the rate is that of one datum.": lambda y, a, b: (
            a + np.sum(y),
            b + 1,
        ),
        "The mean of the data stands where their sum belongs.": lambda y, a, b: (
            a + np.mean(y),
            b + len(y),
        ),
        "The means of one datum: the data add up.": lambda y, a, b: (a + np.mean(y), b + 1),
        "The data are missing in the rate.": lambda y, a, b: (a + np.sum(y), b),
        "The data are missing in the shape.": lambda y, a, b: (a, b + len(y)),
        "The data are missing: that is the prior.": lambda y, a, b: (a, b),
        "One lost in the shape: that is the natural parameter.": lambda y, a, b: (
            a + np.sum(y) - 1,
            b + len(y),
        ),
        "One too many in the shape.": lambda y, a, b: (a + np.sum(y) + 1, b + len(y)),
        "The natural parameters: (shape - 1, -rate).": lambda y, a, b: (
            a + np.sum(y) - 1,
            -b - len(y),
        ),
        "The sign of the rate: that is the natural parameter.": lambda y, a, b: (
            a + np.sum(y),
            -b - len(y),
        ),
        "A scale, not a rate.": lambda y, a, b: (a + np.sum(y), 1 / (b + len(y))),
        "b was taken for a scale.": lambda y, a, b: (a + np.sum(y), 1 / b + len(y)),
        "Shape and rate changed places.": lambda y, a, b: (b + len(y), a + np.sum(y)),
        "a and b changed places.": lambda y, a, b: (b + np.sum(y), a + len(y)),
        "Mean and sd of the gamma, not its shape and rate.": lambda y, a, b: (
            (a + np.sum(y)) / (b + len(y)),
            np.sqrt(a + np.sum(y)) / (b + len(y)),
        ),
        "Mean and variance of the gamma, not its shape and rate.": lambda y, a, b: (
            (a + np.sum(y)) / (b + len(y)),
            (a + np.sum(y)) / (b + len(y)) ** 2,
        ),
        "b times the number of data: they add.": lambda y, a, b: (a + np.sum(y), b * len(y)),
        "a times the sum of the data: they add.": lambda y, a, b: (a * np.sum(y), b + len(y)),
        "The prior once for each datum.": lambda y, a, b: (
            len(y) * a + np.sum(y),
            len(y) * (b + 1),
        ),
        "Factorials do not depend on the rate.": lambda y, a, b: (
            a + np.sum(gammaln(y + 1)),
            b + len(y),
        ),
        "Half the number of data: that is a normal's.": lambda y, a, b: (
            a + np.sum(y),
            b + len(y) / 2,
        ),
        "The squares of the counts.": lambda y, a, b: (a + np.sum(y**2), b + len(y)),
        "The largest count, not the sum.": lambda y, a, b: (a + np.max(y), b + len(y)),
        "n - 1 for n.": lambda y, a, b: (a + np.sum(y), b + len(y) - 1),
        "The first count alone.": lambda y, a, b: (a + y[0], b + 1),
    },
    hints=(
        "Collect what multiplies log rate and what multiplies rate in your log joint.",
        "log rate: a - 1 + Σ y; rate: -(b + n). In a gamma: shape - 1 and -rate.",
        "Start with the number of data: n = len(y).",
    ),
)


def log_evidence(y, a, b):
    """log p(y) of one group of counts y (n,), the rate integrated out, every constant kept."""
    shape, rate = a + np.sum(y), b + len(y)
    normaliser = a * np.log(b) - gammaln(a) - shape * np.log(rate) + gammaln(shape)
    return normaliser - np.sum(gammaln(y + 1))


def _plus(term):
    """The log evidence and a term of (y, a, b), n and the updated shape and rate."""

    def wrong(y, a, b):
        n, shape, rate = len(y), a + np.sum(y), b + len(y)
        return log_evidence(y, a, b) + term(y, a, b, n, shape, rate)

    return wrong


def _at(of_rate):
    """The log likelihood at one rate."""

    def wrong(y, a, b):
        rate = of_rate(y, a, b)
        return np.sum(y * np.log(rate) - rate - gammaln(y + 1))

    return wrong


def _log_binomial(y, a, b):
    return nbinom.logpmf(y, a, b / (b + 1))


EVIDENCE = Exercise(
    id="10.3",
    title="the evidence of a group",
    minutes=12,
    star=False,
    inputs=group_inputs,
    right=log_evidence,
    mistakes={
        "The factorials are missing.": _plus(lambda y, a, b, n, s, r: np.sum(gammaln(y + 1))),
        "The factorials have the wrong sign.": _plus(
            lambda y, a, b, n, s, r: 2 * np.sum(gammaln(y + 1))
        ),
        "The factorial of the sum stands where the factorials belong.": _plus(
            lambda y, a, b, n, s, r: np.sum(gammaln(y + 1)) - gammaln(np.sum(y) + 1)
        ),
        "gammaln(y) is log (y - 1)!: add one.": _plus(
            lambda y, a, b, n, s, r: np.sum(gammaln(y + 1)) - np.sum(gammaln(y))
        ),
        "b has the wrong power: a, not a + Σ y.": _plus(
            lambda y, a, b, n, s, r: (s - a) * np.log(b)
        ),
        "b to the first power: to the power a.": _plus(
            lambda y, a, b, n, s, r: (1 - a) * np.log(b)
        ),
        "a log b of the prior is missing.": _plus(lambda y, a, b, n, s, r: -a * np.log(b)),
        "b + n has the wrong power: a + Σ y, not a.": _plus(
            lambda y, a, b, n, s, r: (s - a) * np.log(r)
        ),
        "b + n has the wrong power: a + Σ y, not Σ y.": _plus(
            lambda y, a, b, n, s, r: a * np.log(r)
        ),
        "b + n has the wrong power: a + Σ y, not a + n.": _plus(
            lambda y, a, b, n, s, r: (s - a - n) * np.log(r)
        ),
        "b + n to the first power: to the power a + Σ y.": _plus(
            lambda y, a, b, n, s, r: (s - 1) * np.log(r)
        ),
        "b + 1 for b + n: there are n data.": _plus(
            lambda y, a, b, n, s, r: s * (np.log(r) - np.log(b + 1))
        ),
        "n for b + n: the prior's rate is missing.": _plus(
            lambda y, a, b, n, s, r: s * (np.log(r) - np.log(n))
        ),
        "b for b + n: the data are missing in the rate.": _plus(
            lambda y, a, b, n, s, r: s * (np.log(r) - np.log(b))
        ),
        "(a + Σ y) log(b + n) is missing.": _plus(lambda y, a, b, n, s, r: s * np.log(r)),
        "(a + Σ y) log(b + n) has the wrong sign.": _plus(
            lambda y, a, b, n, s, r: 2 * s * np.log(r)
        ),
        "log Gamma(a) of the prior is missing.": _plus(lambda y, a, b, n, s, r: gammaln(a)),
        "log Gamma(a + Σ y) is missing.": _plus(lambda y, a, b, n, s, r: -gammaln(s)),
        "Both log Gammas are missing.": _plus(lambda y, a, b, n, s, r: gammaln(a) - gammaln(s)),
        "The log Gammas are upside down.": _plus(
            lambda y, a, b, n, s, r: 2 * (gammaln(a) - gammaln(s))
        ),
        "Upside down: prior over posterior, for posterior over prior.": _plus(
            lambda y, a, b, n, s, r: 2 * (gammaln(a) - gammaln(s) - a * np.log(b) + s * np.log(r))
        ),
        "log Gamma(a + n): the shape has the sum of the data.": _plus(
            lambda y, a, b, n, s, r: gammaln(a + n) - gammaln(s)
        ),
        "log Gamma(Σ y): a is missing.": _plus(
            lambda y, a, b, n, s, r: gammaln(s - a) - gammaln(s)
        ),
        "log(a + Σ y)!: one too many in the Gamma.": _plus(
            lambda y, a, b, n, s, r: gammaln(s + 1) - gammaln(s)
        ),
        "One too many in both Gammas: Gamma(a) is (a - 1)!.": _plus(
            lambda y, a, b, n, s, r: gammaln(s + 1) - gammaln(s) - gammaln(a + 1) + gammaln(a)
        ),
        "The prior's normaliser is missing.": _plus(
            lambda y, a, b, n, s, r: gammaln(a) - a * np.log(b)
        ),
        "A rate for each datum: they share one, so they are not independent.": lambda y, a, b: (
            np.sum(_log_binomial(y, a, b))
        ),
        "One datum, the sum: the split over the data is missing.": lambda y, a, b: nbinom.logpmf(
            np.sum(y), a, b / (b + len(y))
        ),
        "The first datum alone.": lambda y, a, b: _log_binomial(y[0], a, b),
        "The log likelihood at the posterior mean.": _at(
            lambda y, a, b: (a + np.sum(y)) / (b + len(y))
        ),
        "The log likelihood at its maximum.": _at(lambda y, a, b: np.mean(y)),
        "The log likelihood at the prior mean.": _at(lambda y, a, b: a / b),
        "The evidence, not its logarithm.": lambda y, a, b: np.exp(log_evidence(y, a, b)),
        "Minus the log evidence.": lambda y, a, b: -log_evidence(y, a, b),
        "For each datum: divided by n.": lambda y, a, b: log_evidence(y, a, b) / len(y),
        "b was taken for a scale.": lambda y, a, b: log_evidence(y, a, 1 / b),
        "a and b changed places.": lambda y, a, b: log_evidence(y, b, a),
        "The mean of the data stands where their sum belongs.": _plus(
            lambda y, a, b, n, s, r: (
                (s - a - np.mean(y)) * np.log(r) + gammaln(a + np.mean(y)) - gammaln(s)
            )
        ),
        "An exponential prior: a = 1.": lambda y, a, b: log_evidence(y, 1.0, b),
    },
    hints=(
        "The log joint is an unnormalised gamma in the rate: which constant normalises it?",
        "∫ r^(s-1) e^(-t r) dr = Γ(s) / t^s with s = a + Σ y, t = b + n; keep b^a / Γ(a), 1 / y!.",
        "Start with shape, rate = a + np.sum(y), b + len(y).",
    ),
)

EXERCISES = (CONDITIONAL, EVIDENCE)
