"""A comparison at many seeds: the spread beside each number, its median and its range."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import median
from typing import Any

from vi_lab.arguments import checks
from vi_lab.comparison.jobs import (
    Ending,
    Note,
    Task,
    Work,
    estimate_seconds,
    gather,
    gather_tasks,
)
from vi_lab.comparison.row import Row
from vi_lab.errors import InputError
from vi_lab.problems.problem import Problem
from vi_lab.results import Posterior

MOST_SEEDS = 10_000
# The numbers of a row, as the table of one seed heads and writes them.
NUMBERS = {
    "log_evidence": ("log p(x)", "{:.6f}"),
    "elbo": ("ELBO", "{:.6f}"),
    "gap": ("gap, nats", "{:.4g}"),
    "mean_error": ("mean error, sd", "{:.4f}"),
    "mean_error_z": ("mean error, standard errors", "{:.2f}"),
    "sd_ratio_min": ("least sd ratio", "{:.3f}"),
    "sd_ratio_max": ("largest sd ratio", "{:.3f}"),
    "wasserstein": ("W1, sd", "{:.3f}"),
    "held_out": ("words held out, nats", "{:.4f}"),
    "rhat": ("R-hat", "{:.3f}"),
    "ess": ("ESS", "{:.0f}"),
    "density_evaluations": ("log joints", "{:,.0f}"),
    "complete_conditionals": ("conditionals", "{:,.0f}"),
    "gradients": ("gradients", "{:,.0f}"),
    "seconds": ("seconds", "{:.3f}"),
}


def gather_seeds(
    groups: Sequence[Sequence[Problem]],
    work: Work,
    seeds: int,
    jobs: int | None,
    here: Note,
) -> tuple[dict[int, list[Row]], Ending]:
    """The rows of each seed from `work.entropy` on, and how it ended.

    Of one seed alone there are none beside those that go to `here`.
    Rows and results of the first go to `here`, as without other seeds; all seeds and groups are
    shared by the processes.
    """
    if seeds == 1:
        return {}, gather(groups, work, jobs, here)
    by_seed: dict[int, list[Row]] = {work.entropy + i: [] for i in range(seeds)}

    def receiver(seed: int) -> Note:
        def receive(row: Row, result: Posterior | None) -> None:
            by_seed[seed].append(row)
            if seed == work.entropy:
                here(row, result)

        return receive

    tasks: list[Task] = []
    others = replace(work, save=None, finish=None, keep=False)
    for seed in by_seed:
        own = work if seed == work.entropy else replace(others, entropy=seed)
        tasks += [(group, own, receiver(seed)) for group in groups]
    ending = gather_tasks(tasks, jobs)
    return {seed: rows for seed, rows in by_seed.items() if rows}, ending


def require_seeds(seeds: Any, groups: Sequence[Sequence[Problem]], work: Work) -> int:
    """How many seeds: from 1 to MOST_SEEDS, else an error that says what it would take."""
    count = checks.integer("seeds", seeds, 1)
    if count > MOST_SEEDS:
        hours = count * sum(estimate_seconds(group, work) for group in groups) / 3600
        takes = f"{hours:,.0f} hours" if hours >= 2 else f"{60 * hours:,.0f} minutes"
        raise InputError(
            f"seeds: needs at most {MOST_SEEDS:,}, got {count:,}, which would take about {takes} "
            "of processor time; twenty show a spread"
        )
    return count


def spread_rows(by_seed: Mapping[int, Sequence[Row]]) -> list[dict[str, Any]]:
    """A line for each number of each row: its median over seeds, and its range beside it."""
    together: dict[tuple[str, str], list[Row]] = {}
    for rows in by_seed.values():
        for row in rows:
            together.setdefault((row.problem, row.method), []).append(row)
    return [line for rows in together.values() for line in _spread(rows)]


def _spread(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    for column, (heading, form) in NUMBERS.items():
        values = [getattr(row, column) for row in rows]
        numbers = [value for value in values if value is not None]
        if numbers:
            yield {
                "problem": rows[0].problem,
                "method": rows[0].method,
                "number": heading,
                "seeds": len(numbers),
                "median": form.format(median(numbers)),
                "least": form.format(min(numbers)),
                "largest": form.format(max(numbers)),
            }
