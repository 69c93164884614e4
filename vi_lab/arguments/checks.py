"""Validation of what users hand in: each check names the argument, what came and what is needed.

Checks run once, at the door (constructors and public functions), never inside a sampling loop.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vi_lab.arguments.arrays import array_above as array_above
from vi_lab.arguments.arrays import describe_first, mark_gaps, refuse
from vi_lab.arguments.arrays import numbers as numbers
from vi_lab.arguments.arrays import real_array as real_array
from vi_lab.arguments.public import RESCALE, list_some, short_repr
from vi_lab.arguments.public import require as require
from vi_lab.arguments.public import suggestion as suggestion
from vi_lab.arguments.read_only import read_only
from vi_lab.errors import InputError, InputTypeError, NumericalError, error_text, refuse_if

LARGEST = 1e150  # whose square is still a float64
SMALLEST = 1e-150


def observations(name: str, value: Any, ndim: int | None = 1) -> np.ndarray:
    """Observations: as `real_array`, and small enough that their squares do not overflow."""
    return square_fits(name, real_array(name, value, ndim))


def series_with_gaps(name: str, value: Any) -> np.ndarray:
    """Observations (T,) in which nan, None, NA or a mask stands for one that is missing; at least
    one is not."""
    array = numbers(name, mark_gaps(value), 1)
    gaps = np.isnan(np.asarray(array, dtype=np.float64))
    refuse_if(array.size and gaps.all(), f"{name}: needs an observation, got gaps alone")
    found = observations(name, np.where(gaps, 0.0, array) if gaps.any() else array)
    return read_only(np.where(gaps, np.nan, found)) if gaps.any() else found


def square_fits(name: str, array: np.ndarray) -> np.ndarray:
    """The array itself; InputError where the square of a number in it overflows."""
    _refuse_squares(name, array, np.abs(array) > LARGEST, "overflows", f"below {LARGEST:g}")
    return array


def _refuse_squares(name: str, array: np.ndarray, bad: np.ndarray, what: str, where: str) -> None:
    if bad.any():
        square = f"holds {describe_first(array, bad)}, whose square {what}"
        raise InputError(f"{name}: {square}; rescale to magnitudes {where}")


def real(name: str, value: Any) -> float:
    """A real scalar whose square does not overflow."""
    return float(square_fits(name, real_array(name, value, 0)))


def positive(name: str, value: Any) -> float:
    """A real scalar above zero whose square neither overflows nor vanishes."""
    return float(positives(name, real_array(name, value, 0)))


def positive_numbers(**given: Any) -> tuple[float, ...]:
    """Each of these, by its name, as `positive` takes it."""
    return tuple(positive(name, value) for name, value in given.items())


def positives(name: str, value: Any) -> np.ndarray:
    """An array of any shape with every element above zero, and no square that leaves float64."""
    array = real_array(name, value)
    refuse(name, array, array <= 0, "numbers above 0" if array.ndim else "a number above 0")
    _refuse_squares(name, array, array < SMALLEST, "vanishes", f"above {SMALLEST:g}")
    return square_fits(name, array)


def non_negative(name: str, value: Any) -> float:
    """A real scalar of at least zero."""
    number = real(name, value)
    refuse_if(number < 0, f"{name}: needs a number of at least 0, got {number:g}")
    return number


def positive_array(name: str, value: Any, shape: tuple[int, ...]) -> np.ndarray:
    """As `positives`, of exactly `shape`."""
    array = real_array(name, value)
    refuse_if(array.shape != shape, f"{name}: needs shape {shape}, got {array.shape}")
    return positives(name, array)


def vector(name: str, value: Any, size: int) -> np.ndarray:
    """A number, or `size` of them, as an array of shape (size,)."""
    array = observations(name, value, None)
    if array.shape not in ((), (size,)):
        raise InputError(f"{name}: needs a number or shape ({size},), got shape {array.shape}")
    return np.broadcast_to(array, (size,))


def positive_vector(name: str, value: Any) -> np.ndarray:
    """As `positives`, of one axis."""
    return positives(name, real_array(name, value, 1))


def probabilities(name: str, value: Any) -> np.ndarray:
    """Non-negative numbers of one axis that sum to one."""
    array = real_array(name, value, 1)
    refuse(name, array, array < 0, "numbers from 0")
    total = square_fits(name, array).sum()
    if abs(total - 1.0) > 1e-8:
        raise InputError(f"{name}: needs numbers that sum to one, got a sum of {total:.10g}")
    return array


def shares(name: str, value: Any) -> np.ndarray:
    """Reals above 0 and below 1, of any shape."""
    array = real_array(name, value)
    refuse(name, array, (array <= 0) | (array >= 1), "numbers above 0 and below 1")
    return array


def require_finite(what: str, value: Any, *, infinite: bool = False) -> Any:
    """An answer, unless it is nan (or infinite, where that cannot be): NumericalError then."""
    bad = np.isnan(value) if infinite else ~np.isfinite(value)
    if bad.any():
        lost = np.asarray(value)[bad].flat[0]
        raise NumericalError(f"{what} is {lost:g}: its digits are lost; {RESCALE}")
    return value


def values(name: str, value: Any, event: tuple[int, ...], lead: tuple[int, ...]) -> np.ndarray:
    """Points at which a density is asked for: real numbers (..., *event), finite or not."""
    array = numbers(name, value)
    count = array.ndim - len(event)
    if count < 0 or array.shape[count:] != event:
        raise InputError(f"{name}: needs trailing shape {event}, got {array.shape}")
    try:
        np.broadcast_shapes(array.shape[:count], lead)
    except ValueError:
        needed = f"{name}: needs a shape that broadcasts with {lead + event}"
        raise InputError(f"{needed}, got {array.shape}") from None
    return array


def require_broadcast(events: Sequence[int] = (), /, **arrays: np.ndarray) -> None:
    """InputError unless the shapes broadcast, less the `events` axes at the end of each."""
    shapes = [np.shape(array) for array in arrays.values()]
    own = events or [0] * len(shapes)
    try:
        np.broadcast_shapes(*(s[: len(s) - n] for s, n in zip(shapes, own, strict=True)))
    except ValueError:
        names, came = ", ".join(arrays), ", ".join(map(str, shapes))
        raise InputError(f"{names}: need shapes that broadcast, got {came}") from None


def counts(name: str, value: Any) -> np.ndarray:
    """Non-negative whole numbers, shape (n,), as read-only float64."""
    array = real_array(name, value, 1)
    bad = (array < 0) | (array != np.floor(array))
    refuse(name, array, bad, "counts (whole numbers from 0)")
    if array.max() > 2**53:
        raise InputError(f"{name}: holds {array.max():g}; counts above 2**53 are not exact")
    return array


def zeros_and_ones(name: str, value: Any) -> np.ndarray:
    """Zeros and ones, shape (n,), as read-only float64."""
    array = real_array(name, value, 1)
    refuse(name, array, (array != 0) & (array != 1), "0 and 1 alone")
    return array


def count_table(name: str, value: Any) -> np.ndarray:
    """Non-negative whole numbers, shape (rows, columns), as read-only float64."""
    array = real_array(name, value, 2)
    counts(name, array.ravel())
    return array


def covariance(name: str, value: Any, size: int) -> np.ndarray:
    """A symmetric positive definite matrix of shape (size, size).

    Symmetry is checked on its own: a Cholesky factorisation reads one triangle and would accept
    any matrix whose other triangle is wrong.
    """
    matrix = observations(name, value, 2)
    if matrix.shape != (size, size):
        raise InputError(f"{name}: needs shape {(size, size)}, got {matrix.shape}")
    variances, needed = np.diag(matrix), f"{name}: needs a positive definite matrix"
    if (variances <= 0).any():
        i = int(np.argmax(variances <= 0))
        raise InputError(f"{needed}, got {name}[{i}, {i}] = {matrix[i, i]:g}")
    positives(f"the diagonal of {name}", variances)
    sds = np.sqrt(variances)  # so that nothing depends on units of measure
    units = np.outer(sds, sds)
    difference = np.abs(matrix - matrix.T) / units
    if difference.max() > 1e-10:
        i, j = np.unravel_index(difference.argmax(), matrix.shape)
        one, two = (f"{name}[{a}, {b}] = {matrix[a, b]:g}" for a, b in ((i, j), (j, i)))
        raise InputError(f"{name}: needs a symmetric matrix, got {one} and {two}")
    if np.linalg.eigvalsh(matrix / units)[0] <= np.finfo(float).eps * size:
        smallest = np.linalg.eigvalsh(matrix)[0]
        raise InputError(f"{needed}, got smallest eigenvalue {smallest:.3g}")
    return matrix


def integer(name: str, value: Any, minimum: int, maximum: int = 2**53) -> int:
    """A whole number of at least `minimum` (True and False are not numbers here)."""
    require(is_whole(value), f"{name}: needs a whole number", value)
    needed = f"{name}: needs a whole number of at"
    require(value >= minimum, f"{needed} least {minimum}", value, InputError)
    require(value <= maximum, f"{needed} most {maximum}", value, InputError)
    return int(value)


def is_whole(value: Any) -> bool:
    """Whether it is a whole number, which True and False are not here."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_))


