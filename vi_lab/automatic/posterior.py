"""What integrated and enumerated posteriors have in common: averages over points of some blocks,
with the others given these in closed form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from vi_lab.arguments.block_values import put_back
from vi_lab.arguments.family_hooks import ask_family
from vi_lab.arguments.read_only import close_all
from vi_lab.automatic.conditionals import Conditionals as Conditionals
from vi_lab.automatic.conditionals import far_out as far_out
from vi_lab.automatic.separation import Separation
from vi_lab.families import Distribution
from vi_lab.model import Model, Values
from vi_lab.numerics.arithmetic import map_parts, times
from vi_lab.numerics.rounding import Estimate, rounding

AT_ONCE = 2**20  # numbers of collapsed blocks' natural parameters


class AveragedPosterior(ABC):
    """p(z|x) by points of the visited blocks, which a subclass lays.

    Attributes
    ----------
    log_evidence : Estimate
    """

    log_evidence: Estimate
    _constant: float  # of the posterior from the conditionals

    def __init__(self, model: Model, separation: Separation) -> None:
        self.model, self.visited, self.collapsed = model, separation.visited, separation.collapsed
        self.conditionals = Conditionals(model, separation)

    @abstractmethod
    def _points(self) -> tuple[Values, np.ndarray]:
        """Values (N, ...) of the visited blocks, and their probabilities (N,), that sum to 1."""

    @abstractmethod
    def _expect(self, q: Mapping[str, Distribution], function: Any) -> Estimate:
        """The mean of a function of values, with log q of the visited blocks, under q."""

    @abstractmethod
    def _draw(self, rng: np.random.Generator, n: int) -> Values:
        """n draws of the visited blocks."""

    # -- what follows from these ----------------------------------------------------------------

    def _parts(self, values: Values, count: int) -> Iterator[tuple[slice, Any]]:
        """The natural parameters of what is collapsed, for so many values at once."""
        numbers = sum(self.model.blocks[name].statistics_size for name in self.collapsed)
        step = max(1, AT_ONCE // max(numbers, 1))
        for begin in range(0, count, step):
            part = slice(begin, min(begin + step, count))
            few = {n: map_parts(lambda a, part=part: a[part], values[n]) for n in self.visited}
            yield (
                part,
                self.conditionals.given(self.conditionals.stats(few), part.stop - part.start),
            )

    @cached_property
    def _moments(self) -> tuple[dict[str, Any], dict[str, Any]]:
        values, weights = self._points()
        means, squares = {}, {}
        for name in self.visited:
            value = self._as_number(name, values[name])
            means[name] = _average(weights, value)
            deviation = map_parts(lambda a, m: (a - m) ** 2, value, means[name])
            squares[name] = _average(weights, deviation)
        parts: dict[str, tuple[list[Any], ...]] = {name: ([], [], []) for name in self.collapsed}
        for part, etas in self._parts(values, len(weights)):
            for name, eta in etas.items():
                family, w = self.model.blocks[name].family, weights[part]
                mean = ask_family(family, "mean", eta, eta=eta)
                nominal = name in self.model.nominal
                sd = None if nominal else ask_family(family, "sd", eta, eta=eta)
                variance = mean if sd is None else map_parts(np.square, sd)
                for kept, value in zip(
                    parts[name], (mean, variance, map_parts(np.square, mean)), strict=True
                ):
                    kept.append(_average(w, value))
        for name, sums in parts.items():
            mean, variance, square = (map_parts(lambda *all_: sum(all_), *each) for each in sums)
            means[name] = mean
            squares[name] = map_parts(
                lambda v, s, m: np.maximum(v + s - m * m, 0.0), variance, square, mean
            )
        sds = {n: means[n] if n in self.model.nominal else map_parts(np.sqrt, squares[n])
               for n in self.model.blocks}  # fmt: skip
        ordered = {name: means[name] for name in self.model.blocks}
        return close_all((self.model.latents(ordered), self.model.latents(sds)))

    def _as_number(self, name: str, value: Any) -> Any:
        """Labels without an order by their indicators, whose mean is the probabilities."""
        if name not in self.model.nominal:
            return value
        return self.model.blocks[name].family.stats(value).indicator

    @property
    def mean(self) -> Mapping[str, Any]:
        return self._moments[0]

    @property
    def sd(self) -> Mapping[str, Any]:
        return self._moments[1]

    def log_density(self, values: Values) -> Any:
        """Of the latents, auxiliary ones left out where they are not given; -inf outside."""
        values = put_back(self.model, values)
        lead = self._lead(values)
        flat, inside = {}, np.ones(int(np.prod(lead)), dtype=bool)
        for name, value in values.items():
            block, own = self.model.blocks[name], len(self._lead_of(name, value))
            flat[name] = map_parts(lambda a, own=own: _flatten(a, own, lead), value)
            held = block.family.in_support(flat[name])
            inside &= (
                np.broadcast_to(held, (len(inside), *block.plates)).reshape(len(inside), -1).all(-1)
            )
        found = np.full(len(inside), -np.inf)
        if inside.any():
            within = {n: map_parts(lambda a: a[inside], value) for n, value in flat.items()}
            found[inside] = self._log_density(within, int(inside.sum()))
        return found.reshape(lead)

    def _lead(self, values: Values) -> tuple[int, ...]:
        """The leading axes that all values have together, as those of nodes on a grid."""
        return np.broadcast_shapes(*(self._lead_of(name, v) for name, v in values.items()))

    def _lead_of(self, name: str, value: Any) -> tuple[int, ...]:
        block = self.model.blocks[name]
        event: Any = block.family.event_shape
        if isinstance(value, tuple):
            value, event = value[0], event[0]
        own = len(block.plates) + len(event)
        return np.shape(value)[: np.ndim(value) - own]

    def _log_density(self, values: Values, count: int) -> Any:
        total = self._log_visited(values, count)
        if self.collapsed:
            for part, etas in self._parts(values, count):
                for name in values.keys() & etas.keys():
                    block = self.model.blocks[name]
                    value = map_parts(lambda a, part=part: a[part], values[name])
                    each = block.family.log_density(value, etas[name])
                    total[part] += block.sum_over_plates(each, (part.stop - part.start,))
        return total

    def _log_visited(self, values: Values, count: int) -> Any:
        """log p(y|x) of the values of the visited blocks, from the conditionals."""
        stats = self.conditionals.stats(values)
        return np.array(self._unnormalised(stats, count) - self._constant)

    def _unnormalised(self, stats: Any, count: int) -> Any:
        return self.conditionals.log_density(stats, count)

    def sample(self, rng: np.random.Generator, n: int) -> Mapping[str, Any]:
        values = dict(self._draw(rng, n))
        drawn: dict[str, list[Any]] = {name: [] for name in self.collapsed}
        for part, etas in self._parts(values, n):
            for name, eta in etas.items():
                block = self.model.blocks[name]
                shape = (part.stop - part.start, *block.plates)
                drawn[name].append(block.family.sample(rng, eta, shape))
        values |= {n_: map_parts(lambda *all_: np.concatenate(all_), *p) for n_, p in drawn.items()}
        return {name: values[name] for name in self.model.blocks}

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """E_q(y)[ log q(y)/p(y|x) + sum over what is collapsed of KL[q || p(s | y)] ]."""
        leads = {n: f.family.lead_shape(f.eta) for n, f in q.items()}
        first = next(iter(q))
        batch = leads[first][: len(leads[first]) - len(self.model.blocks[first].plates)]
        found = []
        for index in np.ndindex(batch):
            one = {name: factor.take(index, leads[name]) for name, factor in q.items()}
            found.append(
                self._expect(one, lambda v, log_q, one=one: self._divergence(v, log_q, one))
            )
        values, errors = (np.reshape([f[i] for f in found], batch)[()] for i in (0, 1))
        return Estimate(values, errors + rounding(values), found[0].route)

    def _divergence(self, values: Values, log_q: Any, q: Mapping[str, Distribution]) -> Any:
        count = len(log_q)
        total = log_q - self._log_visited(values, count)
        if self.collapsed:
            for part, etas in self._parts(values, count):
                for name, eta in etas.items():
                    block = self.model.blocks[name]
                    factor = block.family.adopt(q[name])
                    own = factor.family.expand(factor.eta, (part.stop - part.start, *block.plates))
                    each = block.family.kl(own, eta)
                    total[part] += block.sum_over_plates(each, (part.stop - part.start,))
        return total


def log_visited_q(model: Model, q: Mapping[str, Distribution], stats: Any, count: int) -> Any:
    """log q of the blocks of `stats`, against the measure of their families, (count,)."""
    total = np.zeros(count)
    for name, t in stats.items():
        block, factor = model.blocks[name], model.blocks[name].family.adopt(q[name])
        each = block.family.inner(factor.eta, t) - block.family.log_partition(factor.eta)
        total = total + block.sum_over_plates(each, (count,))
    return total


def weigh(weights: np.ndarray, values: np.ndarray) -> float:
    """sum w f, where nothing is weighed by 0 whatever it is."""
    return float(times(weights, values).sum())


def _average(weights: np.ndarray, value: Any) -> Any:
    return map_parts(lambda a: np.tensordot(weights, a, 1), value)


def _flatten(array: np.ndarray, own: int, lead: tuple[int, ...]) -> np.ndarray:
    """An array with `own` leading axes, which need only broadcast to `lead`, with all as one."""
    event = array.shape[own:]
    whole = np.reshape(array, (1,) * (len(lead) - own) + array.shape)
    return np.broadcast_to(whole, lead + event).reshape(-1, *event)
