"""Random distributions, joints and mixtures that several exercises are tried on; two densities."""

import numpy as np
from scipy.special import gammaln


def two_distributions(generator, i):
    """q and p over 2 to 7 states; the third pair is equal, the fourth has very small entries."""
    n = (4, 2, 3, 5, 6, 7)[i % 6]
    q, p = generator.dirichlet(np.ones(n), 2) + 1e-3
    if i == 2:
        p = q
    if i == 3:
        q[0], p[1] = 1e-13, 1e-9
    if i == 4:
        q = np.ones(n)
    return q / q.sum(), p / p.sum()


def distribution_and_joint(generator, i):
    """q and p(z, x) over states: a q that sums to 0.9, the posterior itself, a tiny p(x)."""
    q, p = two_distributions(generator, i)
    if i % 3 == 0:
        q = 0.9 * q
    if i == 2:
        q = p  # the posterior: no KL
    return q, p * generator.uniform(0.05, 0.6) * (1e-30 if i == 5 else 1.0)


def two_normals(generator, i):
    """Means and variances: whole numbers, the same normal, then any."""
    if i == 0:
        return 0, 4, 1, 2
    m1, m2 = generator.normal(0, 2, 2)
    v1, v2 = generator.uniform(0.2, 4, 2)
    return (m1, v1, m1, v1) if i == 3 else (m1, v1, m2, v2)


def mixtures(generator, i):
    """Weights, means and sds of 1 to 4 normals."""
    k = (2, 3, 1, 4, 2, 3)[i % 6]
    weights = generator.dirichlet(2 * np.ones(k))
    return weights, generator.normal(0, 3, k), generator.uniform(0.3, 2, k)


def normal_log_density(x, mean, sd):
    """log N(x; mean, sd²)"""
    return -0.5 * np.log(2 * np.pi) - np.log(sd) - (x - mean) ** 2 / (2 * sd**2)


def gamma_log_density(x, shape, rate):
    """log Gamma(x; shape, rate)"""
    return shape * np.log(rate) - gammaln(shape) + (shape - 1) * np.log(x) - rate * x
