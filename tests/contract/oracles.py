"""What scipy.stats says of each family, and points at which to integrate under it.

None of this calls vi_lab for a number. A new family needs one `Oracle` here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg, special, stats

from tests.contract.values import at, event_shapes, parts
from vi_lab import Categorical, Dirichlet, Gamma, MultivariateNormal, Normal, NormalWishart
from vi_lab.families import MeanPrecision


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


def dirichlet_log_density(family, z, concentration):
    z = np.asarray(z)
    columns = z.reshape(-1, family.size).T
    value = stats.dirichlet.logpdf(columns / columns.sum(0), concentration)
    return np.reshape(value, z.shape[:-1])


def dirichlet_nodes(family, concentration):
    """Breaking a stick: z_1 is a beta variable, z_2 / (1 - z_1) another, and so on."""
    shares = [beta_nodes(a, concentration[k + 1 :].sum()) for k, a in enumerate(concentration[:-1])]
    index = np.indices([len(weights) for *_, weights in shares]).reshape(len(shares), -1)
    rest, weight, z = 1.0, 1.0, []
    for (share, other, weights), i in zip(shares, index, strict=True):
        z.append(rest * share[i])
        rest, weight = rest * other[i], weight * weights[i]
    return np.stack([*z, rest], axis=-1), weight


def beta_nodes(a, b):
    """p, 1 - p and weights: the trapezoidal rule in the logit, whose tails fall like a power of e."""
    low, high = -38.0 / a, 38.0 / b
    y, width = uniform_nodes(low, high, int((high - low) / 0.3) + 2)
    p, q = special.expit(y), special.expit(-y)
    log_density = a * special.log_expit(y) + b * special.log_expit(-y) - special.betaln(a, b)
    return p, q, width * np.exp(log_density)


def normal_wishart_textbook(family, rng, lead):
    scale = multivariate_textbook(family, rng, lead)
    nu = family.size + 2.5 + np.exp(rng.standard_normal(lead))
    return {
        "mean": scale["mean"], "beta": np.exp(0.5 * rng.standard_normal(lead)),
        "w_inv": scale["cov"], "nu": nu,
    }  # fmt: skip


def normal_wishart_log_density(family, z, mean, beta, w_inv, nu):
    """scipy's Wishart, and its standard normal of the whitened mean."""
    w = linalg.inv(w_inv)
    precision = np.moveaxis(z.precision.reshape(-1, family.size, family.size), 0, -1)
    log_p = stats.wishart.logpdf(precision, nu, w).reshape(z.precision.shape[:-2])
    root = np.sqrt(beta) * np.linalg.cholesky(z.precision)
    white = np.einsum("...ij,...i->...j", root, z.mean - mean)
    log_det = np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum(-1)
    return log_p + stats.norm.logpdf(white).sum(-1) + log_det


def normal_wishart_nodes(family, mean, beta, w_inv, nu):
    """In one dimension a gamma rule by a normal rule; in more, 100,000 of scipy's draws."""
    if family.size == 1:
        tau, weights = gamma_nodes(None, 0.5 * nu, 0.5 * w_inv[0, 0])
        z, normal = normal_nodes(None, 0.0, 1.0)
        mu = mean + z / np.sqrt(beta * tau)[:, None]
        precision = np.broadcast_to(tau[:, None], mu.shape)
        pair = MeanPrecision(mu.reshape(-1, 1), precision.reshape(-1, 1, 1))
        return pair, (weights[:, None] * normal).ravel()
    n, rng = 100_000, np.random.default_rng(99)
    precision = stats.wishart.rvs(nu, linalg.inv(w_inv), size=n, random_state=rng)
    root = np.linalg.cholesky(np.linalg.inv(beta * precision))
    mu = mean + np.einsum("nij,nj->ni", root, rng.standard_normal((n, family.size)))
    return MeanPrecision(mu, precision), np.full(n, 1 / n)


def normal_wishart_project(family, z, mean, beta, w_inv, nu):
    """The mean along a direction is Student's t; two quadratic forms are chi-square: c'Lambda c over
    c'W c with nu degrees of freedom, c'W^-1 c over c'Lambda^-1 c with nu - D + 1."""
    c, degrees = np.linspace(1.0, 2.0, family.size), nu - family.size + 1
    t = (z.mean - mean) @ c / np.sqrt(c @ w_inv @ c / (beta * degrees))
    along = np.einsum("i,nij,j->n", c, z.precision, c) / (c @ linalg.inv(w_inv) @ c)
    across = (c @ w_inv @ c) / np.einsum("i,nij,j->n", c, np.linalg.inv(z.precision), c)
    return np.stack(
        [stats.t.cdf(t, degrees), stats.chi2.cdf(along, nu), stats.chi2.cdf(across, degrees)], -1
    )


def normal_wishart_outside(family):
    zero, one = np.zeros(family.size), np.eye(family.size)
    yield MeanPrecision(zero, -one)
    yield MeanPrecision(zero, 0 * one)
    yield MeanPrecision(zero, np.nan * one)
    yield MeanPrecision(zero + np.inf, one)
    if family.size > 1:
        yield MeanPrecision(zero, one + np.triu(one + 0.3, 1))  # not symmetric
        yield MeanPrecision(zero, one - 2.0)  # symmetric, with a negative eigenvalue


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
    NormalWishart: Oracle(
        textbook=normal_wishart_textbook,
        log_density=normal_wishart_log_density,
        nodes=normal_wishart_nodes,
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


def nodes_of(distribution):
    """Points (P, *plates, *event) and weights (P,) that integrate under one distribution."""
    family, parameters = distribution.family, distribution.parameters
    oracle, plates = oracle_of(family), family.lead_shape(distribution.eta)
    each = {
        index: oracle.nodes(family, **{k: v[index] for k, v in parameters.items()})
        for index in np.ndindex(plates)
    }
    values, weights = product(each)
    stacked = [
        np.stack([parts(values[index])[k] for index in each], axis=1).reshape(-1, *plates, *shape)
        for k, shape in enumerate(event_shapes(family))
    ]
    pair = hasattr(family.event_shape, "_fields")
    return type(family.event_shape)(*stacked) if pair else stacked[0], weights


def nodes_under(q):
    """Points of all blocks together and their weights under q (factors by block, no batch)."""
    values, weights = product({name: nodes_of(factor) for name, factor in q.items()})
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
