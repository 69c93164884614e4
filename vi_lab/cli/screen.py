"""What `vi-lab compare` shows: tables, a summary, and what to do next.

Bold marks a problem with a failure and red the words that failed, in a terminal alone: NO_COLOR, a
terminal without colours (TERM=dumb) and pipes get plain text.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vi_lab.cli.chosen import name_again
from vi_lab.comparison.compare import Comparison
from vi_lab.comparison.layout import terminal_width
from vi_lab.comparison.summary import LONGEST_NAME, attention, write_findings, write_summary
from vi_lab.errors import printable
from vi_lab.results import tables

# words of a verdict that say what failed, wherever a line ends
FAILED = re.compile(
    r"\b(?:has\s+not\s+(?:mixed|converged)|broke\s+down|never\s+moved|a\s+mistake)\b"
)

FORMATS = {
    "table": Comparison.text,
    "markdown": Comparison.to_markdown,
    "latex": Comparison.to_latex,
    "json": Comparison.to_json,
    "csv": Comparison.to_csv,
}


@dataclass(frozen=True)
class Shown:
    """How much is shown of a comparison, and what is known of the run.

    Attributes
    ----------
    details : bool
        Whether each problem has its table.
    quiet : bool
        Whether there are only the last lines.
    total : int
        Results that were asked for.
    seconds : float
    out : Path or None
    report : str
        Where the report is, or why it could not be written.
    """

    details: bool
    quiet: bool
    total: int
    seconds: float
    out: Path | None
    report: str = ""


def write_table(rows: Sequence[tables.Row], spare: Sequence[str] = ()) -> str:
    """A table that fits the terminal: see `tables.text`."""
    return tables.text(rows, terminal_width(), spare)


def add_options(sub: argparse.ArgumentParser) -> None:
    """-q and -v."""
    how = sub.add_mutually_exclusive_group()
    how.add_argument("-q", "--quiet", action="store_true", help="the last lines alone")
    how.add_argument(
        "-v", "--verbose", action="store_true", help="the table of each problem, of many too"
    )


def print_rows(comparison: Comparison, shown: Shown) -> bool:
    """Tables or a summary of all; whether there was anything to print."""
    bold, red = _marks()
    width = terminal_width()
    many = len(comparison.verdicts) > 1
    parts: list[str] = []
    if shown.details and comparison.rows and not shown.quiet:
        text = comparison.text(width)
        parts.append(FAILED.sub(lambda found: red(found.group()), text))
    told = write_findings(comparison.rows)
    if shown.quiet:
        parts.append("\n".join([_headline(comparison, shown), *told]))
    elif many:
        lines = write_summary(comparison.rows, width, bold, red)
        parts += [_headline(comparison, shown), "\n".join([*lines, *told])]
    text = "\n\n".join(filter(None, parts))
    if text:
        print(text, flush=True)
    return bool(text)


def print_last_lines(comparison: Comparison, shown: Shown, below: bool) -> None:
    """What was stopped, where the results are, what to do next; `below` other lines."""
    lines = _last_lines(comparison, shown, terminal_width())
    if lines or not below:
        print(printable("\n".join([""] * below + lines)), flush=True)


def _headline(comparison: Comparison, shown: Shown) -> str:
    """30 problems, 151 results in 24 s (quick budget, seed 0)"""
    names = list(comparison.verdicts)
    what = f"{len(names)} problems" if len(names) != 1 else tables.clip(names[0], LONGEST_NAME)
    done = sum(row.applies for row in comparison.rows)
    results = f"{done} result{'s' * (done != 1)}"
    how = f"{comparison.budget} budget, seed {comparison.seed}"
    return f"{what}, {results} in {_write_seconds(shown.seconds)} ({how})"


def _write_seconds(seconds: float) -> str:
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _last_lines(comparison: Comparison, shown: Shown, width: int) -> list[str]:
    """What was stopped, where the results are, what to do next."""
    lines = []
    if comparison.interrupted:
        done = sum(row.applies for row in comparison.rows)
        where = f" and are in {shown.out}" if shown.out is not None else ""
        lines.append(f"Stopped: {done} of {shown.total} results were finished{where}.")
    if shown.out is not None and not comparison.interrupted:
        lines.append(f"Results  {shown.out}{os.sep}")
    if shown.report:
        lines.append(f"Report   {shown.report}")
    if comparison.rows and not shown.quiet and not comparison.interrupted:
        steps = _next_steps(comparison, shown)
        room = max((len(command) for command, _ in steps), default=0) + 2
        for head, (command, why) in zip(["Next", "", "", ""], steps, strict=False):
            line = f"{head:7}  {command:{room}}{why}"
            lines.append(line if len(line) <= width else f"{head:7}  {command}")
    return lines


def _next_steps(comparison: Comparison, shown: Shown) -> list[tuple[str, str]]:
    """Commands to go on with, and what each is for."""
    program = _program()
    words = {item.name: name_again(item) for item in comparison.problems}
    name = attention(comparison.rows)
    named = shlex.join(words.get(name, [name]) or [])  # data of one's own are in no command
    steps = []
    if not shown.details and named:
        why = f"what happened on {tables.clip(name, LONGEST_NAME)}"
        steps.append((f"{program} compare {named} --verbose", why))
    of = "" if len(comparison.verdicts) > 1 else f" {named}"
    if of != " ":
        steps.append((f"{program} check{of}", "is log p(x) = ELBO + KL?"))
        if shown.out is None:
            steps.append((f"{program} compare{of} --out results", "keep the draws and figures"))
    if Path("Makefile").is_file() and Path("notebooks").is_dir():
        steps.append(("make notebooks", "the lessons"))
    return steps


def _program() -> str:
    """How this program was called, where its own name would not find it."""
    path = Path(sys.argv[0] if sys.argv else "")
    if shutil.which("vi-lab") is None:
        if path.parts[-2:] == ("vi_lab", "__main__.py"):
            return "python -m vi_lab"
        if path.stem == "vi-lab" and path.is_file():
            return os.path.relpath(path)
    return "vi-lab"


def _marks() -> tuple[Callable[[str], str], Callable[[str], str]]:
    """Bold and red, or neither."""
    dumb = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    if dumb or not sys.stdout.isatty():
        return str, str
    return (lambda text: f"\033[1m{text}\033[0m"), (lambda text: f"\033[31m{text}\033[0m")
