"""Right answers to lesson 03 in forms that a learner may well choose."""

import math

import numpy as np
from scipy import stats
from scipy.special import softmax


def mean_by_shrinking(x, tau, mu0, kappa0):
    pull = kappa0 / (kappa0 + len(x))
    return [pull * mu0 + (1 - pull) * np.mean(x), np.sqrt(1 / (tau * kappa0 + tau * len(x)))]


def mean_by_natural(x, tau, mu0, kappa0):
    linear, precision = kappa0 * tau * mu0, kappa0 * tau
    for value in x:
        linear, precision = linear + tau * value, precision + tau
    return np.array([linear / precision]), np.array([precision**-0.5])


def precision_in_a_loop(x, mu, mu0, kappa0, a0, b0):
    shape, rate = a0 + 0.5, b0 + 0.5 * kappa0 * (mu - mu0) ** 2
    for value in x:
        shape += 0.5
        rate += (value - mu) ** 2 / 2
    return [shape, rate]


def precision_by_moments(x, mu, mu0, kappa0, a0, b0):
    n = len(x)
    spread = n * np.var(x) + n * (np.mean(x) - mu) ** 2 + kappa0 * (mu0 - mu) ** 2
    return np.array([(2 * a0 + n + 1) / 2, (2 * b0 + spread) / 2])


def change_in_a_loop(y, rate1, rate2):
    weights = []
    for s in range(1, len(y)):
        log_weight = 0.0
        for t, count in enumerate(y):
            rate = rate1 if t < s else rate2
            log_weight += count * math.log(rate) - rate - math.lgamma(count + 1)
        weights.append(math.exp(log_weight))
    return [weight / sum(weights) for weight in weights]


def change_by_odds(y, rate1, rate2):
    gain = y * np.log(rate1 / rate2) - (rate1 - rate2)
    return softmax(np.cumsum(gain)[:-1])


def sweep_by_matrix(z, eps, rho):
    s = np.sqrt(1 - rho**2)
    return np.array([[0, rho], [0, rho**2]]) @ z + np.array([[s, 0], [rho * s, s]]) @ eps


def sweep_on_a_copy(z, eps, rho):
    z = list(map(float, z))
    for i in (0, 1):
        z[i] = rho * z[1 - i] + math.sqrt((1 - rho) * (1 + rho)) * eps[i]
    return z


def shares_by_scipy(x, means, weights, sd):
    density = stats.norm(means, sd).pdf(np.asarray(x)[:, None]) * weights
    return (density.T / density.sum(1)).T


def shares_in_loops(x, means, weights, sd):
    rows = []
    for a in x:
        row = [w * math.exp(-((a - m) ** 2) / (2 * sd**2)) for m, w in zip(means, weights)]  # noqa: B905
        rows.append([value / sum(row) for value in row])
    return rows


UNUSUAL = {
    "03.1": [
        lambda z, rho: [z * rho, math.sqrt((1 - rho) * (1 + rho))],
        lambda z, rho: np.array([[rho * z], [np.sin(np.arccos(rho))]])[:, 0],
        lambda z, rho: (np.float64(rho * z), np.array(1 - rho * rho) ** 0.5),
    ],
    "03.2": [mean_by_shrinking, mean_by_natural],
    "03.3": [precision_in_a_loop, precision_by_moments],
    "03.4": [change_in_a_loop, change_by_odds],
    "03.5": [sweep_by_matrix, sweep_on_a_copy],
    "03.6": [
        lambda rho: np.array([rho**2]),
        lambda rho: 1 - math.sqrt(1 - rho**2) ** 2,
        lambda rho: abs(rho) ** 2,
    ],
    "03.7": [shares_by_scipy, shares_in_loops],
}
