"""Lesson 03: the precision of normal data given their mean.

tau | mu, x ~ Gamma(a0 + (n + 1)/2, b0 + kappa0 (mu - mu0)^2/2 + sum (x - mu)^2/2)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from vi_lab.teach.exercise import Exercise
from vi_lab.teach.lessons.exercises.lesson_03_mean import observations

# 03.3 ------------------------------------------------------------------------------------------


def tau_given_mu(x, mu, mu0, kappa0, a0, b0):
    """Shape and rate of tau given mu and x (n,).

    x_i ~ N(mu, 1/tau), mu | tau ~ N(mu0, 1/(kappa0 tau)), tau ~ Gamma(shape a0, rate b0).
    Returns (shape, rate).
    """
    shape = a0 + (len(x) + 1) / 2
    squares = np.sum((x - mu) ** 2) + kappa0 * (mu - mu0) ** 2
    return shape, b0 + squares / 2


def tau_inputs(rng: Generator, i: int) -> tuple[Any, ...]:
    """Data and a mean that is neither theirs nor the prior's; whole where data are whole."""
    x, (a0, b0, kappa0) = observations(rng, i), rng.uniform(0.3, 3, 3)
    mu, mu0 = x.mean() + rng.normal(0, 1), rng.normal(0, 2)
    if i % 6 == 2:
        mu, mu0, kappa0, a0, b0 = np.floor(mu) - 1.0, 1.5, 2.0, 3.0, 5.0
    return x, float(mu), float(mu0), float(kappa0), float(a0), float(b0)


def gamma_of(count: Any, squares: Any) -> Any:
    """A conditional of tau from a wrong count (n) and wrong squares (x, mu, mu0, kappa0)."""
    return lambda x, m, m0, k0, a0, b0: (a0 + count(len(x)) / 2, b0 + squares(x, m, m0, k0) / 2)


def all_squares(x: Any, m: Any, m0: Any, k0: Any) -> Any:
    """sum (x - mu)^2 + kappa0 (mu - mu0)^2"""
    return np.sum((x - m) ** 2) + k0 * (m - m0) ** 2


def plus_one(n: int) -> int:
    """n data and the prior of mu: each has one root of tau."""
    return n + 1


