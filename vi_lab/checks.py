"""Validation of what users hand in: each check names the argument, what came and what is needed.

Checks run once, at the door (constructors and public functions), never inside a sampling loop.
"""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np

from vi_lab.errors import InputError, InputTypeError

F = TypeVar("F", bound=Callable[..., Any])


def real_array(name: str, value: Any, ndim: int | None = None) -> np.ndarray:
    """A finite float64 array of `ndim` axes and at least one element, copied and read-only.

    Raises InputTypeError for what is not real numbers (strings, None, complex, masked or ragged
    input) and InputError for a wrong number of axes, no element, or the first NaN or infinity.
    """
    if isinstance(value, np.ma.MaskedArray):
        raise InputTypeError(
            f"{name}: got a masked array, whose mask would be dropped; "
            f"pass the observed values alone, e.g. {name}.compressed()"
        )
    try:
        raw = np.asarray(value)
    except ValueError as error:
        raise InputTypeError(f"{name}: needs a rectangular array of numbers; {error}") from None
    if raw.dtype.kind not in "biuf":
        raise InputTypeError(f"{name}: needs real numbers, got {_describe(value, raw)}")
    array = raw.astype(np.float64)
    if ndim is not None and array.ndim != ndim:
        hint = (
            f"; pass {name}.ravel()"
            if ndim == 1 and array.size == max(array.shape, default=0) and array.ndim > 1
            else ""
        )
        raise InputError(
            f"{name}: needs an array with {ndim} {'axis' if ndim == 1 else 'axes'}, "
            f"got shape {array.shape}{hint}"
        )
    if array.size == 0:
        raise InputError(f"{name}: needs at least one value, got an empty array {array.shape}")
    bad = ~np.isfinite(array)
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        place = "" if array.ndim == 0 else f" at index {where[0] if len(where) == 1 else where}"
        raise InputError(f"{name}: needs finite numbers, got {array[where]}{place}")
    array.setflags(write=False)
    return array


def _describe(value: Any, raw: np.ndarray) -> str:
    if raw.ndim == 0:
        return f"{value!r}"
    return f"an array of {raw.dtype} with shape {raw.shape}"


def data(name: str, value: Any, ndim: int = 1) -> np.ndarray:
    """Observations: as `real_array`, and small enough that their squares do not overflow."""
    array = real_array(name, value, ndim)
    if np.abs(array).max() > 1e150:
        raise InputError(
            f"{name}: holds {array.flat[np.abs(array).argmax()]:g}, whose square overflows; "
            "rescale the data to magnitudes below 1e150"
        )
    return array


def real(name: str, value: Any) -> float:
    """A finite real scalar."""
    return float(real_array(name, value, 0))


def positive(name: str, value: Any) -> float:
    """A finite real scalar above zero."""
    number = real(name, value)
    if number <= 0:
        raise InputError(f"{name}: needs a number above 0, got {number:g}")
    return number


def non_negative(name: str, value: Any) -> float:
    """A finite real scalar of at least zero."""
    number = real(name, value)
    if number < 0:
        raise InputError(f"{name}: needs a number of at least 0, got {number:g}")
    return number


def positive_array(name: str, value: Any, shape: tuple[int, ...]) -> np.ndarray:
    """A finite array of exactly `shape` with every element above zero."""
    array = real_array(name, value)
    if array.shape != shape:
        raise InputError(f"{name}: needs shape {shape}, got {array.shape}")
    if (array <= 0).any():
        where = int(np.argmax(array.ravel() <= 0))
        raise InputError(
            f"{name}: needs numbers above 0, got {array.flat[where]:g} at index {where}"
        )
    return array


def vector_of(name: str, value: Any, size: int) -> np.ndarray:
    """A finite number, or `size` of them, as an array of shape (size,)."""
    array = real_array(name, value)
    if array.shape not in ((), (size,)):
        raise InputError(f"{name}: needs a number or shape ({size},), got shape {array.shape}")
    return np.broadcast_to(array, (size,))


def positive_vector(name: str, value: Any) -> np.ndarray:
    """A finite array of one axis with every element above zero."""
    array = real_array(name, value, 1)
    return positive_array(name, array, array.shape)


def probabilities(name: str, value: Any) -> np.ndarray:
    """Non-negative numbers of one axis that sum to one."""
    array = real_array(name, value, 1)
    if (array < 0).any():
        where = int(np.argmax(array < 0))
        raise InputError(f"{name}: needs numbers from 0, got {array[where]:g} at index {where}")
    if abs(array.sum() - 1.0) > 1e-8:
        raise InputError(f"{name}: needs numbers that sum to one, got a sum of {array.sum():.10g}")
    return array


def together(**arrays: np.ndarray) -> None:
    """InputError unless the arrays' shapes broadcast."""
    shapes = [np.shape(array) for array in arrays.values()]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        raise InputError(
            f"{', '.join(arrays)}: need shapes that broadcast, got {', '.join(map(str, shapes))}"
        ) from None


def counts(name: str, value: Any) -> np.ndarray:
    """Non-negative whole numbers, shape (n,), as read-only float64."""
    array = real_array(name, value, 1)
    bad = (array < 0) | (array != np.floor(array))
    if bad.any():
        where = int(np.argmax(bad))
        raise InputError(
            f"{name}: needs counts (whole numbers from 0), got {array[where]:g} at index {where}"
        )
    if array.max() > 2**53:
        raise InputError(f"{name}: holds {array.max():g}; counts above 2**53 are not exact")
    return array


