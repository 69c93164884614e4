"""A run of moves of single sites: where it may start, and how many proposals were accepted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from vi_lab.arguments.user_models import evaluate_log_joint, initial_values
from vi_lab.errors import NumericalError
from vi_lab.families import Family
from vi_lab.inference.engine.sampler_run import BlockRun
from vi_lab.inference.engine.target import CENTRED
from vi_lab.model import Model, Values, statistics
from vi_lab.results import Cost, Draws


class DiscreteRun(BlockRun):
    """A run over blocks of finite support. `settings` are what the method alone knows."""

    def __init__(self, model: Model, *, settings: dict[str, Any], **asked: Any) -> None:
        super().__init__(model, "Metropolis-Hastings", **asked)
        self.known = {"parameterisation": CENTRED, **settings}
        self._proposed, self._accepted = np.zeros(self.chains), np.zeros(self.chains)

    def initial_values(self) -> Values:
        """Values of all blocks; NumericalError where a chain starts at an impossible one."""
        values: Values = initial_values(self.model, self.rng, self.chains)
        batch = (self.chains,)
        log_p = evaluate_log_joint(self.model, statistics(self.model, values), batch)
        log_p = np.broadcast_to(log_p, batch)
        if not np.isfinite(log_p).all():
            chain = int(np.argmin(np.isfinite(log_p)))
            raise NumericalError(
                f"chain {chain} starts where the log joint is {log_p[chain]}; it needs to be finite"
            )
        return values

    def record_moves(self, sweeps: Iterable[tuple[Values, Any, Any]]) -> Draws:
        """As `record`, of sweeps that say how many sites of each chain tried and how many moved."""
        return self.record(self._count(sweeps), self._details)

    def _count(self, sweeps: Iterable[tuple[Values, Any, Any]]) -> Iterator[Values]:
        for sweep, (values, proposed, accepted) in enumerate(sweeps):
            if sweep >= self.warmup:
                self._proposed += proposed
                self._accepted += accepted
            yield values

    def _details(self, done: int) -> dict[str, Any]:
        return {
            "cost": Cost(self.chains, self.chains * done * len(self.model.blocks)),
            "acceptance_rate": self._accepted / np.maximum(self._proposed, 1),
            "settings": self.known,
        }


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
