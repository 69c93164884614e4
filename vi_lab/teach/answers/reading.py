"""What a function returned, read as arrays of numbers, cut like the right result."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

Arrays = tuple[np.ndarray, ...]
COMBINED: dict[str, Callable[[Any, Any], Any]] = {
    "sum": np.add,
    "difference": np.subtract,
    "product": np.multiply,
    "ratio": np.divide,
    "share of the first in the sum": lambda one, other: one / (one + other),
}
NARROW = 2e-5  # what a result in float32 may be off by, relative to its largest entry


@dataclass(frozen=True)
class Reading:
    """What came back.

    Attributes
    ----------
    parts : tuple of arrays, or None
        One array for each part of the right result; None where it could not be read so.
    says : str
        What came back instead, in words.
    narrow : bool
        Whether it came in single precision.
    nothing, ellipsis : bool
        Whether None, or `...`, came back.
    part : int
        Which part came back alone where all are wanted, or is wanted alone; 0 where none is.
    """

    parts: Arrays | None
    says: str = ""
    narrow: bool = False
    nothing: bool = False
    ellipsis: bool = False
    part: int = 0


class Unreadable(Exception):
    """No numbers: the text says what was given instead."""


def parts_of(result: Any) -> Arrays:
    """The right result as a tuple of arrays: a tuple's parts, or the one array."""
    parts = result if isinstance(result, tuple) else (result,)
    return tuple(np.array(part, dtype=float) for part in parts)


def read(value: Any, like: Any) -> Reading:
    """Read what came back by the structure of the right result; copies, never views."""
    if value is None:
        return Reading(None, "nothing (None)", nothing=True)
    if value is ...:
        return Reading(None, "`...`", ellipsis=True)
    try:
        if not isinstance(like, tuple):
            if isinstance(value, tuple) and (place := place_of(like, value)):
                says = f"a tuple of {len(value)}, of which part {place} alone is wanted,"
                return Reading(None, says, part=place)
            array, narrow = numbers(value, like)
            return Reading((array,), narrow=narrow)
        if not isinstance(value, tuple | list) and (place := place_of(value, like)):
            says = f"part {place} alone, where {len(like)} are wanted,"
            return Reading(None, says, part=place)
        given = several(value)
        if len(given) != len(like):
            return miscounted(given, like)
        pairs = [numbers(part, want) for part, want in zip(given, like, strict=True)]
        return Reading(tuple(array for array, _ in pairs), narrow=any(n for _, n in pairs))
    except Unreadable as error:
        return Reading(None, str(error))


def miscounted(given: list[Any], like: tuple[Any, ...]) -> Reading:
    """The reading of one part too few or too many, the others right, or of two put together."""
    many = count(len(like))
    if len(given) == len(like) - 1:
        for left_out in reversed(range(len(like))):
            if same_numbers(given, like[:left_out] + like[left_out + 1 :]):
                part = left_out + 1
                return Reading(None, f"all of the {many} but part {part}", part=part)
    if len(given) == len(like) + 1:
        for extra in reversed(range(len(given))):
            if same_numbers(given[:extra] + given[extra + 1 :], like):
                says = f"the {many} that are wanted, and another as number {extra + 1},"
                return Reading(None, says, part=extra + 1)
    if len(given) == 1 and len(like) == 2:
        for number, (name, combine) in enumerate(COMBINED.items(), 1):
            if same_numbers(given, (combine(*like),)):
                says = f"the {name} of the two parts, where both are wanted,"
                return Reading(None, says, part=number)
    return Reading(None, f"{count(len(given))} instead of {len(like)}")


def same_numbers(given: Sequence[Any], like: Sequence[Any]) -> bool:
    """Whether these are the same numbers, one part after another."""
    try:
        pairs = [(numbers(a)[0], numbers(b)[0]) for a, b in zip(given, like, strict=True)]
    except Unreadable:
        return False
    return all(close(a, b, 1e-7) for a, b in pairs)


def place_of(value: Any, parts: tuple[Any, ...]) -> int:
    """Which of several parts has these numbers, counted from one; 0 where none has, or all."""
    arrays = []
    for entry in (value, *parts):
        try:
            arrays.append(numbers(entry)[0])
        except Unreadable:
            arrays.append(np.array([]))
    wanted, *found = arrays
    same = [wanted.size > 0 and close(array, wanted, 1e-7) for array in found]
    return same.index(True) + 1 if any(same) and not all(same) else 0


def count(n: int) -> str:
    """So many parts, in words."""
    return "one part" if n == 1 else f"{n} parts"


