"""A run of a sampler: what it was asked for, its clock, and the Draws that it ends in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.block_values import initial_values
from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.ownership import is_ours
from vi_lab.arguments.user_models import explain_block
from vi_lab.errors import ViLabError
from vi_lab.inference.engine.record import blocks_to_keep, rearrange_latents, record_sweeps
from vi_lab.model import Statistics, Values, statistics
from vi_lab.model_or_problem import as_given
from vi_lab.results import Cost, Draws
from vi_lab.runtime.interrupts import CtrlC


class SamplerRun:
    """A run of any sampler. `keep` names the latents to store; all by default.

    Attributes
    ----------
    chains, draws, warmup : int
        Chains, draws kept of each, sweeps or steps thrown away first.
    rng : Generator
    settings : dict
        What the result notes of the run, the seed among it; a method adds what it alone knows.
    stored : set of str
        The blocks whose draws are kept.
    """

    def __init__(
        self,
        model: Any,
        method: str,
        *,
        rng: Any,
        chains: int,
        draws: int,
        warmup: int,
        keep: Sequence[str] | None = None,
    ) -> None:
        self.model, self.method = model, method
        self.chains = checks.integer("chains", chains, 1)
        self.draws = checks.integer("draws", draws, 1)
        self.warmup = checks.integer("warmup", warmup, 0)
        self.rng = checks.generator(rng)
        self.settings: dict[str, Any] = {
            "chains": self.chains,
            "draws": self.draws,
            "warmup": self.warmup,
            "seed": checks.seed(rng),
        }
        self._started = time.perf_counter()
        self.stored = blocks_to_keep(model, keep)

    def result(
        self,
        values: dict[str, np.ndarray],
        cost: Cost,
        acceptance_rate: np.ndarray | None = None,
        interrupted: bool = False,
    ) -> Draws:
        """The Draws of this run: its latents (chains, draws, ...), what they cost and how many of
        the proposals were accepted (all of them, where that is not said)."""
        return Draws(
            model=self.model,
            method=self.method,
            values=values,
            acceptance_rate=np.ones(self.chains) if acceptance_rate is None else acceptance_rate,
            cost=cost,
            seconds=time.perf_counter() - self._started,
            settings=self.settings,
            interrupted=interrupted,
        )

    def hand_over(
        self, ctrl_c: CtrlC, run: Callable[[], tuple[Any, Any]], kept: Callable[..., Draws]
    ) -> Draws:
        """The Draws that `kept` makes of what `run` gives, until Ctrl-C.

        An error leaves with the draws so far as its `.draws`.
        """
        with ctrl_c:
            try:
                return kept(*run(), interrupted=ctrl_c.pressed)
            except ViLabError as error:
                if error.draws:
                    error.draws = kept(*error.draws)
                raise


class BlockRun(SamplerRun):
    """A run of a sampler that takes the blocks of a model sweep by sweep.

    Attributes
    ----------
    evaluations : int
        Log joints that the run evaluates, whatever its length.
    proposed, accepted : array (chains,)
        Moves of each chain after warmup; of draws from conditionals each is accepted.
    """

    def __init__(self, model: Any, method: str, **asked: Any) -> None:
        super().__init__(model, method, **asked)
        numbers = sum(model.blocks[n].size * model.blocks[n].family.numbers for n in self.stored)
        size = self.draws * self.chains
        require_memory("draws", f"{self.draws} draws of {self.chains} chains", size * numbers)
        self.evaluations = 0
        self.proposed = self.accepted = np.ones(self.chains)

    def begin(self) -> Statistics:
        """The statistics of the states in which all chains begin.

        NumericalError where a complete conditional of a user's model is there no density of its
        family: draws of a gamma with a negative rate, say, are clipped at 0, and do not show it.
        """
        t = statistics(self.model, initial_values(self.model, self.rng, self.chains))
        blocks = {} if is_ours(as_given(self.model)) else self.model.blocks
        for name, block in blocks.items():
            try:
                block.family.log_partition(block.complete_conditional(t))
            except FloatingPointError as error:
                raise explain_block(name, error) from error
            except Exception:  # a sweep that meets it says what it is
                continue
        return t

    def record(self, sweeps: Iterable[Values], conditionals: int | None = None) -> Draws:
        """The draws of as many sweeps as were asked for; after Ctrl-C those so far.

        `sweeps` gives the value of every block after each sweep, each of which evaluates so many
        complete conditionals a chain, by default one a block. An error leaves with the draws so far
        as its `.draws`; Ctrl-C during warmup interrupts, as there are none.
        """
        a_sweep = self.chains * (conditionals or len(self.model.blocks))

        def kept(record: dict[str, Any], count: int, interrupted: bool = False) -> Draws:
            return self.result(
                rearrange_latents(self.model, record, count),
                Cost(self.evaluations, a_sweep * (self.warmup + count)),
                self.accepted / np.maximum(self.proposed, 1),
                interrupted,
            )

        ctrl_c, label = CtrlC(), self.method.lower()
        sizes = (self.chains, self.draws, self.warmup)
        return self.hand_over(
            ctrl_c,
            lambda: record_sweeps(self.model, sweeps, *sizes, self.stored, label, ctrl_c),
            kept,
        )