def boolean(name: str, value: Any) -> bool:
    """True or False, and nothing that merely counts as one."""
    require(isinstance(value, (bool, np.bool_)), f"{name}: needs True or False", value)
    return bool(value)


def spins(name: str, value: Any) -> np.ndarray:
    """An image of -1 and +1, shape (H, W), as read-only float64."""
    array = real_array(name, value, 2)
    refuse(name, array, np.abs(array) != 1, "-1 and +1 alone")
    return array


def path(name: str, value: Any) -> Path:
    """A path of the file system."""
    require(isinstance(value, str | os.PathLike), f"{name}: needs a path", value)
    try:
        found = Path(value)
        found.exists()
    except OSError as error:  # a name that is too long, a folder that may not be searched
        raise InputError(f"{name}: cannot be used as a path; {error.strerror}") from error
    except Exception as error:  # a __fspath__ of somebody's own
        raise InputTypeError(f"{name}: needs a path; {error_text(error)}") from error
    if "\0" in str(found):
        needed = f"{name}: needs a path, and none holds a null character"
        raise InputError(f"{needed}: {short_repr(value)}")
    return found


def as_tuple(name: str, value: Any) -> tuple[Any, ...]:
    """A list or tuple, and no string, as a tuple."""
    listed = isinstance(value, Iterable) and not isinstance(value, str)
    require(listed, f"{name}: needs a list", value)
    return tuple(value)


