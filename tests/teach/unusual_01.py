"""Right answers to lesson 01 in forms that a learner may well choose."""

import math

import numpy as np
from scipy.special import logsumexp
from scipy.stats import entropy, norm


def kl_in_a_loop(q, p):
    total = 0.0
    for a, b in zip(q, p, strict=True):
        total += a * (math.log(a) - math.log(b))
    return total


def five_lines_by_dots(q, joint):
    evidence = sum(joint)
    inner = q @ np.log(q) - q @ np.log(joint)
    first = float(q @ np.log(q) - q @ np.log(joint / evidence))
    return [first, first, inner + np.log(evidence) * sum(q)] + [inner + math.log(evidence)] * 2


def five_lines_as_array(q, joint):
    log_q, log_joint, log_evidence = np.log(q), np.log(joint), logsumexp(np.log(joint))
    terms = q * (log_q - log_joint)
    early = np.sum(terms + q * log_evidence)
    late = np.sum(terms) + log_evidence
    return np.array([early, early, early, late, late])


def elbo_in_a_loop(q, joint):
    return sum(a * (math.log(j) - math.log(a)) for a, j in zip(q, joint, strict=True))


def normals_by_sds(m1, v1, m2, v2):
    s1, s2 = math.sqrt(v1), math.sqrt(v2)
    return math.log(s2 / s1) + s1**2 / (2 * v2) + (m2 - m1) ** 2 / (2 * v2) - 0.5


def match_by_differences(w, m, s):
    mean = np.average(m, weights=w)
    return [mean, (np.average(s**2, weights=w) + np.average((m - mean) ** 2, weights=w)) ** 0.5]


def match_in_a_loop(w, m, s):
    mean = second = 0.0
    for a, b, c in zip(w, m, s, strict=True):
        mean += a * b
        second += a * (c * c + b * b)
    return np.array([mean, math.sqrt(second - mean * mean)])


UNUSUAL = {
    "01.1": [
        kl_in_a_loop,
        lambda q, p: np.array([entropy(q, p)]),
        lambda q, p: -np.dot(q, np.log(p)) + np.dot(q, np.log(q)),
    ],
    "01.2": [five_lines_by_dots, five_lines_as_array],
    "01.3": [
        elbo_in_a_loop,
        lambda q, joint: np.log(joint).dot(q) - q.dot(np.log(q)),
        lambda q, joint: np.reshape(np.sum(q * np.log(joint / q)), (1, 1)),
    ],
    "01.4": [
        lambda sd: math.log(sd) + (1 + math.log(2 * math.pi)) / 2,
        lambda sd: norm(3, sd).entropy(),
    ],
    "01.5": [normals_by_sds, lambda *a: np.float64(normals_by_sds(*a)).reshape(1)],
    "01.7": [match_by_differences, match_in_a_loop],
}
