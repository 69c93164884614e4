"""The rows of `compare`, one a row of a study: the same numbers at the same seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from vi_lab.comparison.jobs import Work, rows
from vi_lab.comparison.row import COLUMNS
from vi_lab.errors import NotApplicable
from vi_lab.problems.methods import BUDGETS
from vi_lab.problems.other_methods import ALL
from vi_lab.studies.cases import find_case
from vi_lab.studies.measure import Measure, RowKey

OWN = {name: means for name, means in COLUMNS.items() if name not in ("problem", "method")}


def measure_row(key: RowKey) -> Sequence[Mapping[str, Any]]:
    """`compare(problem, methods=[method], budget=budget, rng=seed)`, its one row."""
    work = Work([key.method], key.budget, key.seed)
    ((row, _),) = rows([find_case(key.problem).problem], work)
    if not row.applies:
        raise NotApplicable(row.reason)
    found = asdict(row)
    # as many seconds as the method took: the store's own are those of measuring too
    found["method_seconds"] = found.pop("seconds")
    return (found,)


COMPARISON = Measure(
    name="comparison",
    columns={"method_seconds" if name == "seconds" else name: means for name, means in OWN.items()},
    parts=measure_row,
    methods=tuple(method.name for method in ALL),
    budgets=tuple(BUDGETS),
    shown=("gap", "mean_error", "sd_ratio_min", "sd_ratio_max", "rhat", "ess", "method_seconds"),
)
