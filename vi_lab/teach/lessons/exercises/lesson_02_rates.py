"""Lesson 02: a density in other coordinates.

log p(y) = log p(r) + log |dr/dy|        with r = exp(y), so that log |dr/dy| = y
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator
from scipy.special import gammaln

from vi_lab.teach.exercise import Exercise

# 02.4 ------------------------------------------------------------------------------------------


def log_target(y):
    """The log density of y = log r, where rates r (n,) have log density sum(1.5 log r - 1.7 r).

    y (n,): logs of the rates. One number, with the Jacobian; a constant that would make it
    integrate to one is left out.
    """
    return np.sum(1.5 * y - 1.7 * np.exp(y) + y)


def log_rates(rng: Generator, i: int) -> tuple[Any, ...]:
    """Two rates, one, several; integers; a tie; tiny and large rates."""
    y = rng.normal(0, 1, (2, 1, 5, 2, 3, 4)[i % 6])
    if i == 2:
        y = np.abs(np.round(y)) + 1.0
    if i == 3:
        y[1] = y[0]
    if i == 4:
        y[0], y[1] = -12.0, 3.5
    return (y,)


CONSTANT = 2.5 * np.log(1.7) - gammaln(2.5)  # of the gamma density, a rate

LOG_RATES = Exercise(
    id="02.4",
    title="A density of logarithms",
    minutes=8,
    star=False,
    inputs=log_rates,
    right=log_target,
    mistakes={
        "The Jacobian is missing: dr = r dy.": lambda y: np.sum(1.5 * y - 1.7 * np.exp(y)),
        "The Jacobian has the wrong sign.": lambda y: np.sum(0.5 * y - 1.7 * np.exp(y)),
        "You added log y: dr/dy is r, and its log is y.": lambda y: np.sum(
            1.5 * y - 1.7 * np.exp(y) + np.log(y)
        ),
        "You subtracted log y: dr/dy is r, and its log is y.": lambda y: np.sum(
            1.5 * y - 1.7 * np.exp(y) - np.log(y)
        ),
        "You added log |y|: dr/dy is r, and its log is y.": lambda y: np.sum(
            1.5 * y - 1.7 * np.exp(y) + np.log(np.abs(y))
        ),
        "You subtracted log |y|: dr/dy is r, and its log is y.": lambda y: np.sum(
            1.5 * y - 1.7 * np.exp(y) - np.log(np.abs(y))
        ),
        "You took y for r, and |y| in its log: y may be negative because it is a log already.": (
            lambda y: np.sum(1.5 * np.log(np.abs(y)) - 1.7 * y + y)
        ),
        "You took y for r, |y| in its log, and no Jacobian: y is a log already.": lambda y: np.sum(
            1.5 * np.log(np.abs(y)) - 1.7 * y
        ),
        "You took the Jacobian of one coordinate only.": lambda y: (
            np.sum(1.5 * y - 1.7 * np.exp(y)) + y[0]
        ),
        "You took the Jacobian of the last coordinate only.": lambda y: (
            np.sum(1.5 * y - 1.7 * np.exp(y)) + y[-1]
        ),
        "The density was read at y, not at exp(y).": lambda y: np.sum(2.5 * np.log(y) - 1.7 * y),
        "The density was read at y; only the Jacobian is right.": lambda y: np.sum(
            1.5 * np.log(y) - 1.7 * y + y
        ),
        "The density was read at y, and the Jacobian is missing.": lambda y: np.sum(
            1.5 * np.log(y) - 1.7 * y
        ),
        "You added dr/dy: its logarithm is added.": lambda y: np.sum(
            1.5 * y - 1.7 * np.exp(y) + np.exp(y)
        ),
        "You added 1/r: the logarithm of dr/dy is added.": lambda y: np.sum(
            1.5 * y - 1.7 * np.exp(y) + np.exp(-y)
        ),
        "You multiplied the log density by dr/dy: its logarithm is added.": lambda y: (
            np.sum(1.5 * y - 1.7 * np.exp(y)) * np.prod(np.exp(y))
        ),
        "The Jacobian is a product over the rates: its log is a sum, of y.": lambda y: (
            np.sum(1.5 * y - 1.7 * np.exp(y)) + np.prod(y)
        ),
        "The determinant of the Jacobian is the product of the rates: take its log.": lambda y: (
            np.sum(1.5 * y - 1.7 * np.exp(y)) + np.prod(np.exp(y))
        ),
        "The Jacobian's log is the sum of the logs, not the log of the sum.": lambda y: (
            np.sum(1.5 * y - 1.7 * np.exp(y)) + np.log(np.sum(np.exp(y)))
        ),
        "You added the Jacobian once for each rate: n times too often.": lambda y: np.sum(
            1.5 * y - 1.7 * np.exp(y) + len(y) * y
        ),
        "The log of dr/dy is y, sign and all: not |y|.": lambda y: np.sum(
            1.5 * y - 1.7 * np.exp(y) + np.abs(y)
        ),
        "You took a product of log densities: logs are added.": lambda y: np.prod(
            2.5 * y - 1.7 * np.exp(y)
        ),
        "You took the log of a sum of densities: a joint density is a product.": lambda y: np.log(
            np.sum(np.exp(2.5 * y - 1.7 * np.exp(y)))
        ),
        "You took exp(-y) for r: r = exp(y).": lambda y: np.sum(2.5 * y - 1.7 * np.exp(-y)),
        "You divided r by 1.7: it multiplies.": lambda y: np.sum(2.5 * y - np.exp(y) / 1.7),
        "The constant of Gamma(2.5, 1.7) was kept: here it is left out.": lambda y: np.sum(
            2.5 * y - 1.7 * np.exp(y) + CONSTANT
        ),
        "You took a gamma density without its Jacobian, constant and all.": lambda y: np.sum(
            1.5 * y - 1.7 * np.exp(y) + CONSTANT
        ),
        "You took Gamma(1.5, 1.7): log r stands here 1.5 times, so the shape is 2.5.": lambda y: (
            np.sum(1.5 * y - 1.7 * np.exp(y) + 1.5 * np.log(1.7) - gammaln(1.5))
        ),
        "The Jacobian multiplies the density: to its log it is added.": lambda y: np.sum(
            (1.5 * y - 1.7 * np.exp(y)) * np.exp(y)
        ),
        "The Jacobian is averaged over the rates: its log is their sum.": lambda y: (
            np.sum(1.5 * y - 1.7 * np.exp(y)) + np.mean(y)
        ),
        "You added one for each rate: the log of dr/dy is y, not 1.": lambda y: np.sum(
            1.5 * y - 1.7 * np.exp(y) + 1
        ),
        "The Jacobian stands there twice.": lambda y: np.sum(3.5 * y - 1.7 * np.exp(y)),
        "The size of the Jacobian was halved.": lambda y: np.sum(2.0 * y - 1.7 * np.exp(y)),
        "You took the Jacobian alone: the density is missing.": np.sum,
        "You gave a density: its logarithm is wanted.": lambda y: np.exp(
            np.sum(2.5 * y - 1.7 * np.exp(y))
        ),
        "y stands in the second term: that is 1.7 r = 1.7 exp(y).": lambda y: np.sum(
            2.5 * y - 1.7 * y
        ),
        "You have log y in the first term: log r is y itself.": lambda y: np.sum(
            1.5 * np.log(y) - 1.7 * np.exp(y) + y
        ),
        "You have exp(y) in the first term: log r is y.": lambda y: np.sum(
            1.5 * np.exp(y) - 1.7 * np.exp(y) + y
        ),
        "The sign of the rate is wrong: -1.7 r.": lambda y: np.sum(2.5 * y + 1.7 * np.exp(y)),
        "log r and r changed places: r = exp(y), and y is its logarithm.": lambda y: np.sum(
            1.5 * np.exp(y) - 1.7 * y + y
        ),
        "1.5 and 1.7 changed places.": lambda y: np.sum(2.7 * y - 1.5 * np.exp(y)),
        "The sign is wrong: you gave minus the log density.": lambda y: (
            -np.sum(2.5 * y - 1.7 * np.exp(y))
        ),
        "You took a mean over the rates: a log joint is a sum.": lambda y: np.mean(
            2.5 * y - 1.7 * np.exp(y)
        ),
        "You gave one number a rate: a log joint is their sum.": lambda y: (
            2.5 * y - 1.7 * np.exp(y)
        ),
        "You took the first rate alone: sum over all of them.": lambda y: (
            2.5 * y[0] - 1.7 * np.exp(y[0])
        ),
        "r was taken for 10 to the y: log is the natural logarithm.": lambda y: np.sum(
            2.5 * y - 1.7 * 10**y
        ),
    },
    hints=(
        "p(y) dy = p(r) dr with r = exp(y). What is dr/dy, and what is its logarithm?",
        "log p(y) = sum of (1.5 y - 1.7 exp(y)) + sum of log dr/dy",
        "density = 1.5 * y - 1.7 * np.exp(y)",
    ),
)
