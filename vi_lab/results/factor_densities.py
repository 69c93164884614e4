"""The density of one number of a latent, or of two, by the factors of q.

A latent may be cut into blocks, or be a part of one: where it is the numbers of blocks in another
order, and nothing else, each has the density that it has there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from vi_lab.families import (
    Bits,
    Dirichlet,
    Distribution,
    GaussianChain,
    MarkovChain,
    MeanPrecision,
    MultivariateNormal,
    Normal,
    NormalWishart,
)
from vi_lab.numerics import densities
from vi_lab.numerics.mixed_densities import mix_betas, mix_gammas, normal_pair

Factors = Mapping[str, Distribution]
Coordinate = tuple[str, tuple[int, ...]]
GAUSSIAN = (MultivariateNormal, GaussianChain)  # several numbers at once, each of them normal


class Place(NamedTuple):
    """Where a number stands: the block, the part of a value of several ("mean"), and the index."""

    block: str
    part: str
    at: tuple[int, ...]


def find_density(model: Any, q: Factors, one: Coordinate, x: np.ndarray) -> np.ndarray | None:
    """The density of a real number at x (n,), or the probabilities of a discrete one; None where
    there is no formula."""
    place = _locate(model, q, one)
    return None if place is None else _find_factor_density(q[place.block], place, x)


def find_pair_density(
    model: Any, q: Factors, one: Coordinate, two: Coordinate, x: np.ndarray, y: np.ndarray
) -> np.ndarray | None:
    """The density of two real numbers, (x points, y points); None where there is no formula.

    Blocks are independent in q, and so are the plates of one.
    """
    first, then = _locate(model, q, one), _locate(model, q, two)
    if first is None or then is None:
        return None
    factor = q[first.block]
    plates = len(factor.family.lead_shape(factor.eta))
    lead = first.at[:plates]
    if first.block == then.block and lead == then.at[:plates]:
        if not isinstance(factor.family, GAUSSIAN) or first == then:
            return None
        at = [first.at[-1], then.at[-1]]
        cov = np.asarray(factor.family.covariance(factor.eta))[lead]
        return normal_pair(x, y, np.asarray(factor.mean)[lead][at], cov[np.ix_(at, at)])
    of_x = _find_factor_density(factor, first, x)
    of_y = _find_factor_density(q[then.block], then, y)
    return None if of_x is None or of_y is None else np.multiply.outer(of_x, of_y)


def _locate(model: Any, q: Factors, one: Coordinate) -> Place | None:
    """Where the number stands among the blocks, None where it is made of more than one.

    Every number of the blocks is given a label of its own, and the model arranges these as it does
    the values. It does so three times, with other labels, to see that it but moves them.
    """
    name, index = one
    blocks = model.sources.get(name, ())  # a summary has none
    if blocks == (name,):
        return Place(name, "", index)
    if not blocks:
        return None
    others = {block: factor.mean for block, factor in q.items()}
    places = [
        Place(block, part, at)
        for block in blocks
        for part, values in _parts(others[block]).items()
        for at in np.ndindex(np.shape(values))
    ]
    labels, found = np.arange(len(places)), []
    for some in (labels, labels[::-1], np.roll(labels, 1)):
        left, made = some, dict(others)
        for block in blocks:
            made[block], left = _relabel(others[block], left)
        found.append(float(np.asarray(model.latents(made)[name])[index]))
        if found[0] not in labels or found[-1] != some[int(found[0])]:
            return None
    return places[int(found[0])]


def _parts(value: Any) -> dict[str, Any]:
    """The arrays of a block's value, by name: a pair of a mean and a precision has two."""
    return value._asdict() if isinstance(value, MeanPrecision) else {"": value}


def _relabel(value: Any, labels: np.ndarray) -> tuple[Any, np.ndarray]:
    """A value of the same shapes that is made of the first labels, and the labels left over."""
    made = []
    for part in _parts(value).values():
        size = np.size(part)
        made.append(labels[:size].reshape(np.shape(part)).astype(np.float64))
        labels = labels[size:]
    return (MeanPrecision(*made) if isinstance(value, MeanPrecision) else made[0]), labels


def _find_factor_density(factor: Distribution, place: Place, x: np.ndarray) -> np.ndarray | None:
    """The density of one number of a factor."""
    family, index = factor.family, place.at
    if isinstance(family, GAUSSIAN):
        mean, sd = factor.mean[index], factor.sd[index]
        return np.asarray(np.exp(Normal.of(mean=mean, sd=sd).log_density(x)))
    if isinstance(family, NormalWishart):
        return _find_wishart_density(factor.parameters, place, x)
    if isinstance(family, Dirichlet):
        concentration = factor.parameters["concentration"][index[:-1]]
        own = concentration[index[-1]][None]
        return mix_betas(np.ones(1), x, own, concentration.sum(keepdims=True) - own)
    if isinstance(family, Bits):
        table = factor.parameters["probabilities"][index[:-1]]
        return np.where(x[:, None] == family.support[:, index[-1]], table, 0.0).sum(-1)
    if isinstance(family, MarkovChain):
        states = np.arange(family.states)
        return (x[:, None] == states) @ factor.parameters["probabilities"][index]
    if family.discrete and "probabilities" in factor.parameters:
        if family.support is None:  # labels without an order
            return None
        table = factor.parameters["probabilities"][index]
        inside = np.isin(x, family.support)
        where = np.clip(x - family.support[0], 0, len(table) - 1).astype(int)
        return np.where(inside, table[where], 0.0)
    if family.event_shape:
        return None
    lead = x.reshape(-1, *(1,) * len(index))
    return np.asarray(np.exp(factor.log_density(lead))[:, *index])


def _find_wishart_density(
    parameters: Mapping[str, np.ndarray], place: Place, x: np.ndarray
) -> np.ndarray | None:
    """Of a normal-Wishart NW(m, beta, W^-1, nu) in D dimensions.

    With d = nu - D + 1, a mean has Student's t of d degrees of freedom about m_i, of squared scale
    (W^-1)_ii / (beta d) (Murphy 2007, eq. 234); a precision Lambda_ii is Gamma(nu/2, 1/(2 W_ii)).
    """
    lead, i = place.at[:-1], place.at[-1]
    if place.part == "precision":
        lead, j = lead[:-1], lead[-1]
        if i != j:
            return None
        w = np.linalg.inv(parameters["w_inv"][lead])[i, i][None]
        return mix_gammas(np.ones(1), x, 0.5 * parameters["nu"][lead][None], 0.5 / w)
    m, w_inv = parameters["mean"][lead], parameters["w_inv"][lead]
    degrees = parameters["nu"][lead] - len(m) + 1
    scale = np.sqrt(w_inv[i, i] / (parameters["beta"][lead] * degrees))
    return np.asarray(np.exp(densities.log_student(((x - m[i]) / scale) ** 2, degrees)) / scale)
