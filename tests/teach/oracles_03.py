"""The other routes to what lesson 03 asks: the package's own blocks, scipy, and affine maps."""

import numpy as np
from scipy import stats

import vi_lab as vl
from vi_lab.model import statistics


def conditional(z_other, rho):
    """Precision matrix of the pair: variance 1/P_00, mean -P_01/P_00 z_other."""
    P = np.linalg.inv([[1.0, rho], [rho, 1.0]])
    return -P[0, 1] / P[0, 0] * z_other, P[0, 0] ** -0.5


def mu_given_tau(x, tau, mu0, kappa0):
    """The block of NormalGamma."""
    model = vl.NormalGamma(x, mu0, kappa0, 1.0, 1.0)
    block = model.blocks["mu"]
    eta = block.complete_conditional(statistics(model, {"mu": 0.3, "tau": tau}))
    return float(block.family.mean(eta)), float(block.family.sd(eta))


def tau_given_mu(x, mu, mu0, kappa0, a0, b0):
    """The block of NormalGamma."""
    model = vl.NormalGamma(x, mu0, kappa0, a0, b0)
    block = model.blocks["tau"]
    eta = block.complete_conditional(statistics(model, {"mu": mu, "tau": 0.7}))
    found = block.family.parameters(eta)
    return float(found["shape"]), float(found["rate"])


def p_s(y, rate1, rate2):
    """Each year's Poisson probability by scipy, multiplied up for every s."""
    one, two = stats.poisson(rate1).pmf(y), stats.poisson(rate2).pmf(y)
    joint = np.array([np.prod(one[:s]) * np.prod(two[s:]) for s in range(1, len(y))])
    return joint / joint.sum()


def sweep(z, eps, rho):
    """Affine, with what the two matrices must be: A S A' + B B' = S for the target's S."""
    down = np.array([[1.0, 0.0], [-rho, 1.0]])  # down z' = (rho z1, 0) + sd eps
    A = np.linalg.solve(down, np.array([[0.0, rho], [0.0, 0.0]]))
    B = np.linalg.solve(down, np.eye(2) * np.sqrt(1.0 - rho * rho))
    S = np.array([[1.0, rho], [rho, 1.0]])
    np.testing.assert_allclose(A @ S @ A.T + B @ B.T, S, atol=1e-12)
    return A @ z + B @ eps


def lag1(rho):
    """Cov(z0', z0) = (A S)_00 of the map of a sweep, A its derivative at no noise."""
    A = np.array([sweep(row, np.zeros(2), rho) for row in np.eye(2)]).T
    return (A @ np.array([[1.0, rho], [rho, 1.0]]))[0, 0]


def responsibilities(x, means, weights, sd):
    """The block of NormalMixture: its categorical given the means.

    The model wants as many points as components: a few points are repeated, and then cut off.
    """
    points, K = np.resize(x, max(len(x), len(means))), len(means)
    model = vl.NormalMixture(points, sd, np.zeros(K), np.ones(K), weights=weights)
    t = statistics(model, {"z": np.zeros(len(points), int), "mu": np.asarray(means)})
    block = model.blocks["z"]
    return block.family.expected_stats(block.complete_conditional(t)).indicator[: len(x)]


ORACLES = {
    "03.1": conditional,
    "03.2": mu_given_tau,
    "03.3": tau_given_mu,
    "03.4": p_s,
    "03.5": sweep,
    "03.6": lag1,
    "03.7": responsibilities,
}
