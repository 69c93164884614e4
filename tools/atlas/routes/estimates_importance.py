"""Evidence of a mixture by importance sampling of weights and components.

With theta = (weights, components), the labels summed out point by point,

    p(x) = E_q[ p(x | theta) p(theta) / q(theta) ],   p(x | theta) = prod_i sum_k w_k p(x_i | k)

for any density q that is positive where the posterior is. Chib's (1995) Rao-Blackwellised density
is one that is near to it: the mean of the full conditionals at M draws z^m of a Gibbs sampler,

    q_0(theta) = 1/M sum_m p(theta | x, z^m),   a Dirichlet by K densities of a component each.

A sampler may stay at one naming of the components out of K!, where q_0 is then too high by up to K!
(the mistake in Chib's example: Neal 1999). Averaging over all namings s mends it (Berkhof, van
Mechelen & Gelman 2003; Lee & Robert 2016, dual importance sampling):

    q(theta) = 1/(K! M) sum_m sum_s p(s(theta) | x, z^m)

A draw of q is a draw of q_0 whose components are then named at random. The sum over s needs no
K! terms: a conditional is c_m prod_k g_mk(theta_k), so the sum is c_m times the permanent of the
matrix g_mk(theta_j), which a recursion over subsets of columns has in 2^K K / 2 products, all of
them positive.

q is the mean of M proposals of which each gives as many draws: its weights are independent given
the z^m, and unbiased whether or not the sampler has converged. Their spread is the standard error
(drawing equally from each can only make it smaller). Whether it can be believed says Pareto k-hat.
"""

from __future__ import annotations

from math import lgamma
from typing import Any, NamedTuple

import numpy as np

from tools.atlas.routes.estimates_components import Components
from tools.atlas.routes.rules import log_mean
from vi_lab.numerics import special
from vi_lab.numerics.rounding import Estimate
from vi_lab.results.diagnostics import khat

CHAINS, WARMUP, EVERY = 20, 200, 20
COUNTED = 0.7  # what a point counts for in a proposal
AT_ONCE = 40_000  # pairs of a conditional and a draw whose densities are computed together


class Weighted(NamedTuple):
    """An estimate, and k-hat of the weights that it is the mean of."""

    estimate: Estimate
    khat: float


class Posteriors(NamedTuple):
    """p(theta | x, z^m), m = 1..M: Dirichlets' concentrations (M, K), and the components'."""

    concentration: np.ndarray
    components: Any


def estimate(parts: Components, model: Any, *, rng: int, conditionals: int, draws: int) -> Weighted:
    """log p(x): log of the mean of the weights; its error is sd(weights) / mean / sqrt(draws)."""
    generator = np.random.default_rng(rng)
    posteriors = visit(parts, model, generator, conditionals)
    log_weights = weights_of(parts, model, posteriors, generator, draws)
    route = (
        f"importance sampling from {conditionals:,} full conditionals under all "
        f"{model.n_components}! namings, {len(log_weights):,} draws"
    )
    return Weighted(log_mean(log_weights, route), float(khat(log_weights)))


