"""What readers of lesson 05 answered who had not seen the answers: wrong answers and right ones.

Each is written from the learner's notebook alone; the key says what went through the reader's head.
"""

import itertools
import math

import numpy as np
from scipy import special, stats


def units(t):
    return np.eye(len(t))


def on_the_array_itself(log_joint, t, e):
    rise, start = [], log_joint(t, e)
    for k in range(len(t)):
        t[k] += 1
        rise.append(log_joint(t, e) - start)
        t[k] -= 1
    return np.array(rise)


def never_put_back(log_joint, t, e):
    rise, start = [], log_joint(t, e)
    for k in range(len(t)):
        t[k] += 1
        rise.append(log_joint(t, e) - start)
    return np.array(rise)


def telescoped(log_joint, t, e):
    """Right: each step held against the step before, without going back."""
    stairs = np.concatenate([[t], t + np.tril(np.ones((len(t), len(t))))])
    heights = [log_joint(stair, e) for stair in stairs]
    return [after - before for before, after in itertools.pairwise(heights)]


def fitted(log_joint, t, e):
    """Right: the coefficients of a straight line through K + 1 points."""
    points = np.random.default_rng(0).standard_normal((len(t) + 1, len(t)))
    line = np.column_stack([points, np.ones(len(t) + 1)])
    return np.linalg.solve(line, [log_joint(point, e) for point in points])[:-1]


def loudest_first(log_weights):
    """Right: the logs sorted, and each added to what is there."""
    rows = np.asarray(log_weights, float)
    flat = rows.reshape(-1, rows.shape[-1])
    sums = []
    for row in flat:
        total = -math.inf
        for value in sorted(row):
            total = np.logaddexp(total, value)
        sums.append(total)
    return np.reshape(sums, rows.shape[:-1])


def by_recursion(log_weights):
    """Right: the last axis cut in two, until one column is left."""
    half = log_weights.shape[-1] // 2
    if half == 0:
        return log_weights[..., 0]
    return np.logaddexp(
        by_recursion(log_weights[..., :half]), by_recursion(log_weights[..., half:])
    )


def read_off_two_points(shape, rate):
    """Right: the log density at three points, solved for its two slopes and a constant."""
    z = np.array([0.5, 1.0, 2.0])
    lines = np.column_stack([np.log(z), z, np.ones(3)])
    return np.linalg.solve(lines, stats.gamma.logpdf(z, shape, scale=1 / rate))[:2]


WRONG = {
    "05.2": {
        "steps pile up in the argument": never_put_back,
        "a small step, not divided by it": (
            "np.array([log_joint(t + 1e-3 * u, e) - log_joint(t, e) for u in units(t)])"
        ),
    },
}

RIGHT = {
    "05.1": {
        "an array": "np.array([shape - 1, -rate])",
        "strings of a slope": read_off_two_points,
        "a float32 list": "[np.float32(shape - 1), np.float32(-rate)]",
    },
    "05.2": {
        "from nought to one, as the line is straight": (
            "[log_joint(u, e) - log_joint(0 * t, e) for u in units(t)]"
        ),
        "half a step to each side": (
            "np.array([log_joint(t + u / 2, e) - log_joint(t - u / 2, e) for u in units(t)])"
        ),
        "changed and put back": on_the_array_itself,
        "stairs": telescoped,
        "a line through K + 1 points": fitted,
    },
    "05.3": {
        "one by one": loudest_first,
        "halves": by_recursion,
        "reduce": "np.logaddexp.reduce(log_weights, axis=-1)",
        "a softmax's normaliser": (
            "log_weights[..., 0] - special.log_softmax(log_weights, axis=-1)[..., 0]"
        ),
    },
}

FAR = {
    "05.1": [
        ("shape / rate", "-rate"),
        ("shape - 1", "-shape / rate"),
        ("rate - 1", "-shape"),
        "shape - 1 - rate",
        ("shape - 1", "-rate", "shape * np.log(rate) - special.gammaln(shape)"),
    ],
    "05.2": [
        "log_joint(t, e)",
    ],
    "05.3": [
        "special.logsumexp(log_weights - log_weights.max(-1, keepdims=True), axis=0)",
        "np.median(log_weights, axis=-1)",
    ],
}
