"""`vi-lab problems`: what there is to try."""

from __future__ import annotations

import argparse
import textwrap
from typing import Any

from vi_lab.model_or_problem import as_model
from vi_lab.problems.methods import METHODS
from vi_lab.problems.named import as_problems
from vi_lab.runtime import storage


def add_command(command: Any) -> None:
    """Hang `problems` into the parser; `command` makes a subcommand."""
    command("problems", _problems, "List the problems.", ("table", "json"))


def _problems(options: argparse.Namespace) -> int:
    rows: list[dict[str, Any]] = []
    for item in as_problems(None):
        model = as_model(item.model)
        rows.append(
            {
                "problem": item.name,
                "story": item.story,
                "data": item.data,
                "n": item.n,
                "latents": list(model.sources),
                "methods": [m.name for m in METHODS if m.why_not(model) is None],
            }
        )
    if options.format == "json":
        print(storage.to_json(rows), end="")
    else:
        width = max(len(row["problem"]) for row in rows) + 2
        fill = textwrap.TextWrapper(118, subsequent_indent=" " * (width + 2))
        for row in rows:
            data = f"data: {row['data']} (n = {row['n']})"
            lists = f"latents: {', '.join(row['latents'])}; methods: {', '.join(row['methods'])}"
            for begin, words in ((row["problem"], row["story"]), ("", data), ("", lists)):
                fill.initial_indent = f"{begin:{width}}"
                print(fill.fill(words))
    return 0
