"""What scipy.stats says of each family, and points at which to integrate under it.

None of this calls vi_lab for a number. A new family needs one `Oracle` here.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy import linalg, special, stats

from tests.contract.chain_oracles import (
    few_truncated_nodes,
    markov_log_density,
    markov_nodes,
    markov_textbook,
    truncated_log_density,
    truncated_nodes,
    truncated_project,
)
from tests.contract.mixture_oracles import (
    beta_nodes,
    dirichlet_log_density,
    dirichlet_nodes,
    normal_wishart_log_density,
    normal_wishart_nodes,
    normal_wishart_outside,
    normal_wishart_project,
    normal_wishart_textbook,
    random_covariance,
)
from tests.contract.nodes import few_normal_nodes, gamma_nodes, normal_nodes, uniform_nodes
from tests.contract.structured_oracles import (
    chain_covariance,
    chain_textbook,
    few_gamma_nodes,
    few_inverse_gamma_nodes,
    few_polya_gamma_nodes,
    inverse_gamma_nodes,
    polya_gamma_nodes,
    polya_gamma_project,
)
from tests.contract.values import at, event_shapes, parts
from vi_lab import (
    Beta,
    Bits,
    Categorical,
    Dirichlet,
    Gamma,
    GaussianChain,
    Multinomial,
    MultivariateNormal,
    Normal,
    NormalWishart,
    Spin,
)
from vi_lab.families import InverseGamma, MarkovChain, PolyaGamma, TruncatedNormal


@dataclass(frozen=True)
class Oracle:
    """One family, by another's code. `family` is asked for its sizes alone."""

    textbook: Callable[..., dict[str, Any]]  # (family, rng, lead) -> random textbook parameters
    log_density: Callable[..., Any]  # (family, z, **textbook) -> log density, textbook unbatched
    nodes: Callable[..., Any]  # (family, **textbook) -> points (P, *event), their weights (P,)
    project: Callable[..., Any]  # (family, z, **textbook) -> draws as uniforms (n, ...), or None
    outside: Callable[..., Any] = lambda family: ()  # values outside the support
    # the coordinates of one value that its density is taken over: all, unless some follow from rest
    free: Callable[..., Any] = lambda family, z: np.ravel(z)
    # whether the nodes are draws of scipy's, all of one weight, rather than a rule of quadrature
    drawn: Callable[..., bool] = lambda family: False
    few: Callable[..., Any] | None = None  # nodes enough for what is linear in t(z), or quadratic


def categorical_log_density(family, z, probabilities):
    first = family.first or 0
    table = {first + k: p for k, p in enumerate(probabilities)}
    with np.errstate(divide="ignore"):
        return np.log([table.get(label, 0.0) for label in np.ravel(z).tolist()]).reshape(
            np.shape(z)
        )


def categorical_nodes(family, probabilities):
    return np.arange(len(probabilities)) + (family.first or 0), probabilities


def short_of_one(family, a, b):
    z, _, weights = beta_nodes(a, b)
    return z[z < 1], weights[z < 1]


def bits_nodes(family, probabilities):
    return np.array(list(itertools.product((0, 1), repeat=family.count))), probabilities


def bits_log_density(family, z, probabilities):
    values, _ = bits_nodes(family, probabilities)
    table = dict(zip(map(tuple, values.tolist()), probabilities, strict=True))
    flat = np.reshape(z, (-1, family.count)).tolist()
    with np.errstate(divide="ignore"):
        found = np.log([table.get(tuple(row), 0.0) for row in flat])
    return found.reshape(np.shape(z)[:-1])


def multinomial_nodes(family, total, probabilities):
    """All counts that sum to the total, with the probabilities that scipy gives them."""
    every = itertools.product(range(int(total) + 1), repeat=family.size)
    counts = np.array([z for z in every if sum(z) == total])
    return counts, np.atleast_1d(stats.multinomial.pmf(counts, total, probabilities))


def log_coefficient(counts):
    """The log of the number of ways to label items with these counts, over the last axis."""
    counts = np.asarray(counts)
    return special.gammaln(counts.sum(-1) + 1) - special.gammaln(counts + 1).sum(-1)


def multinomial_log_density(family, z, total, probabilities):
    """Against the coefficients: of one labelling, not of all with these counts."""
    found = stats.multinomial.logpmf(z, total, probabilities)
    return np.where(np.isfinite(found), found - log_coefficient(z), -np.inf)


def spin_log_density(family, z, field):
    up = (np.asarray(z) + 1) / 2
    return stats.bernoulli.logpmf(up, special.expit(2 * field))


def multivariate_textbook(family, rng, lead):
    cov = random_covariance(family.size, rng, lead)
    return {"mean": 2 * rng.standard_normal((*lead, family.size)), "cov": cov}


def multivariate_nodes(family, mean, cov):
    z, width = uniform_nodes(-8.5, 8.5, 27)
    grid = np.stack(np.meshgrid(*[z] * family.size, indexing="ij"), -1).reshape(-1, family.size)
    weights = np.prod(width * stats.norm.pdf(grid), axis=-1)
    return mean + grid @ linalg.sqrtm(cov).real, weights


