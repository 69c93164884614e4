"""The main job: compare problems on all cores, save every result and draw every picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vi_lab.arguments.public import short_repr
from vi_lab.cli import report
from vi_lab.comparison.compare import Comparison, plan
from vi_lab.comparison.folder import BESIDE, list_earlier
from vi_lab.comparison.jobs import Results
from vi_lab.comparison.row import Row
from vi_lab.comparison.seeds import gather_seeds
from vi_lab.errors import refuse_if
from vi_lab.model_or_problem import as_model
from vi_lab.problems.methods import select_methods
from vi_lab.problems.other_methods import ALL
from vi_lab.problems.problem import Problem
from vi_lab.results import Draws, Posterior
from vi_lab.runtime import file_names, storage
from vi_lab.runtime.progress import Bar
from vi_lab.studies.compared_seeds import study_seeds
from vi_lab.studies.store import FILE, SIDECARS

MOST_NUMBERS, FEWEST_DRAWS = 30_000, 50  # of draws: numbers in a file; draws a chain, in any case
STUDY = tuple(FILE + end for end in SIDECARS)  # what lies in the folder of a run at many seeds
MANY = 10  # problems, above which a quick run draws fewer pictures of each


def run(
    groups: Sequence[Sequence[Problem]],
    methods: Sequence[str] | None,
    budget: str,
    seed: int,
    out: Path | None,
    jobs: int | None = None,
    seeds: int = 1,
) -> tuple[Comparison, list[str]]:
    """One comparison of all problems, each group of them compared and drawn by one process.

    Results and figures are on disk as soon as they exist; the comparison that comes back holds
    every row, and results where there is one group alone. With it comes what each file said that
    could not be written. The caller holds the lock of `out`.
    """
    problems = [item for group in groups for item in group]
    rows: list[Row] = []
    results: Results = {}
    work = replace(plan(methods, budget, seed), keep=len(groups) == 1)
    if out is not None:
        leave = _Leave(out, budget, seed, is_brief(groups, budget), len(problems) > MANY)
        work = replace(work, save=leave.save, finish=leave.draw)
    models = [as_model(item.model) for item in problems]
    total = sum(len(select_methods(ALL, model, work.methods)) for model in models)
    with Bar(total=total, unit="row") as bar:

        def here(row: Row, result: Posterior | None) -> None:
            bar.step(f"{row.problem} {row.method}")
            rows.append(row)
            if result is not None:
                results[row.problem, row.method] = result

        if out is None or seeds == 1:
            by_seed, ending = gather_seeds(groups, work, seeds, jobs, here)
        else:
            by_seed, ending = study_seeds(groups, work, seeds, out, jobs, here)
    if ending.interrupted and out is not None:  # other processes were ended wherever they were
        for folder in (out / "figures", *{out / folder_of(item.name) for item in problems}):
            storage.clear(folder)
    found = Comparison.of(problems, rows, results, budget, seed, ending.interrupted)
    return replace(found, by_seed=by_seed), ending.unwritten


@dataclass(frozen=True)
class _Leave:
    """What each process leaves in a folder: `brief` figures, a report of `many` problems."""

    out: Path
    budget: str
    seed: int
    brief: bool
    many: bool

    def save(self, row: Row, result: Posterior | None) -> None:
        """A row's result, of draws of many coordinates a part."""
        if isinstance(result, Draws):
            result = thin(result)
        if result is not None:
            result.save(self.out / place_of(row.problem, row.method), self.seed)

    def draw(self, group: Sequence[Problem], rows: list[Row], results: Results) -> None:
        """The figures that each problem has of its own, and its section of the report.

        Both see the same draws and densities, made once. The section is of what `save` has left,
        as it will be if it is made again from the folder.
        """
        # matplotlib: only where wanted
        from vi_lab.figures.comparison import list_views, save_problem_figures

        part = Comparison.of(group, rows, results, self.budget, self.seed, False)
        views = list_views(results)
        save_problem_figures(part, self.out / "figures", self.brief, views)
        kept = {k: thin(r) if isinstance(r, Draws) else r for k, r in results.items()}
        views |= list_views({k: r for k, r in kept.items() if r is not results[k]})
        part = replace(part, results=kept)
        report.keep_sections(part, views, self.many, self.out, place_of)


def count_results(groups: Sequence[Sequence[Problem]], methods: Sequence[str] | None) -> int:
    """How many results a whole run has: those of the methods that apply."""
    models = [as_model(item.model) for group in groups for item in group]
    wanted = plan(methods, "quick", 0).methods
    return sum(
        method.why_not(model) is None
        for model in models
        for method in select_methods(ALL, model, wanted)
    )


def is_brief(groups: Sequence[Sequence[Problem]], budget: str) -> bool:
    """Whether so many problems are compared that few pictures are drawn of each."""
    return budget == "quick" and len(groups) > MANY


def place_of(problem: str, method: str) -> str:
    """Where a result lies in the folder, without a suffix."""
    return f"{folder_of(problem)}/{method}"


def thin(draws: Draws) -> Draws:
    """Every k-th draw, where all of them are more than MOST_NUMBERS; `settings` says so.

    Draws of hundreds of coordinates take tens of MB, most of which are the noise of neighbours in
    a chain. Rows are measured before, on all draws.
    """
    chains, n = next(iter(draws.values.values())).shape[:2]
    each = sum(array[0, 0].size for array in draws.values.values()) * chains
    left = max(FEWEST_DRAWS, MOST_NUMBERS // each)
    if n <= left:
        return draws
    step = -(-n // left)
    kept = {name: array[:, step - 1 :: step].copy() for name, array in draws.values.items()}
    how = f"every {step}th of {n:,} draws of each chain; measured on all"
    return replace(draws, values=kept, settings={**draws.settings, "kept": how})


def folder_of(problem: str) -> str:
    """The folder of a problem's results."""
    return file_names.file_name(problem)


def name_folders(out: Path, problems: Sequence[Problem]) -> set[str]:
    """The folders of the problems' results in `out`.

    InputError where a problem would share one with another, of an earlier run into it too, or with
    what lies beside them: the files of the one would replace those of the other.
    """
    beside = (*BESIDE, *STUDY)
    owners = {file_names.alike(name): name for name in beside}
    for name in list_earlier(out) | {item.name: None for item in problems}:
        place = folder_of(name)
        other = owners.setdefault(file_names.alike(place), name)
        shared = f"the folder {place!r} of the results of {short_repr(name)} would be that of"
        refuse_if(other != name or name in beside, f"{shared} {short_repr(other)}; rename one")
    return {folder_of(item.name) for item in problems}
