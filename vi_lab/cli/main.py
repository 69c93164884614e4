"""The command line: a shell over the functions of the same names.

Results go to stdout, progress and errors to stderr. Exit codes: 0 done, 1 a ledger does not hold,
a bound lies above log p(x), a claim is wrong, the atlas changed or a method broke down, 2 bad
input or a file that cannot be written, 70 vi_lab itself broke down, 128 and the number of a signal
that ended it (130 after Ctrl-C; what was finished is kept and reported). What cannot be told, for
want of an exact answer or of digits, is printed as such and ends with 0.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import time
import traceback
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from vi_lab._version import __version__
from vi_lab.arguments import checks
from vi_lab.arguments.public import error_text
from vi_lab.cli import (
    atlas,
    audit,
    check,
    chosen,
    notebooks,
    problems,
    run_file,
    screen,
    vae,
    validate,
)
from vi_lab.cli import compare as lab
from vi_lab.cli.exit_codes import (
    BAD_INPUT,
    CRASHED,
    DONE,
    ENDED,
    INTERRUPTED,
    READER_LEFT,
    WRONG,
)
from vi_lab.cli.messages import open_closed_streams, results_alone, say, silence
from vi_lab.comparison import folder
from vi_lab.comparison.compare import Comparison, plan
from vi_lab.comparison.metrics import Row, judge_gap
from vi_lab.comparison.seeds import require_seeds
from vi_lab.errors import InputError, ResultFileError, ViLabError
from vi_lab.problems.methods import METHODS
from vi_lab.problems.named import list_problems, sweep
from vi_lab.runtime.interrupts import CtrlC, ended_by_signals
from vi_lab.runtime.locks import locked
from vi_lab.runtime.progress import be_silent

FORMATS = {
    "table": Comparison.text,
    "markdown": Comparison.to_markdown,
    "latex": Comparison.to_latex,
    "json": Comparison.to_json,
    "csv": Comparison.to_csv,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a notebook has streams of its own
            # a terminal without the letter ± shows ?, it does not end the run
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    with ended_by_signals() as heard:
        code = _run(options)
    return ENDED + heard[0] if code == INTERRUPTED and heard else code


def _run(options: argparse.Namespace) -> int:
    """The command's exit code, whatever happens in it."""
    try:
        for name, value in vars(options).items():
            if isinstance(value, Path):
                checks.path(name, value)
        code: int = options.run(options)
        sys.stdout.flush()  # a reader that has left is noticed here, not while Python shuts down
        return code
    except ViLabError as error:
        # a name that came may hold line breaks
        say(f"error: {' '.join(str(error).splitlines())}")
        return BAD_INPUT
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:  # `vi-lab … | head` is no error
        silence(sys.stdout)
        return READER_LEFT
    except OSError as error:  # a name that is too long, a disk that is full, no permission
        say(f"error: {error_text(error)}")
        silence(sys.stdout)  # if it is what failed, what waits in it fails again
        return BAD_INPUT
    except MemoryError:
        say("error: there is not enough memory")
        return CRASHED
    except Exception:
        with contextlib.suppress(OSError, ValueError):
            traceback.print_exc()
        say("this is a fault of vi_lab itself; nothing is said by it about your model")
        return CRASHED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vi-lab",
        description="A laboratory for variational inference: every approximate posterior is "
        "measured against the truth.",
        epilog="log p(x) = ELBO(q) + KL(q || p(z|x)), each of the three by its own route.",
    )
    parser.add_argument("--version", action="version", version=f"vi-lab {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: Any, help: str, formats: Sequence[str]) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help)
        sub.set_defaults(run=run)
        sub.add_argument("--format", choices=formats, default=formats[0], help="default: table")
        return sub

    names = ", ".join(list_problems())
    whole: Any = dict(type=partial(_whole, 0), metavar="N")
    seed: Any = dict(whole, default=0, help="default: 0; same seed, same numbers")
    saves = "processes to use; default: the cores there are, where that saves time"
    jobs: Any = dict(whole, type=partial(_whole, 1), help=saves)

    sub = command(
        "compare",
        _compare,
        "Run every method on every problem; one row each, measured against the truth.",
        tuple(FORMATS),
    )
    sub.set_defaults(format=None)  # a run file may say it
    where = "or my_models.py:NAME, a model of your own, or run.toml, a file with these options"
    sub.add_argument(
        "problems", nargs="*", metavar="PROBLEM", help=f"default: all ({names}); {where}"
    )
    methods = ", ".join(method.name for method in METHODS)
    sub.add_argument(
        "--methods",
        nargs="+",
        metavar="METHOD",
        help=f"after the problems; default: all ({methods})",
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

    check.add_command(command, names, seed, jobs)
    audit.add_command(command, names, seed)
    validate.add_command(command, names, seed)
    atlas.add_command(command, names)
    problems.add_command(command)
    notebooks.add_command(command)
    vae.add_commands(commands, seed)
    return parser


def _whole(least: int, text: str) -> int:
    """A whole number; argparse names the option in its error."""
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"needs a whole number of at least {least}, got {text!r}")
    return int(text)


def _number_or_text(text: str) -> int | str:
    """A whole number where it is one: what it needs is said where it is known."""
    return int(text) if text.removeprefix("-").isdecimal() else text


def _compare(options: argparse.Namespace) -> int:
    settings = None
    if run_file.is_run_file(options.problems):
        path = Path(options.problems.pop(0))
        settings = run_file.merge(options, path)
    options.seed, options.budget = options.seed or 0, options.budget or "quick"
    options.format = checks.one_of("--format", options.format or "table", FORMATS)
    items: list[Any] = chosen.choose(options, options.problems, settings)
    if options.sweep:
        wanted = items if options.problems else [item for item in items if item.sweep]
        items = [variant for item in wanted for variant in sweep(item)]
    methods = None
    if options.methods:
        methods = [n for word in options.methods for n in word.split(",") if n]
        for name in methods:
            if name in list_problems():
                raise InputError(f"--methods: {name!r} is a problem; problems go before --methods")
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

    def show(comparison: Comparison) -> None:
        if options.format != "table":
            with results_alone():
                text = FORMATS[options.format](comparison).rstrip("\n")
            print(text, flush=True)
            return
        named = 0 < len(options.problems) <= lab.MANY >= len(items)
        screen.print_comparison(
            comparison,
            screen.Shown(
                details=options.verbose or named or len(items) == 1,
                quiet=options.quiet,
                total=lab.count_results(groups, methods) if comparison.interrupted else 0,
                seconds=time.perf_counter() - began,
                out=options.out,
            ),
        )

    if options.out is None:
        with results_alone():
            comparison, unwritten = run(None)
        show(comparison)
    else:
        inner = {lab.folder_of(item.name) for item in items}
        with locked(options.out, "figures", *inner):
            with results_alone():
                comparison, unwritten = run(options.out)
            with CtrlC() as ctrl_c:  # what is finished is reported first
                whole = None
                with results_alone():
                    try:
                        whole = folder.write(comparison, options.out, lab.place_of)
                    except ResultFileError as error:  # it costs nobody the rows
                        unwritten.append(error_text(error))
                show(comparison)
            if ctrl_c.pressed:
                raise KeyboardInterrupt
            if not comparison.interrupted and whole is not None:
                # matplotlib: only where wanted
                from vi_lab.figures.comparison import save_overall_figures

                brief = options.budget == "quick" and len(whole.verdicts) > lab.MANY
                save_overall_figures(whole, options.out / "figures", brief)
                folder.note_figures(options.out)
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


def _is_wrong(row: Row) -> bool:
    """Whether a method broke down, or its bound lies above log p(x)."""
    broken = row.applies and row.reason is not None
    return broken or (row.gap is not None and judge_gap(row).impossible)
