"""The seeds of `vi-lab compare --seeds --out DIR`: a study in that folder, which resumes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vi_lab.comparison.jobs import Ending, Note, Work, gather
from vi_lab.comparison.row import Row
from vi_lab.model_or_problem import as_model
from vi_lab.problems.methods import select_methods
from vi_lab.problems.named import list_problems, problem
from vi_lab.problems.other_methods import ALL
from vi_lab.problems.problem import Problem
from vi_lab.results import Posterior
from vi_lab.studies.comparison_measure import (
    COMPARISON,
    Asked,
    measure_problem,
    read_row,
    spell_row,
)
from vi_lab.studies.measure import RowKey
from vi_lab.studies.running import run_missing
from vi_lab.studies.store import DONE, NOT_APPLICABLE, Answer, open_store


@dataclass(frozen=True)
class MeasureOf:
    """What a worker is handed: the problems of a run, by name."""

    asked: Mapping[str, Asked]

    def __call__(self, key: RowKey) -> Sequence[Mapping[str, Any]]:
        return measure_problem(self.asked[key.problem], key)


def study_seeds(
    groups: Sequence[Sequence[Problem]],
    work: Work,
    seeds: int,
    out: Path,
    jobs: int | None,
    here: Note,
) -> tuple[dict[int, list[Row]], Ending]:
    """As `gather_seeds`, each row kept in the store of `out`, whose lock the caller holds.

    The first seed is computed in any case, for its results; of the others what the store lacks.
    Rows of a model or of data of one's own, which may have changed meanwhile, are computed anew.
    """
    items = {item.name: item for group in groups for item in group}
    run = uuid.uuid4().hex
    asked = {name: Asked(run, name, item) for name, item in items.items()}
    measure = replace(COMPARISON, parts=MeasureOf(asked))
    keys = _list_keys(items.values(), work, seeds)
    with open_store(out, measure) as store:
        anew = (key for key in keys if key.seed == work.entropy or not is_named(items[key.problem]))
        store.remove(measure.name, anew)

        def note(row: Row, result: Posterior | None) -> None:
            store.append(measure, _answer(row, work))
            here(row, result)

        ending = gather(groups, work, jobs, note)
        interrupted = ending.interrupted
        if not interrupted:
            try:
                run_missing(store, measure, keys, jobs, None, None)
            except KeyboardInterrupt:
                interrupted = True
        stored = {tuple(row[n] for n in RowKey._fields): row for row in store.rows(measure.name)}
    by_seed: dict[int, list[Row]] = {}
    for key in keys:
        if key in stored:
            by_seed.setdefault(key.seed, []).append(_row(stored[key]))
    return by_seed, ending._replace(interrupted=interrupted)


def is_named(item: Problem) -> bool:
    """Whether the name of a problem says what it is: a named one, or a variant of one."""
    base = item.name.split(" ")[0]
    known = type(item) is Problem and base in list_problems()
    return known and problem(base, **item.variant).name == item.name


def _list_keys(items: Any, work: Work, seeds: int) -> list[RowKey]:
    """The rows of all seeds, those of one problem and seed one after another."""
    return [
        RowKey(item.name, method.name, work.budget, work.entropy + number)
        for item in items
        for number in range(seeds)
        for method in select_methods(ALL, as_model(item.model), work.methods)
    ]


def _answer(row: Row, work: Work) -> Answer:
    """A row of the first seed as the store keeps it."""
    key = RowKey(row.problem, row.method, work.budget, work.entropy)
    if not row.applies:
        return Answer(key, NOT_APPLICABLE, row.reason, 0.0, ({},))
    return Answer(key, DONE, None, row.seconds or 0.0, (spell_row(row),))


def _row(stored: Mapping[str, Any]) -> Row:
    """A row of the store, one that raised as one that broke down."""
    if stored["status"] == DONE:
        return read_row(stored)
    applies = stored["status"] != NOT_APPLICABLE
    reason = f"broke down: {stored['error']}" if applies else stored["error"]
    return Row(stored["problem"], stored["method"], applies, reason)
