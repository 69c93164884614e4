"""A learner's function is called: on copies, its printing captured, whatever it raises caught."""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
import linecache
import os
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.teach.answers.reading import Reading, read

HERE = os.path.dirname(os.path.dirname(__file__))  # what raises in here is not the learner's


@dataclass(frozen=True)
class Outcome:
    """What came of one call.

    Attributes
    ----------
    reading : Reading
        What was returned, as copies.
    printed : str
    error : BaseException or None
    wrote : tuple of int
        Which arguments were changed by the call.
    """

    reading: Reading
    printed: str
    error: BaseException | None
    wrote: tuple[int, ...]


def call(function: Callable[..., Any], arguments: tuple[Any, ...], like: Any) -> Outcome:
    """Call the function on copies of the arguments and read what comes back at once.

    Parameters
    ----------
    function : callable
    arguments : tuple
    like : tuple of arrays, or array
        The right result: what came back is cut by its structure.
    """
    given = tuple(map(copied, arguments))
    out = io.StringIO()
    reading, error = Reading(None), None
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        try:
            value = function(*given)
            if inspect.iscoroutine(value):
                value.close()
            reading = read(value, like)
        except BaseException as raised:
            error = raised
    wrote = tuple(
        i for i, (a, b) in enumerate(zip(given, arguments, strict=True)) if not unchanged(a, b)
    )
    return Outcome(reading, "" if out.closed else out.getvalue(), error, wrote)


def value_of(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """What a function of the bank returns, quietly, on copies of the arguments."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return function(*map(copied, arguments))


def copied(argument: Any) -> Any:
    """A copy of an argument; functions and plain numbers are passed on."""
    if isinstance(argument, np.ndarray):
        return argument.copy()
    if callable(argument) or isinstance(argument, int | float):
        return argument
    return copy.deepcopy(argument)


def unchanged(now: Any, before: Any) -> bool:
    """Whether an argument is what it was, but for the rounding of what was moved and put back."""
    if isinstance(before, np.ndarray):
        if now.shape != before.shape or now.dtype != before.dtype:
            return False
        if now.tobytes() == before.tobytes():
            return True
        if before.dtype.kind not in "fc":
            return np.array_equal(now, before)
        return bool(np.allclose(now, before, rtol=1e-14, atol=1e-14, equal_nan=True))
    return bool(callable(before) or now == before or now != now)


def describe_error(error: BaseException, name: str) -> str:
    """What was raised, and the learner's own line that raised it."""
    text = f"{type(error).__name__}: {text_of(error)}".removesuffix(": ")
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(HERE)
    ]
    if not frames and isinstance(error, TypeError):
        return f"{name} cannot be called like this: {text}"
    if not frames:
        return f"{name} raises {text}"
    # the last frame in the file where the function itself stands
    own = [frame for frame in frames if frame.filename == frames[0].filename][-1]
    line = (own.line or linecache.getline(own.filename, own.lineno or 0)).strip()
    return f"{name} raises {text}" + (f", in the line `{line}`" if line else "")


def text_of(error: BaseException) -> str:
    """The message of an error, even of one that cannot be turned into text."""
    try:
        return str(error)[:200]
    except BaseException as worse:
        return f"(its text raises {type(worse).__name__})"
