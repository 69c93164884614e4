"""Lesson 10: the evidence of one group of counts, its terms and what goes wrong with each."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln
from scipy.stats import nbinom

from vi_lab.teach.exercise import Exercise
from vi_lab.teach.lessons.exercises.lesson_10_numbers import group_inputs


def log_evidence(y, a, b):
    """log p(y) of one group of counts y (n,), the rate integrated out, every constant kept."""
    shape, rate = a + np.sum(y), b + len(y)
    normaliser = a * np.log(b) - gammaln(a) - shape * np.log(rate) + gammaln(shape)
    return normaliser - np.sum(gammaln(y + 1))


TERMS = {
    "a log b": lambda y, a, b, s, r: a * np.log(b),
    "-log Gamma(a)": lambda y, a, b, s, r: -gammaln(a),
    "log Gamma(a + Σ y)": lambda y, a, b, s, r: gammaln(s),
    "-(a + Σ y) log(b + n)": lambda y, a, b, s, r: -s * np.log(r),
    "-Σ log y!": lambda y, a, b, s, r: -np.sum(gammaln(y + 1)),
}  # s and r are the updated shape and rate

OTHERS = {
    "a log b": {
        "You took a b: the logarithm of b is missing.": lambda y, a, b, s, r: a * b,
        "You took b to the first power: to the power a.": lambda y, a, b, s, r: np.log(b),
        "b has the wrong power: a, not a + Σ y.": lambda y, a, b, s, r: s * np.log(b),
        "b has the wrong power: a, not a + n.": lambda y, a, b, s, r: (a + len(y)) * np.log(b),
        "b has the wrong power: a, not Σ y.": lambda y, a, b, s, r: (s - a) * np.log(b),
        "You took b log a for a log b.": lambda y, a, b, s, r: b * np.log(a),
        "You took a + log b: the logarithm of a power is a product.": lambda y, a, b, s, r: (
            a + np.log(b)
        ),
    },
    "-log Gamma(a)": {
        "You took a for log Gamma(a).": lambda y, a, b, s, r: -a,
        "You took Gamma(a), not its logarithm.": lambda y, a, b, s, r: -np.exp(gammaln(a)),
        "You took log a! for log Gamma(a): one too many.": lambda y, a, b, s, r: -gammaln(a + 1),
        "You took log Gamma(b) for log Gamma(a).": lambda y, a, b, s, r: -gammaln(b),
        "You took log Gamma(a - 1): one too few.": lambda y, a, b, s, r: -gammaln(a - 1),
    },
    "log Gamma(a + Σ y)": {
        "You took log Gamma(a + n): the shape has the sum of the data.": lambda y, a, b, s, r: (
            gammaln(a + len(y))
        ),
        "You took log Gamma(Σ y): a is missing.": lambda y, a, b, s, r: gammaln(s - a),
        "You took log (a + Σ y)!: one too many in the Gamma.": lambda y, a, b, s, r: gammaln(s + 1),
        "You took log Gamma(a + Σ y - 1): one too few.": lambda y, a, b, s, r: gammaln(s - 1),
        "You took a + Σ y for its log Gamma.": lambda y, a, b, s, r: s,
        "You took log(a + Σ y) for its log Gamma.": lambda y, a, b, s, r: np.log(s),
        "You took a log Gamma for each datum: the rate is shared.": lambda y, a, b, s, r: np.sum(
            gammaln(a + y)
        ),
    },
    "-(a + Σ y) log(b + n)": {
        "b + n has the wrong power: a + Σ y, not a.": lambda y, a, b, s, r: -a * np.log(r),
        "b + n has the wrong power: a + Σ y, not Σ y.": lambda y, a, b, s, r: -(s - a) * np.log(r),
        "b + n has the wrong power: a + Σ y, not a + n.": lambda y, a, b, s, r: (
            -(a + len(y)) * np.log(r)
        ),
        "b + n has the wrong power: a + Σ y, not a + Σ y - 1.": lambda y, a, b, s, r: (
            -(s - 1) * np.log(r)
        ),
        "You took b + n to the first power: to the power a + Σ y.": lambda y, a, b, s, r: (
            -np.log(r)
        ),
        "You took (a + Σ y)(b + n): the logarithm is missing.": lambda y, a, b, s, r: -s * r,
        "You took b + 1 for b + n: there are n data.": lambda y, a, b, s, r: -s * np.log(b + 1),
        "You took n for b + n: the prior's rate is missing.": lambda y, a, b, s, r: (
            -s * np.log(len(y))
        ),
        "You took b for b + n: the data are missing in the rate.": lambda y, a, b, s, r: (
            -s * np.log(b)
        ),
        "You took b + Σ y for b + n.": lambda y, a, b, s, r: -s * np.log(b + np.sum(y)),
        "You took b n for b + n.": lambda y, a, b, s, r: -s * np.log(b * len(y)),
        "You took log b + log n for log(b + n): no sum in a logarithm.": lambda y, a, b, s, r: (
            -a * (np.log(b) + np.log(len(y)))
        ),
    },
    "-Σ log y!": {
        "The factorial of the sum stands where the factorials belong.": lambda y, a, b, s, r: (
            -gammaln(np.sum(y) + 1)
        ),
        "gammaln(y) is log (y - 1)!: add one.": lambda y, a, b, s, r: -np.sum(gammaln(y)),
        "gammaln(y + 2) is log (y + 1)!.": lambda y, a, b, s, r: -np.sum(gammaln(y + 2)),
        "You took the mean of log y! for the sum.": lambda y, a, b, s, r: -np.mean(gammaln(y + 1)),
        "You took y! itself, not its logarithm.": lambda y, a, b, s, r: (
            -np.sum(np.exp(gammaln(y + 1)))
        ),
        "You took log y for log y!.": lambda y, a, b, s, r: -np.sum(np.log(y)),
        "You took y + 1 for log y!: gammaln is missing.": lambda y, a, b, s, r: -np.sum(y + 1),
    },
}  # what stands in place of a term


def _plus(*slips):
    """The log evidence with so many more of some terms: pairs of a name and how many."""

    def wrong(y, a, b):
        s, r = a + np.sum(y), b + len(y)
        return log_evidence(y, a, b) + sum(k * TERMS[name](y, a, b, s, r) for name, k in slips)

    return wrong


def _instead(name, other):
    """The log evidence with something else in place of a term."""
    return lambda y, a, b: _plus((name, -1))(y, a, b) + other(y, a, b, a + np.sum(y), b + len(y))


def _updated(shape, rate):
    """The log evidence with another updated shape and rate, functions of (y, a, b)."""

    def wrong(y, a, b):
        s, r = shape(y, a, b), rate(y, a, b)
        return sum(term(y, a, b, s, r) for term in TERMS.values())

    return wrong


def _at(of_rate):
    """The log likelihood at one rate."""

    def wrong(y, a, b):
        rate = of_rate(y, a, b)
        return np.sum(y * np.log(rate) - rate - gammaln(y + 1))

    return wrong


def _log_binomial(y, a, b):
    return nbinom.logpmf(y, a, b / (b + 1))


def _shape(y, a, b):
    return a + np.sum(y)


def _rate(y, a, b):
    return b + len(y)


EVIDENCE = Exercise(
    id="10.3",
    title="the evidence of a group",
    minutes=12,
    star=False,
    inputs=group_inputs,
    right=log_evidence,
    mistakes={
        **{f"{name} is missing.": _plus((name, -1)) for name in TERMS},
        **{f"{name} has the wrong sign.": _plus((name, -2)) for name in TERMS},
        **{
            sentence: _instead(name, other)
            for name, others in OTHERS.items()
            for sentence, other in others.items()
        },
        "Both log Gammas are missing.": _plus(("-log Gamma(a)", -1), ("log Gamma(a + Σ y)", -1)),
        "The log Gammas are upside down.": _plus(("-log Gamma(a)", -2), ("log Gamma(a + Σ y)", -2)),
        "Both powers are missing.": _plus(("a log b", -1), ("-(a + Σ y) log(b + n)", -1)),
        "The powers are upside down.": _plus(("a log b", -2), ("-(a + Σ y) log(b + n)", -2)),
        "The prior's normaliser is missing.": _plus(("a log b", -1), ("-log Gamma(a)", -1)),
        "The posterior's normaliser is missing.": _plus(
            ("log Gamma(a + Σ y)", -1), ("-(a + Σ y) log(b + n)", -1)
        ),
        "The prior's normaliser is upside down.": _plus(("a log b", -2), ("-log Gamma(a)", -2)),
        "The posterior's normaliser is upside down.": _plus(
            ("log Gamma(a + Σ y)", -2), ("-(a + Σ y) log(b + n)", -2)
        ),
        "Upside down: prior over posterior, for posterior over prior.": _plus(
            *((name, -2) for name in tuple(TERMS)[:4])
        ),
        "You have one too many in both Gammas: Gamma(a) is (a - 1)!.": lambda y, a, b: (
            log_evidence(y, a, b) + np.log(a + np.sum(y)) - np.log(a)
        ),
        "The mean of the data stands where their sum belongs.": _updated(
            lambda y, a, b: a + np.mean(y), _rate
        ),
        "The shape was not updated.": _updated(lambda y, a, b: a, _rate),
        "a is missing in the updated shape.": _updated(lambda y, a, b: np.sum(y), _rate),
        "The updated shape has n, not the sum.": _updated(lambda y, a, b: a + len(y), _rate),
        "Updated shape and rate changed places.": _updated(_rate, _shape),
        "The sum went to the rate and the number to the shape.": _updated(
            lambda y, a, b: a + len(y), lambda y, a, b: b + np.sum(y)
        ),
        "You took a + Σ y - 1: that is the natural parameter.": _updated(
            lambda y, a, b: a + np.sum(y) - 1, _rate
        ),
        "You took a Σ y for a + Σ y.": _updated(lambda y, a, b: a * np.sum(y), _rate),
        "You took a rate for each datum: they share one.": lambda y, a, b: np.sum(
            _log_binomial(y, a, b)
        ),
        "You took one datum, the sum: the split over the data is missing.": lambda y, a, b: (
            nbinom.logpmf(np.sum(y), a, b / (b + len(y)))
        ),
        "You took a rate for each datum, and p for 1 - p.": lambda y, a, b: np.sum(
            nbinom.logpmf(y, a, 1 / (b + 1))
        ),
        "You took one datum, the sum, and p for 1 - p.": lambda y, a, b: nbinom.logpmf(
            np.sum(y), a, 1 / (b + len(y))
        ),
        "In the chain of predictions b was not updated.": lambda y, a, b: np.sum(
            nbinom.logpmf(y, a + np.cumsum(y) - y, b / (b + 1))
        ),
        "In the chain of predictions a was not updated.": lambda y, a, b: np.sum(
            nbinom.logpmf(y, a, (b + np.arange(len(y))) / (b + np.arange(len(y)) + 1))
        ),
        "All constants are missing.": _plus(
            ("a log b", -1), ("-log Gamma(a)", -1), ("-Σ log y!", -1)
        ),
        "The mean of predictions that do not learn: they multiply, and learn.": lambda y, a, b: (
            np.mean(nbinom.logpmf(y, a, b / (b + 1)))
        ),
        "You took the first datum alone.": lambda y, a, b: _log_binomial(y[0], a, b),
        "You took the log likelihood at the posterior mean.": _at(
            lambda y, a, b: (a + np.sum(y)) / (b + len(y))
        ),
        "You took the log likelihood at its maximum.": _at(lambda y, a, b: np.mean(y)),
        "You took the log likelihood at the prior mean.": _at(lambda y, a, b: a / b),
        "You took the evidence, not its logarithm.": lambda y, a, b: np.exp(log_evidence(y, a, b)),
        "You took minus the log evidence.": lambda y, a, b: -log_evidence(y, a, b),
        "For each datum: divided by n.": lambda y, a, b: log_evidence(y, a, b) / len(y),
        "b was taken for a scale.": lambda y, a, b: log_evidence(y, a, 1 / b),
        "a and b changed places.": lambda y, a, b: log_evidence(y, b, a),
        "You took an exponential prior: a = 1.": lambda y, a, b: log_evidence(y, 1.0, b),
    },
    hints=(
        "The log joint is an unnormalised gamma in the rate: which constant normalises it?",
        "∫ r^(s-1) e^(-t r) dr = Γ(s) / t^s with s = a + Σ y, t = b + n; keep b^a / Γ(a), 1 / y!.",
        "Start with shape, rate = a + np.sum(y), b + len(y).",
    ),
)

EXERCISES = (EVIDENCE,)
