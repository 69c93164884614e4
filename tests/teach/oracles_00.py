"""The other routes to what lesson 00 asks: they share none of the algebra of `right`."""

import math

import numpy as np
from scipy import stats
from scipy.interpolate import CubicSpline
from scipy.special import logsumexp

import vi_lab as vl
from vi_lab.model import log_density


def log_joint(theta, h, t, a, b):
    """scipy's Beta and h + t Bernoullis."""
    coin = stats.bernoulli(theta)
    return stats.beta(a, b).logpdf(theta) + h * coin.logpmf(1) + t * coin.logpmf(0)


def evidence_grid(log_joint, grid):
    """The integral of a spline through the joint."""
    peak = log_joint.max()
    spline = CubicSpline(grid, np.exp(log_joint - peak))
    return peak + math.log(spline.integrate(grid[0], grid[-1]))


def coin_posterior(h, t, a, b):
    """The Beta that BetaBernoulli's exact posterior is."""
    model = vl.BetaBernoulli([1] * h + [0] * t, a, b)
    truth = vl.exact(model)
    mean, sd = float(truth.mean("theta")), float(truth.sd("theta"))
    total = mean * (1 - mean) / sd**2 - 1
    return mean * total, (1 - mean) * total


def log_evidence(h, t, a, b):
    """One toss after another: each is predicted by the counts before it."""
    total = 0.0
    for k in range(h):
        total += math.log((a + k) / (a + b + k))
    for k in range(t):
        total += math.log((b + k) / (a + b + h + k))
    return total


def newcomb_log_joint(x, mu, tau, mu0, kappa0, a0, b0):
    """The package's own model; scipy's densities where there are no data."""
    if len(x) == 0:
        prior = stats.gamma(a0, scale=1 / b0).logpdf(tau)
        return prior + stats.norm(mu0, (kappa0 * tau) ** -0.5).logpdf(mu)
    model = vl.NormalGamma(x, mu0, kappa0, a0, b0)
    return float(log_density(model, {"mu": mu, "tau": tau}))


ORACLES = {
    "00.1": log_joint,
    "00.2": logsumexp,
    "00.3": evidence_grid,
    "00.4": coin_posterior,
    "00.5": log_evidence,
    "00.8": newcomb_log_joint,
}
