"""`vi-lab compare run.toml`: the options of a comparison in a file.

    [run]
    problems = ["coal", "my_models.py:two_groups"]      # or data, columns and model
    methods = ["gibbs", "cavi"]
    seed = 1
    out = "results"

    [set.coal]
    a = [2, 2]

What the command line says wins. Paths in the file are those of its own folder. What is wrong with a
key is said with its line.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vi_lab.arguments import checks
from vi_lab.arguments.public import require
from vi_lab.arguments.toml_lines import at_line, list_texts, read_tables, refuse_unknown
from vi_lab.cli.screen import FORMATS
from vi_lab.cli.settings import Settings
from vi_lab.comparison.compare import spell_method
from vi_lab.errors import ViLabError
from vi_lab.problems.from_file import is_spec
from vi_lab.problems.methods import BUDGETS
from vi_lab.problems.named import list_problems
from vi_lab.problems.other_methods import ALL
from vi_lab.problems.own_data import BY_NAME
from vi_lab.problems.written_values import read_plain

TABLES = ("run", "set")
CHOOSE = ("problems", "set", "data", "columns", "model")  # options that say what a run is about
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


def _columns(where: str, value: Any) -> str:
    """As --columns has them: names in a list may have commas of their own."""
    names = list_texts(where, value)
    quoted = (name.replace('"', '""') for name in names)
    return value if isinstance(value, str) else ",".join(f'"{name}"' for name in quoted)


def _one_of(names: Iterable[str]) -> Callable[[str, Any], str]:
    return lambda where, value: checks.one_of(where, value, names)


def _methods(where: str, value: Any) -> list[str]:
    """Methods by name, in a list or parted by commas."""
    words = [name for text in list_texts(where, value) for name in text.split(",") if name]
    known = [method.name for method in ALL]
    return [checks.one_of(where, spell_method(word), known) for word in words]


KEYS: dict[str, Callable[[str, Any], Any]] = {
    "problems": list_texts,
    "module": list_texts,
    "data": checks.text,
    "columns": _columns,
    "model": _one_of(BY_NAME),
    "methods": _methods,
    "seed": _whole(0),
    "seeds": _whole(1),
    "jobs": _whole(1),
    "budget": _one_of(BUDGETS),
    "out": checks.text,
    "sweep": checks.boolean,
    "format": _one_of(FORMATS),
}


@contextmanager
def take_in(options: argparse.Namespace) -> Iterator[Settings | None]:
    """The settings of a run file, if the first word is one; the options say what else is in it.

    What is wrong with its problems is said of the file, unless the command line chose them.
    """
    if not (options.problems and options.problems[0].endswith(".toml")):
        yield None
        return
    path = checks.path("problem", options.problems.pop(0))
    chosen = any(getattr(options, key) for key in CHOOSE)
    settings = _merge(options, path)
    try:
        yield settings
    except ViLabError as error:
        if chosen:
            raise
        told = re.sub(r"--(data|columns|model)\b", r"[run] \1", str(error)).replace(
            "--set", "[set]"
        )
        raise type(error)(f"{path.name}: {told}") from None


def _merge(options: argparse.Namespace, path: Path) -> Settings:
    """Give the options what the file says, where the command line says nothing; its settings."""
    text, run, sets = _read(path)
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
    for key in OPTIONS:
        if getattr(options, key) is None:
            setattr(options, key, run.get(key))
    names = [options.model] if options.model else list(names)
    settings = _read_settings(path.name, text, sets, names, bool(elsewhere))
    return {_inside(path.parent, name): values for name, values in settings.items()}


def _inside(folder: Path, word: str) -> str:
    """A name as it is; a path of the file's own folder as a path from here."""
    return str(folder / word) if is_spec(word) else word


def _read(path: Path) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The text, and its tables [run] and [set], whose keys are known."""
    text, document = read_tables(path, TABLES, "problem")
    options = {}
    for key, value in document.get("run", {}).items():
        with at_line(text, f"run.{key}"):
            refuse_unknown(f"{path.name}: [run] has no key", key, KEYS)
            options[key] = KEYS[key](f"{path.name}: [run] {key}", value)
    return text, options, document.get("set", {})


def _read_settings(
    file: str, text: str, sets: dict[str, Any], names: list[str], elsewhere: bool
) -> Settings:
    """[set.coal] by its problem, and what stands in [set] itself for the only one.

    What is about others than these is an error, but where the command line chose these.
    """
    settings: Settings = {}
    for key, value in sets.items():
        where = f"{file}: [set] {key}"
        if key in names or (isinstance(value, dict) and len(names) > 1):
            if key not in names and elsewhere:
                continue
            with at_line(text, f"set.{key}"):
                checks.one_of(f"{file}: [set]", key, names)
                require(isinstance(value, dict), f"{where}: needs a table", value)
            settings[key] = {}
            for name, own in value.items():
                with at_line(text, f"set.{key}.{name}"):
                    settings[key][name] = read_plain(f"{where}.{name}", own)
        elif not (elsewhere and isinstance(value, dict)):
            with at_line(text, f"set.{key}"):
                settings.setdefault("", {})[key] = read_plain(where, value)
    return settings
