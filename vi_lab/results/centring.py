"""A q of independent factors beside its model: both are taken about where q is, and its bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.families import Distribution
from vi_lab.model import Model, Statistics, elbo_terms, has_priors_apart


def move_centres(model: Model, values: Mapping[str, Any]) -> Model:
    """The model with its statistics about these values (or means) of its `moving` blocks, if they
    are far from where it takes them."""
    if not model.moving or not has_priors_apart(model):
        return model
    t = {name: model.blocks[name].family.stats(values[name]) for name in model.moving}
    return model.about(values) if model.strays(t) else model


def adopt_factors(
    model: Model, factors: Mapping[str, Distribution]
) -> tuple[Model, dict[str, Distribution]]:
    """The model with its statistics about where these factors are, and the factors in these."""
    there = move_centres(model, {name: factors[name].mean for name in model.moving})
    adopted = dict(factors)
    for name in model.moving:
        family = there.blocks[name].family
        if factors[name].family is not family:
            adopted[name] = family.adopt(factors[name])
    return there, adopted


def move_to(model: Model, q: Any) -> tuple[Model, dict[str, Any], Statistics]:
    """The model with its statistics about where a Factorised q is, with q's eta and t in these."""
    there, factors = adopt_factors(model, q.q)
    eta = {name: factor.eta for name, factor in factors.items()}
    return there, eta, {name: factor.expected_stats for name, factor in factors.items()}


def move_model(q: Any) -> Any:
    """A Factorised as one of the model with its statistics about where it is: then eta and t of its
    factors are what the conditionals of `q.model` take and give."""
    there, factors = adopt_factors(q.model, q.q)
    return q if there is q.model else type(q).fitted(there, factors)


def factorised_elbo(model: Model, q: Any) -> float | Any:
    """The evidence lower bound of a Factorised over this very model's blocks, with or without a
    batch, in nats, shape (*batch,)."""
    batch = q.batch
    bound = np.broadcast_to(sum(elbo_terms(*move_to(model, q), batch, careful=True)), batch)
    bound = checks.require_finite("the ELBO", bound, infinite=True)
    return bound if batch else float(bound)
