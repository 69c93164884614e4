"""What readers of lesson 05 answered who had not seen the answers: wrong answers and right ones.

Each is written from the learner's notebook alone; the key says what went through the reader's head.
"""

import itertools
import math

import numpy as np
from scipy import special, stats


def units(t):
    return np.eye(len(t))


def walked_on(log_joint, t, e):
    """The next step starts where the last one ended, each held against the start."""
    here, rise = np.array(t, float), []
    for k in range(len(t)):
        here[k] += 1
        rise.append(log_joint(here, e) - log_joint(t, e))
    return np.array(rise)


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


def one_peak_for_all(log_weights):
    peak = np.max(log_weights)
    return peak + np.log(np.exp(log_weights - peak).sum(-1))


def last_peak_lost(log_weights):
    peak = log_weights.max(-1, keepdims=True)
    return np.log(np.exp(log_weights - peak).sum(-1))


def read_off_two_points(shape, rate):
    """Right: the log density at three points, solved for its two slopes and a constant."""
    z = np.array([0.5, 1.0, 2.0])
    lines = np.column_stack([np.log(z), z, np.ones(3)])
    return np.linalg.solve(lines, stats.gamma.logpdf(z, shape, scale=1 / rate))[:2]


WRONG = {
    "05.1": {
        "the shape as it stands in the name": ("shape", "-rate"),
        "the minus of the rate lost": ("shape - 1", "rate"),
        "b is a scale": ("shape - 1", "-1 / rate"),
        "the other order": ("-rate", "shape - 1"),
        "one added, not taken away": ("shape + 1", "-rate"),
        "an energy: minus both": ("1 - shape", "rate"),
        "the logarithm of the rate": ("shape - 1", "-np.log(rate)"),
        "the expected statistics": ("special.digamma(shape) - np.log(rate)", "shape / rate"),
    },
    "05.2": {
        "no start taken away": "np.array([log_joint(t + u, e) for u in units(t)])",
        "downwards": "np.array([log_joint(t, e) - log_joint(t + u, e) for u in units(t)])",
        "steps pile up": walked_on,
        "steps pile up in the argument": never_put_back,
        "both sides, not halved": (
            "np.array([log_joint(t + u, e) - log_joint(t - u, e) for u in units(t)])"
        ),
        "the unit alone, with what stands at 0 in it": (
            "np.array([log_joint(u, e) for u in units(t)])"
        ),
        "divided by the statistic": (
            "np.array([(log_joint(t + u, e) - log_joint(t, e)) / t_k for u, t_k in zip(units(t), "
            "t, strict=True)])"
        ),
        "a small step, not divided by it": (
            "np.array([log_joint(t + 1e-3 * u, e) - log_joint(t, e) for u in units(t)])"
        ),
        "two units": "np.array([log_joint(t + 2 * u, e) - log_joint(t, e) for u in units(t)])",
        "each entry doubled": (
            "np.array([log_joint(t + u * t, e) - log_joint(t, e) for u in units(t)])"
        ),
        "all at once": "np.full(len(t), log_joint(t + 1, e) - log_joint(t, e))",
        "the sum of the slopes": "log_joint(t + 1, e) - log_joint(t, e)",
        "the entry put to one": (
            "np.array([log_joint(np.where(u == 1, 1.0, t), e) - log_joint(t, e) for u in units(t)])"
        ),
    },
    "05.3": {
        "the largest": "np.max(log_weights, axis=-1)",
        "the mean of the logs": "np.mean(log_weights, axis=-1)",
        "the sum of the logs": "np.sum(log_weights, axis=-1)",
        "exp as it stands": "np.log(np.sum(np.exp(log_weights), axis=-1))",
        "a mean of the weights": (
            "special.logsumexp(log_weights, axis=-1) - np.log(log_weights.shape[-1])"
        ),
        "the first axis": "special.logsumexp(log_weights, axis=0)",
        "all axes": "special.logsumexp(log_weights)",
        "one peak for all rows": one_peak_for_all,
        "the peak not added back": last_peak_lost,
        "log2": "special.logsumexp(log_weights, axis=-1) / np.log(2)",
        "the axis kept": "special.logsumexp(log_weights, axis=-1, keepdims=True)",
        "weights, not logs": "np.log(np.sum(log_weights, axis=-1))",
        "reduce without an axis": "np.logaddexp.reduce(log_weights)",
        "the sum, no log": "np.exp(special.logsumexp(log_weights, axis=-1))",
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
        ("shape", "rate"),
        ("shape / rate", "-rate"),
        ("shape - 1", "-shape / rate"),
        ("rate - 1", "-shape"),
        "shape - 1 - rate",
        ("shape - 1", "-rate", "shape * np.log(rate) - special.gammaln(shape)"),
    ],
    "05.2": [
        "special.softmax([log_joint(t + u, e) - log_joint(t, e) for u in units(t)])",
        "np.array([log_joint(t + u, e) / log_joint(t, e) for u in units(t)])",
        "np.array([t @ u * (log_joint(t + u, e) - log_joint(t, e)) for u in units(t)])",
        "np.array([log_joint(t + u, e + 1) - log_joint(t, e) for u in units(t)])",
        "log_joint(t, e)",
    ],
    "05.3": [
        "special.softmax(log_weights, axis=-1)",
        "np.log(np.mean(np.exp(log_weights), axis=-1))",
        "np.exp(log_weights).sum(-1)",
        "special.logsumexp(log_weights - log_weights.max(-1, keepdims=True), axis=0)",
        "np.median(log_weights, axis=-1)",
    ],
}
