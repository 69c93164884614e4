"""`vi-lab compare`: every method on every problem; its rows, a folder and a report of them."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from vi_lab.arguments import checks
from vi_lab.cli import chosen, report, run_file, screen
from vi_lab.cli import compare as lab
from vi_lab.cli.digits import is_number
from vi_lab.comparison import folder
from vi_lab.comparison.compare import Comparison, plan
from vi_lab.comparison.row import Row, judge_gap
from vi_lab.comparison.seeds import require_seeds
from vi_lab.errors import InputError, ResultFileError, error_text
from vi_lab.problems.methods import METHODS, PRESETS, USUAL_ONES
from vi_lab.problems.named import list_problems, sweep
from vi_lab.problems.other_methods import ELSEWHERE
from vi_lab.runtime.exit_codes import BAD_INPUT, DONE, INTERRUPTED, WRONG
from vi_lab.runtime.interrupts import CtrlC
from vi_lab.runtime.locks import lock_folder
from vi_lab.runtime.messages import results_alone, say
from vi_lab.runtime.progress import be_silent


def add_command(command: Any, names: str, seed: Any, jobs: Any) -> None:
    """Hang `compare` into the parser; `command` makes a subcommand."""
    sub = command(
        "compare",
        _compare,
        "Run every method on every problem; one row each, measured against the truth.",
        tuple(screen.FORMATS),
    )
    sub.set_defaults(format=None)  # a run file may say it
    where = "or my_models.py:NAME, a model of your own, or run.toml, a file with these options"
    sub.add_argument(
        "problems", nargs="*", metavar="PROBLEM", help=f"default: all ({names}); {where}"
    )
    methods, presets = ", ".join(method.name for method in METHODS), ", ".join(PRESETS)
    sub.add_argument(
        "--methods",
        nargs="+",
        metavar="METHOD",
        help=f"after the problems; from {methods}; or many in a word: {presets}; default: the "
        "classic ones and gaussian-full-rank, where they apply",
    )
    others = ", ".join(method.name for method in ELSEWHERE)
    sub.add_argument(
        "--with",
        dest="others",
        metavar="LIST",
        help=f"other libraries' answers beside these, parted by commas: {others}",
    )
    sub.add_argument("--seed", **{**seed, "default": None})
    sub.add_argument("--jobs", **jobs)
    sub.add_argument("--budget", metavar="quick|full", help="default: quick")
    sub.add_argument(
        "--sweep",
        action="store_true",
        default=None,
        help="vary each problem along its sweep, e.g. the correlation",
    )
    sub.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="also leave JSON, CSV, draws (npz) and figures (PNG, SVG) here",
    )
    more = "run at so many seeds, from --seed on; the spread of each number beside it"
    sub.add_argument("--seeds", type=_number_or_text, metavar="N", help=more)
    screen.add_options(sub)
    chosen.add_options(sub)


def _compare(options: argparse.Namespace) -> int:
    with run_file.take_in(options) as settings:
        items: list[Any] = chosen.choose(options, options.problems, settings)
    options.seed, options.budget = options.seed or 0, options.budget or "quick"
    options.format = checks.one_of("--format", options.format or "table", screen.FORMATS)
    if options.sweep:
        wanted = items if options.problems else [item for item in items if item.sweep]
        items = [variant for item in wanted for variant in sweep(item)]
    methods = None
    if options.methods:
        methods = [n for word in options.methods for n in word.split(",") if n]
        for name in methods:
            if name in list_problems():
                raise InputError(f"--methods: {name!r} is a problem; problems go before --methods")
    if options.others:
        known = [method.name for method in ELSEWHERE]
        others = [checks.one_of("--with", name, known) for name in options.others.split(",")]
        methods = [*(methods or [USUAL_ONES]), *others]
    # a picture of a sweep needs all of its results in one process
    together = options.sweep and options.out is not None
    groups = [items] if together else [[item] for item in items]
    seeds = require_seeds(
        1 if options.seeds is None else options.seeds,
        groups,
        plan(methods, options.budget, options.seed),
    )
    run = partial(
        lab.run, groups, methods, options.budget, options.seed, jobs=options.jobs, seeds=seeds
    )
    if options.quiet:
        be_silent()
    began = time.perf_counter()

    shown: screen.Shown | None = None
    printed = False

    def show(comparison: Comparison) -> None:
        nonlocal shown, printed
        if options.format != "table":
            with results_alone():
                text = screen.FORMATS[options.format](comparison).rstrip("\n")
            print(text, flush=True)
            return
        named = 0 < len(options.problems) <= lab.MANY >= len(items)
        shown = screen.Shown(
            details=options.verbose or named or len(items) == 1,
            quiet=options.quiet,
            total=lab.count_results(groups, methods) if comparison.interrupted else 0,
            seconds=time.perf_counter() - began,
            out=options.out,
        )
        printed = screen.print_rows(comparison, shown)

    place = ""  # of the report
    if options.out is None:
        with results_alone():
            comparison, unwritten = run(None)
        show(comparison)
    else:
        inner = lab.name_folders(options.out, items)
        with lock_folder(options.out, folder.FIGURES, *inner):
            with results_alone():
                comparison, unwritten = run(options.out)
            with CtrlC() as ctrl_c:  # what is finished is reported first
                whole, lost = None, list[str]()
                with results_alone():
                    try:
                        whole, lost = folder.write(comparison, options.out, lab.place_of)
                    except ResultFileError as error:  # it costs nobody the rows
                        unwritten.append(error_text(error))
                show(comparison)
                for words in lost:
                    say(f"warning: {words}")
            if ctrl_c.pressed:
                raise KeyboardInterrupt
            if whole is not None and whole.rows:
                stopped = _describe_stop(comparison, lab.count_results(groups, methods))
                brief = options.budget == "quick" and len(whole.verdicts) > lab.MANY
                place, written = report.draw_after_run(
                    whole, options.out, items, brief, stopped, options.jobs
                )
                if not written:
                    unwritten.append(f"the report was {place}")
    if shown is not None:
        screen.print_last_lines(comparison, replace(shown, report=place), printed)
    if options.out is not None:
        if unwritten:
            more = f" (and {len(unwritten) - 1} more)" if len(unwritten) > 1 else ""
            say(f"error: {unwritten[0]}{more}")
        elif options.format != "table":
            say(f"results are in {options.out}")
    if comparison.interrupted:
        if options.format != "table":
            say(f"interrupted; {len(comparison.rows)} rows were finished and are above")
        return INTERRUPTED
    if unwritten:
        return BAD_INPUT
    return WRONG if any(map(_is_wrong, comparison.rows)) else DONE


def _describe_stop(comparison: Comparison, total: int) -> str:
    """What a report says of a run that was cut short; nothing of a whole one."""
    done = sum(row.applies for row in comparison.rows)
    words = f"Stopped early: {done} of {total} results were finished and are below."
    return words if comparison.interrupted else ""


def _is_wrong(row: Row) -> bool:
    """Whether a method broke down, its bound lies above log p(x), or its ledger does not hold."""
    broken = row.applies and row.reason is not None
    above = row.gap is not None and judge_gap(row).impossible
    return broken or above or row.holds is False


def _number_or_text(text: str) -> int | str:
    """A whole number where it is one: what it needs is said where it is known."""
    return int(text) if is_number(text.removeprefix("-")) else text
