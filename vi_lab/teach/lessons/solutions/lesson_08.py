"""Lesson 08, where the nats go: the functions to write, and what they come to."""

import numpy as np


def importance_log_evidence(log_w):
    """log of the mean of K importance weights, from their logarithms log_w (K,), in nats."""
    peak = np.max(log_w)
    return peak + np.log(np.mean(np.exp(log_w - peak)))


def split(elbo, elbo_star, log_evidence):
    """Amortisation gap and approximation gap in nats, from three plain numbers.

    elbo is that of the encoder's q, elbo_star that of the best q of the same family. Signs are
    kept: a climb that stopped too low shows as a negative gap.
    """
    return elbo_star - elbo, log_evidence - elbo_star


def climb(m, logvar, gradient):
    """A q = N(m, exp(logvar)) within 0.001 nats of the best for one picture: (m, logvar).

    m and logvar are arrays (2,), where to start; gradient(m, logvar) -> (dm, dlogvar) is the slope
    of the ELBO there. Its curvature is between a half and two: steps of 0.1 are safe.
    """
    for _ in range(1000):
        dm, dlogvar = gradient(m, logvar)
        m, logvar = m + 0.1 * dm, logvar + 0.1 * dlogvar
    return m, logvar


def log_evidence_2d(log_joint, h):
    """log p(x) from a table of log p(z, x) on a grid in two dimensions, h apart both ways.

    The plain sum over all nodes, each with a cell of its own.
    """
    peak = np.max(log_joint)
    return peak + np.log(np.sum(np.exp(log_joint - peak)) * h**2)


def standard_error(x):
    """The standard error of the mean of independent numbers x (n,), n at least 2."""
    return np.std(x, ddof=1) / np.sqrt(len(x))
