"""What a sampler keeps: of which blocks, how large, sweep by sweep, as latents."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import short_repr
from vi_lab.arguments.user_models import explain_block
from vi_lab.errors import NumericalError, ViLabError
from vi_lab.model import Model, Values
from vi_lab.runtime.interrupts import CtrlC
from vi_lab.runtime.progress import progress


def blocks_to_keep(model: Model, keep: Sequence[str] | None) -> set[str]:
    """The blocks that the latents named in `keep` are made of; all blocks where it is None.

    Of a model without blocks its one latent.
    """
    if keep is None or not model.blocks:
        return set(model.blocks) or {"z"}
    sources = model.sources
    listed = isinstance(keep, list | tuple | set | frozenset | dict) and bool(keep)
    needed = f"keep: needs a list of latents such as {short_repr(list(sources))}"
    checks.require(listed, needed, keep)
    return {block for name in keep for block in sources[checks.one_of("keep", name, sources)]}


def rearrange_latents(model: Model, record: Mapping[str, Any], count: int) -> dict[str, np.ndarray]:
    """Latents (chains, draws, ...) from the first `count` rows of what families keep of blocks."""
    families = {name: model.blocks[name].family for name in record}
    values = {n: f.stored(f.head(record[n], count)) for n, f in families.items()}
    latents = model.latents(values)
    for array in latents.values():  # so that a result need not copy what it keeps
        owner = array if array.base is None else array.base
        if isinstance(owner, np.ndarray):
            owner.setflags(write=False)
    return {n: np.moveaxis(array, 0, 1) for n, array in latents.items()}


def record_sweeps(
    model: Model,
    sweeps: Iterable[Values],
    chains: int,
    draws: int,
    warmup: int = 0,
    stored: Collection[str] | None = None,
    label: str = "gibbs",
    ctrl_c: CtrlC | None = None,
) -> tuple[dict[str, Any], int]:
    """What the families keep of each block named in `stored`, (draws, chains, ...): a hot loop.

    `sweeps` gives the value of every block after each sweep, and has no end. Returned with how many
    draws it holds: after Ctrl-C the last rows hold nothing; during warmup it interrupts. An error's
    `.draws` are such a pair.
    """
    ctrl_c = ctrl_c or CtrlC()
    record = {
        name: block.family.empty((draws, chains, *block.plates))
        for name, block in model.blocks.items()
        if stored is None or name in stored
    }
    stores = [(name, model.blocks[name].family.put, store) for name, store in record.items()]
    counted = zip(progress(range(-warmup, draws), label, warmup + draws), sweeps, strict=False)
    name = ""
    try:
        with np.errstate(divide="raise", invalid="raise", over="raise"):
            for sweep, z in ctrl_c.until_pressed(counted):
                if sweep >= 0:
                    for name, put, store in stores:
                        put(store, sweep, z[name])
    except ViLabError as error:
        raise _attach_draws(error, record, ctrl_c.done - warmup) from error.__cause__
    except Exception as error:  # a draw that does not fit into its store
        raise _attach_draws(explain_block(name, error), record, ctrl_c.done - warmup) from error
    for sweep, name in _broken_sweeps(record, ctrl_c.done - warmup):
        where = f"a draw of block {name!r} is nan or infinite in sweep {sweep + 1} of {draws}"
        if not sweep and warmup:  # it may have been another block, of whose draws nothing is kept
            where = "the draws are nan or infinite from the warmup on; look at them with warmup=0"
        raise _attach_draws(NumericalError(where), record, sweep)
    if ctrl_c.done <= warmup:
        raise KeyboardInterrupt
    return record, ctrl_c.done - warmup


def _attach_draws(error: ViLabError, record: dict[str, Any], count: int) -> ViLabError:
    """The error with the first `count` draws of a record, where there is one."""
    error.draws = (record, count) if record and count > 0 else None
    return error


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
