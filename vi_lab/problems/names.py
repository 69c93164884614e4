"""The name of a variant: a problem's own name, and behind it what is not at its default."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from vi_lab.arguments.public import short_repr

LONGEST = 40  # characters of a value in a name


def variant(name: str, **parameters: tuple[Any, Any]) -> str:
    """The name with every parameter, (value, default), that is not at its default."""
    values = {key: value for key, (value, _) in parameters.items()}
    return name_changes(name, values, {key: default for key, (_, default) in parameters.items()})


def name_changes(name: str, values: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    """The name with every value that is not what it is by default: "coal a=[3, 3]"."""
    texts = {key: write_value(value) for key, value in values.items()}
    written = {key: write_value(defaults[key]) for key in values if key in defaults}
    other = [f"{key}={shorten(text)}" for key, text in texts.items() if text != written.get(key)]
    return " ".join([name, *other])


def write_value(value: Any) -> str:
    """A hyperparameter as it is read again: 5, [2, 2], joint, HalfCauchy(5), {C: 0.5}."""
    if value is None or isinstance(value, bool | np.bool_):
        return str(value).lower()
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {write_value(v)}" for key, v in value.items()) + "}"
    if is_dataclass(value) and not isinstance(value, type):
        inside = ", ".join(write_value(getattr(value, f.name)) for f in fields(value))
        return f"{type(value).__name__}({inside})"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(write_value, value)) + "]"
    if isinstance(value, int | np.integer):
        return str(value)
    if isinstance(value, float | np.floating):
        short = f"{value:g}"
        return short if float(short) == value else repr(float(value))
    array = np.asarray(value)
    return write_value(array.tolist()) if array.dtype.kind in "biuf" else short_repr(value)


def shorten(text: str, longest: int = LONGEST) -> str:
    """A long text cut, with a checksum of the whole, so that two that differ do so still."""
    if len(text) <= longest:
        return text
    return f"{text[: longest - 10]}…#{zlib.crc32(text.encode()):08x}"
