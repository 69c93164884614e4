"""Exponential families: p(z | eta) = exp(<eta, t(z)> - A(eta)).

Everything vi_lab does with a density it does through four functions of its family: the sufficient
statistics t(z), the log partition A(eta), the expected statistics E[t] = dA/d eta, and a sampler.
Log density, entropy and Kullback-Leibler divergence are written once, here, for all of them:

    log p(z | eta) = <eta, t(z)> - A(eta)
    H[p]           = A(eta) - <eta, E[t]>
    KL[p || p']    = <eta - eta', E[t]> - A(eta) + A(eta')

Densities are taken against Lebesgue or counting measure (h = 1), with every constant kept; where
h has no closed form (Polya-Gamma), against h.

Arrays are (*batch, *plates, *event). A statistic has event axes of its own (an outer product has
two), named in `stat_shapes`. Natural parameters share the fields of the statistics.
"""

from __future__ import annotations

import math
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from vi_lab.arguments.public import short_repr
from vi_lab.errors import InputError, InputTypeError
from vi_lab.numerics import arithmetic

SHARP = 1e3  # a natural parameter from which on digits are missed in a difference of two of a size


class Family(ABC):
    """One exponential family. Instances are immutable; methods are pure and vectorised.

    Attributes
    ----------
    Stats : type
        NamedTuple whose fields name the sufficient statistics and the natural parameters alike.
    stat_shapes : Stats
        The event shape of each statistic.
    event_shape : tuple of int
        The shape of one value z.
    discrete : bool
        Whether the values are countable (summed over) rather than real (integrated over).
    own_measure : bool
        Whether densities are taken against a measure of the family's own, which only draws know,
        in place of Lebesgue or counting measure.
    support : array or None
        Discrete families of a few values: all of them, shape (values, *event_shape).
    dtype : numpy dtype
        What draws are stored as; labels take the smallest integer type that holds them.
    real_shape : tuple of int
        Continuous families: the shape of the real coordinates y of one value.
    """

    Stats: ClassVar[type]
    stat_shapes: Any
    event_shape: tuple[int, ...] = ()
    real_shape: tuple[int, ...] = ()
    discrete: ClassVar[bool] = False
    own_measure: ClassVar[bool] = False
    support: Any = None
    dtype: Any = np.dtype(np.float64)

    def __init__(self, *stray: Any, **keywords: Any) -> None:
        if stray or keywords:
            name = type(self).__name__
            raise InputTypeError(f"{name}() takes no arguments; {name}.of(...) makes a density")

    # -- what a family provides -------------------------------------------------------------

    @abstractmethod
    def stats(self, z: Any) -> Any:
        """The sufficient statistics t(z); z is (*lead, *event), each field (*lead, *its event)."""

    @abstractmethod
    def log_partition(self, eta: Any) -> Any:
        """The log partition A(eta), shape (*lead,). NumericalError where eta is no density."""

    @abstractmethod
    def expected_stats(self, eta: Any) -> Any:
        """E[t(z)] = dA/d eta, as Stats."""

    def careful_stats(self, eta: Any) -> Any:
        """The same with all the digits there are, at a price that a loop does not pay."""
        return self.expected_stats(eta)

    @abstractmethod
    def sample(self, rng: np.random.Generator, eta: Any, shape: tuple[int, ...]) -> Any:
        """Independent draws, always (*shape, *event) of them; eta need only broadcast to shape.

        The hot loop of Gibbs sampling: it never writes to eta and checks nothing. An eta that is
        no density shows as an invalid floating-point operation, which callers turn into an error.
        """

    @abstractmethod
    def natural(self, *args: Any, **textbook: Any) -> Any:
        """The natural parameter of the density with these textbook parameters."""

    @abstractmethod
    def parameters(self, eta: Any) -> dict[str, np.ndarray]:
        """The textbook parameters, the inverse of `natural`."""

    @abstractmethod
    def mean(self, eta: Any) -> Any:
        """E[z], shape (*lead, *event)."""

    @abstractmethod
    def sd(self, eta: Any) -> Any:
        """The standard deviation of each coordinate of z, shape (*lead, *event)."""

    def covariance(self, eta: Any) -> Any:
        """The covariance of the v numbers of one value, (*lead, v, v); None where a family of
        vectors does not say it."""
        if self.numbers > 1:
            return None
        variance = np.asarray(self.sd(eta)) ** 2
        return variance.reshape(*self.lead_shape(eta), 1, 1)

    def quantile(self, eta: Any, p: float) -> Any:
        """Where each coordinate of z has the probability p at or below, shape (*lead, *event).

        None where there is no such formula and only draws tell.
        """
        return None

    @abstractmethod
    def in_support(self, z: Any) -> Any:
        """Whether each value lies in the support, shape (*lead,)."""

    def to_real(self, z: Any) -> np.ndarray:
        """Continuous families: real coordinates y of z, (*lead, *real_shape)."""
        raise NotImplementedError(f"{type(self).__name__} is discrete and has no real coordinates")

    def from_real(self, y: np.ndarray) -> tuple[Any, Any, Any]:
        """Continuous families: (z, t(z), log|det dz/dy|), the statistics computed from y itself."""
        raise NotImplementedError(f"{type(self).__name__} is discrete and has no real coordinates")

    def stats_pullback(self, y: np.ndarray, stats: Any, eta: Any) -> np.ndarray:
        """Continuous families: the gradient of <eta, t(z(y))> + log|det dz/dy| over y, eta held;
        the statistics are those at y. Shape (*lead, *real_shape)."""
        raise NotImplementedError(f"{type(self).__name__} says no gradient in real coordinates")

    def typical(self, eta: Any) -> tuple[float, float]:
        """Where the middle of one scalar density is in the real coordinate, and its rough width."""
        mean, sd = float(self.mean(eta)), float(self.sd(eta))
        middle = float(self.to_real(mean))
        return middle, sd if middle == mean else sd / max(mean, 1e-300)

    # A loop of many draws: `empty` is made once, each draw is `put` there, `stored` reads them all.

    def draw(self, rng: Any, eta: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
        """(what to `put` of a draw z, its statistics t(z)); overridden where the two share work."""
        z = self.sample(rng, eta, shape)
        return z, self.stats(z)

    def empty(self, lead: tuple[int, ...]) -> Any:
        """Uninitialised storage for draws of shape (*lead, *event)."""
        return np.empty(lead + self.event_shape, self.dtype)

    # put(store, index, z) writes one draw into `empty`'s storage
    put: Callable[[Any, Any, Any], None] = staticmethod(operator.setitem)

    def head(self, store: Any, count: int) -> Any:
        """The first `count` draws of a store, along its first axis."""
        return store[:count]

    def stored(self, store: Any) -> Any:
        """The values z of all draws in a store, which they take over."""
        return store

    # -- written once for all families ------------------------------------------------------

    @property
    def numbers(self) -> int:
        """How many numbers one value of z is."""
        shape: Any = self.event_shape
        if getattr(shape, "_fields", None) is None:
            return math.prod(shape)
        return sum(math.prod(part) for part in shape)  # a value is a pair of arrays

    def inner(self, eta: Any, stats: Any) -> Any:
        """<eta, t>, summed over each statistic's event axes, shape (*lead,)."""
        pairs = zip(eta, stats, self.stat_shapes, strict=True)
        terms = (_sum_event_axes(np.multiply(e, t), shape) for e, t, shape in pairs)
        return sum(terms, next(terms))

    def log_density(self, z: Any, eta: Any) -> Any:
        """log p(z | eta) in nats, shape (*lead,); -inf outside the support."""
        z = np.asarray(z)
        return arithmetic.restrict(
            lambda: self.inner(eta, self.stats(z)) - self.log_partition(eta), self.in_support(z)
        )

    def entropy(self, eta: Any, expected: Any = None) -> Any:
        """The differential or discrete entropy -E[log p] in nats, shape (*lead,).

        `expected` is E[t] where it is already known, and the difference of A and <eta, E[t]> is
        soon taken; without it, families in which these cancel take it on paper.
        """
        expected = self.expected_stats(eta) if expected is None else expected
        return self.log_partition(eta) - self.inner(eta, expected)

    def kl(self, eta: Any, other: Any) -> Any:
        """KL[p(. | eta) || p(. | other)] in nats, shape (*lead,)."""
        # where both are -inf (an impossible label under both) the difference is taken as 0
        apart = self.Stats(*map(arithmetic.difference, eta, other))
        partitions = self.log_partition(other) - self.log_partition(eta)
        return self.inner(apart, self.expected_stats(eta)) + partitions

    def is_sharp(self, eta: Any) -> bool:
        """Whether a prior with this natural parameter is so large that what it and q share would
        take digits from their difference."""
        return any(np.max(np.abs(field)) > SHARP for field in eta)

    def kl_from_prior(self, eta: Any, expected: Any, prior: Any) -> Any:
        """KL[p(. | eta) || prior] in nats, (*lead,): the prior a Distribution of this family, which
        may have a centre of its own, `expected` the E[t] of eta. Families in which a sharp prior
        would cancel take the difference on paper."""
        return self.kl(eta, self.adopt(prior).eta)

    def largest_of_kl(self, eta: Any, prior: Any) -> Any:
        """The largest term of `kl_from_prior`, (*lead,), where terms in it cancel; else 0."""
        return 0.0

    def log_partition_of(self, distribution: Any) -> Any:
        """The log partition of a Distribution of this family in the statistics of this instance."""
        return self.log_partition(self.natural(**distribution.parameters))

    def lead_shape(self, eta: Any) -> tuple[int, ...]:
        """The (*batch, *plates) shape that the fields of eta broadcast to."""
        fields = zip(eta, self.stat_shapes, strict=True)
        leads = (np.shape(e)[: max(np.ndim(e) - len(shape), 0)] for e, shape in fields)
        return np.broadcast_shapes(*leads)

    def expand(self, eta: Any, shape: tuple[int, ...]) -> Any:
        """eta with every field broadcast to (*shape, *its event), read-only."""
        pairs = zip(eta, self.stat_shapes, strict=True)
        return self.Stats(*(np.broadcast_to(np.asarray(e, float), shape + s) for e, s in pairs))

    def take(self, index: tuple[int, ...], plates: int) -> Any:
        """The family of one member of a batch: this one, but where each has centres of its own."""
        return self

    def adopt(self, distribution: Any) -> Any:
        """The same Distribution, as of this instance (a family may carry a centre, a support)."""
        if not isinstance(self, type(distribution.family)):
            raise InputTypeError(f"needs a {type(self).__name__}, got {short_repr(distribution)}")
        eta = self.natural(**distribution.parameters)
        for name, e, s in zip(eta._fields, eta, self.stat_shapes, strict=True):
            if s and np.shape(e)[-len(s) :] != s:
                raise InputError(
                    f"needs a {type(self).__name__} of event shape {s} ({name}), "
                    f"got {np.shape(e)} in {short_repr(distribution)}"
                )
        return replace(distribution, family=self, eta=eta)


def _sum_event_axes(product: Any, shape: tuple[int, ...]) -> Any:
    """Sum over a statistic's event axes, which may have been left to broadcast."""
    if not shape:
        return product
    if np.shape(product)[-len(shape) :] != shape:
        lead = np.shape(product)[: max(np.ndim(product) - len(shape), 0)]
        product = np.broadcast_to(product, lead + shape)
    return product.sum(axis=tuple(range(-len(shape), 0)))
