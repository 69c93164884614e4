"""The main job: compare problems on both cores, save every result and draw every picture."""

from __future__ import annotations

import importlib
import math
import mmap
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vi_lab.comparison.compare import Comparison, compare
from vi_lab.comparison.methods import METHODS, select_methods
from vi_lab.comparison.metrics import Row
from vi_lab.model_or_problem import Problem, as_model
from vi_lab.runtime.parallel import Stopped, shared
from vi_lab.runtime.progress import Bar

MANY = 10  # problems, above which a quick run draws fewer pictures of each


def run(
    groups: Sequence[Sequence[Problem]],
    methods: Sequence[str] | None,
    budget: str,
    seed: int,
    out: Path | None,
) -> Comparison:
    """One comparison of all problems, each group of them compared and drawn by one process.

    Results and figures are on disk as soon as they exist; the comparison that comes back holds
    every row, and of the results those of this process. The caller holds the lock of `out`.
    """
    problems = [item for group in groups for item in group]
    total = sum(len(methods or select_methods(METHODS, as_model(item.model))) for item in problems)
    # the largest first, so that the two processes end together
    order = sorted(groups, key=lambda group: -sum(map(_size, group)))
    brief = is_brief(groups, budget)
    results: dict[tuple[str, str], Any] = {}
    with Bar(total=total, unit="row") as bar:
        note = _Progress(bar)

        def job(number: int) -> list[dict[str, Any]]:
            rows: list[dict[str, Any]] = []

            def finished(row: Row, result: Any) -> None:
                if out is not None and result is not None:
                    result.save(out / folder_of(row.problem) / row.method, seed)
                rows.append(asdict(row))
                note.finished(f"{row.problem} {row.method}")

            try:
                part = compare(
                    list(order[number]), methods=methods, budget=budget, rng=seed, on_row=finished
                )
                results.update(part.results)
                if out is not None and not part.interrupted:
                    _draw(part, out, brief)
            except KeyboardInterrupt:  # after the last row
                raise Stopped(rows) from None
            if part.interrupted:
                raise Stopped(rows)
            return rows

        if brief and out is not None:
            _import_first()
        found, interrupted = shared(len(order), job)
    place = {item.name: i for i, item in enumerate(problems)}
    rows = [Row(**row) for part in found.values() for row in part]
    rows.sort(key=lambda row: place[row.problem])
    return Comparison.of(problems, rows, results, budget, seed, interrupted)


def is_brief(groups: Sequence[Sequence[Problem]], budget: str) -> bool:
    """Whether so many problems are compared that few pictures are drawn of each."""
    return budget == "quick" and len(groups) > MANY


def _size(item: Problem) -> float:
    """How much there is to do about a problem, roughly: its data and its latents.

    Without data nothing is known of it, and it goes first.
    """
    if not item.n:
        return math.inf
    return item.n + sum(math.prod(block.plates) for block in as_model(item.model).blocks.values())


def folder_of(problem: str) -> str:
    """The folder of a problem's results."""
    return problem.replace(" ", "-")


def _import_first() -> None:
    """Import what takes seconds, and both processes need, while there is one of them."""
    for name in ("arviz_stats.base", "vi_lab.figures.comparison"):
        importlib.import_module(name)


def _draw(part: Comparison, out: Path, brief: bool) -> None:
    """Draw each problem's own figures."""
    from vi_lab.figures.comparison import (
        save_problem_figures,  # matplotlib: only when pictures are wanted
    )

    save_problem_figures(part, out / "figures", brief)


class _Progress:
    """Counts rows for a bar in this process and in a forked copy of it, which share a few bytes."""

    def __init__(self, bar: Bar) -> None:
        self._bar, self._here = bar, os.getpid()
        self._elsewhere, self._shown = mmap.mmap(-1, 4), 0

    def finished(self, label: str) -> None:
        """A row is done, here or in the copy."""
        count = int.from_bytes(self._elsewhere[:], "little")
        if os.getpid() != self._here:
            self._elsewhere[:] = (count + 1).to_bytes(4, "little")
            return
        self._bar.step(label, 1 + count - self._shown)
        self._shown = count
