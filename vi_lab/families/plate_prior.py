"""The prior of all plate copies of a block, and what the priors of all blocks add to a log joint.

    sum over plates of log p(z) = <eta0, t> - A(eta0), summed over the plates

The natural parameter and the sum of the log partitions are worked out once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from vi_lab.families.distribution import Distribution
from vi_lab.families.family import Family


class PlatePrior:
    """A density of `family`, the same on all plates or one for each.

    Attributes
    ----------
    eta : list of array
        Its natural parameter about the centre of the family, each field (*plates, *its event).
    log_partition : float, or array (*batch,) where a batch has centres of its own
        A(eta0), summed over the plates.
    """

    def __init__(self, family: Family, prior: Distribution, plates: tuple[int, ...]) -> None:
        self._natural = family.natural(**prior.parameters)
        self._family = family
        # a family whose centre is one of each of a batch has such natural parameters
        lead = np.broadcast_shapes(family.lead_shape(self._natural), plates)
        self._batch = len(lead) - len(plates)
        self.eta = list(family.expand(self._natural, lead))
        self._flat = [(e.ravel(), e.shape, e.ndim) for e in self.eta]
        each = np.broadcast_to(family.log_partition_of(prior), lead)
        total = each.sum(axis=tuple(range(self._batch, len(lead))))
        self.log_partition = total if self._batch else float(total)

    @cached_property
    def is_sharp(self) -> bool:
        """Whether an entropy beside its log density would lose digits."""
        return self._batch > 0 or self._family.is_sharp(self._natural)

    @property
    def is_numbers(self) -> bool:
        """Whether each statistic of the block is one number."""
        return all(e.ndim == 0 for e in self.eta)

    def log_density(self, stats: Any) -> Any:
        """<eta0, t> - A(eta0), summed over the plates, (*batch,)."""
        total: Any = -self.log_partition
        if self._batch:
            for e, t in zip(self.eta, stats, strict=True):
                total = total + np.sum(e * t, axis=tuple(range(self._batch, e.ndim)))
            return total
        for (e, own, axes), t in zip(self._flat, stats, strict=True):
            if not axes:
                total = total + t * e[0]
                continue
            shape = np.shape(t)
            if shape[-axes:] != own:
                shape = shape[: max(len(shape) - axes, 0)] + own
                t = np.broadcast_to(t, shape)
            if axes > 1:
                t = t.reshape(shape[:-axes] + e.shape)
            total = total + t @ e
        return total


class LogPriors:
    """What the priors of blocks, by name, add to a log joint.

    Metropolis-Hastings is here at every step. The constants and eta0 of blocks of single numbers
    are therefore taken out once.
    """

    def __init__(self, priors: Mapping[str, PlatePrior]) -> None:
        single = {name: prior for name, prior in priors.items() if prior.is_numbers}
        self._constant = np.array(-sum(prior.log_partition for prior in single.values()))
        self._numbers = [(name, i, e) for name, p in single.items() for i, e in enumerate(p.eta)]
        self._others = [(name, prior) for name, prior in priors.items() if name not in single]

    def add_to(self, total: Any, stats: Mapping[str, Any]) -> Any:
        """total + sum of <eta0, t> - A(eta0), (*batch,)."""
        total = total + self._constant
        for name, field, eta in self._numbers:
            total = total + eta * stats[name][field]
        for name, prior in self._others:
            total = total + prior.log_density(stats[name])
        return total