def few_multivariate_nodes(family, mean, cov):
    each = {k: few_normal_nodes(None, 0.0, 1.0) for k in range(family.size)}
    values, weights = product(each)
    z = np.stack([values[k] for k in range(family.size)], axis=-1)
    return mean + z @ np.linalg.cholesky(cov).T, weights


def multivariate_project(family, z, mean, cov):
    direction = np.linspace(1.0, 2.0, family.size)
    return stats.norm.cdf((z - mean) @ direction, scale=np.sqrt(direction @ cov @ direction))


ORACLES = {
    Normal: Oracle(
        textbook=lambda family, rng, lead: {
            "mean": 2 * rng.standard_normal(lead), "sd": np.exp(0.5 * rng.standard_normal(lead))
        },
        log_density=lambda family, z, mean, sd: stats.norm.logpdf(z, mean, sd),
        nodes=normal_nodes,
        few=few_normal_nodes,
        project=lambda family, z, mean, sd: stats.norm.cdf(z, mean, sd),
        outside=lambda family: (np.inf, -np.inf, np.nan),
    ),
    Gamma: Oracle(
        textbook=lambda family, rng, lead: {
            "shape": np.exp(rng.standard_normal(lead)), "rate": np.exp(rng.standard_normal(lead))
        },
        log_density=lambda family, z, shape, rate: stats.gamma.logpdf(z, shape, scale=1 / rate),
        nodes=gamma_nodes,
        few=few_gamma_nodes,
        project=lambda family, z, shape, rate: stats.gamma.cdf(z, shape, scale=1 / rate),
        outside=lambda family: (0.0, -1.0, np.inf, np.nan),
    ),
    Beta: Oracle(
        textbook=lambda family, rng, lead: {
            # below b = 0.8 too much of the mass lies where 1 - z is lost in the rounding of z
            "a": np.exp(rng.standard_normal(lead)), "b": 0.8 + np.exp(rng.standard_normal(lead))
        },
        log_density=lambda family, z, a, b: stats.beta.logpdf(z, a, b),
        nodes=short_of_one,
        project=lambda family, z, a, b: stats.beta.cdf(z, a, b),
        outside=lambda family: (0.0, 1.0, -0.5, 1.5, np.inf, np.nan),
    ),
    InverseGamma: Oracle(
        textbook=lambda family, rng, lead: {
            # with four moments, so that averages of draws have standard errors
            "shape": 4.5 + np.exp(rng.standard_normal(lead)),
            "scale": np.exp(rng.standard_normal(lead)),
        },
        log_density=lambda family, z, shape, scale: stats.invgamma.logpdf(z, shape, scale=scale),
        nodes=inverse_gamma_nodes,
        few=few_inverse_gamma_nodes,
        project=lambda family, z, shape, scale: stats.invgamma.cdf(z, shape, scale=scale),
        outside=lambda family: (0.0, -1.0, np.inf, np.nan),
    ),
    Categorical: Oracle(
        textbook=lambda family, rng, lead: {
            "probabilities": rng.dirichlet(np.ones(family.size), size=lead)
        },
        log_density=categorical_log_density,
        nodes=categorical_nodes,
        project=lambda family, z, probabilities: None,
        outside=lambda family: ((family.first or 0) - 1, (family.first or 0) + family.size, 0.5),
    ),
    Spin: Oracle(
        textbook=lambda family, rng, lead: {"field": rng.standard_normal(lead)},
        log_density=spin_log_density,
        nodes=lambda family, field: (np.array([-1, 1]), special.expit([-2 * field, 2 * field])),
        project=lambda family, z, field: None,
        outside=lambda family: (0, 0.5, 2, np.nan),
    ),
    Bits: Oracle(
        textbook=lambda family, rng, lead: {
            "probabilities": rng.dirichlet(np.ones(2**family.count), size=lead)
        },
        log_density=bits_log_density,
        nodes=bits_nodes,
        project=lambda family, z, probabilities: None,
        outside=lambda family: (np.full(family.count, 2), np.full(family.count, 0.5)),
    ),
    Multinomial: Oracle(
        textbook=lambda family, rng, lead: {
            "total": np.full(lead, 3),
            "probabilities": rng.dirichlet(np.ones(family.size), size=lead),
        },
        log_density=multinomial_log_density,
        nodes=multinomial_nodes,
        project=lambda family, z, total, probabilities: None,
        outside=lambda family: (np.zeros(family.size), np.eye(family.size)[0] + 2.5),
    ),
    MultivariateNormal: Oracle(
        textbook=multivariate_textbook,
        log_density=lambda family, z, mean, cov: stats.multivariate_normal.logpdf(z, mean, cov),
        nodes=multivariate_nodes,
        few=few_multivariate_nodes,
        project=multivariate_project,
        outside=lambda family: (np.full(family.size, np.inf), np.full(family.size, np.nan)),
    ),
    Dirichlet: Oracle(
        textbook=lambda family, rng, lead: {
            "concentration": np.exp(0.7 * rng.standard_normal((*lead, family.size)))
        },
        log_density=dirichlet_log_density,
        nodes=dirichlet_nodes,
        project=lambda family, z, concentration: stats.beta.cdf(
            z, concentration, concentration.sum() - concentration
        ),
        outside=lambda family: (
            np.eye(family.size)[0], np.full(family.size, 1.0), np.full(family.size, np.nan),
            2 * np.eye(family.size)[0] - 1 / family.size,
        ),
        free=lambda family, z: z[..., :-1],
    ),
    PolyaGamma: Oracle(
        textbook=lambda family, rng, lead: {
            "trials": np.broadcast_to(family.trials, lead), "tilt": 3 * rng.gamma(1.0, size=lead)
        },
        log_density=lambda family, z, trials, tilt: (
            trials * np.log(np.cosh(0.5 * tilt)) - 0.5 * tilt**2 * np.asarray(z)
        ),
        nodes=polya_gamma_nodes,
        few=lambda family, trials, tilt: few_polya_gamma_nodes(trials, tilt),
        project=polya_gamma_project,
        outside=lambda family: (0.0, -1.0, np.inf, np.nan),
    ),
    GaussianChain: Oracle(
        textbook=chain_textbook,
        log_density=lambda family, z, mean, variance, covariance: stats.multivariate_normal.logpdf(
            z, mean, chain_covariance(variance, covariance)
        ),
        nodes=lambda family, mean, variance, covariance: multivariate_nodes(
            family, mean, chain_covariance(variance, covariance)
        ),
        few=lambda family, mean, variance, covariance: few_multivariate_nodes(
            family, mean, chain_covariance(variance, covariance)
        ),
        project=lambda family, z, mean, variance, covariance: multivariate_project(
            family, z, mean, chain_covariance(variance, covariance)
        ),
        outside=lambda family: (np.full(family.size, np.inf), np.full(family.size, np.nan)),
    ),
    MarkovChain: Oracle(
        textbook=markov_textbook,
        log_density=markov_log_density,
        nodes=markov_nodes,
        project=lambda family, z, probabilities, pairs: None,
        outside=lambda family: (np.full(family.steps, family.states), np.full(family.steps, 0.5)),
    ),
    TruncatedNormal: Oracle(
        textbook=lambda family, rng, lead: {
            "mean": 3 * rng.standard_normal(lead), "variance": np.exp(rng.standard_normal(lead))
        },
        log_density=truncated_log_density,
        nodes=truncated_nodes,
        few=few_truncated_nodes,
        project=truncated_project,
        outside=lambda family: (0.0, -1.0, np.inf, np.nan),
    ),
    NormalWishart: Oracle(
        textbook=normal_wishart_textbook,
        log_density=normal_wishart_log_density,
        nodes=normal_wishart_nodes,
        few=partial(normal_wishart_nodes, few=True),
        project=normal_wishart_project,
        outside=normal_wishart_outside,
        free=lambda family, z: np.append(z.mean, z.precision[np.tril_indices(family.size)]),
        drawn=lambda family: family.size > 1,
    ),
}  # fmt: skip


