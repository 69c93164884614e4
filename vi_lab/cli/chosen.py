"""Which problems a command is about: named ones, a user's own data, a user's own models."""

from __future__ import annotations

import argparse
import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vi_lab.arguments import checks
from vi_lab.cli.settings import Settings, read_settings, share_out
from vi_lab.errors import refuse_if
from vi_lab.problems.from_file import FromFile, is_spec, load_problem
from vi_lab.problems.named import as_problems, list_problems, problem
from vi_lab.problems.names import write_value
from vi_lab.problems.own_data import TAKES_DATA, make_own
from vi_lab.problems.problem import Problem


def add_problems(sub: argparse.ArgumentParser, names: str) -> None:
    """The problems that a command takes, all by default; `names` are those there are."""
    sub.add_argument(
        "problems",
        nargs="*",
        metavar="PROBLEM",
        help=f"default: all ({names}), or models of your own: my_models.py:NAME",
    )


def add_options(sub: argparse.ArgumentParser) -> None:
    """The options that every command about problems has."""
    sub.add_argument(
        "--set",
        action="append",
        metavar="NAME=VALUE",
        help="a hyperparameter: a=2,2 or tau_prior=HalfCauchy(5); of several problems coal.a=2,2",
    )
    sub.add_argument(
        "--data", type=Path, metavar="FILE", help="your own data (.csv or .npz) for --model"
    )
    sub.add_argument(
        "--columns", metavar="NAMES", help="of the data, parted by commas: y,x1,x2; default: all"
    )
    sub.add_argument("--model", metavar="MODEL", help=f"for --data: one of {', '.join(TAKES_DATA)}")


def add_problem(sub: argparse.ArgumentParser, names: str) -> None:
    """What a command about one problem takes: its word, and the options."""
    words = f"one of {names}, or a model of your own: my_models.py:NAME"
    sub.add_argument("problem", nargs="?", metavar="PROBLEM", help=words)
    add_options(sub)


def choose(
    options: argparse.Namespace, words: Sequence[str], before: Settings | None = None
) -> list[Problem]:
    """The problems that the words and the options name; all named ones where nothing is named.

    Settings from `before`, a run file, hold where --set says nothing.
    """
    settings = {name: dict(values) for name, values in (before or {}).items()}
    for name, values in read_settings(options.set or ()).items():
        settings.setdefault(name, {}).update(values)
    return choose_problems(words, settings, options.data, split(options.columns), options.model)


def split(names: str | None) -> list[str] | None:
    """Names parted by commas; in double quotes one may have a comma of its own."""
    if names is None:
        return None
    (row,) = csv.reader([names.replace("\n", " ")], skipinitialspace=True)
    return [name.strip() for name in row or [""]]


def choose_one(options: argparse.Namespace, word: str | None) -> Problem:
    """The one problem that a command is about."""
    needed = "problem: needs one, or your own data with --data and --model"
    refuse_if(word is None and options.data is None and options.model is None, needed)
    (found,) = choose(options, [] if word is None else [word])
    return found


def choose_problems(
    words: Sequence[str],
    settings: Settings,
    data: Path | None = None,
    columns: list[str] | None = None,
    model: str | None = None,
) -> list[Problem]:
    """The problems by their words, each with its settings."""
    if data is not None or model is not None:
        refuse_if(data is None, "--model: needs --data, a file of your own")
        some = ", ".join(TAKES_DATA[:5])
        refuse_if(model is None, f"--data: needs --model, one of {some}, ... (all: --help)")
        refuse_if(words, f"--data: takes the place of problems, got {', '.join(words):.80}")
        assert data is not None and model is not None
        return [make_own(data, columns, model, share_out(settings, [model])[model])]
    refuse_if(columns is not None, "--columns: needs --data, a file of your own")
    names = list(words or list_problems())
    for name in names:
        if not is_spec(name):
            checks.one_of("problem", name, list_problems())
    changes = share_out(settings, names)
    return as_problems([_make(name, changes[name]) for name in names])


def _make(name: str, changes: dict[str, Any]) -> Problem:
    return load_problem(name, changes) if is_spec(name) else problem(name, **changes)


def name_again(item: Problem) -> list[str] | None:
    """The words by which a command names this problem; None where it takes a file of data."""
    if isinstance(item, FromFile):
        word, changes = f"{os.path.relpath(item.path)}:{item.thing}", item.settings
    else:
        word, changes = item.name.split(" ")[0], item.variant
        if word not in list_problems():
            return None
    return [
        word,
        *(part for k, v in changes.items() for part in ("--set", f"{k}={write_value(v)}")),
    ]
