"""The right functions of lesson 00."""

import numpy as np
from scipy.special import betaln, gammaln


def log_joint(theta, h, t, a, b):
    """log p(theta, x) of a coin: theta ~ Beta(a, b), and x a sequence of h heads and t tails.

    theta: one number between 0 and 1; h, t: counts, 0 is possible. Returns one number.
    """
    prior = (a - 1) * np.log(theta) + (b - 1) * np.log(1 - theta) - betaln(a, b)
    return prior + h * np.log(theta) + t * np.log(1 - theta)


def log_sum_exp(a):
    """log Σ exp(a), where a: a vector whose entries may lie thousands apart. Returns one number."""
    peak = np.max(a)
    return peak + np.log(np.sum(np.exp(a - peak)))


def evidence_grid(log_joint, grid):
    """log p(x), by adding up cells: the log of the integral of exp(log_joint) over the grid.

    log_joint: the values of the log joint on the points of grid, both of shape (n,). The points
    are evenly spaced, and the integrand is nothing at both ends. Returns one number.
    """
    width = grid[1] - grid[0]
    peak = np.max(log_joint)
    return peak + np.log(np.sum(np.exp(log_joint - peak)) * width)


def coin_posterior(h, t, a, b):
    """The posterior of theta, Beta(a, b) before, after h heads and t tails: its (a, b)."""
    return a + h, b + t


def log_evidence(h, t, a, b):
    """log p(x) of a sequence of h heads and t tails under the prior Beta(a, b). One number."""
    return betaln(a + h, b + t) - betaln(a, b)


def newcomb_log_joint(x, mu, tau, mu0, kappa0, a0, b0):
    """log p(mu, tau, x) with every constant; x of shape (n,), all others plain numbers.

    tau ~ Gamma(shape a0, rate b0), mu | tau ~ N(mu0, 1/(kappa0 tau)), x_i ~ N(mu, 1/tau).
    """
    prior_tau = a0 * np.log(b0) - gammaln(a0) + (a0 - 1) * np.log(tau) - b0 * tau
    prior_mu = 0.5 * np.log(kappa0 * tau / (2 * np.pi)) - 0.5 * kappa0 * tau * (mu - mu0) ** 2
    likelihood = np.sum(0.5 * np.log(tau / (2 * np.pi)) - 0.5 * tau * (x - mu) ** 2)
    return prior_tau + prior_mu + likelihood
