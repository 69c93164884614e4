"""A model in real coordinates for another library, and what that found as draws of its latents."""

from __future__ import annotations

import importlib
import time
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.errors import NotApplicable, refuse_if
from vi_lab.inference.engine.differentiation import far_out
from vi_lab.inference.engine.target import choose_target, is_discrete
from vi_lab.model_or_problem import as_model
from vi_lab.results import Cost, Draws

CHAINS, DRAWS, WARMUP = 4, 1000, 1000
FITTED = 4000  # draws of a q that was fitted


def import_extra(module: str, package: str) -> Any:
    """The module; NotApplicable with the line that installs it where it is missing."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise NotApplicable(f"{module} is not installed: pip install {package}") from None


def why_not_walked(model: Any) -> str | None:
    """Why the model has no log density in real coordinates for others, as a clause, or None."""
    if model.blocks and is_discrete(model):
        return "every latent is discrete, and it moves in real coordinates"
    if model.independent_rows is not None:
        return "its rows are independent, a posterior each, and it would move all of them at once"
    return None


class Walked:
    """A model in real coordinates, and the clock of a run on it."""

    def __init__(self, problem: Any, tool: str, methods: tuple[str, ...], method: str) -> None:
        self.model = as_model(problem)
        self.tool, self.method = tool, checks.one_of("method", method, methods)
        reason = why_not_walked(self.model)
        refuse_if(reason, f"{tool} does not apply, because {reason}", NotApplicable)
        self.target: Any = choose_target(self.model)
        self.dimension = self.target.dimension
        self.log_density = far_out(self.target.log_density)
        self.gradient = far_out(self.target.gradient)
        self.began = time.perf_counter()

    def start(self, rng: np.random.Generator, chains: int) -> np.ndarray:
        """Where chains begin, (chains, D): the model's own starts."""
        return self.target.start(rng, chains)

    def draws(self, y: Any, rng: np.random.Generator, seed: int | None) -> Draws:
        """Paths y (chains, draws, D) as draws of all latents, labels from their conditionals."""
        y = np.asarray(y, dtype=np.float64)
        latents = self.model.latents(far_out(self.target.values)(y, rng))
        chains = y.shape[0]
        return Draws(
            model=self.model,
            method=f"{self.tool} {self.method}",
            values=dict(latents),
            acceptance_rate=np.ones(chains),
            cost=Cost(),
            seconds=time.perf_counter() - self.began,
            settings={"seed": seed, "chains": chains},
        )
