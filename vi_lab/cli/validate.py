"""`vi-lab validate`: is a model of your own put together right?"""

from __future__ import annotations

import argparse
from typing import Any

from vi_lab.cli import chosen
from vi_lab.cli.screen import write_table
from vi_lab.results import tables
from vi_lab.runtime import storage
from vi_lab.runtime.exit_codes import DONE, WRONG
from vi_lab.runtime.messages import results_alone
from vi_lab.testing.report import name_verdict
from vi_lab.testing.validation import validate


def add_command(command: Any, names: str, seed: Any) -> None:
    """Hang `validate` into the parser; `command` makes a subcommand."""
    sub = command(
        "validate",
        _validate,
        "Hold the parts of a model against one another: log joint, conditionals, starts, "
        "expectations; exit code 1 where they disagree.",
    )
    chosen.add_problem(sub, names)
    sub.add_argument("--seed", **seed)


def _validate(options: argparse.Namespace) -> int:
    item = chosen.choose_one(options, options.problem)
    with results_alone():
        report = validate(item, rng=options.seed)
    if options.format == "json":
        found = {"test": report.test, "passed": report.passed, "sentence": report.sentence}
        print(storage.to_json({**found, "rows": report.rows}), end="")
    else:
        rows = [{k: v for k, v in row.items() if k != "finding"} for row in report.rows]
        parts = [
            f"{report.test}: {name_verdict(report.passed)}",
            write_table(rows),
        ]
        parts += [
            tables.wrap(f"{row['check']} {row['block']}: {row['finding']}")
            for row in report.rows
            if not row["passed"]
        ]
        print("\n".join([*parts, tables.wrap(f"-> {report.sentence}")]))
    return DONE if report.passed else WRONG
