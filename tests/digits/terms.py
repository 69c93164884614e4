"""Terms of log evidences and bounds that several oracles sum, at the precision of mpmath."""

import numpy as np
from mpmath import mp

from tests.digits.sweep import log, loggamma, psi


def urn(labels, concentration):
    """log p(labels) with the weights' Dirichlet integrated out, a term for each label."""
    counts = list(concentration)
    terms = []
    for label in labels:
        terms.append(mp.log(counts[label] / sum(counts)))
        counts[label] += 1
    return terms


def log_normal(x, mean, variance):
    return -(mp.log(2 * mp.pi * variance) + (x - mean) ** 2 / variance) / 2


def expected_log(concentration):
    """E[log pi_k] of a Dirichlet, over the last axis."""
    return psi(concentration) - psi(concentration.sum(-1, keepdims=True))


def minus_kl_dirichlet(a, prior):
    """-KL[Dir(a) || Dir(prior)] over the last axis, each as one term."""
    prior = np.broadcast_to(prior, a.shape)
    after, before = (loggamma(b).sum(-1) - loggamma(b.sum(-1)) for b in (a, prior))
    return after - before - ((a - prior) * expected_log(a)).sum(-1)


def minus_kl_normal(mean, sd, m0, s0):
    """-KL[N(mean, sd**2) || N(m0, s0**2)] as three terms."""
    return [log(sd / s0) + mp.mpf(1) / 2, -((mean - m0) ** 2) / s0**2 / 2, -(sd**2) / s0**2 / 2]


def minus_kl_gamma(shape, rate, a, b):
    """-KL[Gamma(shape, rate) || Gamma(a, b)], as one term."""
    gammas = loggamma(shape) - loggamma(a) - (shape - a) * psi(shape)
    return gammas - a * log(rate / b) - shape * (b - rate) / rate


def surprise(p):
    """-p log p of each probability, 0 where it is 0."""
    return [-(v * mp.log(v)) if v else mp.mpf(0) for v in np.ravel(p)]
