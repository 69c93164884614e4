"""The density of one coordinate of a latent by a factor of q that is this latent and no other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.families import Distribution, MultivariateNormal, Normal


def find_factor(
    q: Mapping[str, Distribution], sources: Mapping[str, Any], name: str
) -> Distribution | None:
    """The factor that is this latent and nothing else, or None."""
    return q[name] if sources.get(name) == (name,) else None


def find_factor_density(
    factor: Distribution | None, index: tuple[int, ...], x: np.ndarray
) -> np.ndarray | None:
    """The density of a real number at x (n,), or the probabilities of a discrete one; None where
    there is no formula."""
    if factor is None:
        return None
    if isinstance(factor.family, MultivariateNormal):
        mean, sd = factor.mean[index], factor.sd[index]
        return np.asarray(np.exp(Normal.of(mean=mean, sd=sd).log_density(x)))
    if factor.family.discrete and "probabilities" in factor.parameters:
        table = factor.parameters["probabilities"][index]
        inside = np.isin(x, factor.family.support)
        where = np.clip(x - factor.family.support[0], 0, len(table) - 1).astype(int)
        return np.where(inside, table[where], 0.0)
    if factor.family.event_shape:
        return None
    lead = x.reshape(-1, *(1,) * len(index))
    return np.asarray(np.exp(factor.log_density(lead))[:, *index])
