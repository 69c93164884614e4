"""A report from a folder that `vi-lab compare --out` left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from vi_lab.arguments import checks
from vi_lab.arguments.public import short_repr
from vi_lab.comparison.compare import Comparison
from vi_lab.comparison.folder import REPORT, load, note_figures
from vi_lab.comparison.folder_record import MANIFEST
from vi_lab.errors import InputError
from vi_lab.problems.problem import Problem
from vi_lab.reports.page import write_report
from vi_lab.runtime import reading


def read_folder(
    folder: Path, names: Sequence[str] = (), given: Sequence[Problem] = ()
) -> tuple[Comparison, Mapping[str, Any]]:
    """The comparison of a folder, and the descriptions of its problems.

    Parameters
    ----------
    folder : Path
    names : sequence of str
        The problems that are wanted; all of them by default.
    given : sequence of Problem
        Models and data of a user's own, which no folder knows.

    Returns
    -------
    An empty comparison of a folder without results, where no names are wanted.

    Raises
    ------
    ResultFileError
        Where its files are damaged. InputError for a problem that it does not hold.
    """
    if not (folder / MANIFEST).is_file():
        if names:
            raise InputError(f"problem: there are no results of {short_repr(names[0])} in {folder}")
        return Comparison((), {}, {}, "quick"), {}
    document = reading.read_json(folder / "compare.json")
    own = {item.name: item for item in given if item.name in document.get("verdicts", {})}
    comparison: Comparison = load(folder, own or None)
    for name in names:
        checks.one_of("problem", name, comparison.verdicts)
    if names:
        wanted = set(names)
        comparison = replace(
            comparison,
            rows=tuple(row for row in comparison.rows if row.problem in wanted),
            verdicts={k: v for k, v in comparison.verdicts.items() if k in wanted},
            problems=tuple(item for item in comparison.problems if item.name in wanted),
        )
    return comparison, document.get("problems", {})


def write_index(
    folder: Path, given: Sequence[Problem], stopped: str = "", jobs: int | None = None
) -> Path:
    """The report of all that a folder holds, as its index.html."""
    comparison, described = read_folder(folder, given=given)
    path = write_report(
        comparison, folder / REPORT, described=described, stopped=stopped, jobs=jobs
    )
    note_figures(folder)
    return path
