"""Markov chains by all their paths, and normals cut off at 0 by scipy's truncnorm."""

import itertools

import numpy as np
from scipy import stats

LEGENDRE = np.polynomial.legendre.leggauss(400)


def markov_textbook(family, rng, lead):
    """Marginals of random first states and transitions, by pushing the first states forward."""
    T, K = family.steps, family.states
    p = np.empty((*lead, T, K))
    p[..., 0, :] = rng.dirichlet(np.ones(K), size=lead)
    step = rng.dirichlet(np.ones(K), size=(*lead, T - 1, K))
    for t in range(T - 1):
        p[..., t + 1, :] = np.einsum("...i,...ij->...j", p[..., t, :], step[..., t, :, :])
    return {"probabilities": p, "pairs": p[..., :-1, :, None] * step}


def markov_nodes(family, probabilities, pairs):
    """Every path, and its probability: that of its pairs over that of the states they share."""
    paths = np.array(list(itertools.product(range(family.states), repeat=family.steps)))
    mass = []
    for path in paths:
        shared = np.prod([probabilities[t, path[t]] for t in range(1, family.steps - 1)])
        of_pairs = np.prod([pairs[t, path[t], path[t + 1]] for t in range(family.steps - 1)])
        mass.append(of_pairs / shared)
    return paths, np.array(mass)


def markov_log_density(family, z, probabilities, pairs):
    paths, mass = markov_nodes(family, probabilities, pairs)
    table = dict(zip(map(tuple, paths.tolist()), mass, strict=True))
    flat = np.reshape(z, (-1, family.steps)).tolist()
    with np.errstate(divide="ignore"):
        found = np.log([table.get(tuple(row), 0.0) for row in flat])
    return found.reshape(np.shape(z)[:-1])


def truncated_log_density(family, z, mean, variance):
    """A normal's, less the log of its mass above 0 (scipy's truncnorm says the same, slowly)."""
    sd, z = np.sqrt(variance), np.asarray(z, dtype=float)
    inside = np.isfinite(z) & (z > 0)
    found = stats.norm.logpdf(z, mean, sd) - stats.norm.logcdf(mean / sd)
    return np.where(inside, found, -np.inf)


def truncated_nodes(family, mean, variance):
    """Gauss and Legendre's rule between 0 and where nothing is left."""
    sd = np.sqrt(variance)
    end = stats.norm.isf(1e-22 * stats.norm.cdf(mean / sd), mean, sd)
    z = 0.5 * end * (1 + LEGENDRE[0])
    weights = 0.5 * end * LEGENDRE[1] * np.exp(truncated_log_density(None, z, mean, variance))
    return z, weights


def few_truncated_nodes(family, mean, variance):
    """Gauss's two nodes, from three moments: exact for what is at most a cubic in z."""
    z, weights = truncated_nodes(family, mean, variance)
    centre = weights @ z
    spread, third = weights @ (z - centre) ** 2, weights @ (z - centre) ** 3
    off = 0.5 * (third + np.array([-1, 1]) * np.sqrt(third**2 + 4 * spread**3)) / spread
    return centre + off, off[::-1] * np.array([1, -1]) / (off[1] - off[0])


def truncated_project(family, z, mean, variance):
    """The share of the mass above 0 that is above z, from 1."""
    sd = np.sqrt(variance)
    return 1.0 - stats.norm.sf(z, mean, sd) / stats.norm.sf(0.0, mean, sd)
