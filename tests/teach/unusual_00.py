"""Right answers to lesson 00 in forms that a learner may well choose."""

import math

import numpy as np
from scipy import integrate, special, stats


def toss_by_toss(theta, h, t, a, b):
    total = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    total += (a - 1) * math.log(theta) + (b - 1) * math.log1p(-theta)
    for _ in range(h):
        total += math.log(theta)
    for _ in range(t):
        total += math.log(1 - theta)
    return total


def pairwise(a):
    total = -math.inf
    for entry in a:
        total = np.logaddexp(total, entry)
    return [total]


def by_trapezoid(log_joint, grid):
    peak = log_joint.max()
    return np.log(np.trapezoid(np.exp(log_joint - peak), grid)) + peak


def by_simpson(log_joint, grid):
    return special.logsumexp(log_joint) + np.log(np.diff(grid).mean())


def with_lgamma(h, t, a, b):
    def log_beta(u, v):
        return math.lgamma(u) + math.lgamma(v) - math.lgamma(u + v)

    return np.array(log_beta(a + h, b + t) - log_beta(a, b))


def by_chain_rule(h, t, a, b):
    heads = sum(math.log((a + k) / (a + b + k)) for k in range(h))
    return heads + sum(math.log((b + k) / (a + b + h + k)) for k in range(t))


def newcomb_by_scipy(x, mu, tau, mu0, kappa0, a0, b0):
    sd = tau**-0.5
    prior = stats.gamma.logpdf(tau, a0, scale=1 / b0) + stats.norm.logpdf(
        mu, mu0, sd / math.sqrt(kappa0)
    )
    return prior + sum(stats.norm.logpdf(x, mu, sd))


def newcomb_collected(x, mu, tau, mu0, kappa0, a0, b0):
    power = a0 - 1 + (len(x) + 1) / 2
    pull = b0 + (kappa0 * (mu - mu0) ** 2 + sum((d - mu) ** 2 for d in x)) / 2
    constant = a0 * math.log(b0) - math.lgamma(a0) + 0.5 * math.log(kappa0)
    return power * math.log(tau) - tau * pull + constant - (len(x) + 1) / 2 * math.log(2 * math.pi)


UNUSUAL = {
    "00.1": [
        toss_by_toss,
        lambda theta, h, t, a, b: (
            stats.beta.logpdf(theta, a, b) + h * np.log(theta) + t * np.log1p(-theta)
        ),
    ],
    "00.2": [pairwise, lambda a: special.logsumexp(np.asarray(a)[::-1])],
    "00.3": [
        by_trapezoid,
        by_simpson,
        lambda log_joint, grid: (
            log_joint.max() + np.log(integrate.simpson(np.exp(log_joint - log_joint.max()), x=grid))
        ),
    ],
    "00.4": [
        lambda h, t, a, b: [h + a, t + b],
        lambda h, t, a, b: np.array([a, b], dtype=float) + np.array([h, t]),
    ],
    "00.5": [with_lgamma, by_chain_rule],
    "00.8": [newcomb_by_scipy, newcomb_collected],
}
