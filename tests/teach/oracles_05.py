"""The other routes to what lesson 05 asks."""

import itertools
import math

import numpy as np

import vi_lab as vl


def natural_gamma(shape, rate):
    """The package's own Distribution."""
    eta = vl.Gamma.of(shape=shape, rate=rate).eta
    return float(eta.log), float(eta.value)


def slope(log_joint, t, e):
    """The gradient by central differences of another length, in Fraction-like halves."""
    found = []
    for k in range(len(t)):
        up, down = np.array(t, float), np.array(t, float)
        up[k] += 0.5
        down[k] -= 0.5
        found.append(log_joint(up, e) - log_joint(down, e))
    return np.array(found)


def collapse(log_weights):
    """Each state enumerated, added by fsum after the largest was taken out by hand."""
    out = np.empty(log_weights.shape[:-1])
    for place in itertools.product(*map(range, out.shape)):
        row = sorted(map(float, log_weights[place]))
        out[place] = row[-1] + math.log(math.fsum(math.exp(a - row[-1]) for a in row))
    return out


ORACLES = {"05.1": natural_gamma, "05.2": slope, "05.3": collapse}
