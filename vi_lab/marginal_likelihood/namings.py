"""Labels that are mere names: the K! namings of a mixture's components, and who has seen them all.

With priors that do not tell components apart the posterior has K! copies of every mode. A q, or
chains, that keep to one of them give p(x) / K! with a small error: ln K! too little.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from vi_lab.families import Dirichlet
from vi_lab.marginal_likelihood.proposals import Gaussian
from vi_lab.model import Block, Values, log_density
from vi_lab.numerics.normal_mixture import NormalMixture

MOST_NAMINGS = 720  # six components
LOOKED_AT = 400  # points that are renamed to see whether they keep to one naming
SAME = 1e-8  # nats, relative to the log joint, within which two namings have one


class Namings:
    """The orders in which the components of a model may be named: one where they cannot be.

    Attributes
    ----------
    label : str or None
        The block of labels that are mere names.
    classes : int
        K, or 1.
    orders : list of tuple
        Those looked at: all K!, or the given one alone where there are more than MOST_NAMINGS.
    """

    def __init__(self, model: Any, values: Values | None = None) -> None:
        self.model = model
        free = {n: k for n, k in model.nominal.items() if n not in model.named_labels}
        self.label: str | None = None
        self.classes: int = 1
        if len(free) == 1:
            ((self.label, self.classes),) = free.items()
        if values is not None and not self._is_symmetric(values):
            self.label, self.classes = None, 1
        known = range(self.classes)
        few = math.factorial(self.classes) <= MOST_NAMINGS
        self.orders = list(itertools.permutations(known)) if few else [tuple(known)]

    @property
    def count(self) -> int:
        """K!"""
        return math.factorial(self.classes)

    @property
    def alone(self) -> Namings:
        """The given naming and no other."""
        one = Namings.__new__(Namings)
        one.model, one.label, one.classes, one.orders = self.model, None, 1, [(0,)]
        return one

    def of(self, values: Values) -> Iterator[Values]:
        """The same values under every naming, each again by block."""
        for order in self.orders:
            yield self.rename(values, np.array(order))

    def rename(self, values: Values, order: np.ndarray) -> dict[str, Any]:
        """Component k called order[k]: labels and what belongs to each component."""
        if self.label is None:
            return dict(values)
        back = np.argsort(order)
        return {n: self._rename(n, z, order, back) for n, z in values.items()}

    def _rename(self, name: str, value: Any, order: np.ndarray, back: np.ndarray) -> Any:
        block: Block = self.model.blocks[name]
        if name == self.label:
            return order[np.asarray(value, dtype=np.int64)]
        if block.plates == (self.classes,):
            shapes: Any = block.family.event_shape
            if isinstance(value, tuple):
                parts = zip(value, shapes, strict=True)
                return type(value)(*(np.take(v, back, -1 - len(e)) for v, e in parts))
            return np.take(value, back, -1 - len(shapes))
        if isinstance(block.family, Dirichlet) and block.family.size == self.classes:
            return np.take(value, back, -1)
        return value

    def _is_symmetric(self, values: Values) -> bool:
        """Whether the log joint is the same whichever component comes first: tried by turning all
        and by exchanging two."""
        if self.label is None:
            return False
        k, before = self.classes, log_density(self.model, values)
        turned = np.roll(np.arange(k), 1)
        exchanged = np.r_[1, 0, np.arange(2, k)] if k > 1 else np.arange(k)
        for order in (turned, exchanged):
            after = log_density(self.model, self.rename(values, order))
            if not np.allclose(after, before, rtol=SAME, atol=SAME):
                return False
        return True


def find_shortfall(target: Any, namings: Namings, y: np.ndarray, log_weights: Any) -> float:
    """By how many nats log p(x) is missed where points (n, D) keep to some namings only.

    With g the Gaussian of the weighed points, and g~ its mean over the namings, the posterior's
    mean of g / g~ is 1 where they are in all namings, and K! where in one: an estimate of p(x) that
    rests on such points is so many times too small.
    """
    if len(namings.orders) < 2:
        return 0.0
    weights = np.exp(log_weights - np.max(log_weights)) * np.ones(len(y))
    weights /= weights.sum()
    middle = weights @ y
    covariance = ((y - middle).T * weights) @ (y - middle) + 1e-12 * np.eye(y.shape[1])
    root = np.linalg.cholesky(covariance)
    g = Gaussian(NormalMixture(np.zeros(1), middle[None], root[None]))
    rng = np.random.default_rng(0)
    some = y[rng.choice(len(y), min(LOOKED_AT, len(y)), p=weights)]
    values = target.values(some, rng)
    log_g = [g.log_density(target.to_real(renamed)) for renamed in namings.of(values)]
    mean = np.logaddexp.reduce(log_g, axis=0) - np.log(len(log_g))
    return float(np.log(np.exp(g.log_density(some) - mean).mean()))
