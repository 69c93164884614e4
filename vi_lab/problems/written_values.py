"""Hyperparameters as files write them: plain values, and priors by their names.

Nothing is evaluated: a prior is one of vi_lab's, and its arguments are numbers.
"""

from __future__ import annotations

import datetime
import re
from typing import Any

from vi_lab.arguments import checks
from vi_lab.arguments.public import short_repr
from vi_lab.errors import InputError, ViLabError
from vi_lab.models.priors import HalfCauchy, InverseGamma

PRIORS = {"HalfCauchy": HalfCauchy, "InverseGamma": InverseGamma}
CALL = re.compile(r"\s*([A-Za-z]\w*)\s*\((.*)\)\s*", re.DOTALL)
NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*", re.ASCII)
NEEDED = "needs a TOML value, numbers parted by commas, a word, or a prior such as HalfCauchy(5)"


def read_plain(where: str, value: Any) -> Any:
    """A value of TOML or JSON: a text may be a prior, or "none"."""
    if isinstance(value, str):
        call = CALL.fullmatch(value)
        if call:
            return read_prior(where, *call.groups())
        return None if value == "none" else value
    if isinstance(value, datetime.date | datetime.time):
        raise InputError(f"{where}: {NEEDED}, got {value}")
    return value


def read_prior(where: str, name: str, inside: str) -> Any:
    """HalfCauchy(5), InverseGamma(2, 3) or InverseGamma(a0=2, b0=3)."""
    make = PRIORS[checks.one_of(where, name, PRIORS)]
    numbers: list[float] = []
    named: dict[str, float] = {}
    for part in inside.split(",") if inside.strip() else ():
        key, equals, text = part.rpartition("=")
        if not NUMBER.fullmatch(text):
            raise InputError(f"{where}: {name} needs numbers, got {short_repr(part.strip())}")
        if equals:
            named[key.strip()] = float(text)
        else:
            numbers.append(float(text))
    try:
        return make(*numbers, **named)
    except ViLabError as error:
        raise InputError(f"{where}: {error}") from None
