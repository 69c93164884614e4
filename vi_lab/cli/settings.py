"""What `--set` says: hyperparameters by name, each a TOML value, numbers, a word or a prior.

Nothing is evaluated: a prior is one of vi_lab's by its name, and its arguments are numbers.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from vi_lab.arguments import checks
from vi_lab.arguments.public import short_repr
from vi_lab.errors import InputError
from vi_lab.problems.written_values import CALL, NEEDED, NUMBER, read_plain, read_prior

WHOLE = re.compile(r"\s*[-+]?\d{1,18}\s*", re.ASCII)
WORD = re.compile(r"[A-Za-z][\w.-]*")
ENDLESS = (tomllib.TOMLDecodeError, RecursionError, ValueError)  # of TOML, nesting, digits

Settings = dict[str, dict[str, Any]]  # by problem ("" for the only one): values by name


def read_settings(words: Iterable[str]) -> Settings:
    """What `--set a=2,2` and `--set coal.a=2,2` say, the last where one is said twice."""
    found: Settings = {}
    for word in words:
        key, equals, text = word.partition("=")
        problem, _, name = key.strip().rpartition(".")
        if not equals or not name:
            raise InputError(f"--set: needs NAME=VALUE, as in a=2,2, got {short_repr(word)}")
        found.setdefault(problem, {})[name] = read_value(f"--set {short_repr(name)[1:-1]}", text)
    return found


def read_value(where: str, text: str) -> Any:
    """A value from its text; `where` begins the error."""
    if not text.strip():
        raise InputError(f"{where}: needs a value behind the =, as in a=2,2")
    call = CALL.fullmatch(text)
    if call:
        return read_prior(where, *call.groups())
    try:
        document = tomllib.loads(f"value = {text}")
    except ENDLESS:
        return _read_bare(where, text)
    value = document["value"]
    if len(document) > 1 or isinstance(value, datetime.date | datetime.time):
        raise InputError(f"{where}: {NEEDED}, got {short_repr(text)}")
    return read_plain(where, value)


def _read_bare(where: str, text: str) -> Any:
    """Numbers parted by commas, one that TOML writes otherwise (.5), or a word."""
    parts = text.split(",")
    if len(parts) > 1 and not parts[-1].strip():  # "2," is a list of one
        parts.pop()
    if all(NUMBER.fullmatch(part) for part in parts):
        numbers = tuple(int(p) if WHOLE.fullmatch(p) else float(p) for p in parts)
        return numbers if "," in text else numbers[0]
    if WORD.fullmatch(text):
        return None if text == "none" else text
    raise InputError(f"{where}: {NEEDED}, got {short_repr(text)}")


def share_out(settings: Mapping[str, Mapping[str, Any]], names: list[str]) -> Settings:
    """The settings of each of these problems; InputError where one belongs to none of them."""
    found: Settings = {name: {} for name in names}
    for problem, values in settings.items():
        if problem:
            checks.one_of("--set", problem, found)
        elif len(found) > 1:
            first, key = names[0], next(iter(values))
            raise InputError(
                f"--set: needs the problem too where there are several, as in {first}.{key}=..., "
                f"got {key}"
            )
        found[problem or names[0]].update(values)
    return found
