"""A run of moves of single sites: where it may start, and how many proposals were accepted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from vi_lab.arguments.block_values import initial_values
from vi_lab.arguments.user_models import evaluate_log_joint
from vi_lab.families import Family
from vi_lab.inference.engine.random_walk import refuse_impossible
from vi_lab.inference.engine.sampler_run import BlockRun
from vi_lab.inference.engine.target import CENTRED
from vi_lab.model import Model, Values, statistics


class DiscreteRun(BlockRun):
    """A run over blocks of finite support. `settings` are what the method alone knows."""

    def __init__(self, model: Model, *, settings: dict[str, Any], **asked: Any) -> None:
        super().__init__(model, "Metropolis-Hastings", **asked)
        self.settings.update(parameterisation=CENTRED, **settings)
        self.evaluations = self.chains
        self.proposed, self.accepted = np.zeros(self.chains), np.zeros(self.chains)

    def initial_values(self) -> Values:
        """Values of all blocks; NumericalError where a chain starts at an impossible one."""
        values: Values = initial_values(self.model, self.rng, self.chains)
        batch = (self.chains,)
        log_p = evaluate_log_joint(self.model.log_joint, statistics(self.model, values), batch)
        log_p = np.broadcast_to(log_p, batch)
        refuse_impossible(log_p, lambda chain: "where the log joint")
        return values

    def count(self, sweeps: Iterable[tuple[Values, Any, Any]]) -> Iterator[Values]:
        """The values of sweeps that say how many sites of each chain tried and how many moved."""
        for sweep, (values, proposed, accepted) in enumerate(sweeps):
            if sweep >= self.warmup:
                self.proposed += proposed
                self.accepted += accepted
            yield values


def find_places(family: Family, values: Any) -> np.ndarray:
    """Where values stand in their family's list of them."""
    event = tuple(range(-len(family.event_shape), 0))
    same = np.expand_dims(values, -1 - len(event)) == family.support
    return (same.all(event) if event else same).argmax(-1)


def refuse_nan(change: np.ndarray) -> np.ndarray:
    """A change of the log joint as it is; FloatingPointError where it is nan, or plus infinity,
    better by infinitely much than the possible."""
    if not (change < np.inf).all():
        raise FloatingPointError("the change of the log joint at a proposal is not a number")
    return change
