"""Lesson 05, one log joint, four solutions: natural parameters, slopes, and a block summed out.

    log p(x, z) = <eta_b(t_others), t(z_b)> + what does not depend on z_b

so that eta_b is the slope of the log joint in t_b, and the sum over a discrete block is the log
partition of eta_b (Blei, Kucukelbir & McAuliffe 2017, eq. 35-38).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator
from scipy.special import digamma

from vi_lab.teach.exercise import Exercise
from vi_lab.teach.lessons.exercises.lesson_05_choices import CHOICES as CHOICES
from vi_lab.teach.lessons.exercises.lesson_05_choices import PREDICTIONS as PREDICTIONS
from vi_lab.teach.lessons.exercises.lesson_05_slope import SLOPE

# 05.1 ------------------------------------------------------------------------------------------


def natural_gamma(shape, rate):
    """The natural parameter of Gamma(shape, rate) beside its statistics (log z, z), in that order.

    Returns two numbers.
    """
    return shape - 1, -rate


def gammas(rng: Generator, i: int) -> tuple[Any, ...]:
    """Any; a shape below one; an exponential; whole numbers; large ones; small ones."""
    shape, rate = rng.gamma(2, 1.5, 2) + 0.1
    if i % 6 in (1, 2):
        shape = (0.3, 1.0)[i % 6 - 1]
    if i % 6 == 3:
        shape, rate = 3.0, 2.0
    if i % 6 == 4:
        shape, rate = 50 * shape, 20 * rate
    return float(shape), float(rate)


NATURAL = Exercise(
    id="05.1",
    title="A natural parameter",
    minutes=5,
    star=False,
    inputs=gammas,
    right=natural_gamma,
    mistakes={
        "You took the shape for shape - 1: one power of z is in dz already.": lambda a, b: (a, -b),
        "You took shape + 1: the density has z^(shape - 1).": lambda a, b: (a + 1, -b),
        "You took 1 - shape: the sign is wrong.": lambda a, b: (1 - a, -b),
        "The sign of the rate is wrong: the density falls as exp(-rate z).": lambda a, b: (
            a - 1,
            b,
        ),
        "Both signs are wrong.": lambda a, b: (1 - a, b),
        "You took the shape for shape - 1, and the sign of the rate.": lambda a, b: (a, b),
        "This is a scale: -1/rate stands where -rate belongs.": lambda a, b: (a - 1, -1 / b),
        "This is a scale, and its sign.": lambda a, b: (a - 1, 1 / b),
        "The order: log z first, then z.": lambda a, b: (-b, a - 1),
        "The order, and the shape for shape - 1.": lambda a, b: (-b, a),
        "You took rate - 1: the one belongs to the shape.": lambda a, b: (a - 1, 1 - b),
        "You took the logarithm of the rate: z stands beside the rate itself.": lambda a, b: (
            a - 1,
            -np.log(b),
        ),
        "These are the expected statistics, E[log z] and E[z].": lambda a, b: (
            digamma(a) - np.log(b),
            a / b,
        ),
        "You took mean and variance: the natural parameter stands in the density.": lambda a, b: (
            a / b,
            a / b**2,
        ),
        "The mean stands where -rate belongs.": lambda a, b: (a - 1, a / b),
        "You have a half too many: neither number has one.": lambda a, b: ((a - 1) / 2, -b / 2),
    },
    hints=(
        "Take the logarithm of the density of Gamma(shape, rate). What multiplies log z?",
        "log p(z) = (shape - 1) log z - rate z + a constant",
        "of_log_z = shape - 1",
    ),
    parts=("number beside log z", "number beside z"),
)

# 05.3 ------------------------------------------------------------------------------------------


def collapse(log_weights):
    """The log of the sum of weights over the last axis, (..., K) -> (...), given their logarithms.

    Logs may lie 2,000 below 0 or apart.
    """
    peak = np.max(log_weights, axis=-1, keepdims=True)
    total = np.sum(np.exp(log_weights - peak), axis=-1)
    return peak[..., 0] + np.log(total)


def weights(rng: Generator, i: int) -> tuple[Any, ...]:
    """A vector; a square; rows far below 0; one weight a row; equal ones; three axes, far apart."""
    shape = ((4,), (3, 3), (3, 5), (4, 1), (2, 6), (2, 3, 4))[i % 6]
    logs = rng.normal(0, 2, shape)
    if i % 6 == 2:
        logs -= 2000.0
    if i % 6 == 4:
        logs = np.full(shape, -0.7) * np.array([[1.0], [2.0]])
    if i % 6 == 5:
        logs[0] -= 1500.0
        logs[1, :, 0] -= 1500.0
    return (logs,)


COLLAPSE = Exercise(
    id="05.3",
    title="A block summed out",
    minutes=6,
    star=False,
    inputs=weights,
    right=collapse,
    mistakes={
        "You took the largest alone: the others count too.": lambda a: np.max(a, axis=-1),
        "You took an average of the weights: log K too small.": lambda a: (
            collapse(a) - np.log(a.shape[-1])
        ),
        "You took an average of the logs.": lambda a: np.mean(a, axis=-1),
        "You took the sum of the logs: that is the log of a product.": lambda a: np.sum(a, axis=-1),
        "You took the logarithm of a sum of logs: these are logs already.": lambda a: np.log(
            np.sum(a, -1)
        ),
        "You took weights, not logs: take exp first.": lambda a: np.log(np.sum(np.abs(a), -1)),
        "You took the sum of the weights: its logarithm is missing.": lambda a: np.exp(collapse(a)),
        "exp underflows: subtract the peak first.": lambda a: np.log(np.sum(np.exp(a), axis=-1)),
        "The peak was not added back.": lambda a: collapse(a) - np.max(a, axis=-1),
        "The peak was added twice.": lambda a: collapse(a) + np.max(a, axis=-1),
        "The peak was taken off after the sum, with its sign turned.": lambda a: (
            collapse(a) - 2 * np.max(a, axis=-1)
        ),
        "An average of the weights, and exp underflows.": lambda a: np.log(np.mean(np.exp(a), -1)),
        "The peak's own weight was counted twice: log, not log1p.": lambda a: (
            np.max(a, -1) + np.logaddexp(0, collapse(a) - np.max(a, -1))
        ),
        "The sign of the logarithm is wrong: peak + log of the sum.": lambda a: (
            2 * np.max(a, -1) - collapse(a)
        ),
        "The logarithm of the sum is missing: peak + log of the sum.": lambda a: (
            np.max(a, -1) + np.exp(collapse(a) - np.max(a, -1))
        ),
        "You took log2 of the sum, beside a peak in nats.": lambda a: (
            np.max(a, -1) + (collapse(a) - np.max(a, -1)) / np.log(2)
        ),
        "You took the first weight alone.": lambda a: a[..., 0],
        "The last weight was left out.": lambda a: np.logaddexp.reduce(a[..., :-1], axis=-1),
        "The first weight was left out.": lambda a: np.logaddexp.reduce(a[..., 1:], axis=-1),
        "You took a soft minimum: the signs inside were turned.": lambda a: -collapse(-a),
        "You took axis 1; the last one is wanted, however many there are.": lambda a: (
            np.logaddexp.reduce(a, axis=min(1, a.ndim - 1))
        ),
        "One peak for all rows, and it was not added back.": lambda a: np.log(
            np.sum(np.exp(a - a.max()), axis=-1)
        ),
        "You took the first axis: sum over the last one.": lambda a: np.logaddexp.reduce(a, axis=0),
        "Everything was summed: one number for each row.": lambda a: np.logaddexp.reduce(
            a, axis=None
        ),
        "All axes but the first were summed: the last one alone.": lambda a: np.logaddexp.reduce(
            a.reshape(len(a), -1), axis=-1
        ),
        "You took one peak for all rows: where a row lies far below, exp underflows.": lambda a: (
            a.max() + np.log(np.sum(np.exp(a - a.max()), axis=-1))
        ),
        "One peak of all was subtracted, and that of the row added back.": lambda a: (
            a.max(axis=-1) + np.log(np.sum(np.exp(a - a.max()), axis=-1))
        ),
        "You took log2: nats want the natural logarithm.": lambda a: collapse(a) / np.log(2),
        "Normalised log weights: their sum is wanted.": lambda a: a - collapse(a)[..., None],
        "You took probabilities: the logarithm of the sum is wanted.": lambda a: np.exp(
            a - collapse(a)[..., None]
        ),
        "You have an axis too many: the last one goes.": lambda a: collapse(a)[..., None],
        "The sign is wrong.": lambda a: -collapse(a),
        "You took a running sum: its last entry is wanted.": lambda a: np.logaddexp.accumulate(
            a, axis=-1
        ),
        "Averaged under the weights, not summed.": lambda a: np.sum(
            np.exp(a - collapse(a)[..., None]) * a, axis=-1
        ),
    },
    samples=12,
    hints=(
        "Lesson 00's log_sum_exp, along the last axis. Subtract a peak of what?",
        "peak + log of the sum of exp(log_weights - peak), a peak for each row",
        "peak = np.max(log_weights, axis=-1, keepdims=True)",
    ),
)

EXERCISES = (NATURAL, SLOPE, COLLAPSE)
