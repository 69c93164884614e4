"""`vi-lab compare run.toml`: the options of a comparison in a file.

    [run]
    problems = ["coal", "my_models.py:two_groups"]      # or data, columns and model
    methods = ["gibbs", "cavi"]
    seed = 1
    out = "results"

    [set.coal]
    a = [2, 2]

What the command line says wins. Paths in the file are those of its own folder.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vi_lab.arguments import checks
from vi_lab.arguments.public import error_text, require, suggestion
from vi_lab.cli.settings import Settings
from vi_lab.errors import InputError
from vi_lab.problems.from_file import is_spec
from vi_lab.problems.named import list_problems
from vi_lab.problems.written_values import read_plain
from vi_lab.runtime import reading

TABLES = ("run", "set")
OPTIONS = (
    "methods",
    "seed",
    "seeds",
    "jobs",
    "budget",
    "out",
    "sweep",
    "format",
    "data",
    "columns",
    "model",
)


def _whole(least: int) -> Callable[[str, Any], int]:
    return lambda where, value: checks.integer(where, value, least)


def _texts(where: str, value: Any) -> list[str]:
    """One text or several."""
    found = [value] if isinstance(value, str) else value
    listed = isinstance(found, list) and all(isinstance(text, str) for text in found)
    require(listed and bool(found), f"{where}: needs a list of names", value)
    return list(found)


KEYS: dict[str, Callable[[str, Any], Any]] = {
    "problems": _texts,
    "module": _texts,
    "data": checks.text,
    "columns": _texts,
    "model": checks.text,
    "methods": _texts,
    "seed": _whole(0),
    "seeds": _whole(1),
    "jobs": _whole(1),
    "budget": checks.text,
    "out": checks.text,
    "sweep": checks.boolean,
    "format": checks.text,
}


def is_run_file(words: list[str]) -> bool:
    """Whether the first word is a run file; those behind it take the place of its problems."""
    return bool(words) and words[0].endswith(".toml")


def merge(options: argparse.Namespace, path: Path) -> Settings:
    """Give the options what the file says, where the command line says nothing; its settings."""
    path = checks.path("problem", path)
    run, sets = _read(path)
    own = ("data", "model")
    elsewhere = options.problems or any(getattr(options, key) is not None for key in own)
    if elsewhere:  # than what the file is about
        run = {k: v for k, v in run.items() if k not in ("problems", "module", "columns", *own)}
    words = [*run.get("problems", ()), *run.get("module", ())]
    names = options.problems or words or list_problems()
    options.problems = options.problems or [_inside(path.parent, word) for word in words]
    for key in ("data", "out"):
        if key in run:
            run[key] = path.parent / run[key]
    if "columns" in run:
        run["columns"] = ",".join(run["columns"])
    for key in OPTIONS:
        if getattr(options, key) is None:
            setattr(options, key, run.get(key))
    names = [options.model] if options.model else list(names)
    settings = _read_settings(path, sets, names, bool(elsewhere))
    return {_inside(path.parent, name): values for name, values in settings.items()}


def _inside(folder: Path, word: str) -> str:
    """A name as it is; a path of the file's own folder as a path from here."""
    return str(folder / word) if is_spec(word) else word


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The tables [run] and [set], whose keys are known."""
    if not path.exists():
        raise InputError(f"problem: there is no file {path}")
    raw = reading.read_whole(path)
    try:
        document = tomllib.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # of TOML, or no UTF-8
        raise InputError(f"{path.name}: is no TOML; {error_text(error)}") from None
    _refuse_unknown(f"{path.name}: has no table", document, TABLES)
    for table, value in document.items():
        require(isinstance(value, dict), f"{path.name}: needs a table [{table}]", value)
    run = document.get("run", {})
    _refuse_unknown(f"{path.name}: [run] has no key", run, KEYS)
    options = {key: KEYS[key](f"{path.name}: [run] {key}", value) for key, value in run.items()}
    return options, document.get("set", {})


def _refuse_unknown(what: str, given: Any, known: Any) -> None:
    for key in given:
        if key not in known:
            raise InputError(f"{what} {key!r}{suggestion(key, known)}")


def _read_settings(path: Path, sets: dict[str, Any], names: list[str], elsewhere: bool) -> Settings:
    """[set.coal] by its problem, and what stands in [set] itself for the only one.

    What is about others than these is an error, but where the command line chose these.
    """
    settings: Settings = {}
    for key, value in sets.items():
        where = f"{path.name}: [set] {key}"
        if key in names or (isinstance(value, dict) and len(names) > 1):
            if key not in names and elsewhere:
                continue
            checks.one_of(f"{path.name}: [set]", key, names)
            require(isinstance(value, dict), f"{where}: needs a table", value)
            settings[key] = {n: read_plain(f"{where}.{n}", v) for n, v in value.items()}
        elif not (elsewhere and isinstance(value, dict)):
            settings.setdefault("", {})[key] = read_plain(where, value)
    return settings
