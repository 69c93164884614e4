"""Lesson 10: the conditional of one group of counts."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from vi_lab.teach.exercise import Exercise
from vi_lab.teach.lessons.exercises.lesson_10_numbers import group_inputs


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
        "You took the means of one datum: the data add up.": lambda y, a, b: (
            a + np.mean(y),
            b + 1,
        ),
        "The data are missing in the rate.": lambda y, a, b: (a + np.sum(y), b),
        "The data are missing in the shape.": lambda y, a, b: (a, b + len(y)),
        "The data are missing: that is the prior.": lambda y, a, b: (a, b),
        "One lost in the shape: that is the natural parameter.": lambda y, a, b: (
            a + np.sum(y) - 1,
            b + len(y),
        ),
        "You have one too many in the shape.": lambda y, a, b: (a + np.sum(y) + 1, b + len(y)),
        "You took the natural parameters: (shape - 1, -rate).": lambda y, a, b: (
            a + np.sum(y) - 1,
            -b - len(y),
        ),
        "The sign of the rate is wrong: that is the natural parameter.": lambda y, a, b: (
            a + np.sum(y),
            -b - len(y),
        ),
        "This is a scale, not a rate.": lambda y, a, b: (a + np.sum(y), 1 / (b + len(y))),
        "b was taken for a scale.": lambda y, a, b: (a + np.sum(y), 1 / b + len(y)),
        "Shape and rate changed places.": lambda y, a, b: (b + len(y), a + np.sum(y)),
        "a and b changed places.": lambda y, a, b: (b + np.sum(y), a + len(y)),
        "You took mean and sd of the gamma, not its shape and rate.": lambda y, a, b: (
            (a + np.sum(y)) / (b + len(y)),
            np.sqrt(a + np.sum(y)) / (b + len(y)),
        ),
        "You took mean and variance of the gamma, not its shape and rate.": lambda y, a, b: (
            (a + np.sum(y)) / (b + len(y)),
            (a + np.sum(y)) / (b + len(y)) ** 2,
        ),
        "You took b times the number of data: they add.": lambda y, a, b: (
            a + np.sum(y),
            b * len(y),
        ),
        "You took a times the sum of the data: they add.": lambda y, a, b: (
            a * np.sum(y),
            b + len(y),
        ),
        "You took the prior once for each datum.": lambda y, a, b: (
            len(y) * a + np.sum(y),
            len(y) * (b + 1),
        ),
        "Factorials do not depend on the rate.": lambda y, a, b: (
            a + np.sum(gammaln(y + 1)),
            b + len(y),
        ),
        "You took half the number of data: that is a normal's.": lambda y, a, b: (
            a + np.sum(y),
            b + len(y) / 2,
        ),
        "The squares of the counts.": lambda y, a, b: (a + np.sum(y**2), b + len(y)),
        "The largest count, not the sum.": lambda y, a, b: (a + np.max(y), b + len(y)),
        "You took n - 1 for n.": lambda y, a, b: (a + np.sum(y), b + len(y) - 1),
        "The first count alone.": lambda y, a, b: (a + y[0], b + 1),
    },
    hints=(
        "Collect what multiplies log rate and what multiplies rate in your log joint.",
        "log rate: a - 1 + Σ y; rate: -(b + n). In a gamma: shape - 1 and -rate.",
        "Start with the number of data: n = len(y).",
    ),
)


EXERCISES = (CONDITIONAL,)