TAU = Exercise(
    id="03.3",
    title="tau given mu",
    minutes=10,
    star=False,
    inputs=tau_inputs,
    right=tau_given_mu,
    mistakes={
        "Half a count lost: the prior of mu has tau in it too.": gamma_of(lambda n: n, all_squares),
        "You took n for n/2: each density has the square root of tau.": gamma_of(
            lambda n: 2 * plus_one(n), all_squares
        ),
        "n for n/2, and the prior of mu is not counted.": gamma_of(lambda n: 2 * n, all_squares),
        "You took a0 + n + 1/2: each datum has the square root of tau.": gamma_of(
            lambda n: 2 * n + 1, all_squares
        ),
        "You took a0 + n/2 + 1: the prior of mu has the square root of tau.": gamma_of(
            lambda n: n + 2, all_squares
        ),
        "The data are not counted in the shape.": gamma_of(lambda n: 1, all_squares),
        "You took (n - 1)/2: mu is given, no count is lost; the shape itself is wanted.": gamma_of(
            lambda n: n - 1, all_squares
        ),
        "The half of the squares is missing.": gamma_of(plus_one, lambda *a: 2 * all_squares(*a)),
        "The half of the data's squares is missing.": gamma_of(
            plus_one, lambda x, m, m0, k0: 2 * np.sum((x - m) ** 2) + k0 * (m - m0) ** 2
        ),
        "The half of the prior's square is missing.": gamma_of(
            plus_one, lambda x, m, m0, k0: np.sum((x - m) ** 2) + 2 * k0 * (m - m0) ** 2
        ),
        "You took squares about the sample mean, not about mu.": gamma_of(
            plus_one, lambda x, m, m0, k0: np.sum((x - np.mean(x)) ** 2) + k0 * (m - m0) ** 2
        ),
        "You took the sample variance, n times: squares about mu belong there.": gamma_of(
            plus_one, lambda x, m, m0, k0: len(x) * np.var(x, ddof=1) + k0 * (m - m0) ** 2
        ),
        "You took squares about mu0: the data stand about mu.": gamma_of(
            plus_one, lambda x, m, m0, k0: np.sum((x - m0) ** 2) + k0 * (m - m0) ** 2
        ),
        "The pull of the prior on mu is missing: kappa0 (mu - mu0)^2.": gamma_of(
            plus_one, lambda x, m, m0, k0: np.sum((x - m) ** 2)
        ),
        "The prior of mu is missing: in the count and in the squares.": gamma_of(
            lambda n: n, lambda x, m, m0, k0: np.sum((x - m) ** 2)
        ),
        "kappa0 is missing in front of (mu - mu0)^2.": gamma_of(
            plus_one, lambda x, m, m0, k0: np.sum((x - m) ** 2) + (m - m0) ** 2
        ),
        "kappa0 was squared.": gamma_of(
            plus_one, lambda x, m, m0, k0: np.sum((x - m) ** 2) + (k0 * (m - m0)) ** 2
        ),
        "(mu - mu0) is not squared.": gamma_of(
            plus_one, lambda x, m, m0, k0: np.sum((x - m) ** 2) + k0 * (m - m0)
        ),
        "The sign of the prior's square is wrong: squares add.": gamma_of(
            plus_one, lambda x, m, m0, k0: np.sum((x - m) ** 2) - k0 * (m - m0) ** 2
        ),
        "You took the prior of mu once for each datum: it stands there once.": gamma_of(
            plus_one, lambda x, m, m0, k0: np.sum((x - m) ** 2 + k0 * (m - m0) ** 2)
        ),
        "The prior's square is about mu, not about the mean of x.": gamma_of(
            plus_one,
            lambda x, m, m0, k0: np.sum((x - m) ** 2) + k0 * (np.mean(x) - m0) ** 2,
        ),
        "mu0 is missing: kappa0 (mu - mu0)^2.": gamma_of(
            plus_one, lambda x, m, m0, k0: np.sum((x - m) ** 2) + k0 * m**2
        ),
        "mu is missing: sum (x - mu)^2.": gamma_of(
            plus_one, lambda x, m, m0, k0: np.sum(x**2) + k0 * (m - m0) ** 2
        ),
        "Divided by kappa0: the prior's precision is kappa0 tau.": gamma_of(
            plus_one, lambda x, m, m0, k0: np.sum((x - m) ** 2) + (m - m0) ** 2 / k0
        ),
        "(x - mu) is not squared.": gamma_of(
            plus_one, lambda x, m, m0, k0: np.sum(x - m) + k0 * (m - m0) ** 2
        ),
        "You took absolute values: squares belong there.": gamma_of(
            plus_one, lambda x, m, m0, k0: np.sum(abs(x - m)) + k0 * abs(m - m0)
        ),
        "A root was taken of the squares.": gamma_of(plus_one, lambda *a: np.sqrt(all_squares(*a))),
        "You took a whole division: a half of an odd count has its half.": gamma_of(
            lambda n: 2 * ((n + 1) // 2), all_squares
        ),
        "You have a half a square too many: it is halved once.": gamma_of(
            plus_one, lambda *a: all_squares(*a) / 2
        ),
        "You took a mean of squares: all of them count.": gamma_of(
            plus_one, lambda x, m, m0, k0: np.mean((x - m) ** 2) + k0 * (m - m0) ** 2
        ),
        "You took the square of the sum: sum the squares.": gamma_of(
            plus_one, lambda x, m, m0, k0: np.sum(x - m) ** 2 + k0 * (m - m0) ** 2
        ),
        "kappa0 (mean(x) - mu0)^2 n/(kappa0 + n) belongs where mu is integrated out.": gamma_of(
            plus_one,
            lambda x, m, m0, k0: (
                np.sum((x - np.mean(x)) ** 2) + k0 * len(x) * (np.mean(x) - m0) ** 2 / (k0 + len(x))
            ),
        ),
    }
    | {
        "You multiplied by b0: it is added.": lambda x, m, m0, k0, a0, b0: (
            a0 + (len(x) + 1) / 2,
            b0 * all_squares(x, m, m0, k0) / 2,
        ),
        "You multiplied by a0: it is added.": lambda x, m, m0, k0, a0, b0: (
            a0 * (len(x) + 1) / 2,
            b0 + all_squares(x, m, m0, k0) / 2,
        ),
        "This is a scale, not a rate.": lambda x, m, m0, k0, a0, b0: (
            a0 + (len(x) + 1) / 2,
            1 / (b0 + all_squares(x, m, m0, k0) / 2),
        ),
        "You gave mean and sd of the gamma: its shape and rate are wanted.": lambda *given: (
            tau_given_mu(*given)[0] / tau_given_mu(*given)[1],
            np.sqrt(tau_given_mu(*given)[0]) / tau_given_mu(*given)[1],
        ),
        "You took b0 for a scale and gave a scale: both are rates.": lambda x, m, m0, k0, a0, b0: (
            a0 + (len(x) + 1) / 2,
            1 / (1 / b0 + all_squares(x, m, m0, k0) / 2),
        ),
        "The prior's rate was taken for a scale.": lambda x, m, m0, k0, a0, b0: (
            a0 + (len(x) + 1) / 2,
            1 / b0 + all_squares(x, m, m0, k0) / 2,
        ),
        "The prior of tau is missing: a0 and b0.": lambda x, m, m0, k0, a0, b0: (
            (len(x) + 1) / 2,
            all_squares(x, m, m0, k0) / 2,
        ),
        "a0 is missing in the shape.": lambda x, m, m0, k0, a0, b0: (
            (len(x) + 1) / 2,
            b0 + all_squares(x, m, m0, k0) / 2,
        ),
        "b0 is missing in the rate.": lambda x, m, m0, k0, a0, b0: (
            a0 + (len(x) + 1) / 2,
            all_squares(x, m, m0, k0) / 2,
        ),
        "The half stands around b0 too.": lambda x, m, m0, k0, a0, b0: (
            a0 + (len(x) + 1) / 2,
            (b0 + all_squares(x, m, m0, k0)) / 2,
        ),
        "The half stands around a0 too.": lambda x, m, m0, k0, a0, b0: (
            (a0 + len(x) + 1) / 2,
            b0 + all_squares(x, m, m0, k0) / 2,
        ),
        "Shape and rate changed places.": lambda x, m, m0, k0, a0, b0: (
            b0 + all_squares(x, m, m0, k0) / 2,
            a0 + (len(x) + 1) / 2,
        ),
        "The mean of tau, shape/rate, stands where its rate is.": lambda x, m, m0, k0, a0, b0: (
            a0 + (len(x) + 1) / 2,
            (a0 + (len(x) + 1) / 2) / (b0 + all_squares(x, m, m0, k0) / 2),
        ),
    },
    hints=(
        "Collect what tau does in the log joint: how often log tau, and what stands beside tau?",
        "a0 + (n + 1)/2, and b0 + half of (sum (x - mu)^2 + kappa0 (mu - mu0)^2)",
        "shape = a0 + ...",
    ),
    parts=("shape", "rate"),
)
