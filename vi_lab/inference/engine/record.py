"""What a sampler keeps: of which blocks, how large, as latents, and handed over with an error."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.public import brief
from vi_lab.errors import InputTypeError, ViLabError
from vi_lab.model import Model


def blocks_to_keep(model: Model, keep: Sequence[str] | None) -> set[str]:
    """The blocks that the latents named in `keep` are made of; all blocks where it is None."""
    if keep is None:
        return set(model.blocks)
    sources = model.sources
    if not isinstance(keep, list | tuple | set | frozenset | dict) or not keep:
        raise InputTypeError(
            f"keep: needs a list of latents such as {brief(list(sources))}, got {brief(keep)}"
        )
    return {block for name in keep for block in sources[checks.one_of("keep", name, sources)]}


def refuse_absurd(model: Model, stored: Collection[str], chains: int, draws: int) -> None:
    """InputError where a record of these blocks is more than memory should hold."""
    numbers = sum(b.size * b.family.numbers for n, b in model.blocks.items() if n in stored)
    require_memory("draws", f"{draws} draws of {chains} chains", draws * chains * numbers)


def latents_of(model: Model, record: Mapping[str, Any], count: int) -> dict[str, np.ndarray]:
    """Latents (chains, draws, ...) from the first `count` rows of what families keep of blocks."""
    families = {name: model.blocks[name].family for name in record}
    values = {n: f.stored(f.head(record[n], count)) for n, f in families.items()}
    return {n: np.moveaxis(array, 0, 1) for n, array in model.latents(values).items()}


@contextlib.contextmanager
def handed_over(kept: Callable[..., Any]) -> Iterator[None]:
    """An error leaves with `kept(*draws)` in the place of its `.draws`, what the hot loop had."""
    try:
        yield
    except ViLabError as error:
        if error.draws:
            error.draws = kept(*error.draws)
        raise
