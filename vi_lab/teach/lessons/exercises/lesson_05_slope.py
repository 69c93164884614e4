"""Lesson 05: the slope of a log joint is a natural parameter.

log p(x, z) = <eta_b(t_others), t(z_b)> + what does not depend on z_b
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator

from vi_lab.teach.exercise import Exercise

# 05.2 ------------------------------------------------------------------------------------------


def slope(log_joint, t, e):
    """The slope of log_joint(t, e) in each entry of t (K,): what it gains when the entry gains one.

    log_joint is affine in t for each e; e stays as it is. Returns (K,).
    """
    here = log_joint(t, e)
    return np.array([log_joint(t + unit, e) - here for unit in np.eye(len(t))])


def affine_joints(rng: Generator, i: int) -> tuple[Any, ...]:
    """A log joint about -180, t of 1 to 5 entries, and e as long or of one entry."""
    size, other = ((3, 3), (2, 1), (1, 1), (4, 4), (3, 1), (5, 5))[i % 6]
    constant, (a, b), (c, d) = -180 + rng.normal(), rng.normal(0, 1, (2, size)), rng.normal(0, 1, 2)

    def log_joint(t: Any, e: Any) -> float:
        t, e = np.asarray(t, float), np.asarray(e, float)
        told = np.sum(e * np.arange(1, len(e) + 1))  # all of e that matters
        return float(constant + a @ t + (c + b @ t) * told + d)

    return log_joint, rng.normal(0, 1, size) + 2.0, rng.normal(0, 1, other)


Joint = Callable[[Any, Any], Any]


def each(wrong: Callable[[Joint, Any, Any, Any], Any]) -> Callable[..., Any]:
    """A wrong slope of (log_joint, t, e, unit), for each entry of t."""
    return lambda log_joint, t, e: np.array(
        [wrong(log_joint, t, e, unit) for unit in np.eye(len(t))]
    )


SLOPE = Exercise(
    id="05.2",
    title="A conditional, read off the log joint",
    minutes=10,
    star=False,
    inputs=affine_joints,
    right=slope,
    mistakes={
        "You took the value, not the difference: take off log_joint(t, e).": each(
            lambda f, t, e, u: f(t + u, e)
        ),
        "Divided by the statistic: the step was one.": each(
            lambda f, t, e, u: (f(t + u, e) - f(t, e)) / (t @ u)
        ),
        "Times the statistic: move the entry by one, not by itself, nor to zero.": each(
            lambda f, t, e, u: f(t + u * t, e) - f(t, e)
        ),
        "The entry was set to one: raise it by one.": each(
            lambda f, t, e, u: f(t + u * (1 - t), e) - f(t, e)
        ),
        "The other block moved too: e stays.": each(lambda f, t, e, u: f(t + u, e + u) - f(t, e)),
        "The other block moved, and t stayed.": each(lambda f, t, e, u: f(t, e + u) - f(t, e)),
        "All of e moved by one: e stays.": each(lambda f, t, e, u: f(t + u, e + 1) - f(t, e)),
        "e was set to zero: the slope depends on the other block.": each(
            lambda f, t, e, u: f(t + u, 0 * e) - f(t, 0 * e)
        ),
        "t and e changed places.": each(lambda f, t, e, u: f(e, t + u) - f(e, t)),
        "The sign is wrong: moved minus where it was.": each(
            lambda f, t, e, u: f(t, e) - f(t + u, e)
        ),
        "All entries moved at once: one after the other, each alone.": lambda f, t, e: (
            f(t + 1, e) - f(t, e)
        ),
        "All entries moved by one for each of them.": each(
            lambda f, t, e, u: f(t + 1, e) - f(t, e)
        ),
        "t was not put back: each entry moves alone.": lambda f, t, e: np.array(
            [f(t + np.tri(len(t))[k], e) - f(t, e) for k in range(len(t))]
        ),
        "You took the value at the unit vector: start from t, and take the difference.": each(
            lambda f, t, e, u: f(u, e)
        ),
        "From t to the unit vector: t + u, not u.": each(lambda f, t, e, u: f(u, e) - f(t, e)),
        "From 0 to t + u: where it was is t.": each(lambda f, t, e, u: f(t + u, e) - f(0 * t, e)),
        "You took two steps, or from -u to +u: the entry gains one.": each(
            lambda f, t, e, u: f(t + u, e) - f(t - u, e)
        ),
        "You have a half too many: the step was one.": each(
            lambda f, t, e, u: (f(t + u, e) - f(t, e)) / 2
        ),
        "t moved in one term, e in the other: e stays.": each(
            lambda f, t, e, u: f(t + u, e) - f(t, e + u)
        ),
        "You took the value divided by the statistic: a slope is a difference.": lambda f, t, e: (
            f(t, e) / t
        ),
        "The other entries were set to zero: move one, keep the others.": each(
            lambda f, t, e, u: f(t * u, e) - f(t, e)
        ),
        "You took the value with the entry at zero: take the difference.": each(
            lambda f, t, e, u: f(t * (1 - u), e)
        ),
        "e was set to zero in what is taken off.": each(
            lambda f, t, e, u: f(t + u, e) - f(t, 0 * e)
        ),
        "You took a ratio of logs: take the difference.": each(
            lambda f, t, e, u: f(t + u, e) / f(t, e)
        ),
        "You took exp of it: the natural parameter is the slope itself.": each(
            lambda f, t, e, u: np.exp(f(t + u, e) - f(t, e))
        ),
        "Normalised: the slopes themselves are the natural parameter.": lambda f, t, e: (
            slope(f, t, e) / slope(f, t, e).sum()
        ),
        "You took a softmax: the slopes are the natural parameter.": lambda f, t, e: (
            np.exp(slope(f, t, e)) / np.exp(slope(f, t, e)).sum()
        ),
        "You took the first entry alone.": lambda f, t, e: slope(f, t, e)[0],
        "You took slope times t, summed: the slopes themselves are wanted.": lambda f, t, e: (
            slope(f, t, e) @ t
        ),
        "You took the slope in e, not in t.": lambda f, t, e: np.array(
            [f(t, e + unit) - f(t, e) for unit in np.eye(len(e))]
        ),
    },
    hints=(
        "How steep is a straight line? Walk one unit along it and see how far you rose.",
        "log_joint(t + u_k, e) - log_joint(t, e), u_k = (0, .., 1, .., 0), for each k",
        "here = log_joint(t, e)",
    ),
)
