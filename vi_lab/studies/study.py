"""A study: rows over problems x methods x budgets x seeds, kept in a folder, and resumed there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.user_models import callback
from vi_lab.errors import refuse_if
from vi_lab.results import tables
from vi_lab.results.frames import make_frame
from vi_lab.runtime.interrupts import run_as_one_job
from vi_lab.runtime.locks import lock_folder
from vi_lab.studies.cases import list_cases
from vi_lab.studies.cost_measure import COST
from vi_lab.studies.frontier import find_curves, list_lines
from vi_lab.studies.measure import Measure
from vi_lab.studies.measures import MEASURES
from vi_lab.studies.running import list_keys, run_missing
from vi_lab.studies.spread import spread_numbers
from vi_lab.studies.store import KEY, Answer, open_store, read_store


@dataclass(frozen=True, repr=False)
class Study:
    """The rows of one measure in a folder; they are read from there whenever they are asked for.

    Attributes
    ----------
    folder : Path
    measure : str
    planned : int
        Rows that were asked for; of a study that was only read, those that are there.
    interrupted : bool
        Whether Ctrl-C ended it early: the same call goes on from there.
    """

    folder: Path
    measure: str
    planned: int = 0
    interrupted: bool = False

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every part of every row by column, in the order of the keys, one at a time."""
        with read_store(self.folder) as store:
            yield from store.rows(self.measure)

    @public
    def to_pandas(self) -> Any:
        """The rows as a DataFrame by problem, method, budget, seed and part (needs pandas)."""
        return make_frame(list(self.rows()), index=list(KEY))

    @public
    def table(self) -> list[dict[str, Any]]:
        """A line for each number of each problem, method and budget: its median over seeds, and
        the 5th and 95th percentile beside it. Of the measure "cost" a line for each curve."""
        if self.measure == COST.name:
            return list_lines(find_curves(self.rows()))
        with read_store(self.folder) as store:
            return spread_numbers(store.rows(self.measure), store.shown(self.measure))

    @public
    def text(self, width: int | None = None) -> str:
        """The table, and how the rows ended, as plain text."""
        counts: dict[str, int] = {}
        errors: dict[str, int] = {}
        for row in self.rows():
            if row["part"] == 0:
                counts[row["status"]] = counts.get(row["status"], 0) + 1
                if row["error"] is not None:
                    said = f"{row['status']}: {row['method']}: {row['error']}"
                    errors[said] = errors.get(said, 0) + 1
        lines = [tables.text(self.table(), width)] if self.table() else []
        lines.append(", ".join(f"{count:,} rows {status}" for status, count in counts.items()))
        lines += [f"- {said} ({count:,} rows)" for said, count in errors.items()]
        return "\n".join(lines)

    def __repr__(self) -> str:
        ended = " (cut short)" if self.interrupted else ""
        return f"<Study of {self.measure} in {self.folder}{ended}>"


@public
@run_as_one_job()
def study(
    *,
    problems: Sequence[str] | str,
    methods: Sequence[str] | str,
    seeds: int | Sequence[int] = 20,
    measure: str | Measure = "comparison",
    budgets: Sequence[str] | str | None = None,
    out: str | os.PathLike[str],
    jobs: int | None = None,
    cluster: str | None = None,
    on_row: Callable[[Answer], None] | None = None,
) -> Study:
    """Measure every method on every problem at every seed; rows that are in `out` stay.

    Each row is written to `out` as soon as it is there, so that a study that was killed goes on
    where it was when the same is asked again, or more. The rows are the same whatever computes
    them: this process, many, or a cluster. A row that raises is kept with its error.

    Parameters
    ----------
    problems : list of str
        Names of problems, "coal@17" or "coal@0-99" for data drawn from the prior predictive.
    methods : list of str
    seeds : int or list of int
        So many, from 0 on; or these.
    measure : str or Measure
        "comparison" has the rows of `compare`.
    budgets : list of str, optional
        The first that the measure knows by default.
    out : path
        A folder.
    jobs : int, optional
        Processes; by default the cores there are, where that saves time.
    cluster : str, optional
        The address of a Dask scheduler whose workers compute the rows (needs distributed).
    on_row : callable (Answer), optional
        Called in this process with each row as soon as it is written.

    Returns
    -------
    Study
        After Ctrl-C with what was finished, and `interrupted` True.

    Raises
    ------
    InputError
        For an unknown name, with the nearest one.
    ResultFileError
        Where `out` holds a store of another schema, version or set of columns, or has no room.
    ClusterError
        Where the cluster cannot be reached or went away.
    """
    what = MEASURES[checks.one_of("measure", measure, MEASURES)] if isinstance(
        measure, str) else measure  # fmt: skip
    checks.require(isinstance(what, Measure), "measure: needs a name or a Measure", measure)
    cases = list_cases(problems)
    chosen = _choose("methods", methods, what.methods)
    spent = _choose("budgets", what.budgets[0] if budgets is None else budgets, what.budgets)
    keys = list_keys(cases, chosen, spent, list_seeds(seeds))
    if jobs is not None:
        jobs = checks.integer("jobs", jobs, 1)
    if cluster is not None:
        checks.text("cluster", cluster)
    on_row = callback("on_row", on_row, "row")
    folder = checks.path("out", out)
    interrupted = False
    with lock_folder(folder), open_store(folder, what) as store:
        try:
            run_missing(store, what, keys, jobs, cluster, on_row)
        except KeyboardInterrupt:
            interrupted = True
    return Study(folder, what.name, len(keys), interrupted)


def list_seeds(seeds: Any, where: str = "seeds") -> tuple[int, ...]:
    """So many seeds from 0 on, or those that are listed, each once."""
    if checks.is_whole(seeds):
        return tuple(range(checks.integer(where, seeds, 1)))
    found = [checks.integer(where, seed, 0) for seed in checks.as_tuple(where, seeds)]
    refuse_if(not found, f"{where}: needs at least one, got an empty list")
    return tuple(dict.fromkeys(found))


@public
def read_study(folder: str | os.PathLike[str], measure: str | None = None) -> Study:
    """The study of a folder; by default of the first measure there."""
    where = checks.path("folder", folder)
    with read_store(where) as store:
        there = store.measures()
        refuse_if(not there, f"folder: {where} holds no rows")
        name = there[0] if measure is None else checks.one_of("measure", measure, there)
        return Study(where, name, len(store.finished(name)))


def _choose(what: str, words: Any, known: Sequence[str]) -> tuple[str, ...]:
    """Names that the measure takes, in the spelling of rows."""
    listed = (words,) if isinstance(words, str) else checks.as_tuple(what, words)
    refuse_if(not listed, f"{what}: needs at least one, got an empty list")
    spelt = (str(word).strip().replace("_", "-") for word in listed)
    return tuple(dict.fromkeys(checks.one_of(what, word, known) for word in spelt))
