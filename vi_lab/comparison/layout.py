"""A comparison as a reader sees it: tables that fit the terminal, a bullet for each method."""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence
from typing import Any

from vi_lab.arguments import checks
from vi_lab.comparison.row import Row
from vi_lab.comparison.verdict import verdict_by_method
from vi_lab.model_or_problem import as_model
from vi_lab.results import tables

COSTS = ("seconds", "conditionals", "log joints", "W1, sd", "ESS")  # go first, in this order
LEAST_WIDTH, MOST_WIDTH = 80, 160  # characters of a line
INFINITE = "inf is an error in units of the true sd where that is 0: the truth holds one value"


def terminal_width() -> int:
    """Characters in a line of the terminal, or of one of 80 where there is none."""
    return min(max(shutil.get_terminal_size().columns, LEAST_WIDTH), MOST_WIDTH)


def read_width(width: Any) -> int:
    """Characters in a line: those of the terminal unless it is said."""
    return terminal_width() if width is None else checks.integer("width", width, 1)


def write_text(comparison: Any, width: int) -> str:
    """A table for each problem, with what there is to say of each method below it."""
    return "\n\n".join(_write_problem(comparison, name, width) for name in comparison.verdicts)


def _write_problem(comparison: Any, name: str, width: int) -> str:
    rows = [row for row in comparison.rows if row.problem == name]
    shown = [{k: v for k, v in row.items() if k != "problem"} for row in comparison.table(name)]
    for cells in shown:  # why is said below
        cells["method"] = cells["method"].removesuffix(" (does not apply)")
    notes = [*explain_rows(rows), *describe_methods(comparison, rows)]
    if any(row.problem == name for own in comparison.by_seed.values() for row in own):
        notes = [f"At seed {comparison.seed}: {note}" for note in notes]
    bullets = [tables.wrap(note, width, "- ", "  ") for note in notes or ["Nothing to judge."]]
    title = tables.clip(name, width)
    return "\n".join([title, tables.text(shown, width, COSTS), *bullets])


def explain_rows(rows: Sequence[Row]) -> list[str]:
    """Why a row has no numbers, or an infinite one."""
    notes = [f"{row.method}: {row.reason}" for row in rows if row.reason]
    infinite = [row.method for row in rows if math.inf in (row.mean_error, row.wasserstein)]
    return notes + ([f"{', '.join(infinite)}: {INFINITE}"] if infinite else [])


def describe_methods(comparison: Any, rows: Sequence[Row]) -> list[str]:
    """A sentence for each method; the whole verdict where there is none to say of any."""
    name = rows[0].problem
    models = [as_model(item.model) for item in comparison.problems if item.name == name]
    reducible = models[0].why_reducible if models else None
    return list(verdict_by_method(rows, reducible=reducible).values()) or [
        comparison.verdicts[name]
    ]
