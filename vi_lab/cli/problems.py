"""`vi-lab problems`: what there is to try, and what each of them is."""

from __future__ import annotations

import argparse
import textwrap
from typing import Any

from vi_lab.cli import chosen
from vi_lab.comparison.layout import terminal_width
from vi_lab.model_or_problem import as_model
from vi_lab.problems.description import describe_rows
from vi_lab.problems.methods import METHODS
from vi_lab.problems.problem import Problem
from vi_lab.runtime import storage
from vi_lab.runtime.messages import results_alone

WIDTH = 80  # of a page on a problem


def add_command(command: Any) -> None:
    """Hang `problems` into the parser; `command` makes a subcommand."""
    sub = command(
        "problems",
        _problems,
        "List the problems; of those that are named, the story, the prior, the data, the latents "
        "and which methods apply.",
    )
    sub.add_argument(
        "problems",
        nargs="*",
        metavar="PROBLEM",
        help="default: a list of all; or models of your own: my_models.py:NAME",
    )
    chosen.add_options(sub)


def _problems(options: argparse.Namespace) -> int:
    items = chosen.choose(options, options.problems)
    named = bool(options.problems or options.data)
    with results_alone():
        told = [item.description for item in items] if named else []
    if options.format == "json":
        print(storage.to_json(told or [_summarise(item) for item in items]), end="")
    elif named:
        print("\n\n".join(map(page, items)))
    else:
        _list(items)
    return 0


def _summarise(item: Problem) -> dict[str, Any]:
    model = as_model(item.model)
    return {
        "problem": item.name,
        "story": item.story,
        "data": item.data,
        "n": item.n,
        "latents": list(model.sources),
        "methods": [m.name for m in METHODS if m.why_not(model) is None],
    }


def _list(items: list[Problem]) -> None:
    """Three lines a problem."""
    rows = [_summarise(item) for item in items]
    width = max(len(row["problem"]) for row in rows) + 2
    fill = textwrap.TextWrapper(
        terminal_width(), subsequent_indent=" " * (width + 2), break_on_hyphens=False
    )
    for row in rows:
        data = f"data: {row['data']} (n = {row['n']})"
        lists = f"latents: {', '.join(row['latents'])}; methods: {', '.join(row['methods'])}"
        for begin, words in ((row["problem"], row["story"]), ("", data), ("", lists)):
            fill.initial_indent = f"{begin:{width}}"
            print(fill.fill(words))


def page(item: Problem) -> str:
    """A page on one problem: a heading on the left, what there is to say beside it."""
    rows = describe_rows(item.description)
    width = max(len(row[""]) for row in rows) + 2
    fill = textwrap.TextWrapper(WIDTH, subsequent_indent=" " * (width + 2), break_on_hyphens=False)
    lines = [item.name]
    for row in rows:
        fill.initial_indent = f"{row['']:{width}}"
        lines.append(fill.fill(row["is"]))
    return "\n".join(lines)
