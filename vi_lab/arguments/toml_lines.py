"""TOML files whose mistakes are told with their line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vi_lab.arguments.public import require, suggestion
from vi_lab.errors import InputError, ViLabError, error_text
from vi_lab.runtime import reading

HEAD = re.compile(r"\s*\[{1,2}\s*(\w[^\],]*)\]")  # of a line such as [set.coal]
KEY = re.compile(r"\s*([\w.\"-]+)\s*=")


def read_tables(
    path: Path, tables: Iterable[str], what: str = "file"
) -> tuple[str, dict[str, dict[str, Any]]]:
    """The text of a file, and its tables, which are known; InputError, with the line, for others.

    Parameters
    ----------
    what : str
        The argument that `path` came as.
    """
    if not path.exists():
        raise InputError(f"{what}: there is no file {path}")
    raw = reading.read_whole(path)
    try:
        text = raw.decode("utf-8")
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # of TOML, or no UTF-8
        told, lines = error_text(error), raw.count(b"\n") + 1
        line = f" (line {lines})" if "end of document" in told else ""
        raise InputError(f"{path.name}: is no TOML; {told}{line}") from None
    for table, value in document.items():
        with at_line(text, table):
            refuse_unknown(f"{path.name}: has no table", table, tables)
            require(isinstance(value, dict), f"{path.name}: needs a table [{table}]", value)
    return text, document


def refuse_unknown(what: str, key: str, known: Iterable[str]) -> None:
    """InputError, with the nearest name, for a key that is none of those known."""
    if key not in known:
        raise InputError(f"{what} {key!r}{suggestion(key, known)}")


@contextmanager
def at_line(text: str, key: str) -> Iterator[None]:
    """What is wrong with a key such as set.coal ends with the line that it stands on."""
    try:
        yield
    except ViLabError as error:
        raise type(error)(f"{error}{find_line(text, key)}") from None


def find_line(text: str, key: str) -> str:
    """ " (line 4)" of the first line that is about the key; nothing of one within a line."""
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if head := HEAD.match(line):
            there = table = head[1].replace('"', "").strip()
        elif word := KEY.match(line):
            there = f"{table}.{word[1]}".removeprefix(".").replace('"', "")
        else:
            continue
        if f"{there}.".startswith(f"{key}."):
            return f" (line {number})"
    return ""


def list_texts(where: str, value: Any) -> list[str]:
    """One text or several."""
    found = [value] if isinstance(value, str) else value
    listed = isinstance(found, list) and all(isinstance(text, str) for text in found)
    require(listed and bool(found), f"{where}: needs a list of names", value)
    return list(found)
