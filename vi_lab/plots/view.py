"""A result seen as numbers by name, "mu" or "rates[0]", each with draws, moments and a density.

No drawing here. What has a density in closed form is evaluated; the rest is smoothed draws.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public, short_repr
from vi_lab.errors import InputError
from vi_lab.families import MultivariateNormal, Normal
from vi_lab.model_or_problem import model_behind
from vi_lab.plots.smoothing import smooth, smooth_pair
from vi_lab.results import Draws, Exact, Factorised, GaussianRows, Posterior

DRAWS = 100_000  # draws made of a result that is not draws
MOST_NUMBERS = 4_000_000  # fewer where one draw is large
LONGEST_PICTURED = 8  # a vector with more coordinates has no pictures of one coordinate each
BARS = 400  # whole numbers further apart are drawn as if they were real
LABELS = 60  # values of a label that are summed out of an exact density
TAIL = 1e-3  # probability left outside a picture on each side
FINE, COARSE = 300, 121  # points across a marginal, and across a side of a joint density


class View:
    """One result, its draws made once, when they are first asked for."""

    @public
    def __init__(self, result: Posterior) -> None:
        needed = "result: needs an Exact, Draws or Factorised result"
        checks.require(isinstance(result, Posterior), needed, result)
        self.result = result
        if isinstance(result, Factorised) and result.batch:
            raise InputError(f"results: need a single q, got a batch of shape {result.batch}")

    @cached_property
    def _drawn(self) -> Mapping[str, Any]:
        """Every latent, (draws, ...), the chains of Draws one after another."""
        result = self.result
        if isinstance(result, Draws):
            return {k: np.reshape(v, (-1, *v.shape[2:])) for k, v in result.values.items()}
        size = sum(np.size(v) for v in result.sample(1, rng=0).values())
        return result.sample(int(np.clip(MOST_NUMBERS // max(size, 1), 2000, DRAWS)), rng=0)

    @cached_property
    def _summaries(self) -> Mapping[str, Any]:
        """Every summary with an order, (draws, ...)."""
        model = model_behind(self.result)
        labels, found = model.nominal, model.summaries(dict(self._drawn))
        return {k: v for k, v in found.items() if k not in labels}

    @cached_property
    def values(self) -> Mapping[str, np.ndarray]:
        """Latents and summaries with an order, each (draws, ...)."""
        labels = model_behind(self.result).nominal
        latents = {k: v for k, v in self._drawn.items() if k not in labels}
        return {k: np.asarray(v) for k, v in {**latents, **self._summaries}.items()}

    @cached_property
    def _latents(self) -> frozenset[str]:
        """The latents that are seen as themselves: a summary may go by a latent's name and yet be
        another quantity (sorted means)."""
        shown = {**self._drawn, **self._summaries}
        return frozenset(n for n in self._drawn if n in self.values and shown[n] is self._drawn[n])

    @property
    def coordinates(self) -> tuple[str, ...]:
        """What is worth drawing: every coordinate of the summaries that are small enough."""
        return tuple(
            text
            for name in self._summaries
            if self.values[name][0].size <= LONGEST_PICTURED
            for text in self._written(name)
        )

    def _written(self, name: str) -> list[str]:
        """A latent's coordinates as tables write them; a lone one goes by the latent's name."""
        shape = self.values[name].shape[1:]
        if self.values[name][0].size == 1:
            return [name]
        return [name + str(list(i)).replace(" ", "") for i in np.ndindex(*shape)]

    @public
    def locate(self, text: str) -> tuple[str, tuple[int, ...]]:
        """The name and index of a coordinate; InputError names what there is for an unknown one."""
        match = re.fullmatch(r"([^\[\]]+)(?:\[([\d, ]+)\])?", checks.text("name", text))
        name, inside = match.groups() if match else (text, None)
        checks.one_of("name", name, self.values)
        shape = self.values[name].shape[1:]
        if inside is None and self.values[name][0].size == 1:
            return name, (0,) * len(shape)
        index = tuple(int(i) for i in (inside or "").split(",") if i.strip())
        if len(index) != len(shape) or not all(map(int.__lt__, index, shape)):
            some = ", ".join(self._written(name)[:LONGEST_PICTURED])
            needed = f"name: needs one coordinate of {name!r} ({some})"
            raise InputError(f"{needed}, got {short_repr(text)}")
        return name, index

    @public
    def draws(self, text: str) -> np.ndarray:
        """Draws of one coordinate, shape (draws,)."""
        name, index = self.locate(text)
        where: Any = (slice(None), *index)
        return self.values[name][where]

    @public
    def is_whole(self, text: str) -> bool:
        """Whether a coordinate takes whole numbers, and has probabilities instead of a density."""
        return whole(self.draws(text))

    @public
    def moments(self, text: str) -> tuple[float, float]:
        """Mean and sd of one coordinate, in closed form where the result has them."""
        name, index = self.locate(text)
        if name in self._latents and name in self.result.names:
            mean, sd = np.asarray(self.result.mean(name)), np.asarray(self.result.sd(name))
            return float(mean[index]), float(sd[index])
        draws = self.draws(text)
        return float(draws.mean()), float(draws.std())

    @public
    def probabilities(self, text: str, labels: np.ndarray) -> np.ndarray:
        """The probability of each whole number, shape (labels,)."""
        labels = checks.real_array("labels", labels, 1)
        name, index = self.locate(text)
        factor = self._factor(name)
        if factor is not None and factor.family.discrete:
            table = factor.parameters["probabilities"][index]
            inside = np.isin(labels, factor.family.support)
            where = np.clip(labels - factor.family.support[0], 0, len(table) - 1).astype(int)
            return np.where(inside, table[where], 0.0)
        return (self.draws(text)[:, None] == labels).mean(0)

    @public
    def density(self, text: str, grid: np.ndarray) -> np.ndarray:
        """The density of one real coordinate on an even grid, shape (grid,)."""
        name, index = self.locate(text)
        grid = even("grid", grid)
        factor = self._factor(name)
        if factor is not None and isinstance(factor.family, MultivariateNormal):
            mean, sd = factor.mean[index], factor.sd[index]
            return np.exp(Normal.of(mean=mean, sd=sd).log_density(grid))
        if factor is not None and not factor.family.event_shape:
            lead = grid.reshape(-1, *(1,) * len(index))
            return np.exp(factor.log_density(lead))[:, *index]
        other = self._other(text)
        if other is not None:
            across = spread([self], other, COARSE)
            return np.trapezoid(self.joint(text, other, grid, across), across, axis=1)
        return smooth(self.draws(text), grid)

    @public
    def joint(self, x: str, y: str, x_grid: np.ndarray, y_grid: np.ndarray) -> np.ndarray:
        """The density of two real coordinates on even grids, shape (x grid, y grid)."""
        x_grid, y_grid = even("x_grid", x_grid), even("y_grid", y_grid)
        for text in (x, y):
            self.locate(text)
        if self._other(x) == y:
            return self._sum_over_labels({x: x_grid[:, None], y: y_grid[None, :]})
        if self._independent(x, y):
            return self.density(x, x_grid)[:, None] * self.density(y, y_grid)[None, :]
        return smooth_pair(self.draws(x), self.draws(y), x_grid, y_grid)

    def _factor(self, name: str) -> Any:
        """The factor of q that is this latent and nothing else, or None."""
        result = self.result
        if isinstance(result, Factorised | GaussianRows) and name in self._latents:
            return result.q[name] if result.model.sources.get(name) == (name,) else None
        return None

    def _other(self, text: str) -> str | None:
        """The other real number of an exact density that can be drawn on a grid, or None."""
        real = self._two_real
        return real[1 - real.index(text)] if text in real else None

    @cached_property
    def _two_real(self) -> tuple[str, ...]:
        """The coordinates of an exact density over two real numbers, and one label at the most."""
        names = self.result.names
        if not isinstance(self.result, Exact) or not self._latents.issuperset(names):
            return ()
        written = [t for n in names for t in self._written(n)]
        labels = [t for t in written if self.is_whole(t)]
        few = all(len(np.unique(self.draws(t))) <= LABELS for t in labels)
        if len(written) - len(labels) != 2 or len(labels) > 1 or not few:
            return ()
        return tuple(t for t in written if t not in labels)

    def _sum_over_labels(self, grids: Mapping[str, np.ndarray]) -> np.ndarray:
        """exp log p(z|x) on a grid of two real numbers, a label summed over all that occur."""
        result = self.result
        assert isinstance(result, Exact)
        shape = np.broadcast_shapes(*(g.shape for g in grids.values()))
        values = {n: np.empty(shape + np.shape(result.mean(n))) for n in result.names}
        for text, grid in grids.items():
            name, index = self.locate(text)
            where: Any = (..., *index)
            values[name][where] = grid
        label = next((n for n in values if whole(self.values[n])), None)
        if label is None:
            return np.exp(result.log_density(values))
        total = np.zeros(shape)
        for one in np.unique(self.values[label]):
            values[label][...] = one
            total += np.exp(result.log_density(values))
        return total

    def _independent(self, x: str, y: str) -> bool:
        """Whether q factorises over the two: two blocks, or two plates of one."""
        (one, _), (two, _) = self.locate(x), self.locate(y)
        factors = self._factor(one), self._factor(two)
        if None in factors:
            return False
        return one != two or not factors[0].family.event_shape


def whole(draws: np.ndarray) -> bool:
    """Whether these are whole numbers, and few enough to be drawn as bars."""
    if float(draws.max()) - float(draws.min()) > BARS:
        return False
    return draws.dtype.kind in "iub" or bool((draws == np.floor(draws)).all())


def even(name: str, grid: Any) -> np.ndarray:
    """Two or more points of one axis, at even steps upwards."""
    points = checks.observations(name, grid)
    steps = np.diff(points)
    if len(points) < 2 or steps.min() <= 0 or np.ptp(steps) > 1e-6 * np.abs(points).max():
        raise InputError(f"{name}: needs two or more points at even steps, got {short_repr(grid)}")
    return points


def component_labels(views: Iterable[View], text: str) -> np.ndarray:
    """The whole numbers that are probable under any result, and one more on each side."""
    ends = np.array([np.quantile(v.draws(text), [2 * TAIL, 1 - 2 * TAIL]) for v in views])
    return np.arange(int(ends[:, 0].min()) - 1, int(ends[:, 1].max()) + 2)


def spread(views: Iterable[View], text: str, points: int = FINE) -> np.ndarray:
    """An even grid over all but the far tails of one coordinate under every result."""
    ends = np.array([np.quantile(v.draws(text), [TAIL, 1 - TAIL]) for v in views])
    low, high = ends[:, 0].min(), ends[:, 1].max()
    margin = 0.05 * (high - low) or max(abs(high), 1.0)
    # where nothing is below zero, zero is an end and not a place to smear into
    positive = all((v.draws(text) >= 0).all() for v in views)
    return np.linspace(max(low - margin, 0.0) if positive else low - margin, high + margin, points)
