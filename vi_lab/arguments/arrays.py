"""Real numbers out of whatever was handed in, with nothing converted silently.

numpy makes nan of None and of a masked element, 1.0 of '1' in a column that it was asked to read as
floats, and a column of objects of anything; here each of these is an error that says what to do.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from vi_lab.arguments.public import short_repr
from vi_lab.arguments.read_only import read_only
from vi_lab.errors import InputError, InputTypeError, error_text


def real_array(name: str, value: Any, ndim: int | None = None) -> np.ndarray:
    """A finite float64 array of `ndim` axes and at least one element, copied and read-only.

    Raises InputTypeError for what is not real numbers (strings, None, complex, masked or ragged
    input) and InputError for a wrong number of axes, no element, or the first NaN or infinity.
    """
    with np.errstate(over="ignore"):  # what float64 cannot hold is caught as an infinity below
        array = numbers(name, value, ndim).astype(np.float64)
    if ndim is not None and array.ndim != ndim:
        line = ndim == 1 < array.ndim and array.size == max(array.shape)
        hint = f"; pass {name}.ravel()" if line else ""
        axes = "1 axis" if ndim == 1 else f"{ndim} axes"
        raise InputError(f"{name}: needs an array with {axes}, got shape {array.shape}{hint}")
    if array.size == 0:
        raise InputError(f"{name}: needs at least one value, got an empty array {array.shape}")
    refuse(name, array, ~np.isfinite(array), "finite numbers")
    return read_only(array)


def array_above(name: str, value: Any, bound: float, meaning: str = "") -> np.ndarray:
    """A real array with every element above a bound; `meaning` says in an error what that is."""
    array = real_array(name, value)
    if (array <= bound).any():
        raise InputError(f"{name}: needs numbers above {meaning}{bound}, got {array.min():g}")
    return array


def numbers(name: str, value: Any, ndim: int | None = None) -> np.ndarray:
    """Real numbers of any shape and type, nan and infinities let through; not a copy."""
    raw = _raw(name, value, ndim)
    if raw.dtype.kind not in "biuf":
        raise InputTypeError(f"{name}: needs real numbers, got {_not_numbers(value, raw)}")
    return raw


def refuse(name: str, array: np.ndarray, bad: np.ndarray, needed: str) -> None:
    """InputError that shows the first bad number, where there is one."""
    if bad.any():
        raise InputError(f"{name}: needs {needed}, got {describe_first(array, bad)}")


def describe_first(array: np.ndarray, bad: np.ndarray) -> str:
    """The first bad value and its index: "nan at index 3", or "nan" of a number by itself."""
    where = tuple(int(i) for i in np.argwhere(bad)[0])
    place = "" if array.ndim == 0 else f" at index {where[0] if len(where) == 1 else where}"
    return f"{array[where]:g}{place}"


def mark_gaps(value: Any) -> Any:
    """A series with nan for what is masked, None or pandas' NA; any other as it is."""
    if isinstance(value, np.ma.MaskedArray):
        real = value.dtype.kind in "biuf"
        return np.ma.filled(value.astype(np.float64), np.nan) if real else value
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind == "O" or isinstance(value, list | tuple):
        return [np.nan if _is_gap(item) else item for item in value]
    return value


def _is_gap(item: Any) -> bool:
    return item is None or type(item).__name__ == "NAType"


def _raw(name: str, value: Any, ndim: int | None) -> np.ndarray:
    """`value` as an array of whatever it holds; InputTypeError where that would hide something."""
    if isinstance(value, np.ma.MaskedArray):
        raise InputTypeError(
            f"{name}: got a masked array, whose mask would be dropped; "
            f"pass the observed values alone, e.g. {name}.compressed()"
        )
    if type(value) is np.ndarray:
        return _from_objects(value)
    refuse_lazy(name, value)
    if getattr(value, "columns", None) is not None and getattr(value, "dtypes", None) is not None:
        _read_columns(name, value, ndim)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # numpy warns where it turns a masked element into nan
            return _from_objects(np.asarray(value))
    except Exception as error:  # ragged lists, and whatever an object's own __array__ raises
        ragged = isinstance(value, list | tuple) and "inhomogeneous" in str(error)
        why = f", got {short_repr(value)}" if ragged else f"; {error_text(error)}"
        raise InputTypeError(f"{name}: needs a rectangular array of numbers{why}") from None


def refuse_lazy(name: str, value: Any) -> None:
    """InputTypeError for a query of a table, as polars keeps one, that has not been run."""
    if callable(getattr(value, "collect", None)) and getattr(value, "__len__", None) is None:
        raise InputTypeError(f"{name}: got {type(value).__name__}, a query; pass {name}.collect()")


def _read_columns(name: str, frame: Any, ndim: int | None) -> None:
    """A data frame, whoever's: numbers in every column, or an error that names the others."""
    columns = list(frame.columns)
    kinds = [_kind(dtype) for dtype in frame.dtypes]
    numeric = [
        column
        for column, kind in zip(columns, kinds, strict=True)
        if kind in "biuf" or _holds_numbers(frame, column)
    ]
    other = [short_repr(column) for column in columns if column not in numeric]
    if other:
        some = f"[[{', '.join(map(short_repr, numeric[:3]))}]].to_numpy()"
        hint = f"; pass the numeric columns alone, e.g. {name}{some}" if numeric else ""
        more = f" and {len(other) - 3} more" if len(other) > 3 else ""
        raise InputTypeError(
            f"{name}: needs real numbers, got a data frame whose columns "
            f"{', '.join(other[:3])}{more} hold none{hint}"
        )
    if ndim == 1:
        one = short_repr(columns[0]) if columns else "'column'"
        raise InputError(
            f"{name}: needs an array with 1 axis, got a data frame of {len(columns)} columns; "
            f"pass one of them, e.g. {name}[{one}].to_numpy()"
        )


def _holds_numbers(frame: Any, column: Any) -> bool:
    """Whether a column of objects holds numbers alone."""
    try:
        return _from_objects(np.asarray(frame[column])).dtype.kind in "biuf"
    except Exception:  # a frame of somebody's own, which has no columns by name
        return False


def _kind(dtype: Any) -> str:
    """The kind of a column: NumPy's and pandas' have it, polars' say whether they are numeric."""
    numeric = getattr(dtype, "is_numeric", None)
    return getattr(dtype, "kind", "f" if numeric is not None and numeric() else "O")


def _from_objects(array: np.ndarray) -> np.ndarray:
    """An array of Python's numbers, as a column of mixed origin has them, as one of float64.

    Anything else among them is left for the caller to name.
    """
    if array.dtype != object or not array.size:
        return array
    for item in array.flat:
        number = isinstance(item, int | float | np.floating | np.integer)
        if not number or abs(float(item)) >= 2.0**63:
            return array
    return array.astype(np.float64)


def _not_numbers(value: Any, raw: np.ndarray) -> str:
    """What came where real numbers are needed, with the first that is none."""
    if raw.ndim == 0:
        return short_repr(value)
    came = f"an array of {raw.dtype} with shape {raw.shape}"
    if isinstance(value, list | tuple):  # NumPy writes numbers beside a text as texts
        raw = np.asarray(value, dtype=object)
    for index, item in np.ndenumerate(raw):
        if raw.dtype.kind != "O" or not isinstance(item, int | float | np.floating | np.integer):
            where = tuple(map(int, index))
            place = where[0] if len(where) == 1 else where
            return f"{came}, the first {short_repr(item)} at index {place}"
    return f"{came}, whole numbers beyond 64 bits; pass floats" if raw.size else came
