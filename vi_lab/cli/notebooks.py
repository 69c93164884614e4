"""`vi-lab notebooks`: the lessons, copied to where a learner works in them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from vi_lab.cli.copies import copy_to
from vi_lab.runtime import storage


def add_command(command: Any) -> None:
    """Hang `notebooks` into the parser; `command` makes a subcommand."""
    sub = command(
        "notebooks",
        _notebooks,
        "Copy the lessons into a folder. No file that is there is overwritten: a newer lesson is "
        "written beside your own.",
    )
    sub.add_argument("folder", type=Path, metavar="DIR", help="made where it does not exist")


def _notebooks(options: argparse.Namespace) -> int:
    copies = copy_to(options.folder)
    if options.format == "json":
        rows = [{"notebook": str(path), "done": done} for path, done in copies]
        print(storage.to_json(rows), end="")
        return 0
    for path, done in copies:
        print(f"{done:12}  {path}")
    if any(done == "beside yours" for _, done in copies):
        print("Your own notebooks are untouched; the newer lessons are the ones with .new.")
    print(f"Open them with: jupyter lab {options.folder}")
    return 0
