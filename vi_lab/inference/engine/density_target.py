"""What Metropolis-Hastings walks on: a log density over real coordinates, and the simplest one."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments.arrays import numbers
from vi_lab.arguments.block_values import initial_values
from vi_lab.arguments.model_hooks import ask_once
from vi_lab.arguments.public import require
from vi_lab.arguments.user_models import explain, is_real, read_density
from vi_lab.errors import InputError, ViLabError, refuse_if
from vi_lab.inference.engine.differentiation import Derivative, choose_derivative, far_out
from vi_lab.model import Values
from vi_lab.numerics.normal_mixture import NormalMixture
from vi_lab.numerics.sites import Sites, expect_log_density
from vi_lab.results.posterior import Cost


class Expectations(NamedTuple):
    """Of the log density under K normals: values (K,), and derivatives over means (K, D) and roots
    (K, D, D)."""

    values: Any
    means: Any
    roots: Any


class Expecting:
    """What a Gaussian q needs of a log density: it and its gradient at nodes, or its mean."""

    log_density: Callable[[np.ndarray], Any]

    def gradient(self, y: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def __getstate__(self) -> dict[str, Any]:
        """Without the sites, which are functions and cannot be pickled; they are asked for anew."""
        return {name: value for name, value in vars(self).items() if name != "smooth_sites"}

    def expect(self, q: NormalMixture) -> Expectations | None:
        """E log p under each component of q, with slopes, where there is a closed form."""
        return None

    def split_expectation(self, q: NormalMixture, y: np.ndarray) -> tuple[Any, Any, Expectations]:
        """What nodes y tell of E_q[log p], log p and its gradient there, and what is known without
        them, with the derivatives of the mean over q's components: one of the two is all 0."""
        known = self.expect(q)
        if known is None:
            return self.log_density(y), self.gradient(y), Expectations(0.0, 0.0, 0.0)
        w = np.exp(q.log_weights)[:, None]
        return 0.0, 0.0, Expectations(known.values, w * known.means, w[:, None] * known.roots)


class Target(Expecting, ABC):
    """A log density over y in R^D for any number of walkers at once.

    A walker is a chain; or a row of a chain, where each row is moved and judged by itself.

    Attributes
    ----------
    dimension : int
        D, of one walker.
    rows : int
        Walkers that make a chain.
    log_density : callable
        (walkers, D) -> (walkers,), in nats, possibly unnormalised.
    gradient_route : str
        How `gradient` is computed.
    expectation_route : str
        How `expect` found what it gave last.
    conditionals_per_density, conditionals_per_gradient : int
        Complete conditionals that one evaluation asks for.
    has_blocks : bool
        Whether the density is the log joint of a model with blocks.
    moved : mapping
        The blocks, or the latent, that y are the coordinates of.
    """

    dimension: int
    log_density: Callable[[np.ndarray], np.ndarray]
    gradient_route: str = "the complete conditionals"
    expectation_route: str = "closed form"
    rows: int = 1
    conditionals_per_density: int = 0
    conditionals_per_gradient: int = 0
    has_blocks: bool = True
    moved: Mapping[str, Any] = MappingProxyType({"z": None})
    model: Any
    change: Any = None

    @cached_property
    def smooth_sites(self) -> Sites | None:
        """The model's factors, where they have slopes and y are the coordinates they are of."""
        if self.change is not None or self.model.no_sites_because:
            return None
        try:
            sites = Sites(*self.model.sites())
        except Exception as error:
            raise explain("its sites", error) from error
        return sites if sites.slopes is not None else None

    def expect(self, q: NormalMixture) -> Expectations | None:
        """Under each component, by integrals in one dimension over the model's smooth factors."""
        sites = self.smooth_sites
        if sites is None:
            return None
        self.expectation_route = "quadrature of each factor"
        found = [expect_log_density(sites, m, L) for m, L in zip(q.means, q.roots, strict=True)]
        return Expectations(*(np.array(part) for part in zip(*found, strict=True)))

    @abstractmethod
    def gradient(self, y: np.ndarray) -> np.ndarray:
        """The gradient of the log density, (walkers, D) -> (walkers, D)."""

    @abstractmethod
    def start(self, rng: np.random.Generator, chains: int) -> np.ndarray:
        """Over-dispersed starts (walkers, D), chain by chain."""

    @abstractmethod
    def values(self, y: np.ndarray, rng: np.random.Generator) -> Values:
        """Paths (walkers, draws, D) -> block values (chains, draws, ...)."""

    def shown_values(self, y: np.ndarray, rng: np.random.Generator) -> Values:
        """As `values`; auxiliary blocks need not be among them."""
        return self.values(y, rng)

    def by_row(self, y: np.ndarray) -> np.ndarray:
        """(walkers, D) -> (chains, rows, D), and paths (walkers, draws, D) with draws between."""
        y = y.reshape(-1, self.rows, *y.shape[1:])
        return y if y.ndim == 3 else np.moveaxis(y, 1, 2)


class CountedTarget(Expecting):
    """A target that counts what it is asked for."""

    def __init__(self, target: Target) -> None:
        self.target, self.dimension, self.start = target, target.dimension, target.start
        self.has_blocks = target.has_blocks
        self.densities = self.gradients = 0

    def log_density(self, y: np.ndarray) -> Any:
        self.densities += math.prod(y.shape[:-1])
        return self.target.log_density(y)

    def gradient(self, y: np.ndarray) -> np.ndarray:
        self.gradients += math.prod(y.shape[:-1])
        return self.target.gradient(y)

    def expect(self, q: NormalMixture) -> Expectations | None:
        found = self.target.expect(q)
        if found is not None:
            self.densities += len(found.values)
            self.gradients += len(found.values)
        return found

    @property
    def cost(self) -> Cost:
        """What was asked so far, with the complete conditionals behind it."""
        conditionals = (
            self.densities * self.target.conditionals_per_density
            + self.gradients * self.target.conditionals_per_gradient
        )
        return Cost(self.densities, conditionals, self.gradients)