def visit(parts: Components, model: Any, rng: np.random.Generator, conditionals: int) -> Posteriors:
    """Proposals at labels that a Gibbs sampler visits, all chains at every twentieth sweep.

    Each chain starts with every point at the nearest of K points of the data.
    """
    size, points = model.n_components, model.x.reshape(model.n, -1)
    places = np.stack([rng.choice(model.n, size, replace=False) for _ in range(CHAINS)])
    away = ((points[:, None, :] - points[places][:, None]) ** 2).sum(-1)
    labels = away.argmin(-1)[..., None] == np.arange(size)
    kept: list[Posteriors] = []
    rows = -(-conditionals // CHAINS)
    for sweep in range(1, WARMUP + EVERY * rows + 1):
        if sweep > WARMUP and sweep % EVERY == 0:
            kept.append(_posteriors(parts, model, COUNTED * labels))
        log_w, components = _draw(parts, _posteriors(parts, model, 1.0 * labels), rng)
        log_terms = log_w[:, None, :] + parts.log_likelihood(components)
        sums = np.exp(log_terms - log_terms.max(-1, keepdims=True)).cumsum(-1)
        passed = sums > rng.random((*sums.shape[:-1], 1)) * sums[..., -1:]
        labels = passed & ~np.pad(passed, ((0, 0), (0, 0), (1, 0)))[..., :-1]
    concentration = np.concatenate([p.concentration for p in kept])[:conditionals]
    arrays = zip(*(p.components for p in kept), strict=True)
    together = [np.concatenate(array)[:conditionals] for array in arrays]
    return Posteriors(concentration, type(kept[0].components)(*together))


def _posteriors(parts: Components, model: Any, labels: np.ndarray) -> Posteriors:
    return Posteriors(model.concentration + labels.sum(-2), parts.given(labels))


def _draw(
    parts: Components, posterior: Posteriors, rng: np.random.Generator
) -> tuple[np.ndarray, Any]:
    """Log weights and components, a draw of each of the posteriors."""
    gammas = rng.standard_gamma(posterior.concentration)
    log_w = np.log(gammas / gammas.sum(-1, keepdims=True))
    return log_w, parts.draw(rng, posterior.components)


def weights_of(
    parts: Components,
    model: Any,
    posteriors: Posteriors,
    rng: np.random.Generator,
    draws: int,
) -> np.ndarray:
    """log p(x | theta) p(theta) / q(theta) at draws of q, as many of each posterior, (draws,)."""
    size = model.n_components
    count = len(posteriors.concentration)
    prior = _posteriors(parts, model, np.zeros((1, model.n, size)))
    found = []
    for _ in range(-(-draws // count)):
        log_w, components = _draw(parts, posteriors, rng)
        naming = rng.permuted(np.tile(np.arange(size), (count, 1)), axis=-1)
        rows = np.arange(count)[:, None]
        log_w, components = log_w[rows, naming], tuple(part[rows, naming] for part in components)
        log_terms = log_w[:, None, :] + parts.log_likelihood(components)
        log_x = np.logaddexp.reduce(log_terms, axis=-1).sum(-1)
        features = np.concatenate([log_w[..., None], parts.features(components)], axis=-1)
        constant, log_each = log_densities(parts, prior, features)
        log_prior = constant[0] + np.trace(log_each)[0]
        found.append(log_x + log_prior - log_proposal(parts, posteriors, features))
    return np.concatenate(found)


def log_densities(
    parts: Components, posteriors: Posteriors, features: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """log c_m (M,), and log g_mk(theta_j) for each k and j of every m and draw t, (K, K, M, T).

    The Dirichlet's density is log Gamma(sum a) + sum_k ( (a_k - 1) log w_k - log Gamma(a_k) ).
    """
    a = posteriors.concentration
    constant, coefficients = parts.coefficients(posteriors.components)
    constant = constant - special.gammaln(a)
    coefficients = np.concatenate([constant[..., None], a[..., None] - 1.0, coefficients], axis=-1)
    by_row = np.swapaxes(coefficients, 0, 1)[:, None]  # (K, 1, M, 1 + F)
    one = np.ones((*features.shape[:-1], 1))
    by_column = np.moveaxis(np.concatenate([one, features], axis=-1), 0, -1)  # (K, 1 + F, T)
    return special.gammaln(a.sum(-1)), by_row @ by_column


def log_proposal(parts: Components, posteriors: Posteriors, features: np.ndarray) -> np.ndarray:
    """log q(theta) of every draw, (T,); features are (T, K, F)."""
    count, size = posteriors.concentration.shape
    found = []
    for some in np.array_split(features, -(-len(features) * count // AT_ONCE)):
        constant, log_each = log_densities(parts, posteriors, some)
        log_sum = constant[:, None] + log_permanent(log_each)
        found.append(np.logaddexp.reduce(log_sum, axis=0))
    return np.concatenate(found) - np.log(count) - lgamma(size + 1.0)


def log_permanent(log_each: np.ndarray) -> np.ndarray:
    """log sum_s prod_k exp(log_each[k, s(k)]), (K, K, ...) -> (...).

    f(S), the sum over the ways to give the first |S| rows the columns in S, is the sum over j in S
    of the last row's entry at j by f(S without j). Each row is measured by its largest entry; a sum
    that is e^-700 of the product of these is lost, and lost beside others in any mean over m.
    """
    size = len(log_each)
    top = log_each.max(1)
    each = np.exp(log_each - top[:, None])
    ways: list[Any] = [1.0]
    for columns in range(1, 2**size):
        inside = [j for j in range(size) if columns >> j & 1]
        row = each[len(inside) - 1]
        ways.append(sum(row[j] * ways[columns ^ (1 << j)] for j in inside))
    with np.errstate(divide="ignore"):
        return np.log(ways[-1]) + top.sum(0)
