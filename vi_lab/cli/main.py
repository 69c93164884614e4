"""The command line: a shell over the functions of the same names.

Results go to stdout, progress and errors to stderr. Exit codes: 0 done, 1 a ledger does not hold,
a bound lies above log p(x), a claim is wrong, the atlas changed or a method broke down, 2 bad
input or a file that cannot be written, 70 vi_lab itself broke down, 128 and the number of a signal
that ended it (130 after Ctrl-C; what was finished is kept and reported). What cannot be told, for
want of an exact answer or of digits, is printed as such and ends with 0.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from vi_lab._version import __version__
from vi_lab.arguments import checks
from vi_lab.cli import (
    atlas,
    audit,
    check,
    evidence,
    notebooks,
    problems,
    replay,
    report,
    run_compare,
    study,
    trial,
    vae,
    validate,
)
from vi_lab.cli.digits import is_number
from vi_lab.problems.named import list_problems
from vi_lab.runtime.program import Parser, ready_streams, run_program


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    ready_streams()

    def work() -> int:
        options = _parser().parse_args(arguments)
        for name, value in vars(options).items():
            if isinstance(value, Path):
                checks.path(name, value)
        code: int = options.run(options)
        return code

    return run_program(work)


def _parser() -> Parser:
    parser = Parser(
        prog="vi-lab",
        description="A laboratory for variational inference: every approximate posterior is "
        "measured against the truth.",
        epilog="log p(x) = ELBO(q) + KL(q || p(z|x)), each of the three by its own route.",
    )
    parser.add_argument("--version", action="version", version=f"vi-lab {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(
        name: str, run: Any, help: str, formats: Sequence[str] = ("table", "json")
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help)
        sub.set_defaults(run=run)
        sub.add_argument("--format", choices=formats, default=formats[0], help="default: table")
        return sub

    names = ", ".join(list_problems())
    whole: Any = dict(type=partial(_whole, 0), metavar="N")
    seed: Any = dict(whole, default=0, help="default: 0; same seed, same numbers")
    saves = "processes to use; default: the cores there are, where that saves time"
    jobs: Any = dict(whole, type=partial(_whole, 1), help=saves)

    run_compare.add_command(command, names, seed, jobs)
    check.add_command(command, names, seed, jobs)
    audit.add_command(command, names, seed)
    validate.add_command(command, names, seed)
    evidence.add_command(command, names, seed, jobs, dict(whole, type=partial(_whole, 1)))
    atlas.add_command(command, names)
    report.add_command(command, names, seed, jobs)
    problems.add_command(command)
    notebooks.add_command(command)
    replay.add_command(command, seed)
    study.add_command(command, jobs)
    trial.add_command(command, jobs)
    vae.add_commands(commands, seed)
    return parser


def _whole(least: int, text: str) -> int:
    """A whole number; argparse names the option in its error."""
    if not is_number(text) or int(text) < least:
        raise argparse.ArgumentTypeError(f"needs a whole number of at least {least}, got {text!r}")
    return int(text)
