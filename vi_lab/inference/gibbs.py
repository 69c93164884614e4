"""Gibbs sampling: put t(current draw) into each complete conditional and draw from it.

    eta = block.complete_conditional(t)
    t[name] = family.stats(family.sample(rng, eta, shape))        <- CAVI differs in this line

(Geman & Geman 1984; Bishop 2006, section 11.3.) All chains move at once: they are the leading axis
of every array.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.user_models import in_block, initial_values
from vi_lab.errors import NumericalError
from vi_lab.inference.engine.noise import BufferedNoise
from vi_lab.inference.engine.record import blocks_to_keep, handed_over, latents_of, refuse_absurd
from vi_lab.model import Model, Values, statistics
from vi_lab.model_or_problem import as_conjugate_model
from vi_lab.results import Cost, Draws
from vi_lab.runtime.interrupts import CtrlC
from vi_lab.runtime.progress import progress


@public
def gibbs(
    model: Any,
    *,
    rng: Any = None,
    chains: int = 4,
    draws: int = 1000,
    warmup: int = 500,
    keep: Sequence[str] | None = None,
) -> Draws:
    """Gibbs sampling over the model's blocks, in their order, for all chains at once.

    Parameters
    ----------
    model : Model or Problem
    rng : int, SeedSequence or Generator, optional
    chains, draws, warmup : int
        Chains, draws kept of each, sweeps thrown away first.
    keep : sequence of str, optional
        Latents to store; all by default.

    Returns
    -------
    Draws
        `.values[name]` of shape (chains, draws, ...). After Ctrl-C with the draws so far and
        `interrupted` True; during warmup there are none, and it interrupts.

    Raises
    ------
    NumericalError, InputError
        If a conditional breaks down or raises; the error's `.draws` holds the draws so far.
    """
    model = as_conjugate_model(model, "Gibbs")
    chains = checks.integer("chains", chains, 1)
    draws = checks.integer("draws", draws, 1)
    warmup = checks.integer("warmup", warmup, 0)
    stored = blocks_to_keep(model, keep)
    generator = checks.generator(rng)
    started = time.perf_counter()
    refuse_absurd(model, stored, chains, draws)

    def kept(record: dict[str, Any], count: int, interrupted: bool = False) -> Draws:
        return Draws(
            model=model,
            method="Gibbs",
            values=latents_of(model, record, count),
            acceptance_rate=np.ones(chains),
            cost=Cost(complete_conditionals=chains * (warmup + count) * len(model.blocks)),
            seconds=time.perf_counter() - started,
            settings={
                "chains": chains,
                "draws": draws,
                "warmup": warmup,
                "seed": checks.seed(rng),
            },
            interrupted=interrupted,
        )

    values, noise = initial_values(model, generator, chains), BufferedNoise(generator)
    with CtrlC() as ctrl_c, handed_over(kept):
        record = path(model, noise, values, chains, draws, warmup, stored, ctrl_c)
        if ctrl_c.done <= warmup:
            raise KeyboardInterrupt
        return kept(record, ctrl_c.done - warmup, ctrl_c.pressed)


def path(
    model: Model,
    noise: Any,
    values: Values,
    chains: int,
    draws: int,
    warmup: int,
    stored: Collection[str],
    ctrl_c: CtrlC | None = None,
    draw_of: Mapping[str, Callable[..., tuple[Any, Any]]] | None = None,
) -> dict[str, Any]:
    """The sweeps themselves, the hot loop, from block values (chains, ...).

    Each block is drawn by its family; or by `draw_of` its name, where a move that leaves the
    conditional as it is takes the place of a draw from it. `noise` is a Generator or a
    BufferedNoise. Returns what the families keep of each block named in `stored`,
    (draws, chains, ...); after Ctrl-C the last rows hold nothing. An error's `.draws` are such a
    record and how many draws it holds.
    """
    ctrl_c = ctrl_c or CtrlC()
    t = statistics(model, values)
    record = {
        name: block.family.empty((draws, chains, *block.plates))
        for name, block in model.blocks.items()
        if name in stored
    }
    # what the loop below needs of each block is looked up once
    plan = [
        (
            name,
            block.complete_conditional,
            draw_of[name] if draw_of else block.family.draw,
            (chains, *block.plates),
            block.family.put,
            record.get(name),
        )
        for name, block in model.blocks.items()
    ]
    label = "metropolis" if draw_of else "gibbs"
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        sweeps = progress(range(-warmup, draws), label, warmup + draws)
        for sweep in ctrl_c.until_pressed(sweeps):
            for name, conditional, draw, shape, put, store in plan:
                try:
                    z, t[name] = draw(noise, conditional(t), shape)
                    if sweep >= 0 and store is not None:
                        put(store, sweep, z)
                except Exception as error:
                    broken = in_block(name, error)
                    broken.draws = (record, sweep) if record and sweep > 0 else None
                    raise broken from error
    for sweep, name in _broken_sweeps(record, ctrl_c.done - warmup):
        where = f"a draw of block {name!r} is nan or infinite in sweep {sweep + 1} of {draws}"
        if not sweep and warmup:  # it may have been another block, of whose draws nothing is kept
            where = "the draws are nan or infinite from the warmup on; look at them with warmup=0"
        broken = NumericalError(where)
        broken.draws = (record, sweep) if record and sweep > 0 else None
        raise broken
    return record


def _broken_sweeps(record: dict[str, Any], done: int) -> list[tuple[int, str]]:
    """The first of the sweeps done in which a number is not finite, with its block, or none."""
    bad = []
    for name, store in record.items():
        for array in store if isinstance(store, tuple) else (store,):
            finite = np.isfinite(array[: max(done, 0)])
            if not finite.all():
                bad.append((int(np.argmin(finite.reshape(len(finite), -1).all(-1))), name))
    # of two blocks that broke in one sweep the first is the cause
    return [min(bad, key=lambda found: found[0])] if bad else []
