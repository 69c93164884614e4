"""The rows of a comparison as jobs, here or in many processes: they are the same everywhere.

Each job is a group of problems, mostly one. Its rows come back when it has ended. Meanwhile they
are also written down, one by one, so that Ctrl-C loses no row that is finished.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from vi_lab.arguments.ownership import is_ours
from vi_lab.arguments.streams import spawn_stream
from vi_lab.comparison.metrics import measure, measure_estimate
from vi_lab.comparison.reference import Reference, has_reference
from vi_lab.comparison.row import Row
from vi_lab.errors import LostDigits, NotApplicable, NumericalError, error_text
from vi_lab.marginal_likelihood.estimate import EvidenceEstimate
from vi_lab.model_or_problem import as_model
from vi_lab.problems.methods import BUDGETS, select_methods
from vi_lab.problems.other_methods import ALL as METHODS
from vi_lab.problems.problem import Problem
from vi_lab.results import Posterior
from vi_lab.runtime.interrupts import hold_ctrl_c, run_as_one_job
from vi_lab.runtime.parallel import processes, run_jobs

# About how long a row takes, by budget, and a problem's pictures: means over the named problems,
# measured on one core.
ROW_SECONDS = {"quick": 0.25, "full": 2.5}
PICTURES_SECONDS = 0.7

Results = dict[tuple[str, str], Posterior]
Note = Callable[[Row, Posterior | None], None]


@dataclass(frozen=True)
class Work:
    """What is done about every problem; to be sent to other processes.

    Attributes
    ----------
    methods : list of str, or None for the usual ones
    budget : str
    entropy : int
        From which the stream of each problem and method is derived.
    save : callable (Row, result or None), optional
        Called with each row where it was made.
    finish : callable (problems, rows, results), optional
        Called with each group's rows where they were made.
    keep : bool
        Whether results are sent back with the rows.
    """

    methods: list[str] | None
    budget: str
    entropy: int
    save: Note | None = None
    finish: Callable[[Sequence[Problem], list[Row], Results], None] | None = None
    keep: bool = True


Task = tuple[Sequence[Problem], Work, Note]


class Measured(NamedTuple):
    """What a job gives back: its rows with their results, and which files could not be written."""

    rows: list[tuple[Row, Posterior | None]]
    unwritten: list[str]


class Ending(NamedTuple):
    """How all jobs ended: whether by Ctrl-C, and what each file that could not be written said."""

    interrupted: bool
    unwritten: list[str]


class Journal(NamedTuple):
    """The rows of one job that are finished, in a file, a line of JSON each."""

    path: Path | None

    def note(self, row: Row, result: Posterior | None) -> None:
        """Write a row down, where the disk has room: it is needed after Ctrl-C alone."""
        if self.path is None:
            return
        with contextlib.suppress(OSError), self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(row)) + "\n")

    def rows(self) -> list[Row]:
        """What was written down, once also where a job was begun twice; half a line is no row."""
        if self.path is None or not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
        noted = [Row(**json.loads(line)) for line in lines if line.endswith("\n")]
        return list({(row.problem, row.method): row for row in noted}.values())

    def remove(self) -> None:
        """What was noted has come back otherwise."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


@contextlib.contextmanager
def _open_journals(count: int) -> Iterator[list[Journal]]:
    """So many, in a folder of their own; where the system has no place for one, they stay empty."""
    with contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(TemporaryDirectory(prefix="vi-lab-"))
        except OSError:
            yield [Journal(None)] * count
            return
        yield [Journal(Path(folder, str(number))) for number in range(count)]


def gather(groups: Sequence[Sequence[Problem]], work: Work, jobs: int | None, here: Note) -> Ending:
    """Hand each row, with its result, to `here` in this process.

    With one process a row is handed over when it is finished, with more when its group is.
    """
    return gather_tasks([(group, work, here) for group in groups], jobs)


