"""Right answers to lesson 01 in forms that a learner may well choose."""

import math

import numpy as np
from scipy.stats import entropy


def kl_in_a_loop(q, p):
    total = 0.0
    for a, b in zip(q, p, strict=True):
        total += a * (math.log(a) - math.log(b))
    return total


UNUSUAL = {
    "01.1": [
        kl_in_a_loop,
        lambda q, p: np.array([entropy(q, p)]),
        lambda q, p: -np.dot(q, np.log(p)) + np.dot(q, np.log(q)),
    ],
}
