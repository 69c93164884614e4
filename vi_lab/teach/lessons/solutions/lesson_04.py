"""Lesson 04, mean-field CAVI: the functions to write, and what they come to.

The model of 04.3 to 04.5 is that of lesson 03:

    tau ~ Gamma(a0, rate b0),   mu | tau ~ N(mu0, 1 / (kappa0 tau)),   x_i ~ N(mu, 1 / tau)

and q(mu, tau) = N(mu; m, v) Gamma(tau; shape, rate).
"""

import numpy as np
from scipy.special import digamma, gammaln


def best_factor(log_joint_table, q_other):
    """The factor of highest ELBO over the rows, the factor over the columns held fixed.

    q(row) is proportional to exp of the average of log p(row, column, x) under q_other.
    """
    log_q = log_joint_table @ q_other
    q = np.exp(log_q - log_q.max())
    return q / q.sum()


def expected_log(shape, rate):
    """E[log tau] under Gamma(shape, rate)."""
    return digamma(shape) - np.log(rate)


def expected_square(x, m, v):
    """E[(x - mu)^2] under mu ~ N(m, v): one number for each x."""
    return (x - m) ** 2 + v


def update_mu(x, E_tau, mu0, kappa0):
    """The mean m and the variance v of the best q(mu), given E[tau] under q(tau)."""
    strength = kappa0 + len(x)
    m = (kappa0 * mu0 + np.sum(x)) / strength
    return m, 1 / (strength * E_tau)


def update_tau(x, m, v, mu0, kappa0, a0, b0):
    """Shape and rate of the best q(tau), given q(mu) = N(m, v)."""
    data = np.sum((x - m) ** 2 + v)
    prior = kappa0 * ((m - mu0) ** 2 + v)
    return a0 + (len(x) + 1) / 2, b0 + (data + prior) / 2


def elbo(x, m, v, shape, rate, mu0, kappa0, a0, b0):
    """The ELBO of q(mu) q(tau) = N(m, v) Gamma(shape, rate), in nats, all constants kept."""
    E_tau = shape / rate
    E_log = digamma(shape) - np.log(rate)
    square = np.sum((x - m) ** 2 + v)
    log_x = len(x) / 2 * (E_log - np.log(2 * np.pi)) - E_tau * square / 2
    pull = kappa0 * ((m - mu0) ** 2 + v)
    log_mu = (np.log(kappa0) + E_log - np.log(2 * np.pi)) / 2 - E_tau * pull / 2
    log_tau = a0 * np.log(b0) - gammaln(a0) + (a0 - 1) * E_log - b0 * E_tau
    entropy_mu = np.log(2 * np.pi * np.e * v) / 2
    entropy_tau = shape - np.log(rate) + gammaln(shape) + (1 - shape) * digamma(shape)
    return log_x + log_mu + log_tau + entropy_mu + entropy_tau


def mean_field_variances(cov):
    """The variances of the best q(z_1) ... q(z_K) for a Gaussian posterior with this covariance.

    The best factor of z_j is its conditional given the others, whose variance is one over the
    diagonal entry of the precision matrix.
    """
    precision = np.linalg.inv(cov)
    return 1 / np.diag(precision)


def update_z(x, m, v, alpha):
    """Responsibilities (N, K) of the best q(z) in a mixture of normals of variance 1.

    The mean of component k has q(mu_k) = N(m[k], v[k]), the weights have q = Dirichlet(alpha).
    """
    E_log_weight = digamma(alpha) - digamma(np.sum(alpha))
    log_r = E_log_weight - ((np.reshape(x, (-1, 1)) - m) ** 2 + v) / 2
    r = np.exp(log_r - log_r.max(axis=1, keepdims=True))
    return r / r.sum(axis=1, keepdims=True)
