"""What a sampler has drawn: how large it becomes, as latents, and handed over with an error."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import numpy as np

from vi_lab import checks
from vi_lab.errors import ViLabError
from vi_lab.model import Model


def refuse_absurd(model: Model, stored: Collection[str], chains: int, draws: int) -> None:
    """InputError where a record of these blocks is more than memory should hold."""
    numbers = sum(b.size * b.family.numbers for n, b in model.blocks.items() if n in stored)
    checks.memory("draws", f"{draws} draws of {chains} chains", draws * chains * numbers)


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
