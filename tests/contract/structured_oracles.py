"""What scipy says of the families of structured models; `oracles.py` collects them."""

import numpy as np
from scipy import special, stats

from tests.contract.nodes import gamma_nodes, uniform_nodes


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


def polya_gamma_density(z, trials, tilt):
    """Polson, Scott & Windle (2013), eq. 5: an alternating series of inverse Gaussian pieces."""
    n, z = np.arange(80.0), np.asarray(z)[..., None]
    log_term = special.gammaln(n + trials) - special.gammaln(n + 1) + np.log(2 * n + trials)
    log_term = log_term - 0.5 * np.log(2 * np.pi * z**3) - (2 * n + trials) ** 2 / (8 * z)
    series = ((-1) ** n * np.exp(log_term - special.gammaln(trials))).sum(-1)
    z = z[..., 0]
    return 2.0 ** (trials - 1) * np.cosh(0.5 * tilt) ** trials * np.exp(-(tilt**2) * z / 2) * series


def polya_gamma_nodes(family, trials, tilt, count=400):
    """The trapezoidal rule in log z, in which both tails fall twice exponentially."""
    decay = 0.5 * (np.pi**2 + tilt**2)
    low, high = (
        np.log(trials**2 / (8 * (60 + trials * (1 + tilt)))),
        np.log((45 + 9 * trials) / decay),
    )
    y, width = uniform_nodes(low, high, count)
    weights = width * np.exp(y) * polya_gamma_density(np.exp(y), trials, tilt)
    return np.exp(y), np.maximum(weights, 0.0)  # the series has lost its digits in the far tail


def few_polya_gamma_nodes(trials, tilt):
    """One point is enough for what is linear in z."""
    points, weights = polya_gamma_nodes(None, trials, tilt)
    return np.array([weights @ points]), np.ones(1)


def polya_gamma_project(family, z, trials, tilt):
    """The distribution function, by sums up to the middle of each of many cells."""
    points, weights = polya_gamma_nodes(family, trials, tilt, count=4001)
    return np.interp(z, points, weights.cumsum() - 0.5 * weights)
