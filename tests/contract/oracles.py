"""What scipy.stats says of each family, and points at which to integrate under it.

None of this calls vi_lab for a number. A new family needs one `Oracle` here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg, special, stats

from vi_lab import Categorical, Gamma, MultivariateNormal, Normal


@dataclass(frozen=True)
class Oracle:
    """One family, by another's code. `family` is asked for its sizes alone."""

    textbook: Callable[..., dict[str, Any]]  # (family, rng, lead) -> random textbook parameters
    log_density: Callable[..., Any]  # (family, z, **textbook) -> log density, textbook unbatched
    nodes: Callable[..., Any]  # (family, **textbook) -> points (P, *event), their weights (P,)
    project: Callable[..., Any]  # (family, z, **textbook) -> draws as uniforms (n,), or None
    outside: Callable[..., Any] = lambda family: ()  # values outside the support


def uniform_nodes(low, high, count):
    points = np.linspace(low, high, count)
    return points, points[1] - points[0]


def normal_nodes(family, mean, sd):
    z, width = uniform_nodes(-9.0, 9.0, 101)
    return mean + sd * z, width * stats.norm.pdf(z)


def gamma_nodes(family, shape, rate):
    frozen = stats.gamma(shape, scale=1 / rate)
    low, high = np.log(frozen.ppf(1e-18)), np.log(frozen.isf(1e-18))
    # the trapezoidal rule in log z: its error falls like exp(-10 / spacing) until it is rounding
    spacing = min(0.22, 0.45 * np.sqrt(special.polygamma(1, shape)))
    y, width = uniform_nodes(low, high, int((high - low) / spacing) + 2)
    return np.exp(y), width * frozen.pdf(np.exp(y)) * np.exp(y)


def categorical_log_density(family, z, probabilities):
    first = family.first or 0
    table = {first + k: p for k, p in enumerate(probabilities)}
    with np.errstate(divide="ignore"):
        return np.log([table.get(label, 0.0) for label in np.ravel(z).tolist()]).reshape(
            np.shape(z)
        )


def categorical_nodes(family, probabilities):
    return np.arange(len(probabilities)) + (family.first or 0), probabilities


def multivariate_textbook(family, rng, lead):
    root = rng.standard_normal((*lead, family.size, family.size))
    cov = root @ np.swapaxes(root, -1, -2) + 0.5 * np.eye(family.size)
    return {"mean": 2 * rng.standard_normal((*lead, family.size)), "cov": cov}


def multivariate_nodes(family, mean, cov):
    z, width = uniform_nodes(-8.5, 8.5, 27)
    grid = np.stack(np.meshgrid(*[z] * family.size, indexing="ij"), -1).reshape(-1, family.size)
    weights = np.prod(width * stats.norm.pdf(grid), axis=-1)
    return mean + grid @ linalg.sqrtm(cov).real, weights


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
        project=lambda family, z, mean, sd: stats.norm.cdf(z, mean, sd),
        outside=lambda family: (np.inf, -np.inf, np.nan),
    ),
    Gamma: Oracle(
        textbook=lambda family, rng, lead: {
            "shape": np.exp(rng.standard_normal(lead)), "rate": np.exp(rng.standard_normal(lead))
        },
        log_density=lambda family, z, shape, rate: stats.gamma.logpdf(z, shape, scale=1 / rate),
        nodes=gamma_nodes,
        project=lambda family, z, shape, rate: stats.gamma.cdf(z, shape, scale=1 / rate),
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
    MultivariateNormal: Oracle(
        textbook=multivariate_textbook,
        log_density=lambda family, z, mean, cov: stats.multivariate_normal.logpdf(z, mean, cov),
        nodes=multivariate_nodes,
        project=multivariate_project,
        outside=lambda family: (np.full(family.size, np.inf), np.full(family.size, np.nan)),
    ),
}  # fmt: skip


def oracle_of(family):
    """The oracle of a family, or of the family it was derived from."""
    (oracle,) = [o for kind, o in ORACLES.items() if isinstance(family, kind)]
    return oracle


def product(parts):
    """Points (P, ...) by name, each with its weights, as one list of all combinations."""
    index = np.indices([len(weights) for _, weights in parts.values()]).reshape(len(parts), -1)
    values = {name: part[0][i] for (name, part), i in zip(parts.items(), index, strict=True)}
    weights = np.prod([w[i] for (_, w), i in zip(parts.values(), index, strict=True)], axis=0)
    return values, weights


def nodes_of(distribution):
    """Points (P, *plates, *event) and weights (P,) that integrate under one distribution."""
    family, parameters = distribution.family, distribution.parameters
    oracle, plates = oracle_of(family), family.lead_shape(distribution.eta)
    each = {
        index: oracle.nodes(family, **{k: v[index] for k, v in parameters.items()})
        for index in np.ndindex(plates)
    }
    values, weights = product(each)
    stacked = np.stack([values[index] for index in each], axis=1)
    return stacked.reshape(len(weights), *plates, *family.event_shape), weights


def nodes_under(q):
    """Points of all blocks together and their weights under q (factors by block, no batch)."""
    values, weights = product({name: nodes_of(factor) for name, factor in q.items()})
    possible = weights > 0
    return {name: value[possible] for name, value in values.items()}, weights[possible]


def log_q(q, values):
    """The log density of a q (factors by block) at (P, ...) block values, by scipy.stats."""
    total = 0.0
    for name, factor in q.items():
        family, parameters = factor.family, factor.parameters
        for index in np.ndindex(family.lead_shape(factor.eta)):
            z = values[name][(slice(None), *index)]
            single = {k: v[index] for k, v in parameters.items()}
            total = total + oracle_of(family).log_density(family, z, **single)
    return total
