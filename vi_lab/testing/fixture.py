"""A target for any sampler or optimiser that takes a log density on R^D, with its truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.inference.engine.differentiation import far_out
from vi_lab.inference.engine.target import choose_target
from vi_lab.inference.exact import exact
from vi_lab.model_or_problem import as_model
from vi_lab.numerics.rounding import Estimate


class Shape(Protocol):
    """A density on R^D that is known on paper: what `shapes` has, and the target of a problem."""

    dimension: int

    def log_density(self, y: np.ndarray) -> Any: ...
    def gradient(self, y: np.ndarray) -> Any: ...


@dataclass(frozen=True, eq=False, repr=False)
class Fixture:
    """A log density on R^D whose moments and normaliser are known; made when first asked.

    Attributes
    ----------
    name : str
    dimension : int
        D.
    names : tuple of str
        The latents that `constrain` gives, in the order of y.
    """

    name: str
    make: Callable[[], Any]

    @cached_property
    def _source(self) -> Any:
        return self.make()

    @property
    def dimension(self) -> int:
        return int(self._source.dimension)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._source.names)

    @public
    def log_density(self, y: Any) -> Any:
        """log p(x, y) in nats with every constant and Jacobian, (*batch, D) -> (*batch,); -inf
        where it cannot be told."""
        return far_out(self._source.log_density)(self._points(y))

    @public
    def gradient(self, y: Any) -> Any:
        """Its gradient, (*batch, D) -> (*batch, D)."""
        return far_out(self._source.gradient)(self._points(y))

    @public
    def constrain(self, y: Any) -> dict[str, Any]:
        """y as latents by name, (*batch, ...) each: positive, summing to one and so on."""
        return dict(self._source.constrain(self._points(y)))

    @cached_property
    def mean(self) -> Mapping[str, Any]:
        """Exact means of the latents, by name."""
        return dict(self._source.moments[0])

    @cached_property
    def sd(self) -> Mapping[str, Any]:
        """Exact standard deviations of the latents, by name."""
        return dict(self._source.moments[1])

    @property
    def log_evidence(self) -> float:
        """log of the integral of exp(log_density) over R^D."""
        return float(self._source.evidence.value)

    @property
    def log_evidence_error(self) -> float:
        return float(self._source.evidence.error)

    @public
    def sample(self, n: int, *, rng: Rng = None) -> np.ndarray:
        """n independent exact draws of y, (n, D)."""
        n = checks.integer("n", n, 1)
        return np.asarray(self._source.sample(checks.generator(rng), n))

    def _points(self, y: Any) -> np.ndarray:
        y = np.asarray(y, dtype=np.float64)
        fits = y.ndim > 0 and y.shape[-1] == self.dimension
        checks.require(fits, f"y: needs shape (..., {self.dimension})", y.shape)
        return y

    def __repr__(self) -> str:
        return f"<fixture {self.name!r}, {self.dimension} dimensions>"


class OfProblem:
    """A named problem in real coordinates, labels and auxiliaries summed out."""

    def __init__(self, problem: Any, parameterisation: str = "centred") -> None:
        self.model = as_model(problem)
        self.target: Any = choose_target(self.model, parameterisation)
        self.dimension = self.target.dimension
        self.log_density, self.gradient = self.target.log_density, self.target.gradient
        sources = self.model.sources.items()
        self.names = [z for z, blocks in sources if set(blocks) <= set(self.target.moved)]

    def constrain(self, y: np.ndarray) -> dict[str, Any]:
        values = {name: value for name, (value, _) in self.target.moments(y).items()}
        latents = self.model.latents({n: v for n, v in values.items() if n in self.target.moved})
        return {name: latents[name] for name in self.names}

    @cached_property
    def exact(self) -> Any:
        return exact(self.model)

    @property
    def moments(self) -> tuple[dict[str, Any], dict[str, Any]]:
        means = {name: self.exact.mean(name) for name in self.names}
        return means, {name: self.exact.sd(name) for name in self.names}

    @property
    def evidence(self) -> Estimate:
        truth = self.exact
        return Estimate(truth.log_evidence, truth.log_evidence_error, truth.route)

    def sample(self, rng: np.random.Generator, n: int) -> np.ndarray:
        drawn = self.exact.posterior.sample(rng, n)
        return self.target.to_real(drawn)
