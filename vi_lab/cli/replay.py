"""`vi-lab replay`: every update of the methods on the exact posterior, to scrub through."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from vi_lab.cli import chosen
from vi_lab.problems.named import list_problems
from vi_lab.replays.replay import KINDS, USUAL, replay
from vi_lab.runtime import storage
from vi_lab.runtime.exit_codes import DONE
from vi_lab.runtime.messages import results_alone


def add_command(command: Any, seed: Any) -> None:
    """Hang `replay` into the parser; `command` makes a subcommand."""
    sub = command(
        "replay",
        _replay,
        "Write one self-contained page on which every update of Metropolis-Hastings, Gibbs and "
        "CAVI can be scrubbed through, on the exact posterior's contours.",
    )
    chosen.add_problem(sub, ", ".join(list_problems()))
    methods, usual = ", ".join(kind.method for kind in KINDS), ", ".join(USUAL)
    sub.add_argument(
        "--methods", nargs="+", metavar="METHOD", help=f"from {methods}; default: {usual}"
    )
    sub.add_argument("--seed", **seed)
    sub.add_argument(
        "--out", type=Path, metavar="FILE", default=Path("replay.html"), help="default: replay.html"
    )


def _replay(options: argparse.Namespace) -> int:
    item = chosen.choose_one(options, options.problem)
    methods = None
    if options.methods:
        methods = [n for word in options.methods for n in word.split(",") if n]
    with results_alone():
        storage.require_place(options.out)
        made = replay(item, methods=methods, rng=options.seed)
        made.save(options.out)
    shown = [
        {
            "method": run["method"],
            "applies": run["applies"],
            "shown": run["shown"] or run["reason"],
            "frames": len(run["frames"]),
        }
        for run in made.data["runs"]
    ]
    if options.format == "json":
        print(storage.to_json({"out": str(options.out), "runs": shown}), end="")
        return DONE
    for run, row in zip(made.data["runs"], shown, strict=True):
        print(f"{run['label']}: {row['shown']}")
    print(f"\nReplay   {options.out}")
    return DONE
