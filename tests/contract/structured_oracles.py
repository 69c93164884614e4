"""What scipy says of the families of structured models; `oracles.py` collects them."""

import numpy as np
from scipy import stats

from tests.contract.nodes import gamma_nodes


def chain_textbook(family, rng, lead):
    variance = np.exp(0.5 * rng.standard_normal((*lead, family.size)))
    correlation = rng.uniform(-0.8, 0.8, (*lead, family.size - 1))
    covariance = correlation * np.sqrt(variance[..., :-1] * variance[..., 1:])
    mean = family.centre + 2 * rng.standard_normal((*lead, family.size))
    return {"mean": mean, "variance": variance, "covariance": covariance}


def chain_covariance(variance, covariance):
    """The whole matrix: along a Markov chain correlations multiply."""
    sd = np.sqrt(variance)
    steps = covariance / (sd[:-1] * sd[1:])
    matrix = np.diag(variance)
    for i in range(len(sd)):
        for j in range(i):
            matrix[i, j] = matrix[j, i] = sd[i] * sd[j] * np.prod(steps[j:i])
    return matrix


def inverse_gamma_nodes(family, shape, scale):
    """The reciprocals of a gamma's nodes."""
    points, weights = gamma_nodes(None, shape, scale)
    return 1.0 / points, weights


def few_gamma_nodes(family, shape, rate):
    """Three points with the averages of 1, z and log z that the gamma has: no others are needed."""
    points, weights = gamma_nodes(None, shape, rate)
    few = stats.gamma.ppf([1e-3, 0.5, 1 - 1e-3], shape, scale=1 / rate)
    moments = [weights.sum(), weights @ points, weights @ np.log(points)]
    return few, np.linalg.solve([np.ones(3), few, np.log(few)], moments)


def few_inverse_gamma_nodes(family, shape, scale):
    points, weights = few_gamma_nodes(None, shape, scale)
    return 1.0 / points, weights