def zeros_and_ones(name: str, value: Any) -> np.ndarray:
    """Zeros and ones, shape (n,), as read-only float64."""
    array = real_array(name, value, 1)
    bad = (array != 0) & (array != 1)
    if bad.any():
        where = int(np.argmax(bad))
        raise InputError(f"{name}: needs 0 and 1 alone, got {array[where]:g} at index {where}")
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
    matrix = real_array(name, value, 2)
    if matrix.shape != (size, size):
        raise InputError(f"{name}: needs shape {(size, size)}, got {matrix.shape}")
    variances = np.diag(matrix)
    if (variances <= 0).any():
        i = int(np.argmax(variances <= 0))
        raise InputError(
            f"{name}: needs a positive definite matrix, got {name}[{i}, {i}] = {matrix[i, i]:g}"
        )
    units = np.sqrt(np.outer(variances, variances))  # so that nothing depends on units of measure
    difference = np.abs(matrix - matrix.T) / units
    if difference.max() > 1e-10:
        i, j = np.unravel_index(difference.argmax(), matrix.shape)
        raise InputError(
            f"{name}: needs a symmetric matrix, got {name}[{i}, {j}] = {matrix[i, j]:g} "
            f"and {name}[{j}, {i}] = {matrix[j, i]:g}"
        )
    if np.linalg.eigvalsh(matrix / units)[0] <= np.finfo(float).eps * size:
        smallest = np.linalg.eigvalsh(matrix)[0]
        raise InputError(
            f"{name}: needs a positive definite matrix, got smallest eigenvalue {smallest:.3g}"
        )
    return matrix


def integer(name: str, value: Any, minimum: int) -> int:
    """A whole number of at least `minimum` (True and False are not numbers here)."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise InputTypeError(f"{name}: needs a whole number, got {value!r}")
    if value < minimum:
        raise InputError(f"{name}: needs a whole number of at least {minimum}, got {value}")
    return int(value)


def flag(name: str, value: Any) -> bool:
    """True or False, and nothing that merely counts as one."""
    if not isinstance(value, (bool, np.bool_)):
        raise InputTypeError(f"{name}: needs True or False, got {value!r}")
    return bool(value)


def spins(name: str, value: Any) -> np.ndarray:
    """An image of -1 and +1, shape (H, W), as read-only float64."""
    array = real_array(name, value, 2)
    bad = np.abs(array) != 1
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise InputError(f"{name}: needs -1 and +1 alone, got {array[where]:g} at index {where}")
    return array


def listed(name: str, value: Any) -> tuple[Any, ...]:
    """A list or tuple, and no string, as a tuple."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InputTypeError(f"{name}: needs a list, got {value!r}")
    return tuple(value)


def names(name: str, value: Any) -> tuple[str, ...]:
    """A list of different names."""
    found = listed(name, value)
    for item in found:
        if not isinstance(item, str):
            raise InputTypeError(f"{name}: needs names, got {item!r}")
    if len(set(found)) < len(found):
        raise InputError(f"{name}: holds a name twice: {', '.join(found)}")
    return found


def generator(rng: Any) -> np.random.Generator:
    """`rng` as a Generator: None (fresh entropy), an int, a SeedSequence or a Generator."""
    if isinstance(rng, np.random.Generator):
        return rng
    if rng is None or isinstance(rng, np.random.SeedSequence):
        return np.random.default_rng(rng)
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, (bool, np.bool_)):
        if rng < 0:
            raise InputError(f"rng: needs a seed of at least 0, got {rng}")
        return np.random.default_rng(int(rng))
    raise InputTypeError(
        "rng: needs an int, a numpy.random.SeedSequence or a numpy.random.Generator, "
        f"got {type(rng).__name__} {rng!r}"
    )


def known(name: str, value: Any, options: Iterable[str]) -> str:
    """`value` if it is among `options`; else an error that suggests the nearest of them."""
    options = tuple(options)
    if isinstance(value, str) and value in options:
        return value
    raise InputError(f"{name}: unknown name {value!r}{suggestion(value, options)}")


def suggestion(value: Any, options: Iterable[str]) -> str:
    """The tail of an unknown-name message: the nearest option, and all of them."""
    options = tuple(options)
    near = difflib.get_close_matches(str(value), options, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"{hint} (known: {', '.join(options)})"


def clear_keywords(function: F) -> F:
    """Decorator: an unknown keyword raises InputTypeError and suggests; `seed=` names `rng`."""
    parameters = inspect.signature(function).parameters
    names = tuple(
        p.name for p in parameters.values() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    )
    label = function.__qualname__.removesuffix(".__init__")

    @functools.wraps(function)
    def checked(*args: Any, **keywords: Any) -> Any:
        for key in keywords:
            if key not in parameters:
                if key in ("seed", "random_state") and "rng" in parameters:
                    hint = "; randomness comes from rng= (an int, a SeedSequence or a Generator)"
                else:
                    hint = suggestion(key, (n for n in names if n not in ("self", "cls")))
                raise InputTypeError(f"{label}() has no argument {key!r}{hint}")
        return function(*args, **keywords)

    return checked  # type: ignore[return-value]
