"""A q as JSON: natural parameters by block, without the block that one update gives back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.density_model import DensityRows
from vi_lab.families import Distribution, Family, MultivariateNormal
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.numerics.normal_mixture import NormalMixture
from vi_lab.results import Factorised, GaussianRows

LARGEST_STORED_BLOCK = 200  # numbers from which the largest block of a q is left to be computed


def store(model: Any, q: Any) -> dict[str, Any]:
    """`q` and `one_update_away` of an entry: its factors, and the block left out, if one is large.

    A block's factor is its complete conditional at the expected statistics of the others, at an
    optimum. So the largest block can be had from the rest, where it holds more than 200 numbers.
    """
    factors = {name: as_json(factor) for name, factor in list_factors(q).items()}
    sizes = {name: _size(factor) for name, factor in factors.items()}
    largest = max(sizes, key=lambda name: sizes[name])
    away = []
    if sizes[largest] > LARGEST_STORED_BLOCK and not isinstance(model, DensityRows):
        away.append(largest)
        del factors[largest]
    return {"q": factors, "one_update_away": away}


def list_factors(q: Any) -> Mapping[str, Distribution]:
    """The factors of a q by block; of a Gaussian over the z of a density, the one it is."""
    if not isinstance(q, GaussianPosterior):
        factors: Mapping[str, Distribution] = q.q
        return factors
    (mean,), (root,) = q.mixture.means, q.mixture.roots
    return {"z": MultivariateNormal.of(mean=mean, cov=root @ root.T)}


def restore(model: Any, bound: Mapping[str, Any]) -> Any:
    """The q of an entry's bound, its missing block computed from the others."""
    if isinstance(model, DensityRows):
        given = bound["q"]["z"]
        factor = from_json(MultivariateNormal(model.dimension, given.get("centre", 0.0)), given)
        return GaussianRows.of(model, factor.parameters["mean"], factor.parameters["cov"])
    if not model.blocks:
        given = bound["q"]["z"]
        factor = from_json(MultivariateNormal(model.dimension, given.get("centre", 0.0)), given)
        mean, cov = factor.parameters["mean"], factor.parameters["cov"]
        one = NormalMixture(np.zeros(1), mean[None], np.linalg.cholesky(cov)[None])
        return GaussianPosterior(model, one, "gaussian")
    factors = {
        name: from_json(model.blocks[name].family, given) for name, given in bound["q"].items()
    }
    statistics = {name: factor.expected_stats for name, factor in factors.items()}
    for name in bound["one_update_away"]:
        block = model.blocks[name]
        eta = block.family.expand(block.complete_conditional(statistics), block.plates)
        factors[name] = Distribution(block.family, eta)
    return Factorised(model, **factors)


def as_json(factor: Distribution) -> dict[str, Any]:
    """Family, plates, centre of its statistics where it has one, and natural parameters by field.

    A field that is equal on all plates is written once; None stands for minus infinity.
    """
    family, eta = factor.family, factor.eta
    plates = family.lead_shape(eta)
    found: dict[str, Any] = {"family": type(family).__name__, "plates": list(plates)}
    centre = np.asarray(getattr(family, "centre", 0.0))
    if centre.any():
        found["centre"] = centre.tolist()
    natural = {}
    for name, field in zip(eta._fields, eta, strict=True):
        field = np.asarray(field)
        flat = field.reshape(-1, *field.shape[len(plates) :])
        if plates and (flat == flat[:1]).all():
            field = np.asarray(flat[0])
        values = field.astype(object)
        values[np.isneginf(field)] = None
        natural[name] = values.tolist()
    found["natural"] = natural
    return found


def from_json(family: Family, given: Mapping[str, Any]) -> Distribution:
    """The distribution that `as_json` wrote down."""
    plates = tuple(given["plates"])
    fields = []
    for name, shape in zip(family.Stats._fields, family.stat_shapes, strict=True):  # type: ignore[attr-defined]
        array = np.array(given["natural"][name], dtype=object)
        array = np.where(array == None, -np.inf, array).astype(np.float64)  # noqa: E711
        fields.append(np.broadcast_to(array, plates + shape).copy())
    return Distribution(family, family.Stats(*fields))


def _size(factor: Mapping[str, Any]) -> int:
    return sum(np.size(field) for field in factor["natural"].values())
