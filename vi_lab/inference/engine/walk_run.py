"""A run of a random walk: what it may be asked for, and the Draws that it ends in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.public import short_repr
from vi_lab.errors import InputError, NotApplicable, ViLabError
from vi_lab.inference.engine.random_walk import RandomWalk, far_out
from vi_lab.inference.engine.record import blocks_to_keep
from vi_lab.inference.engine.sampler_run import SamplerRun
from vi_lab.inference.engine.target import (
    CENTRED,
    choose_target,
    list_parameterisations,
    why_no_moves,
)
from vi_lab.results import Cost, Draws


class WalkRun(SamplerRun):
    """A run of a random walk over a model's target.

    `keep` names the latents to store; all by default.
    """

    def __init__(
        self, model: Any, parameterisation: str, *, keep: Sequence[str] | None, **asked: Any
    ) -> None:
        self.parameterisation = parameterisation
        self.target = choose_target(model, parameterisation)
        named = f" {parameterisation}" * (parameterisation != CENTRED)
        super().__init__(model, "Metropolis-Hastings" + named, **asked)
        self.stored = blocks_to_keep(model, keep) if model.blocks else {"z"}
        numbers = self.chains * self.target.rows * self.target.dimension
        length = max(self.draws, self.warmup // 2)  # the longest path that is held at once
        longest = "draws" if length == self.draws else "warmup"
        require_memory(longest, f"{length} steps of {self.chains} chains", numbers * length)

    @far_out
    def record(self, walk: RandomWalk) -> Draws:
        """The draws of as many steps as were asked for; after Ctrl-C those so far.

        An error leaves with the draws so far as its `.draws`.
        """

        def kept(path: np.ndarray, accepted: np.ndarray, interrupted: bool = False) -> Draws:
            values = self.target.values(np.swapaxes(path, 0, 1), self.rng)
            stored = {name: value for name, value in values.items() if name in self.stored}
            evaluations = self.chains * (self.warmup + len(path) + 1)
            return self.result(
                self.model.latents(stored),
                Cost(evaluations, evaluations * self.target.conditionals_per_density),
                acceptance_rate=accepted.reshape(self.chains, -1).mean(1) / len(path),
                settings={
                    "parameterisation": self.parameterisation,
                    "step": walk.step.copy(),
                    "proposal_cholesky": walk.cholesky.copy(),
                },
                interrupted=interrupted,
            )

        with walk.ctrl_c as ctrl_c:
            try:
                path, accepted = walk.run(self.draws, "metropolis")
            except ViLabError as error:
                if error.draws:
                    error.draws = kept(*error.draws)
                raise
            return kept(path, accepted, ctrl_c.pressed)


def require_step(step: Any, dimension: int) -> np.ndarray:
    """The step a user fixed, as the standard deviation in each real coordinate."""
    step = checks.observations("step", step, None)
    if step.shape not in ((), (dimension,)) or (step <= 0).any():
        came = short_repr(step.tolist())
        raise InputError(f"step: needs a number above 0, or {dimension} of them, got {came}")
    return np.broadcast_to(step, (dimension,))


def refuse_real_coordinates(model: Any, step: Any, parameterisation: str) -> None:
    """Refuse, of a model whose latents are all discrete, what only real coordinates have."""
    reason = why_no_moves(model)
    if reason:
        raise NotApplicable(reason)
    checks.one_of("parameterisation", parameterisation, list_parameterisations(model))
    if step is not None:
        raise InputError(
            "step: needs None where every latent is discrete, since a move to another value has no "
            f"length, got {short_repr(step)}"
        )
