"""How arguments, numbers and parts of a result are written into a sentence."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from vi_lab.teach.answers.reading import Arrays, close
from vi_lab.teach.exercise import Exercise

Inputs = Sequence[tuple[Any, ...]]
LONGEST = 240  # characters of arguments in one sentence


def example(
    exercise: Exercise, inputs: Inputs, gots: list[Arrays], wants: list[Arrays], i: int
) -> str:
    """What comes back on one input, and what is right: of several parts those that differ."""
    pairs = list(zip(gots[i], wants[i], strict=False))
    apart = [pair for pair in pairs if not close(*pair, exercise.rtol)] or pairs
    got, want = (", ".join(map(short, parts)) for parts in zip(*apart, strict=True))
    return f"{got} comes back where {want} is right, for {where_of(exercise, inputs, i)}"


def cause(value: float) -> str:
    """What usually makes such a number."""
    if np.isnan(value):
        return "inf − inf, 0 · inf, 0/0, or the logarithm of a negative number"
    return "exp overflows, or something is divided by zero" if value > 0 else "log 0"


def argument_names(exercise: Exercise) -> list[str]:
    """The names of the arguments, as the right function has them."""
    return list(inspect.signature(exercise.right).parameters)


def part_name(exercise: Exercise, part: int) -> str:
    """ "the mean", "line 2", or "part 2" where the parts have no names."""
    name = exercise.parts[part] if exercise.parts else f"part {part + 1}"
    return name if name[-1].isdigit() else f"the {name}"


def listed(names: Sequence[str]) -> str:
    """ "the mean is", "line 1, line 2 and line 4 are"."""
    *before, last = names
    return f"{', '.join(before)} and {last} are" if before else f"{last} is"


def where_of(exercise: Exercise, inputs: Inputs, i: int) -> str:
    """ "input 3: x = 2, n = 5", counted from one."""
    return f"input {i + 1}: {shown(exercise, inputs[i])}"


def shown(exercise: Exercise, arguments: tuple[Any, ...]) -> str:
    """The arguments by name, cut short; where they would fill lines, tables by their shape."""
    pairs = list(zip(argument_names(exercise), arguments, strict=False))
    text = ", ".join(f"{name} = {short(argument)}" for name, argument in pairs)
    if len(text) <= LONGEST:
        return text
    return ", ".join(
        f"{name} of shape {np.shape(argument)}"
        if np.ndim(argument) > 1
        else f"{name} = {short(argument)}"
        for name, argument in pairs
    )


def short(value: Any) -> str:
    """A number, an array or a function in a few characters."""
    if callable(value):
        return getattr(value, "__name__", "a function")
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        return repr(value)[:60]
    if array.ndim == 0:
        return f"{array.item():.6g}" if array.dtype.kind == "f" else str(array.item())
    text = np.array2string(array, precision=4, threshold=8, edgeitems=2, separator=", ")
    return " ".join(text.split())


def sentence_case(text: str) -> str:
    """The text with a capital in front."""
    return text[:1].upper() + text[1:]
