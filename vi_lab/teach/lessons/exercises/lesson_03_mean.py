"""Lesson 03: the mean of normal data given their precision.

mu | tau, x ~ N((kappa0 mu0 + sum x)/(kappa0 + n), 1/((kappa0 + n) tau))
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from vi_lab.teach.exercise import Exercise


def observations(rng: Generator, i: int) -> Any:
    """x: a few, one datum, integers, ties, far from 0, many."""
    x = rng.normal(rng.normal(0, 3), rng.uniform(0.5, 2), (5, 1, 4, 3, 2, 9)[i % 6])
    if i % 6 == 2:
        x = np.round(x)
    if i % 6 == 3:
        x[1:] = x[0]
    return x + (100.0 if i % 6 == 4 else 0.0)


# 03.2 ------------------------------------------------------------------------------------------


def mu_given_tau(x, tau, mu0, kappa0):
    """Mean and sd of mu given tau and x (n,).

    x_i ~ N(mu, 1/tau), mu | tau ~ N(mu0, 1/(kappa0 tau)): tau is a precision. Returns (mean, sd).
    """
    kappa = kappa0 + len(x)
    mean = (kappa0 * mu0 + np.sum(x)) / kappa
    return mean, 1 / np.sqrt(kappa * tau)


def mu_inputs(rng: Generator, i: int) -> tuple[Any, ...]:
    """Data, a precision, a prior of 0.1 to 3 observations, whole where data are whole."""
    tau, kappa0, mu0 = rng.gamma(2, 1), rng.uniform(0.2, 3), rng.normal(0, 3)
    if i % 6 == 2:
        tau, kappa0, mu0 = 2.0, 3.0, round(mu0) + 0.5
    return observations(rng, i), float(tau), float(mu0), float(kappa0)


def weighed(total: Any, kappa: Any, sd: Any) -> tuple[Any, Any]:
    """A mean out of a total and a count, and an sd."""
    return total / kappa, sd


def right_mean(x: Any, m0: Any, k0: Any) -> Any:
    """(kappa0 mu0 + sum x) / (kappa0 + n)"""
    return (k0 * m0 + np.sum(x)) / (k0 + len(x))


def right_sd(x: Any, t: Any, k0: Any) -> Any:
    """1 / sqrt((kappa0 + n) tau)"""
    return ((k0 + len(x)) * t) ** -0.5


MU = Exercise(
    id="03.2",
    title="mu given tau",
    minutes=8,
    star=False,
    inputs=mu_inputs,
    right=mu_given_tau,
    mistakes={
        "The prior is missing: kappa0 observations at mu0 count too.": lambda x, t, m0, k0: weighed(
            np.sum(x), len(x), (len(x) * t) ** -0.5
        ),
        "The prior is missing in the mean.": lambda x, t, m0, k0: weighed(
            np.sum(x), len(x), right_sd(x, t, k0)
        ),
        "The prior is missing in the sd: kappa0 + n observations.": lambda x, t, m0, k0: (
            right_mean(x, m0, k0),
            (len(x) * t) ** -0.5,
        ),
        "mu0 is missing in the mean: kappa0 mu0 + sum x.": lambda x, t, m0, k0: weighed(
            np.sum(x), k0 + len(x), right_sd(x, t, k0)
        ),
        "kappa0 is missing in front of mu0.": lambda x, t, m0, k0: weighed(
            m0 + np.sum(x), k0 + len(x), right_sd(x, t, k0)
        ),
        "You took one observation for the prior: it is worth kappa0.": lambda x, t, m0, k0: weighed(
            m0 + np.sum(x), 1 + len(x), right_sd(x, t, 1)
        ),
        "You took n + 1: the prior counts kappa0 times, not once.": lambda x, t, m0, k0: weighed(
            k0 * m0 + np.sum(x), 1 + len(x), right_sd(x, t, 1)
        ),
        "kappa0 is missing in the denominator of the mean.": lambda x, t, m0, k0: weighed(
            k0 * m0 + np.sum(x), len(x), right_sd(x, t, k0)
        ),
        "kappa0 is missing in both denominators.": lambda x, t, m0, k0: weighed(
            k0 * m0 + np.sum(x), len(x), (len(x) * t) ** -0.5
        ),
        "A variance where an sd belongs.": lambda x, t, m0, k0: (
            right_mean(x, m0, k0),
            right_sd(x, t, k0) ** 2,
        ),
        "A precision where an sd belongs.": lambda x, t, m0, k0: (
            right_mean(x, m0, k0),
            right_sd(x, t, k0) ** -2,
        ),
        "You took the root of a precision: one over it is the sd.": lambda x, t, m0, k0: (
            right_mean(x, m0, k0),
            right_sd(x, t, k0) ** -1,
        ),
        "tau was taken for a variance: it is a precision.": lambda x, t, m0, k0: (
            right_mean(x, m0, k0),
            right_sd(x, 1 / t, k0),
        ),
        "tau was taken for an sd: it is a precision.": lambda x, t, m0, k0: (
            right_mean(x, m0, k0),
            right_sd(x, t**-2, k0),
        ),
        "You squared the precision: sd = 1/sqrt((kappa0 + n) tau).": lambda x, t, m0, k0: (
            right_mean(x, m0, k0),
            right_sd(x, t**2, k0),
        ),
        "tau is missing in the sd.": lambda x, t, m0, k0: (
            right_mean(x, m0, k0),
            right_sd(x, 1, k0),
        ),
        "The number of data is missing: this is the sd of one datum.": lambda x, t, m0, k0: (
            right_mean(x, m0, k0),
            t**-0.5,
        ),
        "The number of data is missing: this is the prior's sd.": lambda x, t, m0, k0: (
            right_mean(x, m0, k0),
            (k0 * t) ** -0.5,
        ),
        "You took one datum for all: put the sum of x, not their mean.": lambda x, t, m0, k0: (
            weighed(k0 * m0 + np.mean(x), k0 + len(x), right_sd(x, t, k0))
        ),
        "n and kappa0 changed places in the mean: n weighs mean(x), kappa0 weighs mu0.": (
            lambda x, t, m0, k0: weighed(
                len(x) * m0 + k0 * np.mean(x), k0 + len(x), right_sd(x, t, k0)
            )
        ),
        "You took one datum for all in the mean: n observations count.": lambda x, t, m0, k0: (
            weighed(k0 * m0 + np.mean(x), k0 + 1, right_sd(x, t, k0))
        ),
        "You took each datum by itself: sum over x.": lambda x, t, m0, k0: weighed(
            k0 * m0 + x, k0 + 1, right_sd([0], t, k0)
        ),
        "You took one datum for all, in mean and sd: n observations count.": lambda x, t, m0, k0: (
            weighed(k0 * m0 + np.mean(x), k0 + 1, right_sd([0], t, k0))
        ),
        "You took the middle of mu0 and mean(x): weigh by kappa0 and n.": lambda x, t, m0, k0: (
            weighed(m0 + np.mean(x), 2, right_sd(x, t, k0))
        ),
        "This is the sum: divide by kappa0 + n.": lambda x, t, m0, k0: weighed(
            k0 * m0 + np.sum(x), 1, right_sd(x, t, k0)
        ),
        "The prior's precision is kappa0 tau, not kappa0.": lambda x, t, m0, k0: weighed(
            k0 * m0 + t * np.sum(x), k0 + len(x) * t, (k0 + len(x) * t) ** -0.5
        ),
        "You counted the data once, not tau times: the prior has tau too.": lambda x, t, m0, k0: (
            weighed(k0 * t * m0 + np.sum(x), k0 * t + len(x), (k0 * t + len(x)) ** -0.5)
        ),
        "The data's precision is tau in the mean, but kappa0's is missing.": lambda x, t, m0, k0: (
            weighed(k0 * m0 + t * np.sum(x), k0 + len(x) * t, right_sd(x, t, k0))
        ),
        "You divided the mean by tau: it cancels there.": lambda x, t, m0, k0: (
            right_mean(x, m0, k0) / t,
            right_sd(x, t, k0),
        ),
        "You multiplied the mean by tau: it cancels there.": lambda x, t, m0, k0: (
            right_mean(x, m0, k0) * t,
            right_sd(x, t, k0),
        ),
        "tau weighs the sum alone: it cancels in the mean.": lambda x, t, m0, k0: weighed(
            k0 * m0 + t * np.sum(x), k0 + len(x), right_sd(x, t, k0)
        ),
        "The division reaches the sum alone: it takes kappa0 mu0 too.": lambda x, t, m0, k0: (
            k0 * m0 + np.sum(x) / (k0 + len(x)),
            right_sd(x, t, k0),
        ),
        "n stands outside the division: put brackets around kappa0 + n.": lambda x, t, m0, k0: (
            (k0 * m0 + np.sum(x)) / k0 + len(x),
            right_sd(x, t, k0),
        ),
        "You added sds; precisions add.": lambda x, t, m0, k0: (
            right_mean(x, m0, k0),
            (k0 * t) ** -0.5 + (len(x) * t) ** -0.5,
        ),
        "You added variances; precisions add.": lambda x, t, m0, k0: (
            right_mean(x, m0, k0),
            (1 / (k0 * t) + 1 / (len(x) * t)) ** 0.5,
        ),
        "You took the sample's own spread: tau is given.": lambda x, t, m0, k0: (
            right_mean(x, m0, k0),
            np.std(x) / len(x) ** 0.5,
        ),
        "The mean is mu0: the data count too.": lambda x, t, m0, k0: (m0, right_sd(x, t, k0)),
        "The sign of the prior's pull is wrong.": lambda x, t, m0, k0: weighed(
            np.sum(x) - k0 * m0, k0 + len(x), right_sd(x, t, k0)
        ),
        "Mean and sd changed places.": lambda x, t, m0, k0: (
            right_sd(x, t, k0),
            right_mean(x, m0, k0),
        ),
    },
    hints=(
        "The prior is like kappa0 observations at mu0. How many observations are there in all?",
        "mean (kappa0 mu0 + sum x)/(kappa0 + n); precision (kappa0 + n) tau",
        "kappa = kappa0 + len(x)",
    ),
    parts=("mean", "sd"),
)
