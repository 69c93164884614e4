"""Right answers to lesson 05 in forms that a learner may well choose."""

import functools
import math

import numpy as np
from scipy.special import logsumexp


def slope_in_a_loop(log_joint, t, e):
    found = []
    for k in range(len(t)):
        moved = list(t)
        moved[k] += 1
        found.append(log_joint(np.array(moved), e) - log_joint(t, e))
    return found


def slope_from_zero(log_joint, t, e):
    zero = np.zeros_like(t)
    eye = np.eye(len(t))
    return np.stack([np.subtract(log_joint(row, e), log_joint(zero, e)) for row in eye])


def add_one_by_one(log_weights):
    columns = np.moveaxis(log_weights, -1, 0)
    return functools.reduce(np.logaddexp, columns)


UNUSUAL = {
    "05.1": [
        lambda shape, rate: [shape - 1, -rate],
        lambda shape, rate: (np.array([shape]) - 1, np.array([-rate])),
        lambda shape, rate: np.array((shape, 0)) - np.array([1, rate]),
        lambda shape, rate: (math.fsum([shape, -1.0]), math.copysign(rate, -1)),
    ],
    "05.2": [
        slope_in_a_loop,
        slope_from_zero,
        lambda f, t, e: [(f(t + u, e) - f(t - u, e)) / 2 for u in np.eye(len(t))],
    ],
    "05.3": [
        add_one_by_one,
        lambda a: logsumexp(a, axis=-1),
        lambda a: np.log(np.exp(a - a.max(-1)[..., None]) @ np.ones(a.shape[-1])) + a.max(-1),
    ],
}
