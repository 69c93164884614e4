"""The other routes to what lesson 06 asks: quadrature, scipy, regressions, minimisers."""

import numpy as np
from scipy.optimize import minimize
from scipy.stats import multivariate_normal, norm

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(40)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def elbo_two_ways(x, m, v, s2):
    """Both as E_q[log p(z, x) - log q(z)], by Gauss-Hermite nodes and scipy's densities."""
    z = m + np.sqrt(v) * NODES
    log_p = norm.logpdf(z) + norm.logpdf(x[:, None], z, np.sqrt(s2)).sum(axis=0)
    value = WEIGHTS @ (log_p - norm.logpdf(z, m, np.sqrt(v)))
    return value, value


def best_encoder(W, s2, x):
    """The mean through the covariance of (z, x), the variances by regression of z_j on the rest."""
    size = W.shape[1]
    joint = np.block([[np.eye(size), W.T], [W, W @ W.T + s2 * np.eye(len(x))]])
    means, variances = [], []
    for j in range(size):
        others = np.arange(len(joint)) != j
        slopes = np.linalg.solve(joint[np.ix_(others, others)], joint[others, j])
        variances.append(joint[j, j] - slopes @ joint[others, j])
        means.append(W[:, j] @ np.linalg.solve(joint[size:, size:], x))
    return np.array(means), np.array(variances)


def log_evidence(W, s2, x):
    return multivariate_normal.logpdf(x, np.zeros(len(x)), W @ W.T + s2 * np.eye(len(x)))


def rotation_gap(L):
    """The smallest KL(q || p) over diagonal q, found by BFGS in the log variances; E_q of log p by
    scipy's density at points whose average is exact for a quadratic."""
    size, cov = len(L), np.linalg.inv(L)
    density = multivariate_normal(np.zeros(size), cov)

    def kl(log_variances):
        sds = np.exp(log_variances / 2)
        points = np.concatenate([np.eye(size), -np.eye(size)]) * np.sqrt(size) * sds
        entropy = np.sum(norm.entropy(0, sds))
        return -entropy - density.logpdf(points).mean()

    return minimize(kl, np.log(np.diag(cov)), method="BFGS", options={"gtol": 1e-7}).fun


def used(eigenvalues, s2):
    """The KL to the prior of the best encoder at the maximum of the likelihood, averaged over
    data with these variances along the axes (Tipping & Bishop 1999, eq. 7)."""
    nats = []
    for variance in eigenvalues:
        w = np.sqrt(max(variance - s2, 0.0))
        precision = 1 + w**2 / s2
        mean_square = variance * (w / s2 / precision) ** 2
        nats.append((mean_square + 1 / precision - 1 + np.log(precision)) / 2)
    return nats


ORACLES = {
    "06.1": elbo_two_ways,
    "06.2": best_encoder,
    "06.3": log_evidence,
    "06.4": rotation_gap,
    "06.6": used,
}