class ScaledTarget(Expecting):
    """A target in units of a fit: y = origin + scale u."""

    def __init__(self, target: Any, origin: np.ndarray, scale: np.ndarray) -> None:
        self.target, self.origin, self.scale = target, origin, scale
        self.log_det = float(np.log(scale).sum())

    def log_density(self, u: np.ndarray) -> Any:
        return self.target.log_density(self.origin + self.scale * u) + self.log_det

    def gradient(self, u: np.ndarray) -> Any:
        return self.target.gradient(self.origin + self.scale * u) * self.scale

    def expect(self, q: NormalMixture) -> Expectations | None:
        found = self.target.expect(q.moved(self.origin, self.scale))
        if found is None:
            return None
        values, means, roots = found
        return Expectations(values + self.log_det, means * self.scale, roots * self.scale[:, None])


def evaluate_starts(target: Any, start: np.ndarray) -> np.ndarray:
    """The log density where walkers (walkers, D) start, (walkers,).

    InputError where the model's own code raises or gives anything but real numbers of that shape.
    Of blocks, whose log joint was looked at, one number may stand for all: their Jacobian may be 0.
    """
    try:
        found = target.log_density(start)
    except Exception as error:
        raise explain("the log density at the start", error) from error
    if target.has_blocks and np.shape(found) == ():
        found = np.broadcast_to(found, (len(start),))
    return np.array(read_density(found, (len(start),), "log_density"))


class DensityTarget(Target):
    """A log density on R^D as it stands, or that of each row where rows are independent."""

    has_blocks = False

    def __init__(self, model: Any) -> None:
        self.model, self.dimension = model, model.dimension
        self.event: tuple[int, ...]
        self._differentiate: Derivative | None = None
        self._density, self.event = model.log_density, (self.dimension,)
        if model.independent_rows is not None:
            self.rows, self._density = model.independent_rows, self._log_density_rows
            self.event = (self.rows, self.dimension)
        self.log_density, self._gradient_is_new = self._ask_first, True

    def _ask_first(self, y: np.ndarray) -> np.ndarray:
        """The density at the first points, which it may not write into; then it is asked itself."""
        self.log_density = self._density
        hook = "log_density" if self.rows == 1 else "log_density_rows"
        found: np.ndarray = ask_once(hook, self._density, y)
        return found

    def _log_density_rows(self, y: np.ndarray) -> np.ndarray:
        return self.model.log_density_rows(self.by_row(y)).reshape(len(y))

    @far_out
    def gradient(self, y: np.ndarray) -> np.ndarray:
        """The model's own where it has one, else by differences of its log density."""
        own = getattr(self.model, "gradient", None)
        if own is not None:
            self.gradient_route = "the model's own gradient"
            try:
                new, self._gradient_is_new = self._gradient_is_new, False
                slope = ask_once("gradient", own, y) if new else own(y)
                real = is_real(slope)
                slope = np.asarray(slope, dtype=np.float64) if real else slope
            except Exception as error:
                raise explain("the gradient", error) from error
            require(real, "gradient: needs real numbers", slope, InputError)
            if slope.shape != y.shape:
                raise InputError(f"gradient: needs shape {y.shape}, gave {slope.shape}")
            return slope
        if self._differentiate is None:
            self._differentiate = choose_derivative(self.log_density, y)
            self.gradient_route = self._differentiate.__name__.replace("_", " ")
        return self._differentiate(self.log_density, y)

    def start(self, rng: np.random.Generator, chains: int) -> np.ndarray:
        """A new array of what the model gives for z, in the shape that it needs."""
        shape = (chains, *self.event)
        z = initial_values(self.model, rng, chains).get("z")
        try:
            z = np.array(numbers("z", z), dtype=np.float64)
        except ViLabError as error:
            raise InputError(f"sample_latents: needs z of shape {shape}; {error}") from error
        refuse_if(z.shape != shape, f"sample_latents: needs z of shape {shape}, gave {z.shape}")
        return z.reshape(-1, self.dimension)

    def expect(self, q: NormalMixture) -> Expectations | None:
        """The model's own, of each component, where it has one."""
        own = getattr(self.model, "expected_log_density", None)
        if own is None:
            return super().expect(q)
        try:
            found = [tuple(own(mean, root)) for mean, root in zip(q.means, q.roots, strict=True)]
        except Exception as error:
            raise explain("the expected log density", error) from error
        size = self.dimension
        for one in found:
            for part in one:
                require(is_real(part), "expected_log_density: needs real numbers", part, InputError)
            shapes = tuple(np.shape(part) for part in one)
            why = f"expected_log_density: needs shapes {((), (size,), (size, size))}, gave {shapes}"
            refuse_if(shapes != ((), (size,), (size, size)), why)
        return Expectations(*(np.array(part) for part in zip(*found, strict=True)))

    def to_real(self, values: Values) -> np.ndarray:
        return np.asarray(values["z"], dtype=np.float64)

    def log_measure(self, y: np.ndarray, values: Values) -> Any:
        """What a density over y lacks to be that of z."""
        return 0.0

    def moments(self, y: np.ndarray) -> dict[str, tuple[Any, Any]]:
        return {"z": (y, None)}

    def values(self, y: np.ndarray, rng: np.random.Generator) -> Values:
        return {"z": y if len(self.event) == 1 else self.by_row(y)}