def several(value: Any) -> list[Any]:
    """The parts of what should be a tuple."""
    if isinstance(value, tuple | list):
        return list(value)
    array, _ = numbers(value)
    return list(array) if array.ndim else [array]


def numbers(value: Any, like: Any = ()) -> tuple[np.ndarray, bool]:
    """A new float array of the numbers given, and whether they were in single precision.

    A matrix of one row or column is a vector, unless that is what the right result is. Unreadable,
    with what was given in words, for anything else.
    """
    if isinstance(value, str | bytes):
        raise Unreadable("text, where numbers are wanted,")
    if isinstance(value, bool | np.bool_) and not np.all(np.isin(like, (0, 1))):
        raise Unreadable("True or False, where a number is wanted,")
    if isinstance(value, Mapping | Set):
        raise Unreadable(f"a {type(value).__name__}, where numbers are wanted,")
    if callable(value):
        raise Unreadable("a function or a class, not its value (is a pair of brackets missing?),")
    if isinstance(value, np.ma.MaskedArray):
        value = np.ma.filled(value.astype(float), np.nan)
    try:
        array = np.asarray(value)
    except (ValueError, RecursionError):
        raise Unreadable("rows of different lengths, or something that is no numbers") from None
    if isinstance(value, np.matrix) and 1 in array.shape and np.ndim(like) != 2:
        array = array.ravel()
    narrow = array.dtype.kind == "f" and array.dtype.itemsize <= 4
    if array.dtype.kind == "O":
        if array.ndim == 0 and not is_number(array.item()):
            raise Unreadable(f"a {type(value).__name__}, where numbers are wanted,")
        array = of_objects(array)
    if array.dtype.kind == "c":
        if np.any(array.imag != 0):
            raise Unreadable("complex numbers, where real ones are wanted,")
        array = array.real
    if array.dtype.kind not in "biuf":
        kind = "text" if array.dtype.kind in "US" else f"{array.dtype}"
        raise Unreadable(f"{kind}, where numbers are wanted,")
    return np.array(array, dtype=float), narrow


def of_objects(array: np.ndarray) -> np.ndarray:
    """An object array (fractions, decimals, arrays of one number) as floats."""
    for entry in array.flat:
        if entry is None or entry is ...:
            raise Unreadable(
                "nothing (None) among the numbers, as where a function of an earlier exercise that "
                "yours calls is not written yet,"
            )
        if not is_number(entry):
            raise Unreadable(f"a {type(entry).__name__} among the numbers")
    return np.array([float(entry) for entry in array.flat]).reshape(array.shape)


def is_number(entry: Any) -> bool:
    """Whether an entry of an object array can stand for one number."""
    if isinstance(entry, np.ndarray):
        return entry.size == 1 and entry.dtype.kind in "biuf"
    return (
        not isinstance(entry, str | bytes) and getattr(type(entry), "__float__", None) is not None
    )


def alike(got: np.ndarray, want: np.ndarray) -> bool:
    """Whether the shapes agree; one number may come in any shape."""
    return got.shape == want.shape or got.size == want.size == 1


def close(got: np.ndarray, want: np.ndarray, rtol: float, narrow: bool = False) -> bool:
    """Whether |got - want| ≤ rtol · max(|want|, 0.001 · largest |want|) + 1e-12 everywhere."""
    if not alike(got, want):
        return False
    if want.size == 1:
        return close_number(got.item(), want.item(), rtol + NARROW * narrow)
    finite = np.isfinite(want)
    size = np.abs(want[finite])
    largest = np.max(size, initial=0.0)
    room = rtol * np.maximum(size, 0.001 * largest) + NARROW * narrow * largest + 1e-12
    if not np.all(np.abs(got[finite] - want[finite]) <= room):
        return False
    return bool(finite.all() or np.array_equal(got[~finite], want[~finite], equal_nan=True))


def close_number(got: float, want: float, rtol: float) -> bool:
    """Whether a number is close, or infinite alike, or nan alike."""
    if math.isfinite(want):
        return abs(got - want) <= rtol * abs(want) + 1e-12
    return got == want or (math.isnan(got) and math.isnan(want))


def all_close(got: Arrays, want: Arrays, rtol: float, narrow: bool = False) -> bool:
    """Whether every part is close."""
    return len(got) == len(want) and all(
        close(a, b, rtol, narrow) for a, b in zip(got, want, strict=True)
    )


def as_number(value: Any) -> float | None:
    """The value as a number, or None where it is none."""
    if isinstance(value, str | bool):
        return None
    try:
        number = float(np.asarray(value).item())
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None
