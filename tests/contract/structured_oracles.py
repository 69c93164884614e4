"""What scipy says of the families of structured models; `oracles.py` collects them."""

import numpy as np


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
