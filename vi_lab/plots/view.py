"""A result seen as numbers by name, "mu" or "rates[0]", each with draws, moments and a density.

No drawing here. What has a density in closed form or by quadrature is evaluated, the truth above
all; the rest is smoothed draws, and `is_smoothed` says which it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public, short_repr
from vi_lab.errors import InputError
from vi_lab.model_or_problem import model_behind
from vi_lab.plots.few_reals import FewReals
from vi_lab.plots.known_densities import find_joint, find_marginal
from vi_lab.plots.prior_draws import sample_prior
from vi_lab.plots.smoothing import smooth, smooth_pair
from vi_lab.results import Draws, Exact, Factorised, LinearResponse, Posterior
from vi_lab.results.coordinates import locate_coordinate, write_coordinates
from vi_lab.results.posterior import Cost

DRAWS = 100_000  # draws made of a result that is not draws
MOST_NUMBERS = 4_000_000  # fewer where one draw is large
PRIOR_DRAWS, PRIOR_NUMBERS = 20_000, 2_000_000  # the same of a prior
LONGEST_PICTURED = 8  # a vector with more coordinates has no pictures of one coordinate each
REACH, NODES = 0.1, 4001  # beyond all draws, in their range, and of an integral over it
BARS = 400  # whole numbers further apart are drawn as if they were real

Key = TypeVar("Key")


class View:
    """One result: its draws, densities and moments each made once, when first asked for.

    Names and shapes are those of a single draw: what is never drawn as a picture costs no more.
    """

    @public
    def __init__(self, result: Posterior) -> None:
        needed = "result: needs an Exact, Draws or Factorised result"
        checks.require(isinstance(result, Posterior), needed, result)
        self.result = result
        self._found: dict[Any, Any] = {}
        if isinstance(result, Factorised) and result.batch:
            raise InputError(f"results: need a single q, got a batch of shape {result.batch}")

    @cached_property
    def _one(self) -> Mapping[str, Any]:
        """A single draw of every latent, (1, ...)."""
        if isinstance(self.result, Draws):
            return {k: np.asarray(v)[0, :1] for k, v in self.result.values.items()}
        return self.result.sample(1, rng=0)

    @cached_property
    def _drawn(self) -> Mapping[str, Any]:
        """Every latent, (draws, ...), the chains of Draws one after another."""
        result = self.result
        if isinstance(result, Draws):
            return {k: np.reshape(v, (-1, *v.shape[2:])) for k, v in result.values.items()}
        size = sum(map(np.size, self._one.values()))
        return result.sample(int(np.clip(MOST_NUMBERS // max(size, 1), 2000, DRAWS)), rng=0)

    @cached_property
    def prior(self) -> View:
        """Draws from the prior of a generative model, made once for all its coordinates."""
        rng, model = np.random.default_rng(0), model_behind(self.result)
        size = sum(np.size(v) for v in self.result.sample(1, rng=rng).values()) or 1
        n = min(PRIOR_DRAWS, max(1000, PRIOR_NUMBERS // size))
        values = model.latents(sample_prior(model, rng, n))
        drawn = {latent: np.asarray(value)[None] for latent, value in values.items()}
        return View(Draws(self.result.model, "prior", drawn, np.ones(1), Cost(), 0.0))

    def _summarise(self, drawn: Mapping[str, Any]) -> Mapping[str, Any]:
        """Every summary with an order of these draws of the latents."""
        model = model_behind(self.result)
        labels, found = model.nominal, model.summaries(dict(drawn))
        return {k: v for k, v in found.items() if k not in labels}

    def _list_ordered(self, drawn: Mapping[str, Any]) -> dict[str, Any]:
        """Latents and summaries with an order; of one name the summary."""
        labels = model_behind(self.result).nominal
        return {k: v for k, v in drawn.items() if k not in labels} | dict(self._summarise(drawn))

    @cached_property
    def values(self) -> Mapping[str, np.ndarray]:
        """Latents and summaries with an order, each (draws, ...)."""
        return {k: np.asarray(v) for k, v in self._list_ordered(self._drawn).items()}

    @cached_property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shape of one draw of each of `values`."""
        return {k: np.shape(v)[1:] for k, v in self._list_ordered(self._one).items()}

    @cached_property
    def _latents(self) -> frozenset[str]:
        """The latents that are seen as themselves: a summary may go by a latent's name and yet be
        another quantity (sorted means)."""
        shown = self._list_ordered(self._one)
        return frozenset(n for n in self._one if n in shown and shown[n] is self._one[n])

    @cached_property
    def summaries(self) -> tuple[str, ...]:
        """The names of all summaries with an order."""
        return tuple(self._summarise(self._one))

    @property
    def coordinates(self) -> tuple[str, ...]:
        """What is worth drawing: every coordinate of the summaries that are small enough."""
        return tuple(
            text
            for name in self.summaries
            if math.prod(self.shapes[name]) <= LONGEST_PICTURED
            for text in write_coordinates(name, self.shapes[name])
        )

    @public
    def locate(self, text: str) -> tuple[str, tuple[int, ...]]:
        """The name and index of a coordinate; InputError names what there is for an unknown one."""
        return locate_coordinate(text, self.shapes)

    @public
    def draws(self, text: str) -> np.ndarray:
        """Draws of one coordinate, shape (draws,)."""
        name, index = self.locate(text)
        where: Any = (slice(None), *index)
        return self.values[name][where]

    @public
    def is_whole(self, text: str) -> bool:
        """Whether a coordinate takes whole numbers, and has probabilities instead of a density."""
        return bool(self._once(("whole", text), lambda: whole(self.draws(text))))

    @public
    def moments(self, text: str) -> tuple[float, float]:
        """Mean and sd of one coordinate: the result's own where it has them, else by its density,
        else of draws."""
        return self._once(("moments", text), lambda: self._find_moments(text))

    def _once(self, key: Any, find: Callable[[], Any]) -> Any:
        """What was found under this key before, or now."""
        if key not in self._found:
            self._found[key] = find()
        return self._found[key]

    def _find_moments(self, text: str) -> tuple[float, float]:
        name, index = self.locate(text)
        if self._has_moments(name):
            mean, sd = np.asarray(self.result.mean(name)), np.asarray(self.result.sd(name))
            return float(mean[index]), float(sd[index])
        draws = self.draws(text).astype(np.float64)
        low, high = draws.min(), draws.max()
        margin = REACH * (high - low)
        x = np.linspace(low - margin if low < 0 else max(low - margin, 0.0), high + margin, NODES)
        x = np.arange(low, high + 1) if self.is_whole(text) else x
        p = self._find_density(text, x)
        if p is None or not 0 < p.sum() < np.inf:
            return float(draws.mean()), float(draws.std())
        mean = np.average(x, weights=p)
        return float(mean), float(np.sqrt(np.average((x - mean) ** 2, weights=p)))

    @public
    def all_moments(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Means and sds of a latent or summary, each of its shape: of every coordinate of a short
        one as `moments` has them, of a longer one the result's own or else those of draws."""
        shape = self.shapes[checks.one_of("name", name, self.shapes)]
        if self._has_moments(name):
            return np.asarray(self.result.mean(name)), np.asarray(self.result.sd(name))
        if math.prod(shape) <= LONGEST_PICTURED:
            each = np.array([self.moments(text) for text in write_coordinates(name, shape)])
            return each[:, 0].reshape(shape), each[:, 1].reshape(shape)
        draws = self.values[name].astype(np.float64)
        return draws.mean(0), draws.std(0)

    @public
    def is_latent(self, name: str) -> bool:
        """Whether this is a latent as itself: a summary may go by a latent's name."""
        return checks.one_of("name", name, self.shapes) in self._latents

    def _has_moments(self, name: str) -> bool:
        """Whether the result has mean and sd of what goes by this name here."""
        result, shape = self.result, self.shapes[name]
        if name in self._one:
            return name in self._latents and name in result.names
        known = result.posterior.mean if isinstance(result, Exact) else {}
        return self._is_its_own(name) and name in known and np.shape(known[name]) == shape

    @public
    def probabilities(self, text: str, labels: np.ndarray) -> np.ndarray:
        """The probability of each whole number, shape (labels,)."""
        labels = checks.real_array("labels", labels, 1)
        found = self._find_density(text, labels)
        return (self.draws(text)[:, None] == labels).mean(0) if found is None else found

    @public
    def density(self, text: str, grid: np.ndarray) -> np.ndarray:
        """The density of one real coordinate on an even grid, shape (grid,)."""
        self.locate(text)
        grid = even("grid", grid)

        def find() -> np.ndarray:
            found = None if self.is_whole(text) else self._find_density(text, grid)
            return smooth(self.draws(text), grid) if found is None else found

        return self._once(("density", text, grid.tobytes()), find).copy()

    @public
    def joint(self, x: str, y: str, x_grid: np.ndarray, y_grid: np.ndarray) -> np.ndarray:
        """The density of two real coordinates on even grids, shape (x grid, y grid)."""
        x_grid, y_grid = even("x_grid", x_grid), even("y_grid", y_grid)

        def find() -> np.ndarray:
            found = self._find_joint(x, y, x_grid, y_grid)
            if found is None:
                return smooth_pair(self.draws(x), self.draws(y), x_grid, y_grid)
            return found

        return self._once(("joint", x, y, x_grid.tobytes(), y_grid.tobytes()), find).copy()

    @public
    def is_smoothed(self, x: str, y: str | None = None) -> bool:
        """Whether the density of a coordinate, or of two, is known by smoothed draws alone."""
        return bool(self._once(("smoothed", x, y), lambda: self._has_no_density(x, y)))

    def _has_no_density(self, x: str, y: str | None) -> bool:
        """Tried where some draws are, at a point or two of each coordinate."""
        some_x = np.sort(self.draws(x)[:2])
        if y is None:
            return self._find_density(x, some_x) is None
        return self._find_joint(x, y, some_x, np.sort(self.draws(y)[:2])) is None

    def _find_density(self, text: str, x: np.ndarray) -> np.ndarray | None:
        """The density or probabilities at x (n,), None where there are draws alone."""
        name, index = self.locate(text)
        found = find_marginal(self.result, (name, index), x) if self._is_its_own(name) else None
        if found is None and self._few_reals is not None:
            return self._few_reals.marginal(text, x)
        return found

    def _find_joint(self, x: str, y: str, x_grid: Any, y_grid: Any) -> np.ndarray | None:
        one, two = self.locate(x), self.locate(y)
        if self._few_reals is not None and one != two:
            return self._few_reals.density({x: x_grid[:, None], y: y_grid[None, :]})
        if not (self._is_its_own(one[0]) and self._is_its_own(two[0])):
            return None
        return find_joint(self.result, one, two, x_grid, y_grid)

    def _is_its_own(self, name: str) -> bool:
        """Whether the result's word on this name is on what is shown by it.

        A latent is, unless a summary goes by its name; so is a summary of a model of vi_lab's own,
        which the truth knows, but not one that a user's model defines.
        """
        if name in self._one:
            return name in self._latents
        return model_behind(self.result).summaries.__module__.split(".")[0] == "vi_lab"

    @cached_property
    def _few_reals(self) -> FewReals | None:
        """An exact density over one or two real numbers that can be put on a grid, or None."""
        names = self.result.names
        if not isinstance(self.result, Exact) or not self._latents.issuperset(names):
            return None
        found = FewReals(self.result, {name: self.values[name] for name in names})
        few = len(found.written) <= 2 and not any(map(self.is_whole, found.written))
        return found if few and self._latents.issuperset(self.shapes) else None


def list_views(results: Mapping[Key, Posterior]) -> dict[Key, View]:
    """A view of each result that has a picture, by its key; two moments alone have none."""
    return {k: View(r) for k, r in results.items() if not isinstance(r, LinearResponse)}


def views_of(problem: str, views: Mapping[tuple[str, str], View]) -> dict[str, View]:
    """Those of one problem by method, of views by (problem, method)."""
    return {method: view for (name, method), view in views.items() if name == problem}


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
