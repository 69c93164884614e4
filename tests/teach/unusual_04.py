"""Right answers to lesson 04 in forms that a learner may well choose."""

import math
from fractions import Fraction

import numpy as np
from scipy import special, stats


def best_factor_in_a_loop(table, q_other):
    weights = []
    for row in table:
        weights.append(math.exp(sum(q * value for q, value in zip(q_other, row, strict=True))))
    total = sum(weights)
    return [w / total for w in weights]


def best_factor_as_a_product(table, q_other):
    """exp of an average is a weighted geometric mean."""
    product = np.prod(np.exp(table) ** q_other, axis=1)
    return (product / product.sum())[:, None, None][:, 0, 0]


def best_factor_by_einsum(log_joint_table, q_other):
    log_q = np.einsum("rc,c->r", log_joint_table, q_other)
    return np.exp(log_q - special.logsumexp(log_q))[:, None][:, 0]


def expected_log_by_difference(shape, rate):
    """The derivative of log Gamma by a complex step is digamma."""
    step = 1e-5
    steps = special.gammaln(shape + step * np.array([-2, -1, 1, 2]))
    return (steps @ np.array([1, -8, 8, -1])) / (12 * step) - math.log(rate)


def expected_square_expanded(x, m, v):
    return [float(one * one - 2 * one * m + (m * m + v)) for one in x]


def expected_square_of_scipy(x, m, v):
    """The second moment of x - mu, by scipy."""
    return np.array([stats.norm(one - m, np.sqrt(v)).moment(2) for one in x])[::-1][::-1]


def update_mu_step_by_step(x, E_tau, mu0, kappa0):
    """The prior first, then one datum after another, in means and precisions."""
    mean, precision = mu0, kappa0 * E_tau
    for one in x:
        gain = E_tau / (precision + E_tau)
        mean, precision = mean + gain * (one - mean), precision + E_tau
    return [mean, 1 / precision]


def update_tau_by_moments(x, m, v, mu0, kappa0, a0, b0):
    """Through E[mu] and E[mu^2]."""
    first, second = m, m**2 + v
    rate = b0 + 0.5 * (np.dot(x, x) - 2 * first * x.sum() + x.size * second)
    rate += 0.5 * kappa0 * (second - 2 * mu0 * first + mu0**2)
    return np.array([a0 + 0.5 * x.size + 0.5, rate])


def update_tau_in_a_loop(x, m, v, mu0, kappa0, a0, b0):
    shape, rate = a0 + 0.5, b0 + 0.5 * kappa0 * ((mu0 - m) ** 2 + v)
    for one in x.tolist():
        shape += 0.5
        rate += 0.5 * ((one - m) ** 2 + v)
    return (np.array([shape]), np.array([rate]))


def elbo_with_kls(x, m, v, shape, rate, mu0, kappa0, a0, b0):
    """E[log p(x|mu, tau)] - KL[q(tau)||p(tau)] - E KL[q(mu)||p(mu|tau)], the textbook KLs."""
    log_tau = special.psi(shape) - np.log(rate)
    mean_tau = stats.gamma(shape, scale=1 / rate).mean()
    fit = sum(
        0.5 * (log_tau - math.log(2 * math.pi) - mean_tau * ((one - m) ** 2 + v)) for one in x
    )
    kl_mu = 0.5 * (kappa0 * mean_tau * (v + (m - mu0) ** 2) - 1 - math.log(kappa0 * v) - log_tau)
    kl_tau = (shape - a0) * special.psi(shape) - special.gammaln(shape) + special.gammaln(a0)
    kl_tau += a0 * (np.log(rate) - np.log(b0)) + shape * (b0 - rate) / rate
    return fit - kl_mu - kl_tau


def elbo_of_scipy(x, m, v, shape, rate, mu0, kappa0, a0, b0):
    """scipy's entropies, and the averages term by term."""
    q_mu, q_tau = stats.norm(m, v**0.5), stats.gamma(shape, scale=1 / rate)
    log_tau = special.digamma(shape) - math.log(rate)
    squares = q_tau.mean() * (kappa0 * ((m - mu0) ** 2 + q_mu.var()) + np.sum((x - m) ** 2))
    squares += q_tau.mean() * len(x) * q_mu.var()
    value = 0.5 * (len(x) + 1) * (log_tau - np.log(2 * np.pi)) + 0.5 * np.log(kappa0)
    value += (a0 - 1) * log_tau - b0 * q_tau.mean() + a0 * np.log(b0) - math.lgamma(a0)
    return np.array([value - 0.5 * squares + q_mu.entropy() + q_tau.entropy()])


def variances_by_solving(cov):
    """Column by column of the inverse."""
    return [1 / np.linalg.solve(cov, unit)[j] for j, unit in enumerate(np.eye(len(cov)))]


def variances_by_determinants(cov):
    """Cramer: the determinant over that of the matrix without row and column j."""
    minors = [np.delete(np.delete(cov, j, 0), j, 1) for j in range(len(cov))]
    return np.array([np.linalg.det(cov) / np.linalg.det(minor) for minor in minors])


def update_z_in_loops(x, m, v, alpha):
    rows = []
    for one in x:
        row = [
            math.exp(special.psi(a) - ((one - mean) ** 2 + spread) / 2)
            for mean, spread, a in zip(m, v, alpha, strict=True)
        ]
        rows.append([entry / sum(row) for entry in row])
    return rows


def update_z_of_scipy(x, m, v, alpha):
    log_r = stats.norm.logpdf(np.subtract.outer(x, m)) - v / 2 + special.digamma(alpha)
    return np.asfortranarray(special.softmax(log_r, axis=-1))


UNUSUAL = {
    "04.0": [best_factor_in_a_loop, best_factor_as_a_product, best_factor_by_einsum],
    "04.1": [
        lambda shape, rate: np.array([special.psi(shape)]) - np.log(np.array([rate])),
        expected_log_by_difference,
        lambda shape, rate: np.float32(special.digamma(shape) - math.log(rate)),
    ],
    "04.2": [expected_square_expanded, expected_square_of_scipy],
    "04.3": [
        update_mu_step_by_step,
        lambda x, t, mu0, k: (
            np.average(np.append(x, mu0), weights=[1.0] * len(x) + [k]),
            np.array((k + len(x)) * t) ** -1,
        ),
        lambda x, t, mu0, k: (
            (Fraction(k) * Fraction(mu0) + sum(map(Fraction, x.tolist()))) / (Fraction(k) + len(x)),
            1 / (Fraction(t) * (Fraction(k) + len(x))),
        ),
    ],
    "04.4": [update_tau_by_moments, update_tau_in_a_loop],
    "04.5": [elbo_with_kls, elbo_of_scipy],
    "04.6": [variances_by_solving, variances_by_determinants],
    "04.7": [update_z_in_loops, update_z_of_scipy],
}