def gather_tasks(tasks: Sequence[Task], jobs: int | None) -> Ending:
    """The same of groups that each have work and a receiver of their own."""
    workers = _processes(tasks, jobs)
    unwritten: list[str] = []

    def take(found: Measured) -> None:
        unwritten.extend(found.unwritten)

    try:
        if workers == 1:
            run_jobs(measure_group, tasks, 1, lambda _, found: take(found))
            return Ending(False, unwritten)
        # the largest first, so that all processes end together
        tasks = sorted(tasks, key=lambda task: -sum(map(_size, task[0])))
        with _open_journals(len(tasks)) as journals:
            noted = [
                (group, work, journal.note)
                for (group, work, _), journal in zip(tasks, journals, strict=True)
            ]

            def done(number: int, found: Measured) -> None:
                with hold_ctrl_c():
                    journals[number].remove()
                    take(found)
                    for row, result in found.rows:
                        tasks[number][2](row, result)

            try:
                run_jobs(measure_group, noted, workers, done)
            except KeyboardInterrupt:
                for (_, _, here), journal in zip(tasks, journals, strict=True):
                    for row in journal.rows():
                        here(row, None)
                raise
    except KeyboardInterrupt:
        return Ending(True, unwritten)
    return Ending(False, unwritten)


def _processes(tasks: Sequence[Task], jobs: int | None) -> int:
    """How many processes the tasks are worth."""
    models = [as_model(item.model) for group, work, _ in tasks if work.keep for item in group]
    if not all(map(is_ours, models)):
        return 1  # the results of a model of one's own hold that very object
    return processes(jobs, [estimate_seconds(group, work) for group, work, _ in tasks])


def estimate_seconds(group: Sequence[Problem], work: Work) -> float:
    """About how long a group takes one process."""
    return sum(_seconds(item, work) for item in group)


def _seconds(item: Problem, work: Work) -> float:
    """About how long a problem takes."""
    rows = len(select_methods(METHODS, as_model(item.model), work.methods))
    return rows * ROW_SECONDS[work.budget] + (PICTURES_SECONDS if work.finish else 0.0)


def _size(item: Problem) -> float:
    """How much there is to do about a problem, roughly: its data and its latents.

    Without data nothing is known of it, and it goes first.
    """
    if not item.n:
        return math.inf
    return item.n + sum(math.prod(block.plates) for block in as_model(item.model).blocks.values())


@run_as_one_job()
def measure_group(group: Sequence[Problem], work: Work, note: Note) -> Measured:
    """The rows of some problems, each noted as soon as it is saved.

    A file that cannot be written costs no row.
    """
    found, unwritten = [], []
    for row, result in rows(group, work):
        with hold_ctrl_c():  # a row is there with what saving it leaves, or not at all
            if work.save is not None:
                try:
                    work.save(row, result)
                except OSError as error:
                    unwritten.append(error_text(error))
            note(row, result)
        found.append((row, result))
    if work.finish is not None:
        results = {(row.problem, row.method): result for row, result in found if result is not None}
        try:
            work.finish(group, [row for row, _ in found], results)
        except OSError as error:
            unwritten.append(error_text(error))
    return Measured(found if work.keep else [(row, None) for row, _ in found], unwritten)


def make_reference(item: Problem, entropy: int) -> Reference | None:
    """What the rows of a problem are measured against, where there is anything."""
    model = as_model(item.model)
    if not has_reference(model):
        return None
    return Reference(model, spawn_stream(entropy, item.name, "truth"))


def rows(
    problems: Sequence[Problem],
    work: Work,
    reference_of: Callable[[Problem, int], Reference | None] = make_reference,
) -> Iterator[tuple[Row, Posterior | None]]:
    """Each method run on each problem and measured, with its result."""
    size, entropy = BUDGETS[work.budget], work.entropy
    for item in problems:
        model = as_model(item.model)
        reference = None
        for method in select_methods(METHODS, model, work.methods):
            reason = method.why_not(model)
            if reason:
                yield Row(item.name, method.name, False, reason), None
                continue
            if reference is None:
                reference = reference_of(item, entropy)
            try:
                result = method.run(model, size, spawn_stream(entropy, item.name, method.name))
            except NotApplicable as refusal:  # seen only once the method had begun
                yield Row(item.name, method.name, False, str(refusal)), None
                continue
            except NumericalError as error:  # one method's breakdown costs no other its row
                yield Row(item.name, method.name, True, f"broke down: {error}"), None
                continue
            if isinstance(result, EvidenceEstimate):  # a number, of which no file is left
                yield measure_estimate(item.name, method.name, result), None
                continue
            noise = spawn_stream(entropy, item.name, method.name, "measure")
            try:
                row = measure(item.name, method.name, result, reference, noise, item.held_out)
            except LostDigits as error:
                yield Row(item.name, method.name, True, f"broke down: {error}"), None
                continue
            yield row, result
