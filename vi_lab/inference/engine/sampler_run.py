"""A run of a sampler: what it was asked for, its clock, and the Draws that it ends in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.errors import ViLabError
from vi_lab.inference.engine.record import (
    blocks_to_keep,
    rearrange_latents,
    record_sweeps,
    refuse_absurd,
)
from vi_lab.model import Model, Values
from vi_lab.results import Cost, Draws
from vi_lab.runtime.interrupts import CtrlC


class SamplerRun:
    """A run of any sampler.

    Attributes
    ----------
    chains, draws, warmup : int
        Chains, draws kept of each, sweeps or steps thrown away first.
    rng : Generator
    settings : dict
        What the result notes of the run, the seed among it.
    """

    def __init__(
        self, model: Any, method: str, *, rng: Any, chains: int, draws: int, warmup: int
    ) -> None:
        self.model, self.method = model, method
        self.chains = checks.integer("chains", chains, 1)
        self.draws = checks.integer("draws", draws, 1)
        self.warmup = checks.integer("warmup", warmup, 0)
        self.rng = checks.generator(rng)
        self.settings = {
            "chains": self.chains,
            "draws": self.draws,
            "warmup": self.warmup,
            "seed": checks.seed(rng),
        }
        self._started = time.perf_counter()

    def result(
        self,
        values: dict[str, np.ndarray],
        cost: Cost,
        *,
        acceptance_rate: np.ndarray | None = None,
        settings: Mapping[str, Any] | None = None,
        interrupted: bool = False,
    ) -> Draws:
        """The Draws of this run: its latents (chains, draws, ...), what they cost, and
        `settings` that only the method knows."""
        return Draws(
            model=self.model,
            method=self.method,
            values=values,
            acceptance_rate=np.ones(self.chains) if acceptance_rate is None else acceptance_rate,
            cost=cost,
            seconds=time.perf_counter() - self._started,
            settings={**self.settings, **(settings or {})},
            interrupted=interrupted,
        )


class BlockRun(SamplerRun):
    """A run of a sampler that takes the blocks of a model sweep by sweep.

    `keep` names the latents to store; all by default.
    """

    def __init__(
        self, model: Model, method: str, *, keep: Sequence[str] | None = None, **asked: Any
    ) -> None:
        super().__init__(model, method, **asked)
        self.stored = blocks_to_keep(model, keep)
        refuse_absurd(model, self.stored, self.chains, self.draws)

    def record(
        self,
        sweeps: Iterable[Values],
        details: Callable[[int], dict[str, Any]] | None = None,
    ) -> Draws:
        """The draws of as many sweeps as were asked for; after Ctrl-C those so far.

        `sweeps` gives the value of every block after each sweep. `details` says what else `result`
        is to be told, once so many sweeps were done; by default that each has cost one complete
        conditional a block. An error leaves with the draws so far as its `.draws`; Ctrl-C during
        warmup interrupts, as there are none.
        """

        def kept(record: dict[str, Any], count: int, interrupted: bool = False) -> Draws:
            done = self.warmup + count
            conditionals = self.chains * done * len(self.model.blocks)
            said = details(done) if details else {"cost": Cost(complete_conditionals=conditionals)}
            values = rearrange_latents(self.model, record, count)
            return self.result(values, interrupted=interrupted, **said)

        sizes = (self.chains, self.draws, self.warmup)
        with CtrlC() as ctrl_c:
            try:
                record = record_sweeps(
                    self.model, sweeps, *sizes, self.stored, self.method.lower(), ctrl_c
                )
            except ViLabError as error:
                if error.draws:
                    error.draws = kept(*error.draws)
                raise
            if ctrl_c.done <= self.warmup:
                raise KeyboardInterrupt
            return kept(record, ctrl_c.done - self.warmup, ctrl_c.pressed)
