"""What readers of lesson 08 answered who had not seen the answers: wrong answers and right ones.

Each is written from the learner's notebook alone; the key says what went through the reader's head.
"""

import collections
import functools
import itertools
import math
import statistics

import numpy as np
from scipy import integrate, optimize, special, stats

Gaps = collections.namedtuple("Gaps", "amortisation approximation")


def streamed(log_w):
    """Right: a draw after the other, the largest so far kept apart."""
    largest, total = -math.inf, 0.0
    for value in log_w:
        if value > largest:
            total = total * math.exp(largest - value) + 1.0
            largest = value
        else:
            total += math.exp(value - largest)
    return largest + math.log(total / len(log_w))


def ascend(step, count, logvar_too=True, sign=1):
    """A climb with plain steps."""

    def climb(m, logvar, gradient):
        for _ in range(count):
            dm, dlogvar = gradient(m, logvar)
            m = m + sign * step * dm
            logvar = logvar + sign * step * dlogvar * logvar_too
        return m, logvar

    return climb


def in_place(m, logvar, gradient):
    for _ in range(300):
        dm, dlogvar = gradient(m, logvar)
        m += 0.1 * dm
        logvar += 0.1 * dlogvar
    return m, logvar


def only_the_means_move(m, logvar, gradient):
    for _ in range(500):
        m = m + 0.1 * gradient(m, logvar)[0]
    return m, logvar


def the_slope_at_the_start(m, logvar, gradient):
    dm, dlogvar = gradient(m, logvar)
    for _ in range(500):
        m, logvar = m + 0.1 * dm, logvar + 0.1 * dlogvar
    return m, logvar


def slopes_exchanged(m, logvar, gradient):
    for _ in range(500):
        dlogvar, dm = gradient(m, logvar)
        m, logvar = m + 0.1 * dm, logvar + 0.1 * dlogvar
    return m, logvar


def an_sd_comes_back(m, logvar, gradient):
    m, logvar = ascend(0.1, 500)(m, logvar, gradient)
    return m, np.exp(logvar / 2)


def signs_alone(m, logvar, gradient):
    for _ in range(200):
        dm, dlogvar = gradient(m, logvar)
        m, logvar = m + 0.3 * np.sign(dm), logvar + 0.3 * np.sign(dlogvar)
    return m, logvar


def steps_that_fade(m, logvar, gradient):
    for k in range(1, 200):
        dm, dlogvar = gradient(m, logvar)
        m, logvar = m + 0.1 * dm / k**2, logvar + 0.1 * dlogvar / k**2
    return m, logvar


def down_with_one(m, logvar, gradient):
    for _ in range(300):
        dm, dlogvar = gradient(m, logvar)
        m, logvar = m + 0.1 * dm, logvar - 0.1 * dlogvar
    return m, logvar


def by_roots(m, logvar, gradient):
    """Right: where the slope is nothing."""
    found = optimize.root(
        lambda u: np.concatenate(gradient(u[:2], u[2:])), np.r_[m, logvar], tol=1e-10
    )
    return found.x[:2], found.x[2:]


def until_flat(m, logvar, gradient):
    """Right: as long as it takes."""
    dm, dlogvar = gradient(m, logvar)
    while max(np.abs(dm).max(), np.abs(dlogvar).max()) > 1e-6:
        m, logvar = m + 0.3 * dm, logvar + 0.3 * dlogvar
        dm, dlogvar = gradient(m, logvar)
    return [m.tolist(), logvar.tolist()]


def with_momentum(m, logvar, gradient):
    """Right: heavy balls, one array of four."""
    u, v = np.r_[m, logvar], np.zeros(4)
    for _ in range(300):
        v = 0.8 * v + 0.1 * np.r_[gradient(u[:2], u[2:])].ravel()
        u = u + v
    return np.split(u, 2)


def adam(m, logvar, gradient):
    """Right: the rule of lesson 07, a shrinking step."""
    u, s, r = np.r_[m, logvar], np.zeros(4), np.zeros(4)
    for t in range(1, 1001):
        g = np.concatenate(gradient(u[:2], u[2:]))
        s, r = 0.9 * s + 0.1 * g, 0.999 * r + 0.001 * g**2
        u = u + 0.1 * 0.99**t * (s / (1 - 0.9**t)) / (np.sqrt(r / (1 - 0.999**t)) + 1e-8)
    return u[:2], u[2:]


def row_after_row(log_joint, h):
    """Right: inner sums first, each with its own h."""
    rows = [functools.reduce(np.logaddexp, row) + math.log(h) for row in log_joint]
    return functools.reduce(np.logaddexp, rows) + math.log(h)


