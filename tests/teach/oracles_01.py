"""The other routes to what lesson 01 asks: they share none of the algebra of `right`."""

import numpy as np
from scipy import optimize, stats
from scipy.special import logsumexp, rel_entr


def kl(q, p):
    """The relative entropy of scipy, summed."""
    return rel_entr(q, p).sum()


def five_lines(q, joint):
    """KL as a difference of logsumexp and the relative entropy, for weights of any sum.

    With Q = Σ q: lines 1 to 3 are Σ q log(q / joint) + Q log p(x); in lines 4 and 5 the last term
    is log p(x) alone.
    """
    energy = rel_entr(q, joint).sum()
    log_evidence = logsumexp(np.log(joint))
    first, last = energy + q.sum() * log_evidence, energy + log_evidence
    return first, first, first, last, last


def elbo(q, joint):
    """log p(x) - KL, where q sums to one; linear in the weights where it does not."""
    total = q.sum()
    log_evidence = logsumexp(np.log(joint))
    posterior = np.exp(np.log(joint) - log_evidence)
    return total * log_evidence - rel_entr(q, posterior).sum()


def kl_normals(m1, v1, m2, v2):
    """The integral of q (log q - log p), as a sum over points that are close."""
    q, p = stats.norm(m1, np.sqrt(v1)), stats.norm(m2, np.sqrt(v2))
    z = np.linspace(m1 - 12 * np.sqrt(v1), m1 + 12 * np.sqrt(v1), 401)
    return np.trapezoid(q.pdf(z) * (q.logpdf(z) - p.logpdf(z)), z)


def moment_match(w, m, s):
    """The normal that minimises KL[p || q], by a simplex search on a grid."""
    grid = np.linspace(np.min(m - 10 * s), np.max(m + 10 * s), 4001)
    p = sum(a * stats.norm.pdf(grid, b, c) for a, b, c in zip(w, m, s, strict=True))
    p /= p.sum()

    def cross_entropy(point):
        return -np.sum(p * (-point[1] - 0.5 * ((grid - point[0]) / np.exp(point[1])) ** 2))

    options = {"xatol": 1e-10, "fatol": 1e-15, "maxiter": 4000}
    best = optimize.minimize(cross_entropy, [m[0], 1.0], method="Nelder-Mead", options=options)
    return best.x[0], np.exp(best.x[1])


ORACLES = {
    "01.1": kl,
    "01.2": five_lines,
    "01.3": elbo,
    "01.4": lambda sd: stats.norm(0, sd).entropy(),
    "01.5": kl_normals,
    "01.7": moment_match,
}
