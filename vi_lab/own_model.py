"""What a user's own model may do wrong while a method runs it, said in the method's words.

A model is code: it may raise, return another shape, or start where its density is nil. Here these
become errors that name the block and what was wanted; the original error is their cause.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.doors import brief, said
from vi_lab.errors import InputError, NumericalError, ViLabError


def in_block(name: str, error: Exception) -> ViLabError:
    """The error to raise when one block's conditional fails: it names the block."""
    if isinstance(error, FloatingPointError):
        return NumericalError(f"block {name!r}: {error}")
    return failed(f"the complete conditional of block {name!r}, or a draw from it,", error)


def failed(what: str, error: Exception) -> ViLabError:
    """The error to raise when a model's own code raises `error`; one of vi_lab's stays as it is."""
    if isinstance(error, ViLabError):
        return error
    came = f"{type(error).__name__}: {said(error)}"
    if isinstance(error, FloatingPointError | OverflowError | np.linalg.LinAlgError):
        return NumericalError(f"model: {what} broke down ({came})")
    return InputError(f"model: {what} raised {came}")


def starts(model: Any, rng: np.random.Generator, count: int) -> Any:
    """Where `count` chains or restarts begin; a model need not say more than `sample_latents`.

    Raises InputError where a start is missing, has another shape or lies outside its support.
    """
    draw = getattr(model, "sample_starts", model.sample_latents)
    try:
        values = draw(rng, (count,))
    except Exception as error:
        raise failed("drawing the starts", error) from error
    blocks = getattr(model, "blocks", None)
    if isinstance(blocks, dict):
        for name, block in blocks.items():
            if name not in values:
                raise InputError(f"starts: needs a value for block {name!r}, got {brief(values)}")
            _fits(name, block, values[name], count)
    return values


def _fits(name: str, block: Any, value: Any, count: int) -> None:
    family, lead = block.family, (count, *block.plates)
    pair = getattr(family.event_shape, "_fields", None) is not None
    shapes = tuple(family.event_shape) if pair else (family.event_shape,)
    for array, event in zip(value if pair else (value,), shapes, strict=True):
        if np.shape(array) != lead + event:
            raise InputError(
                f"starts: block {name!r} needs shape {lead + event} for {count} chains, "
                f"got {np.shape(array)}"
            )
    inside = np.broadcast_to(family.in_support(value), lead)
    if not inside.all():
        where = tuple(int(i) for i in np.argwhere(~inside)[0])
        raise InputError(
            f"starts: block {name!r} starts outside the support of {type(family).__name__} "
            f"at index {where}" + ("" if pair else f": {brief(np.asarray(value)[where].tolist())}")
        )
