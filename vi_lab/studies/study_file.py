"""A study in a file, for `vi-lab study study.toml`:

    [study]
    problems = ["coal", "newcomb@0-99"]     # @: data drawn from the prior predictive
    methods = ["gibbs", "cavi"]
    seeds = 20                              # so many from 0 on, or a list of them
    budgets = ["quick"]
    measure = "comparison"
    out = "study"                           # a folder beside the file

What is wrong with a key is said with its line.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from vi_lab.arguments import checks
from vi_lab.arguments.toml_lines import at_line, list_texts, read_tables, refuse_unknown
from vi_lab.errors import refuse_if
from vi_lab.studies.cases import list_cases
from vi_lab.studies.measures import MEASURES
from vi_lab.studies.study import list_seeds

NEEDED = ("problems", "methods")


def _cases(where: str, value: Any) -> list[str]:
    words = list_texts(where, value)
    list_cases(words, where)
    return words


def _names_of(kind: str) -> Callable[[str, Any], list[str]]:
    """Names that some measure takes; `study` looks whether its own does."""

    def read(where: str, value: Any) -> list[str]:
        known = [name for measure in MEASURES.values() for name in getattr(measure, kind)]
        words = [word.replace("_", "-") for word in list_texts(where, value)]
        return [checks.one_of(where, word, dict.fromkeys(known)) for word in words]

    return read


KEYS: dict[str, Callable[[str, Any], Any]] = {
    "problems": _cases,
    "methods": _names_of("methods"),
    "budgets": _names_of("budgets"),
    "seeds": lambda where, value: list_seeds(value, where),
    "measure": lambda where, value: checks.one_of(where, value, MEASURES),
    "out": checks.text,
    "jobs": lambda where, value: checks.integer(where, value, 1),
    "cluster": checks.text,
}


def read_study_file(path: Path) -> dict[str, Any]:
    """The arguments of `study` that a file gives; `out` is a path of the file's own folder."""
    text, document = read_tables(path, ("study",), "study")
    given = document.get("study", {})
    found: dict[str, Any] = {}
    for key, value in given.items():
        with at_line(text, f"study.{key}"):
            refuse_unknown(f"{path.name}: [study] has no key", key, KEYS)
            found[key] = KEYS[key](f"{path.name}: [study] {key}", value)
    for key in NEEDED:
        refuse_if(key not in found, f"{path.name}: [study] needs {key}")
    if "out" in found:
        found["out"] = path.parent / found["out"]
    return found
