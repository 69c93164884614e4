"""`vi-lab report`: one page of a comparison, from a folder of results or from a run."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from vi_lab.cli import chosen
from vi_lab.comparison.compare import Comparison, compare
from vi_lab.comparison.folder import note_figures
from vi_lab.errors import InputError, ViLabError, error_text, refuse_if
from vi_lab.problems.problem import Problem
from vi_lab.runtime import storage
from vi_lab.runtime.exit_codes import DONE, INTERRUPTED
from vi_lab.runtime.messages import results_alone
from vi_lab.runtime.parallel import count_waiting, run_jobs

RESULTS = Path("results")
OF_A_RUN = ("seed", "budget", "set", "data", "columns", "model")  # options


def add_command(command: Any, names: str, seed: Any, jobs: Any) -> None:
    """Hang `report` into the parser; `command` makes a subcommand."""
    sub = command(
        "report",
        _report,
        "Write one self-contained HTML page: which method failed where, and by how much.",
    )
    where = f"of a folder (default: {RESULTS}) with --results, else of a run of the problems named"
    sub.add_argument(
        "problems",
        nargs="*",
        metavar="PROBLEM",
        help=f"default: all in {RESULTS}; one of {names}, or my_models.py:NAME",
    )
    sub.add_argument("--results", type=Path, metavar="DIR", help=f"read, do not run: {where}")
    sub.add_argument(
        "--out", type=Path, metavar="FILE", default=Path("report.html"), help="default: report.html"
    )
    sub.add_argument("--seed", **{**seed, "default": None})
    sub.add_argument("--budget", metavar="quick|full", help="default: quick")
    sub.add_argument("--jobs", **jobs)
    chosen.add_options(sub)


def _report(options: argparse.Namespace) -> int:
    from vi_lab.reports.from_folder import read_folder  # matplotlib: only where wanted
    from vi_lab.reports.headline import HOW_TO_BEGIN, NOTHING, write_headline
    from vi_lab.reports.page import write_report

    named = options.problems or options.data is not None or options.model is not None
    described = None
    storage.require_place(options.out)
    with results_alone():
        if options.results is not None or not named:
            _refuse_what_a_run_takes(options)
            comparison, described = read_folder(options.results or RESULTS, options.problems)
        else:
            items = chosen.choose(options, options.problems)
            seed, budget = options.seed or 0, options.budget or "quick"
            comparison = compare(items, budget=budget, rng=seed, jobs=options.jobs)
        try:
            path = write_report(comparison, options.out, described=described, jobs=options.jobs)
        except ImportError as error:
            raise InputError(error_text(error)) from None
    headline = write_headline(comparison.rows)
    if options.format == "json":
        print(storage.to_json({"report": str(path), "headline": headline}), end="")
    else:
        if not comparison.rows:
            headline = f"{NOTHING} {HOW_TO_BEGIN}"
        print(f"{headline}\n\nReport   {path}")
    return INTERRUPTED if comparison.interrupted and named else DONE


def _refuse_what_a_run_takes(options: argparse.Namespace) -> None:
    """InputError for an option that would be without effect, or a folder that is not there."""
    for name in OF_A_RUN:
        told = f"--{name}: is of a run, and results are only read; name problems, without --results"
        refuse_if(getattr(options, name) is not None, told)
    folder = options.results
    refuse_if(folder is not None and not folder.is_dir(), f"--results: there is no folder {folder}")


def keep_sections(
    comparison: Comparison,
    views: Mapping[tuple[str, str], Any],
    many: bool,
    folder: Path,
    stem_of: Callable[[str, str], str],
) -> None:
    """Leave in a folder what a report of `many` problems will show of each of these.

    Nothing where there will be no report. `views` are those of the results, of which
    `stem_of(problem, method)` is where the files lie.
    """
    if find_spec("jinja2") is None:
        return
    # matplotlib: only where wanted
    from vi_lab.plots.view import views_of
    from vi_lab.reports.kept_sections import keep_section
    from vi_lab.reports.sections import make_section

    for name in comparison.verdicts:
        part = comparison[name]
        section = make_section(part, many, views_of(name, views))
        stems = {method: stem_of(name, method) for _, method in part.results}
        keep_section(section, part, many, folder, stems)


def draw_after_run(
    whole: Comparison,
    out: Path,
    items: Sequence[Problem],
    brief: bool,
    stopped: str,
    jobs: int | None,
) -> tuple[str, bool]:
    """What shows all problems together, the report and the figures; gives what the report gives.

    The workers that a run has left draw both at once, and need not import what draws; of a run with
    one job this process draws. A run that was stopped early has no such figures.
    """
    tasks: list[tuple[Any, ...]] = [(write_after_run, out, items, stopped, jobs)]
    if not stopped:
        tasks.append((_draw_overall, whole, out / "figures", brief))
    ended: dict[int, Any] = {}
    waiting = count_waiting()
    run_jobs(_call, tasks, max(1, min(waiting, jobs or waiting)), ended.__setitem__)
    if not stopped:
        note_figures(out)
    place: tuple[str, bool] = ended[0]
    return place


def _call(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


def _draw_overall(whole: Comparison, figures: Path, brief: bool) -> None:
    from vi_lab.figures.comparison import save_overall_figures  # matplotlib: only where wanted

    save_overall_figures(whole, figures, brief)


def write_after_run(
    out: Path, items: Sequence[Problem], stopped: str, jobs: int | None
) -> tuple[str, bool]:
    """The last line of a run about its report, and whether it could be written."""
    try:
        from vi_lab.reports.from_folder import write_index  # matplotlib: only where wanted

        with results_alone():
            return f"{write_index(out, items, stopped, jobs)}", True
    except ImportError as error:
        return f"not written: {error_text(error)}", True
    except (ViLabError, OSError) as error:
        return f"not written: {error_text(error)}", False