def oracle_of(family):
    """The oracle of a family, or of the family it was derived from."""
    (oracle,) = [o for kind, o in ORACLES.items() if isinstance(family, kind)]
    return oracle


def product(lists):
    """Points (P, ...) by name, each with its weights, as one list of all combinations."""
    index = np.indices([len(weights) for _, weights in lists.values()]).reshape(len(lists), -1)
    values = {name: at(z, i) for (name, (z, _)), i in zip(lists.items(), index, strict=True)}
    weights = np.prod([w[i] for (_, w), i in zip(lists.values(), index, strict=True)], axis=0)
    return values, weights


def nodes_of(distribution, few=False):
    """Points (P, *plates, *event) and weights (P,) that integrate under one distribution."""
    family, parameters = distribution.family, distribution.parameters
    oracle, plates = oracle_of(family), family.lead_shape(distribution.eta)
    nodes = (few and oracle.few) or oracle.nodes
    each = {
        index: nodes(family, **{k: v[index] for k, v in parameters.items()})
        for index in np.ndindex(plates)
    }
    values, weights = product(each)
    stacked = [
        np.stack([parts(values[index])[k] for index in each], axis=1).reshape(-1, *plates, *shape)
        for k, shape in enumerate(event_shapes(family))
    ]
    pair = hasattr(family.event_shape, "_fields")
    return type(family.event_shape)(*stacked) if pair else stacked[0], weights


def nodes_under(q, few=False):
    """Points of all blocks together and their weights under q (factors by block, no batch)."""
    values, weights = product({name: nodes_of(factor, few) for name, factor in q.items()})
    possible = weights > 0
    return {name: at(value, possible) for name, value in values.items()}, weights[possible]


def log_q(q, values):
    """The log density of a q (factors by block) at (P, ...) block values, by scipy.stats."""
    total = 0.0
    for name, factor in q.items():
        family, parameters = factor.family, factor.parameters
        for index in np.ndindex(family.lead_shape(factor.eta)):
            z = at(values[name], (slice(None), *index))
            single = {k: v[index] for k, v in parameters.items()}
            total = total + oracle_of(family).log_density(family, z, **single)
    return total
