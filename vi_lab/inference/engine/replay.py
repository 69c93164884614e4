"""Who is to blame for a sweep that failed: the sweep is run once more, under guards.

The loop of a method runs bare, and what goes wrong in it shows late: one block's nan is another's
error, or the bound's. So the sweep is repeated from where the last whole one had ended, with every
conditional looked at as it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from vi_lab.arguments.user_models import explain, explain_block, find_fault
from vi_lab.errors import NumericalError, ViLabError
from vi_lab.model import Block, Model, Statistics

Sweeps = Callable[[Any, Statistics, tuple[int, ...]], Iterator[tuple[Any, Any, Any]]]


def explain_errors(
    sweeps: Sweeps, model: Model, t: Statistics, batch: tuple[int, ...]
) -> Iterator[tuple[Any, Any, Any]]:
    """What `sweeps(model, t, batch)` gives; an error in it names the block that is the cause."""
    whole = dict(t)  # what the sweep under way began with
    try:
        for eta, expected, bound in sweeps(model, t, batch):
            if not (bound < np.inf).all():
                raise NumericalError(
                    f"the ELBO is {bound[~(bound < np.inf)][0]:g}; check the model's data and log "
                    "joint"
                )
            yield eta, expected, bound
            whole = expected
    except Exception as error:
        named = replay_sweep(sweeps, model, whole, batch)
        if named is not None:
            raise named from error
        if isinstance(error, ViLabError | ArithmeticError | np.linalg.LinAlgError | MemoryError):
            raise  # the method's door says these as everywhere else
        raise explain("a sweep", error) from error


def replay_sweep(
    sweeps: Sweeps, model: Model, t: Statistics, batch: tuple[int, ...]
) -> ViLabError | None:
    """The error that names the block in which a sweep from t fails; None if it fails in none."""
    guarded = GuardedModel(model, batch)
    try:
        next(sweeps(guarded, dict(t), batch))
    except Exception as error:
        return guarded.fault or (explain_block(guarded.at, error) if guarded.at else None)
    return None


class GuardedModel:
    """A model whose conditionals are looked at as they are made.

    Attributes
    ----------
    at : str
        The block whose turn it is; empty once the log joint is.
    fault : ViLabError or None
        What is wrong with the first natural parameter that is none of its family.
    """

    def __init__(self, model: Model, batch: tuple[int, ...]) -> None:
        self.model, self.batch = model, batch
        self.at = ""
        self.fault: ViLabError | None = None
        self.blocks = {name: self._guard(name, block) for name, block in model.blocks.items()}

    def _guard(self, name: str, block: Block) -> Block:
        def conditional(t: Statistics) -> Any:
            self.at = name
            eta = block.complete_conditional(t)
            self.fault = find_fault(name, block, eta, self.batch)
            if self.fault is not None:
                raise self.fault
            return eta

        return replace(block, complete_conditional=conditional)

    def log_joint(self, stats: Statistics) -> Any:
        self.at = ""
        return self.model.log_joint(stats)
