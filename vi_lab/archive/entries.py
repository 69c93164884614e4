"""The record of a saved result: what its entries may hold, looked at before any is used."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from vi_lab.arguments.block_values import initial_values
from vi_lab.arguments.public import short_repr
from vi_lab.errors import ResultFileError
from vi_lab.model_or_problem import as_given
from vi_lab.results.posterior import Cost


def check(path: Any, record: Mapping[str, Any]) -> None:
    """ResultFileError, with the name of the entry, where one is not what `save` writes there."""
    for key, (needed, holds) in ENTRIES.items():
        if key in record and not holds(record[key]):
            raise ResultFileError(f"{path}: {key!r} needs {needed}, got {short_repr(record[key])}")


def check_arrays(path: Any, arrays: Mapping[str, np.ndarray]) -> None:
    """ResultFileError, with the name of the array, where one is none that `save` writes."""
    for name, array in arrays.items():
        if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
            raise ResultFileError(f"{path}: array {name!r} needs real numbers, got {array.dtype}")
    trace = arrays.get("elbo_trace", np.zeros((1, 1)))
    if trace.ndim not in (1, 2) or np.isnan(trace).any() or (trace == np.inf).any():
        raise ResultFileError(f"{path}: array 'elbo_trace' needs a bound after each sweep")


def check_auxiliary(path: Any, record: Mapping[str, Any], model: Any) -> None:
    """ResultFileError where a latent is hidden from tables that the model at hand shows."""
    for name in record["auxiliary"]:
        if name not in model.auxiliary:
            wrong = f"{short_repr(name)}, which is no auxiliary latent of"
            owner = type(as_given(model)).__name__
            raise ResultFileError(f"{path}: 'auxiliary' holds {wrong} {owner}")


def check_shapes(path: Any, arrays: Mapping[str, np.ndarray], model: Any) -> None:
    """ResultFileError where draws of a latent have another shape than it has in the model at hand,
    as where that holds other data."""
    start = model.latents(initial_values(model, np.random.default_rng(0), 1))
    for name, value in start.items():
        draws, wanted = arrays.get(f"values/{name}"), np.shape(value)[1:]
        if draws is not None and draws.shape[2:] != wanted:
            found = f"draws of {short_repr(name)} of shape {draws.shape[2:]}"
            owner = type(as_given(model)).__name__
            raise ResultFileError(f"{path} holds {found}, and this {owner} has {wanted}")


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _time(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 <= value <= sys.float_info.max


def _numbers(value: Any) -> bool:
    try:
        return np.asarray(value).dtype.kind in "if"
    except ValueError:  # a ragged list
        return False


def _averages(value: Any) -> bool:
    whole = isinstance(value, list) and all(isinstance(v, list) and len(v) == 2 for v in value)
    return whole and all(_numbers(v) and v[1] >= 0 for v in value)


def _cost(value: Any) -> bool:
    known = isinstance(value, dict) and value.keys() <= set(Cost._fields)
    return known and all(_count(v) for v in value.values())


def _classes(value: Any) -> bool:
    return isinstance(value, dict) and all(_count(v) and v > 0 for v in value.values())


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(_text(v) for v in value)


ENTRIES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "kind": ("text", _text),
    "model": ("text", _text),
    "method": ("text", _text),
    "method of q": ("text", _text),
    "seconds": ("a number of seconds from 0", _time),
    "cost": (f"whole numbers from 0 by name ({', '.join(Cost._fields)})", _cost),
    "settings": ("settings by name", lambda value: isinstance(value, dict)),
    "nominal": ("numbers of classes by name", _classes),
    "auxiliary": ("a list of names", _names),
    "interrupted": ("true or false", lambda value: isinstance(value, bool)),
    "converged": ("true, false or null", lambda value: value is None or isinstance(value, bool)),
    "elbo": ("numbers", _numbers),
    "elbo_averages": ("pairs of an average and its error", _averages),
    "log_evidence": ("a number", _numbers),
}
