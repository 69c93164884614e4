"""A q of independent factors beside its model: both are taken about where q is, and its bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.errors import NumericalError
from vi_lab.families import Distribution, NormalWishart
from vi_lab.model import Model, Statistics, elbo_terms, has_priors_apart

MOST_COST = 1e-3  # nats of a bound that a q may lose to be what its parameters tell


def move_centres(model: Model, values: Mapping[str, Any]) -> Model:
    """The model with its statistics about these values (or means) of its `moving` blocks, if they
    are far from where it takes them."""
    return model.about(values) if _strays(model, values) else model


def _strays(model: Model, values: Mapping[str, Any]) -> bool:
    """Whether some of these values are far from where the model takes its statistics."""
    if not model.moving or not has_priors_apart(model):
        return False
    t = {name: model.blocks[name].family.stats(values[name]) for name in model.moving}
    return model.strays(t)


def _find_place(factor: Distribution) -> Any:
    """Where a factor is: its mean, and of a normal-Wishart the axes it is long along and across."""
    if isinstance(factor.family, NormalWishart):
        return factor.family.locate(factor.eta)
    return factor.mean


def adopt_factors(
    model: Model, factors: Mapping[str, Distribution]
) -> tuple[Model, dict[str, Distribution]]:
    """The model with its statistics about where these factors are, and the factors in these."""
    there, places = model, {name: _find_place(factors[name]) for name in model.moving}
    if _strays(model, {name: factors[name].mean for name in model.moving}):
        there = model.about(places)
    adopted = dict(factors)
    for name in model.moving:
        family = there.blocks[name].family
        if factors[name].family is not family:
            adopted[name] = family.adopt(factors[name])
    return there, adopted


def tell_factors(
    model: Model, factors: dict[str, Distribution]
) -> tuple[dict[str, Distribution], float]:
    """The factors as their textbook parameters tell them, and what this costs of the bound, in
    nats; as they are where that is more than MOST_COST, or cannot be told."""
    turned = [n for n in model.moving if getattr(factors[n].family, "turn", None) is not None]
    if not turned:
        return factors, 0.0
    told = {**factors}
    for name in turned:
        family: Any = factors[name].family
        told[name] = NormalWishart.about(family.centre).adopt(factors[name])
    try:
        held, rounded = (_sum_terms(model, q) for q in (factors, told))
    except (NumericalError, ArithmeticError, np.linalg.LinAlgError):
        return factors, 0.0
    return (told, held - rounded) if abs(held - rounded) < MOST_COST else (factors, 0.0)


def _sum_terms(model: Model, factors: Mapping[str, Distribution]) -> float:
    """The evidence lower bound of factors without a batch."""
    there, factors = adopt_factors(model, factors)
    eta = {name: factor.eta for name, factor in factors.items()}
    t = {name: factor.expected_stats for name, factor in factors.items()}
    return float(sum(elbo_terms(there, eta, t, (), careful=True)))


def move_to(model: Model, q: Any) -> tuple[Model, dict[str, Any], Statistics]:
    """The model with its statistics about where a Factorised q is, with q's eta and t in these."""
    there, factors = adopt_factors(model, q.q)
    eta = {name: factor.eta for name, factor in factors.items()}
    return there, eta, {name: factor.expected_stats for name, factor in factors.items()}


def move_to_values(model: Model, q: Any) -> tuple[Model, dict[str, Distribution], Statistics]:
    """The model with its statistics about where a Factorised q is, q's factors and their t in
    these, all in the axes of the data: values are in these, and have the digits that they have."""
    there, factors = move_centres(model, {name: q.q[name].mean for name in model.moving}), q.q
    of_moving = {n: there.blocks[n].family.adopt(factors[n]) for n in model.moving}
    factors = {**factors, **of_moving}
    return there, factors, {name: factor.expected_stats for name, factor in factors.items()}


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