def text(name: str, value: Any) -> str:
    """A piece of text, which a file can hold."""
    require(isinstance(value, str), f"{name}: needs text", value)
    halves = any("\ud800" <= letter <= "\udfff" for letter in value)
    require(not halves, f"{name}: needs text, and half a letter (a surrogate) is none", value)
    return value


def names(name: str, value: Any) -> tuple[str, ...]:
    """A list of different names."""
    found = as_tuple(name, value)
    for item in found:
        require(isinstance(item, str), f"{name}: needs names", item)
    refuse_if(len(set(found)) < len(found), f"{name}: holds a name twice: {list_some(found)}")
    return found


def generator(rng: Any) -> np.random.Generator:
    """`rng` as a Generator: None (fresh entropy), an int, a SeedSequence or a Generator."""
    if isinstance(rng, np.random.Generator):
        return rng
    if rng is None or isinstance(rng, np.random.SeedSequence):
        return np.random.default_rng(rng)
    if is_whole(rng):
        require(rng >= 0, "rng: needs a seed of at least 0", rng, InputError)
        return np.random.default_rng(int(rng))
    raise InputTypeError(
        "rng: needs an int, a numpy.random.SeedSequence or a numpy.random.Generator, "
        f"got {type(rng).__name__} {short_repr(rng)}"
    )


def seed(rng: Any) -> int | None:
    """The seed that makes the same numbers again: `rng` where it is an int, None where not."""
    return int(rng) if isinstance(rng, (int, np.integer)) else None


def one_of(name: str, value: Any, options: Iterable[str]) -> str:
    """`value` if it is among `options`; else an error that suggests the nearest of them."""
    options = tuple(options)
    if isinstance(value, str) and value in options:
        return value
    raise InputError(f"{name}: unknown name {short_repr(value)}{suggestion(value, options)}")
