"""`vi-lab evidence`: estimates of log p(x) over seeds, held against the exact one."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from vi_lab.cli import chosen
from vi_lab.cli.screen import write_table
from vi_lab.marginal_likelihood.estimators import ESTIMATORS
from vi_lab.marginal_likelihood.weighing import Weighing, weigh
from vi_lab.results import tables
from vi_lab.runtime import storage
from vi_lab.runtime.exit_codes import DONE, INTERRUPTED, WRONG
from vi_lab.runtime.messages import results_alone, say

SEEDS = 20
SPARE = ("seconds", "log joints", "k-hat")  # columns that go first, in this order


def add_command(command: Any, names: str, seed: Any, jobs: Any, count: Any) -> None:
    """Hang `evidence` into the parser; `command` makes a subcommand."""
    sub = command(
        "evidence",
        _evidence,
        "Hold estimates of log p(x) against the exact one; exit code 1 where the real error is "
        "more than five times the one stated.",
    )
    chosen.add_problems(sub, names)
    sub.add_argument(
        "--methods", metavar="LIST", help=f"parted by commas: {', '.join(ESTIMATORS)}; default: all"
    )
    sub.add_argument("--seeds", **count, default=SEEDS, help=f"default: {SEEDS}")
    sub.add_argument("--seed", **seed)
    sub.add_argument("--jobs", **jobs)
    chosen.add_options(sub)


def _evidence(options: argparse.Namespace) -> int:
    items = chosen.choose(options, options.problems)
    methods = chosen.split(options.methods)
    with results_alone():
        rows = weigh(items, methods, options.seeds, options.seed, options.jobs)
    if options.format == "json":
        print(storage.to_json([row.to_dict() for row in rows]), end="")
    else:
        print(write_text(rows))
    if rows.interrupted:
        say("interrupted; the seeds that were finished are above")
        return INTERRUPTED
    return WRONG if any(row.missed for row in rows) else DONE


def write_text(rows: Sequence[Weighing]) -> str:
    """A table, and below it what is known to be wrong."""
    shown = [
        {
            "problem": row.problem,
            "method": row.method,
            "log p(x)": _cell("{:.4f}", row.mean),
            "off by": _cell("{:+.4f}", row.bias),
            "± sd": _cell("{:.4f}", row.sd),
            "stated": _cell("{:.4f}", row.stated),
            "real": _cell("{:.4f}", row.real),
            "k-hat": _cell("{:.2f}", row.khat),
            "log joints": _cell("{:,}", row.evaluations),
            "seconds": _cell("{:.2f}", row.seconds),
            "error holds": {None: None, True: "NO", False: "yes"}[row.missed],
        }
        for row in rows
    ]
    notes = [f"{row.problem} {row.method}: {row.reason}" for row in rows if row.reason]
    notes += [f"{row.problem} {row.method}: {note}" for row in rows for note in row.notes]
    bullets = [tables.wrap(note, first="- ", rest="  ") for note in notes]
    return "\n".join([write_table(shown, SPARE), *bullets])


def _cell(form: str, value: Any) -> str | None:
    return None if value is None else form.format(value)
