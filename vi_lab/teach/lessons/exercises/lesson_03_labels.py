"""Lesson 03: the component of a point.

p(z_i = k | x_i)  is proportional to  weight_k N(x_i; mean_k, sd^2)    (Bishop 2006, eq. 9.13)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator
from scipy.special import ndtr

from vi_lab.teach.exercise import Exercise


def normalised(log_weights: Any, axis: int = -1) -> Any:
    """exp of log weights, to sum to one."""
    weights = np.exp(log_weights - np.max(log_weights, axis=axis, keepdims=True))
    return weights / weights.sum(axis=axis, keepdims=True)


# 03.7 ------------------------------------------------------------------------------------------


def responsibilities(x, means, weights, sd):
    """Probabilities (N, K) of the component of each x (N,), for K normals with one sd.

    means (K,), weights (K,) sum to one; sd is one number. Each row sums to one.
    """
    distances = (x[:, None] - means) / sd
    shares = weights * np.exp(-0.5 * distances**2)
    return shares / shares.sum(axis=1, keepdims=True)


def mixtures(rng: Generator, i: int) -> tuple[Any, ...]:
    """5 points of 3; as many as components; one point; one component; equal weights; two of six."""
    n, k = ((5, 3), (3, 3), (1, 2), (4, 1), (6, 2), (7, 4))[i % 6]
    weights = np.full(k, 1 / k) if i % 6 == 4 else rng.dirichlet(np.full(k, 2.0)) * 0.9 + 0.1 / k
    return rng.normal(0, 2, n), rng.normal(0, 2, k), weights, float(rng.uniform(0.6, 1.8))


def shares_of(wrong: Callable[..., Any]) -> Callable[..., Any]:
    """Responsibilities from wrong log weights of (distance, weights, sd), rows normalised."""
    return lambda x, m, w, sd: normalised(wrong(np.asarray(x)[:, None] - m, w, sd))


def logs(x: Any, m: Any, w: Any, sd: Any) -> Any:
    """The right log weights."""
    return np.log(w) - 0.5 * ((np.asarray(x)[:, None] - m) / sd) ** 2


def nearest(x: Any, m: Any, w: Any, sd: Any) -> Any:
    """A one where the mean is nearest."""
    return np.eye(len(m))[np.argmin(np.abs(np.asarray(x)[:, None] - m), axis=1)]


LABELS = Exercise(
    id="03.7",
    title="Responsibilities",
    minutes=10,
    star=True,
    inputs=mixtures,
    right=responsibilities,
    mistakes={
        "The weights of the components are missing.": shares_of(
            lambda d, w, sd: -0.5 * (d / sd) ** 2
        ),
        "You squared the weights.": shares_of(lambda d, w, sd: 2 * np.log(w) - 0.5 * (d / sd) ** 2),
        "Divided by the weights: multiply by them.": shares_of(
            lambda d, w, sd: -np.log(w) - 0.5 * (d / sd) ** 2
        ),
        "Weights were added to the log densities: add their logs.": shares_of(
            lambda d, w, sd: w - 0.5 * (d / sd) ** 2
        ),
        "You took the weights alone: the point plays no part.": shares_of(
            lambda d, w, sd: np.log(w) + 0 * d
        ),
        "sd was taken for a variance.": shares_of(lambda d, w, sd: np.log(w) - 0.5 * d**2 / sd),
        "sd was taken for a precision.": shares_of(lambda d, w, sd: np.log(w) - 0.5 * d**2 * sd),
        "You multiplied by sd^2: it divides the squared distance.": shares_of(
            lambda d, w, sd: np.log(w) - 0.5 * d**2 * sd**2
        ),
        "sd is missing: distances count in sds.": shares_of(
            lambda d, w, sd: np.log(w) - 0.5 * d**2
        ),
        "The half in the exponent is missing.": shares_of(
            lambda d, w, sd: np.log(w) - (d / sd) ** 2
        ),
        "The sign in the exponent is wrong: far points are less likely.": shares_of(
            lambda d, w, sd: np.log(w) + 0.5 * (d / sd) ** 2
        ),
        "Distances are not squared, and the half is gone.": shares_of(
            lambda d, w, sd: np.log(w) - np.abs(d / sd)
        ),
        "A distribution function where a density belongs.": shares_of(
            lambda d, w, sd: np.log(w * ndtr(d / sd))
        ),
        "Weights were added to the densities: multiply.": lambda x, m, w, sd: (
            (w + np.exp(logs(x, m, 1, sd))) / (1 + np.exp(logs(x, m, 1, sd)).sum(1, keepdims=True))
        ),
        "Logs of the weights were added to the densities.": lambda x, m, w, sd: (
            (np.log(w) + np.exp(logs(x, m, 1, sd)))
            / (np.log(w) + np.exp(logs(x, m, 1, sd))).sum(1, keepdims=True)
        ),
        "Divided by the largest of a row: divide by its sum.": lambda x, m, w, sd: np.exp(
            logs(x, m, w, sd) - logs(x, m, w, sd).max(1, keepdims=True)
        ),
        "You took weight times distance: likelihoods fall with distance.": lambda x, m, w, sd: (
            w
            * np.abs(np.asarray(x)[:, None] - m)
            / (w * np.abs(np.asarray(x)[:, None] - m)).sum(1, keepdims=True)
        ),
        "Averaged over the points: one row a point is wanted.": lambda x, m, w, sd: normalised(
            logs(x, m, w, sd)
        ).mean(0),
        "Distances are not squared.": shares_of(lambda d, w, sd: np.log(w) - 0.5 * np.abs(d / sd)),
        "Normalised over the data: each row sums to one.": lambda x, m, w, sd: normalised(
            logs(x, m, w, sd), axis=0
        ),
        "Normalised over everything: each row sums to one.": lambda x, m, w, sd: (
            np.exp(logs(x, m, w, sd)) / np.exp(logs(x, m, w, sd)).sum()
        ),
        "Not normalised: weight times density.": lambda x, m, w, sd: (
            np.exp(logs(x, m, w, sd)) / (sd * np.sqrt(2 * np.pi))
        ),
        "Not normalised, and the density's constant is missing.": lambda x, m, w, sd: np.exp(
            logs(x, m, w, sd)
        ),
        "You took log weights: take exp and normalise.": logs,
        "You took logs of weight times density: take exp and normalise.": lambda x, m, w, sd: (
            logs(x, m, w, sd) - np.log(sd * np.sqrt(2 * np.pi))
        ),
        "You took logarithms of the responsibilities: take exp.": lambda x, m, w, sd: np.log(
            normalised(logs(x, m, w, sd))
        ),
        "You took a hard choice of the nearest component.": nearest,
        "You took a hard choice of the most probable component.": lambda x, m, w, sd: np.eye(
            len(m)
        )[np.argmax(logs(x, m, w, sd), axis=1)],
        "You took the label alone: the probabilities are wanted.": lambda x, m, w, sd: np.argmax(
            logs(x, m, w, sd), axis=1
        ),
        "You gave components by data: transposed.": lambda x, m, w, sd: (
            normalised(logs(x, m, w, sd)).T
        ),
        "How many points each has: one row a point is wanted.": lambda x, m, w, sd: normalised(
            logs(x, m, w, sd)
        ).sum(0),
        "You took the mixture's density at each x: its shares are wanted.": lambda x, m, w, sd: (
            np.exp(logs(x, m, w, sd)).sum(1) / (sd * np.sqrt(2 * np.pi))
        ),
        "Normalised before the weights came in.": lambda x, m, w, sd: (
            w * normalised(-0.5 * ((np.asarray(x)[:, None] - m) / sd) ** 2)
        ),
    },
    hints=(
        "Bayes' rule for one label: prior times likelihood, over their sum.",
        "r_ik = w_k N(x_i; m_k, sd^2) / sum over j of w_j N(x_i; m_j, sd^2)",
        "distances = (x[:, None] - means) / sd",
    ),
)