def of_pairs(x):
    """Right: half the mean square of all differences."""
    pairs = [(a - b) ** 2 for a, b in itertools.combinations(map(float, x), 2)]
    n = len(x)
    return math.sqrt(sum(pairs) / (n * (n - 1)) / n)


WRONG = {
    "08.1": {
        "base ten": "(special.logsumexp(log_w) - np.log(len(log_w))) / np.log(10)",
        "the log of the mean of the logs": "np.log(np.mean(log_w))",
    },
    "08.2": {
        "the first to the top": ("log_evidence - elbo", "elbo_star - elbo"),
        "the sum alone": "log_evidence - elbo",
    },
    "08.3": {
        "downhill": ascend(0.1, 500, sign=-1),
        "logvar not moved": ascend(0.1, 500, logvar_too=False),
        "the means alone move": only_the_means_move,
        "one step": ascend(0.1, 1),
        "a dozen steps": ascend(0.1, 12),
        "steps far too small": ascend(0.001, 500),
        "steps far too large": ascend(5.0, 200),
        "the slope of the start": the_slope_at_the_start,
        "slopes exchanged": slopes_exchanged,
        "an sd": an_sd_comes_back,
        "logvar first": "ascend(0.1, 500)(m, logvar, gradient)[::-1]",
        "the slopes": "gradient(*ascend(0.1, 500)(m, logvar, gradient))",
        "the means alone": "ascend(0.1, 500)(m, logvar, gradient)[0]",
        "signs of the slope": signs_alone,
        "steps that fade": steps_that_fade,
        "logvar downhill": down_with_one,
        "in place": in_place,
    },
    "08.6": {
        "the mean with it": ("np.mean(x)", "np.std(x, ddof=1) / np.sqrt(len(x))"),
    },
}

RIGHT = {
    "08.1": {
        "a stream": streamed,
        "weights in logsumexp": "special.logsumexp(log_w, b=1 / len(log_w))",
        "log K first": "np.logaddexp.reduce(log_w - np.log(len(log_w)))",
        "a draw and its share": "log_w[0] - special.log_softmax(log_w)[0] - math.log(len(log_w))",
    },
    "08.2": {
        "differences": lambda *heights: np.diff(heights),
        "a named tuple": "Gaps(elbo_star - elbo, log_evidence - elbo_star)",
        "a list": "[-elbo + elbo_star, -(elbo_star - log_evidence)]",
    },
    "08.3": {
        "roots": by_roots,
        "until it is flat": until_flat,
        "momentum": with_momentum,
        "Adam": adam,
    },
    "08.4": {
        "row after row": row_after_row,
        "the area in each cell": "np.logaddexp.reduce((log_joint + 2 * np.log(h)).ravel())",
        "a mean times the number": (
            "math.log(np.mean(np.exp(log_joint - log_joint.max()))) + math.log(log_joint.size "
            "* h * h) + log_joint.max()"
        ),
    },
    "08.6": {
        "scipy": stats.sem,
        "n and n - 1 the other way": "np.std(x) / np.sqrt(len(x) - 1)",
        "pairs": of_pairs,
        "the standard library": "statistics.stdev(list(map(float, x))) / len(x) ** 0.5",
    },
}

FAR = {
    "08.1": [
        "np.log(np.sum(log_w))",
        "np.exp(log_w) / np.sum(np.exp(log_w))",
        "special.logsumexp(2 * log_w) / 2",
        "log_w",
    ],
    "08.2": [
        ("elbo", "log_evidence - elbo_star"),
        ("(elbo_star - elbo) / 2", "(log_evidence - elbo_star) / 2"),
        ("elbo_star - elbo", "0.0"),
        "log_evidence - elbo_star",
    ],
    "08.3": [
        ("m", "logvar"),
        ("0 * m", "0 * logvar"),
        "gradient(m, logvar)",
        ascend(0.1, 300, sign=1j),
        ("m + gradient(m, logvar)[0]", "logvar"),
    ],
    "08.4": [
        "np.log(h) * special.logsumexp(log_joint)",
        "special.logsumexp(log_joint * h**2)",
        "np.mean(log_joint) + 2 * np.log(h)",
        "special.logsumexp(special.logsumexp(log_joint, axis=0) + h) + h",
    ],
    "08.6": [
        "np.std(x, ddof=1) / np.mean(x)",
        "np.ptp(x)",
        "np.sqrt(np.mean(x) / len(x))",
    ],
}
