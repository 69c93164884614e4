"""The right functions of lesson 01."""

import numpy as np

import vi_lab as vl


def kl(q, p):
    """KL[q || p] in nats, of two distributions over the same states.

    q, p: arrays of positive probabilities, each sums to one. Returns one number.
    """
    return np.sum(q * np.log(q / p))


def five_lines(q, joint):
    """The five lines of the derivation on states: five numbers, line 1 first.

    q: the probabilities q(z); joint: the values of p(z, x), not their logarithms. p(x) is their
    sum. Compute each line from its own formula: q may fail to sum to one, and then they part.
    """
    log_evidence = np.log(joint.sum())
    posterior = joint / joint.sum()
    line1 = -np.sum(q * np.log(posterior / q))
    line2 = -np.sum(q * np.log(joint / (q * joint.sum())))
    line3 = -np.sum(q * np.log(joint / q)) + np.sum(q * log_evidence)
    line4 = -np.sum(q * (np.log(joint) - np.log(q))) + log_evidence
    line5 = -(np.sum(q * np.log(joint)) - np.sum(q * np.log(q))) + log_evidence
    return line1, line2, line3, line4, line5


def elbo(q, joint):
    """The ELBO of q in nats: E_q[log p(z, x)] - E_q[log q(z)].

    q: the probabilities q(z), which sum to one; joint: the values of p(z, x), not their
    logarithms. Returns one number.
    """
    return np.sum(q * np.log(joint)) - np.sum(q * np.log(q))


def entropy_normal(sd):
    """The entropy of N(0, sd²) in nats. sd: one positive number. Returns one number."""
    return 0.5 * np.log(2 * np.pi * np.e * sd**2)


def kl_normals(m1, v1, m2, v2):
    """KL[N(m1, v1) || N(m2, v2)] in nats. v1, v2 are variances; all four are plain numbers."""
    return 0.5 * (np.log(v2 / v1) + (v1 + (m1 - m2) ** 2) / v2 - 1)


def moment_match(w, m, s):
    """The mean and the sd of the normal nearest to a mixture of normals, by KL[mixture || normal].

    w: weights, which sum to one; m: means; s: sds, all of shape (k,). Returns (mean, sd).
    """
    mean = np.sum(w * m)
    return mean, np.sqrt(np.sum(w * (s**2 + m**2)) - mean**2)


def darwin_by_hand():
    """A q(mu) q(tau) for Darwin's plants within 0.035 nats of the posterior, by KL[q || p].

    Returns a vl.Factorised of vl.problem("darwin").
    """
    return vl.Factorised(
        vl.problem("darwin"),
        mu=vl.Normal.of(mean=20.9, sd=8.6),
        tau=vl.Gamma.of(shape=10, rate=11_035),
    )
