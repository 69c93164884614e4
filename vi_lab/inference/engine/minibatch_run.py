"""A run of stochastic variational inference: its minibatches, its rates, and what it ends in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.block_values import initial_values
from vi_lab.errors import NotApplicable, NumericalError, refuse_if
from vi_lab.families import Distribution
from vi_lab.model import Statistics, elbo_terms, statistics
from vi_lab.results import Cost, Factorised
from vi_lab.runtime.interrupts import CtrlC
from vi_lab.runtime.progress import progress

METHOD = "SVI"
WHOLE_STEPS = 3  # with all rows, after minibatches


class MinibatchRun:
    """One run on a model that says how its data scale."""

    def __init__(
        self, model: Any, *, batch_size: Any, rng: Any, epochs: Any, delay: Any, forgetting: Any
    ) -> None:
        self._started, self.model = time.perf_counter(), model
        reason = model.no_rows_because
        refuse_if(reason, f"{METHOD} does not apply, because {reason}", NotApplicable)
        self.batch_size = checks.integer("batch_size", batch_size, 1)
        refuse_if(
            self.batch_size > model.rows,
            f"batch_size: needs at most all {model.rows} rows, got {self.batch_size}",
        )
        self.epochs = checks.integer("epochs", epochs, 1)
        self.delay, self.forgetting = (
            checks.real("delay", delay),
            checks.real("forgetting", forgetting),
        )
        refuse_if(self.delay < 1, f"delay: needs at least 1, got {self.delay:g}")
        refuse_if(
            not 0.5 < self.forgetting <= 1,
            f"forgetting: needs more than 0.5 and at most 1, got {self.forgetting:g}",
        )
        self.rng, self.seed = checks.generator(rng), checks.seed(rng)
        self.parts = self.epochs * (model.rows // self.batch_size)
        self.total = self.parts + (WHOLE_STEPS if self.batch_size < model.rows else 0)

    def start(self) -> Statistics:
        """Those of a draw, (1, ...): components that all began alike would stay so."""
        return statistics(self.model, initial_values(self.model, self.rng, 1))

    def minibatches(self) -> Iterator[np.ndarray]:
        """Every row once an epoch, in another order each time; what does not fill a minibatch is
        left to the next epoch's order. At last all rows, again and again."""
        for _ in range(self.epochs):
            order = self.rng.permutation(self.model.rows)
            for begin in range(0, len(order) - self.batch_size + 1, self.batch_size):
                yield order[begin : begin + self.batch_size]
        while True:
            yield np.arange(self.model.rows)

    def rates(self) -> Iterator[float]:
        """Falling while there are minibatches, 1 with all rows."""
        for k in range(self.parts):
            yield (1.0 + k / self.delay) ** -self.forgetting
        while True:
            yield 1.0

    def finish(self, steps: Iterator[Any]) -> Factorised:
        """All steps, and the local factors given what they end in."""
        model, seen, state = self.model, 0, None
        with CtrlC() as ctrl_c:
            counted = zip(
                progress(range(self.total), METHOD.lower(), self.total), steps, strict=False
            )
            for _, found in ctrl_c.until_pressed(counted):
                seen, state = seen + 1, found
            pressed = ctrl_c.pressed
        assert state is not None  # the first step is whole even where Ctrl-C came at once
        etas, t = state
        for name in model.row_blocks:
            block = model.blocks[name]
            etas[name] = block.complete_conditional(t)
            t[name] = block.family.expected_stats(etas[name])
        bound = np.broadcast_to(sum(elbo_terms(model, etas, t, (1,))), (1,))
        if not np.isfinite(bound).all():
            raise NumericalError(f"{METHOD}: the ELBO is {bound[0]:g} after {seen} steps")
        factors = {
            name: Distribution(block.family, etas[name]).take((0,), (1, *block.plates))
            for name, block in model.blocks.items()
        }
        return Factorised.fitted(
            model,
            factors,
            method=METHOD,
            elbo_trace=np.array([bound]),
            converged=None,
            cost=Cost(seen, seen * len(model.blocks)),
            seconds=time.perf_counter() - self._started,
            interrupted=pressed,
            seed=self.seed,
        )
