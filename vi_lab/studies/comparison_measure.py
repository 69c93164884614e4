"""The rows of `compare`, one a row of a study: the same numbers at the same seed."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from vi_lab.comparison.jobs import Work, make_reference, rows
from vi_lab.comparison.reference import Reference
from vi_lab.comparison.row import COLUMNS, Row
from vi_lab.errors import NotApplicable
from vi_lab.problems.methods import BUDGETS
from vi_lab.problems.other_methods import ALL
from vi_lab.problems.problem import Problem
from vi_lab.studies.cases import find_case
from vi_lab.studies.measure import Measure, RowKey

OWN = {name: means for name, means in COLUMNS.items() if name not in ("problem", "method")}
SECONDS = "method_seconds"  # that the method took: the store's own are those of measuring too
FLAGS = ("applies", "holds", "converged")  # SQLite has them as 0 and 1


@dataclass(frozen=True)
class Asked:
    """A problem of a run: two of one name and run are the same, whichever process made them."""

    run: str
    name: str
    item: Problem = field(compare=False)


def measure_row(key: RowKey) -> Sequence[Mapping[str, Any]]:
    """`compare(problem, methods=[method], budget=budget, rng=seed)`, its one row."""
    return measure_problem(Asked("", key.problem, find_case(key.problem).problem), key)


def measure_problem(asked: Asked, key: RowKey) -> Sequence[Mapping[str, Any]]:
    """The row of any problem; the rows of one seed share what they are measured against."""
    work = Work([key.method], key.budget, key.seed)
    ((row, _),) = rows([asked.item], work, lambda _, entropy: _find_reference(asked, entropy))
    if not row.applies:
        raise NotApplicable(row.reason)
    return (spell_row(row),)


@functools.lru_cache(maxsize=2)  # methods of one problem and seed follow one another
def _find_reference(asked: Asked, entropy: int) -> Reference | None:
    return make_reference(asked.item, entropy)


def spell_row(row: Row) -> dict[str, Any]:
    """A row as the columns of the store."""
    found = asdict(row)
    found[SECONDS] = found.pop("seconds")
    return found


def read_row(stored: Mapping[str, Any]) -> Row:
    """A row that came to an end, from the columns of the store."""
    found = {name: stored[name] for name in COLUMNS if name != "seconds"}
    flags = {name: None if found[name] is None else bool(found[name]) for name in FLAGS}
    return Row(**{**found, **flags, "seconds": stored[SECONDS]})


COMPARISON = Measure(
    name="comparison",
    columns={SECONDS if name == "seconds" else name: means for name, means in OWN.items()},
    parts=measure_row,
    methods=tuple(method.name for method in ALL),
    budgets=tuple(BUDGETS),
    shown=("gap", "mean_error", "sd_ratio_min", "sd_ratio_max", "rhat", "ess", SECONDS),
)
