"""A run of a random walk: what it may be asked for, and the Draws that it ends in."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.public import short_repr
from vi_lab.errors import InputError
from vi_lab.inference.engine.differentiation import far_out
from vi_lab.inference.engine.sampler_run import SamplerRun
from vi_lab.inference.engine.target import CENTRED, choose_target, refuse_unmovable
from vi_lab.results import Cost, Draws


class WalkRun(SamplerRun):
    """A run of a random walk over a model's target."""

    sampler = "Metropolis-Hastings"
    label = "metropolis"

    def __init__(self, model: Any, parameterisation: str, **asked: Any) -> None:
        self.target = choose_target(model, parameterisation)
        named = f" {parameterisation}" * (parameterisation != CENTRED)
        super().__init__(model, self.sampler + named, **asked)
        self.settings["parameterisation"] = parameterisation
        numbers = self.chains * self.target.rows * self.target.dimension
        length = max(self.draws, self.warmup // 2)  # the longest path that is held at once
        longest = "draws" if length == self.draws else "warmup"
        require_memory(longest, f"{length} steps of {self.chains} chains", numbers * length)

    @far_out
    def record(self, walk: Any) -> Draws:
        """The draws of as many steps as were asked for; after Ctrl-C those so far.

        An error leaves with the draws so far as its `.draws`.
        """

        def kept(path: np.ndarray, accepted: np.ndarray, interrupted: bool = False) -> Draws:
            values = self.target.values(np.swapaxes(path, 0, 1), self.rng)
            stored = {name: value for name, value in values.items() if name in self.stored}
            return self.result(
                self.model.latents(stored),
                self.count(walk, len(path)),
                accepted.reshape(self.chains, -1).mean(1) / len(path),
                interrupted,
            )

        self.settings.update(step=walk.step.copy(), proposal_cholesky=walk.cholesky.copy())
        return self.hand_over(walk.ctrl_c, lambda: walk.run(self.draws, self.label), kept)

    def count(self, walk: Any, steps: int) -> Cost:
        """What all chains have spent, after so many steps."""
        evaluations = self.chains * (self.warmup + steps + 1)
        return Cost(evaluations, evaluations * self.target.conditionals_per_density)


def require_step(step: Any, dimension: int) -> np.ndarray:
    """The step a user fixed, as the standard deviation in each real coordinate."""
    step = checks.observations("step", step, None)
    fits = step.shape in ((), (dimension,)) and not (step <= 0).any()
    needed = f"step: needs a number above 0, or {dimension} of them"
    checks.require(fits, needed, step.tolist(), InputError)
    return np.broadcast_to(step, (dimension,))


def refuse_real_coordinates(model: Any, step: Any, parameterisation: str) -> None:
    """Refuse, of a model whose latents are all discrete, what only real coordinates have."""
    refuse_unmovable(model, parameterisation)
    if step is not None:
        raise InputError(
            "step: needs None where every latent is discrete, since a move to another value has no "
            f"length, got {short_repr(step)}"
        )
