"""The rows of a study that are missing: computed on all cores or on a cluster, written at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import product

from vi_lab.errors import NotApplicable, error_text
from vi_lab.runtime.interrupts import hold_ctrl_c
from vi_lab.runtime.parallel import processes, run_jobs
from vi_lab.runtime.progress import Bar
from vi_lab.studies.cluster import run_on_cluster
from vi_lab.studies.measure import Measure, RowKey
from vi_lab.studies.store import DONE, NOT_APPLICABLE, RAISED, Answer, Store


def list_keys(
    problems: Sequence[str], methods: Sequence[str], budgets: Sequence[str], seeds: Sequence[int]
) -> list[RowKey]:
    """Every row of a study; those of one problem follow one another, so that they share it."""
    return [
        RowKey(problem, method, budget, seed)
        for problem, seed, method, budget in product(problems, seeds, methods, budgets)
    ]


def compute(measure: Measure, key: RowKey) -> Answer:
    """One row. An error is a row too: the study goes on."""
    started = time.perf_counter()
    try:
        parts, status, said = measure.parts(key), DONE, None
    except NotApplicable as error:
        parts, status, said = ({},), NOT_APPLICABLE, error_text(error)
    except Exception as error:
        parts, status, said = ({},), RAISED, f"{type(error).__name__}: {error_text(error)}"
    return Answer(key, status, said, time.perf_counter() - started, parts or ({},))


def run_missing(
    store: Store,
    measure: Measure,
    keys: Sequence[RowKey],
    jobs: int | None,
    cluster: str | None,
    on_row: Callable[[Answer], None] | None,
) -> None:
    """Compute the rows that the store lacks, each written as soon as it is there.

    Parameters
    ----------
    jobs : int, optional
        Processes; by default the cores there are, where that saves time.
    cluster : str, optional
        The address of a Dask scheduler, whose workers compute instead.
    """
    finished = store.finished(measure.name)
    missing = [(measure, key) for key in keys if key not in finished]
    with Bar(total=len(missing), unit="row") as bar:

        def write(_: int, answer: Answer) -> None:
            with hold_ctrl_c():
                store.append(measure, answer)
            bar.step(f"{answer.key.problem} {answer.key.method}")
            if on_row is not None:
                on_row(answer)

        if not missing:
            return
        if cluster is not None:
            run_on_cluster(compute, missing, cluster, write)
            return
        workers = processes(jobs, [measure.seconds] * len(missing))
        run_jobs(compute, missing, workers, write)
