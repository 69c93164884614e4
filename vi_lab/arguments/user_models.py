"""What a user's own model may do wrong while a method runs it, said in the method's words.

A model is code: it may raise, return another shape, or start where its density is nil. Here these
become errors that name the block and what was wanted; the original error is their cause.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from vi_lab.arguments.public import require, short_repr
from vi_lab.errors import (
    InputError,
    InputTypeError,
    NumericalError,
    ViLabError,
    error_text,
    refuse_if,
)


def callback(name: str, value: Any, *takes: str) -> Callable[..., None] | None:
    """A function, if there is one, to be called with these; its arithmetic warns as NumPy's does.

    InputTypeError, before any work, where it cannot be called so.
    """
    needed = f"{name}: needs a function of ({', '.join(takes)})"
    if value is None:
        return None
    require(callable(value), needed, value)
    try:
        inspect.signature(value).bind(*takes)
    except TypeError as error:
        raise InputTypeError(f"{needed}, got {short_repr(value)}: {error}") from None
    except ValueError:  # of what is written in C
        pass
    awaited = inspect.iscoroutinefunction(value)
    require(not awaited, f"{needed} that runs as it is called, and is not awaited", value)

    def call(*given: Any) -> None:
        with np.errstate(divide="warn", over="warn", invalid="warn"):
            value(*given)

    return call


def explain_block(name: str, error: Exception) -> ViLabError:
    """The error to raise when one block's conditional fails: it names the block."""
    if isinstance(error, FloatingPointError):
        return NumericalError(f"block {name!r}: {error}")
    return explain(f"the complete conditional of block {name!r}, or a draw from it,", error)


def explain(what: str, error: Exception) -> ViLabError:
    """The error to raise when a model's own code raises `error`; one of vi_lab's stays as it is."""
    if isinstance(error, ViLabError):
        return error
    came = f"{type(error).__name__}: {error_text(error)}"
    if isinstance(error, FloatingPointError | OverflowError | np.linalg.LinAlgError):
        return NumericalError(f"model: {what} broke down ({came})")
    return InputError(f"model: {what} raised {came}")


def find_fault(name: str, block: Any, eta: Any, batch: tuple[int, ...]) -> ViLabError | None:
    """What is wrong with a block's natural parameter, if it is none of its family; else None.

    Looked for when a number that is made of it has gone wrong.
    """
    what, family = f"model: the complete conditional of block {name!r}", block.family
    fields = family.Stats._fields
    if not isinstance(eta, tuple) or len(eta) != len(fields):
        wanted = f"a {family.Stats.__name__} of {', '.join(fields)}"
        return InputError(f"{what} needs {wanted}, gave {short_repr(eta)}")
    for field, value, event in zip(fields, eta, family.stat_shapes, strict=True):
        shape = batch + block.plates + event
        if not is_real(value):
            kind = getattr(value, "dtype", type(value).__name__)
            return InputError(f"{what} needs real numbers, gave {kind} in {field!r}")
        if not broadcasts(np.shape(value), shape):
            came = f"{np.shape(value)} in {field!r}"
            return InputError(f"{what} needs shape {shape} or what broadcasts to it, gave {came}")
        if np.isnan(value).any():
            return NumericalError(f"{what} is nan in {field!r}")
    return None


def broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    """Whether arrays of a shape broadcast to another without making that larger."""
    return len(shape) <= len(to) and all(
        size in (1, wanted) for size, wanted in zip(shape[::-1], to[::-1], strict=False)
    )


def evaluate_log_joint(
    log_joint: Any, stats: Any, batch: tuple[int, ...], hook: str = "log_joint"
) -> Any:
    """What a model's log joint, log likelihood or log prior gives at these statistics, which need
    only broadcast to `batch`.

    Raises InputError where that is no real number, or of another shape, or the model raises.
    """
    try:
        found = log_joint(stats)
    except Exception as error:
        raise explain(f"the {hook.replace('_', ' ')}", error) from error
    real = is_density(found)
    if real and broadcasts(np.shape(found), batch):
        return found
    array = real or isinstance(found, np.ndarray | np.generic)
    came = f"{np.asarray(found).dtype} of shape {np.shape(found)}" if array else short_repr(found)
    raise InputError(f"{hook}: needs real numbers of shape {batch}, gave {came}")


def read_density(found: Any, shape: tuple[int, ...], hook: str) -> np.ndarray:
    """Log densities that a user's function gives; InputError where they are none, or of another
    shape."""
    require(is_density(found), f"{hook}: needs real numbers", found, InputError)
    refuse_if(np.shape(found) != shape, f"{hook}: needs shape {shape}, gave {np.shape(found)}")
    return np.asarray(found, dtype=np.float64)


def is_density(found: Any) -> bool:
    """Whether these may be log densities: numbers that can be subtracted, as a list or what is true
    or false cannot be."""
    return is_array(found, "iuf")


def is_array(value: Any, kinds: str = "biuf") -> bool:
    """Whether it is a real number, or real numbers that one can calculate with by their position,
    as with a list, a memoryview or a Series of pandas one cannot."""
    library = type(value).__module__.partition(".")[0]
    counted = library not in ("builtins", "pandas", "polars") or isinstance(value, int | float)
    return counted and is_real(value, kinds)


def is_real(value: Any, kinds: str = "biuf") -> bool:
    """Whether it is real numbers of 64 bits or fewer, or an array of them, none of it masked."""
    if isinstance(value, np.ma.MaskedArray):
        return False
    try:
        dtype = np.asarray(value).dtype
        return dtype.kind in kinds and dtype.itemsize <= 8
    except Exception:  # ragged, or an object whose own __array__ raises
        return False


def read_reason(model: Any, hook: str, *given: str) -> str | None:
    """What a user's model answers when it is asked why not: InputError where it is no sentence."""
    try:
        why = getattr(model, hook)(*given)
    except Exception as error:
        raise explain(f"its {hook}", error) from error
    require(why is None or isinstance(why, str), f"{hook}: needs text or None", why, InputError)
    return why


def read_shares(model: Any, stats: Any) -> dict[str, Any]:
    """`Model.share_of_rounding` at these statistics, by block.

    InputError where it is no share, 0 to 1, of each statistic of blocks that there are.
    """
    try:
        shares = model.share_of_rounding(stats)
        require(isinstance(shares, Mapping), "share_of_rounding: needs a dict", shares, InputError)
        found = {name: shares[name] for name in shares}
    except Exception as error:
        raise explain("its share_of_rounding", error) from error
    for name, parts in found.items():
        what = f"share_of_rounding: {short_repr(name)}"
        require(name in stats, f"{what} is no block; needs some of", list(stats), InputError)
        fields = stats[name]._fields
        listed = isinstance(parts, tuple | list) and len(parts) == len(fields)
        require(listed, f"{what} needs a share of {', '.join(fields)}", parts, InputError)
        for part, statistic in zip(parts, stats[name], strict=True):
            fits = is_real(part) and broadcasts(np.shape(part), np.shape(statistic))
            inside = fits and bool(np.all((np.asarray(part) >= 0) & (np.asarray(part) <= 1)))
            require(inside, f"{what} needs shares from 0 to 1", part, InputError)
    return found
