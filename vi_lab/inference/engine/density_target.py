"""What Metropolis-Hastings walks on: a log density over real coordinates, and the simplest one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.arguments.arrays import numbers
from vi_lab.arguments.user_models import initial_values
from vi_lab.density_model import DensityModel
from vi_lab.errors import InputError, ViLabError
from vi_lab.model import Values


class Target(ABC):
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
    conditionals_per_density : int
        Complete conditionals that one evaluation asks for.
    """

    dimension: int
    log_density: Callable[[np.ndarray], np.ndarray]
    rows: int = 1
    conditionals_per_density: int = 0

    @abstractmethod
    def start(self, rng: np.random.Generator, chains: int) -> np.ndarray:
        """Over-dispersed starts (walkers, D), chain by chain."""

    @abstractmethod
    def values(self, y: np.ndarray, rng: np.random.Generator) -> Values:
        """Paths (walkers, draws, D) -> block values (chains, draws, ...)."""


class DensityTarget(Target):
    """A log density on R^D as it stands."""

    def __init__(self, model: DensityModel) -> None:
        self.model = model
        self.dimension, self.log_density = model.dimension, model.log_density

    def start(self, rng: np.random.Generator, chains: int) -> np.ndarray:
        return draw_start(self.model, rng, (chains, self.dimension))

    def values(self, y: np.ndarray, rng: np.random.Generator) -> Values:
        return {"z": y}


def draw_start(model: Any, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """A new array of starts z of a model that offers a density alone."""
    z = initial_values(model, rng, shape[0]).get("z")
    try:
        z = np.array(numbers("z", z), dtype=np.float64)
    except ViLabError as error:
        raise InputError(f"sample_latents: needs z of shape {shape}; {error}") from error
    if z.shape != shape:
        raise InputError(f"sample_latents: needs z of shape {shape}, gave {z.shape}")
    return z
