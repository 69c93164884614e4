"""Many problems in a line each: what mean field gives up, what is best, and what failed."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from vi_lab.comparison.row import Row, judge_gap
from vi_lab.comparison.verdict import NOISE
from vi_lab.numerics.agreement import AGREES, CANNOT_BE_TOLD
from vi_lab.results import tables
from vi_lab.results.diagnostics import MIXED

# Methods in as few letters as are clear, in the order of the legend.
SHORT = {
    "metropolis-hastings": "MH",
    "metropolis-hastings-noncentred": "MH non-c.",
    "gibbs": "Gibbs",
    "gibbs-expanded": "expanded Gibbs",
    "collapsed-gibbs": "collapsed Gibbs",
    "cavi": "CAVI",
    "linear-response": "linear response",
    "laplace": "Laplace",
    "gaussian-mean-field": "mean field",
    "gaussian-full-rank": "full rank",
    "gaussian-linear-response": "Gaussian response",
    "ep": "EP",
    "hmc": "HMC",
    "amortised": "encoder",
}
LONGEST_NAME = 24  # characters of a problem's name
CAVI_GAP = 4  # blanks about the column of CAVI
CLAIMED = 8  # characters of the column of sds

Mark = Callable[[str], str]


@dataclass(frozen=True)
class Line:
    """A problem in a line.

    Attributes
    ----------
    problem : str
    cavi : str
        What CAVI's ELBO falls short of log p(x), in nats; "?" where it is not known, "-" where
        CAVI does not apply, "x" where it failed, empty where it was not run.
    best : str
        The same of the best q, with its name; empty where that is CAVI.
    claimed : str
        The least sd claimed, in shares of the true one: by CAVI, or else by the best q.
    failed : tuple of str
        Clauses, each about what failed.
    nats : float
        What the best q gives up; nan where that is not known.
    """

    problem: str
    cavi: str
    best: str
    claimed: str
    failed: tuple[str, ...]
    nats: float


def summarise(rows: Sequence[Row]) -> list[Line]:
    """A line a problem: those that give up most first, then the unknown, what broke down last."""
    names = list(dict.fromkeys(row.problem for row in rows))
    lines = {name: _line(name, [row for row in rows if row.problem == name]) for name in names}
    broken = {row.problem for row in rows if is_broken(row)}

    def place(line: Line) -> tuple[bool, bool, float]:
        return line.problem in broken, math.isnan(line.nats), -line.nats

    return sorted(lines.values(), key=place)


def _line(name: str, rows: Sequence[Row]) -> Line:
    bounds = [row for row in rows if row.elbo is not None]
    cavi = next((row for row in bounds if row.method == "cavi"), None)
    gaps = {row.method: row.gap for row in bounds if row.gap is not None}
    best = min(gaps, key=gaps.__getitem__, default=None)
    shown = cavi or next((row for row in bounds if row.method == best), None)
    claimed = None if shown is None else shown.sd_ratio_min
    states = ["x" if row.applies else "-" for row in rows if row.method == "cavi"]
    other = [row for row in bounds if row.method == best != "cavi"]
    return Line(
        problem=name,
        cavi=write_gap(cavi) if cavi else "".join(states),
        best="".join(f"{write_gap(row)} {SHORT[row.method]}" for row in other),
        claimed="" if claimed is None else f"{claimed:.2f}",
        failed=tuple(_describe_failures(rows)),
        nats=math.nan if best is None else gaps[best],
    )


def write_gap(row: Row) -> str:
    """Nats in three digits; 0 where there are none, "?" where that cannot be told."""
    if row.gap is None:
        return "?"
    judged = judge_gap(row)
    if judged.word == AGREES:
        return "0"
    if judged.word == CANNOT_BE_TOLD:
        return "?"
    if not judged.has_digits:
        return f"< {write_digits(float(judged.most))}"
    return write_digits(row.gap)


def write_digits(amount: float) -> str:
    """An amount in three digits, or whole from a thousand."""
    if abs(amount) >= 999.5:
        return f"{amount:,.0f}"
    if abs(amount) < 1e-4:
        return f"{amount:.2e}"
    return f"{amount:#.3g}".rstrip(".")


def is_broken(row: Row) -> bool:
    return row.applies and row.reason is not None


def _describe_failures(rows: Sequence[Row]) -> Iterator[str]:
    """What not to trust: not mixed, off the truth, stopped too early, broken, impossible."""
    for row in rows:
        name = SHORT.get(row.method, row.method)
        if is_broken(row):
            yield f"{name} failed"
        elif row.gap is not None and judge_gap(row).impossible:
            yield f"{name} above log p(x)"
        elif row.converged is False:
            yield f"{name} stopped"
        elif row.method != "exact-draws" and is_unmixed(row):
            yield name
        elif row.method != "exact-draws" and (row.mean_error_z or 0.0) > NOISE:
            yield f"{name} off"


def is_unmixed(row: Row) -> bool:
    """Whether chains have not forgotten where they started."""
    return row.rhat is not None and row.rhat > MIXED


def write_summary(rows: Sequence[Row], width: int, bold: Mark = str, red: Mark = str) -> list[str]:
    """The lines of the summary, none wider than `width`; the last column wraps under itself."""
    lines = summarise(rows)
    names = [tables.clip(line.problem, LONGEST_NAME) for line in lines]
    first = max(map(len, (*names, "problem")))
    cavi = max(len("CAVI"), *(len(line.cavi) for line in lines))
    best = max(len("of log p(x)"), *(len(line.best) for line in lines))
    left = first + cavi + best + CAVI_GAP + 2 + CLAIMED + 2
    over = "nats short of log p(x)".rjust(min(first + cavi + best + CAVI_GAP, first + 24))
    written = [
        f"{over:{left - CLAIMED - 2}}{'least sd':>{CLAIMED}}",
        f"{'problem':{first}}  {'CAVI':>{cavi}}  {'best q':{best}}  {'claimed':>{CLAIMED}}  "
        "not mixed",
    ]
    for name, line in zip(names, lines, strict=True):
        named = bold(f"{name:{first}}") if line.failed else f"{name:{first}}"
        numbers = f"{line.cavi:>{cavi}}  {line.best:{best}}  {line.claimed:>{CLAIMED}}"
        told = textwrap.wrap(_join(line.failed), max(12, width - left)) or [""]
        written.append(f"{named}  {numbers}  {red(told[0]) if told[0] else ''}".rstrip())
        written += [f"{'':{left}}{red(more)}" for more in told[1:]]
    return written + textwrap.wrap(_write_legend(rows, lines), width)


def _join(failed: Sequence[str]) -> str:
    """Samplers parted by commas, other kinds of failure by semicolons."""
    samplers = [clause for clause in failed if clause in SHORT.values()]
    others = [clause for clause in failed if clause not in samplers]
    return "; ".join([", ".join(samplers)] * bool(samplers) + others)


def _write_legend(rows: Sequence[Row], lines: Sequence[Line]) -> str:
    """What the signs mean that are there."""
    told = any(row.lost_digits for row in rows)
    used = {
        f"? log p(x) is not known{', or cannot be told' * told}": any(
            "?" in (line.cavi, line.best[:1]) for line in lines
        ),
        "- does not apply": any(line.cavi == "-" for line in lines),
        "x failed": any(line.cavi == "x" for line in lines),
        "MH Metropolis-Hastings": any("MH" in clause for line in lines for clause in line.failed),
    }
    return "   ".join(words for words, seen in used.items() if seen)


def write_findings(rows: Sequence[Row], interrupted: bool = False) -> list[str]:
    """What holds over all problems, in a sentence each."""
    known = {row.problem for row in rows if row.gap is not None}
    bounds = {row.problem for row in rows if row.elbo is not None and row.gap is not None}
    above = {r.problem for r in rows if r.gap is not None and judge_gap(r).impossible}
    unmixed = {r.problem for r in rows if is_unmixed(r)}
    broken = {r.problem for r in rows if is_broken(r)}
    told = []
    if above:
        told.append(f"Above log p(x), as no ELBO can be: {_count(above)}.")
    elif any(row.kl is not None for row in rows):
        told.append(_write_ledgers(rows))
    elif bounds:  # of a folder whose rows have no KL
        told.append(
            f"No ELBO lies above log p(x) on the {_count(known)} where log p(x) is known."
            if len(known) > 1
            else "No ELBO lies above log p(x)."
        )
    if unmixed:
        has = "has" if len(unmixed) == 1 else "have"
        told.append(
            f"{_count(unmixed)} {has} a sampler that has not mixed: do not trust its numbers yet."
        )
    if broken:
        told.append(f"A method broke down on {_count(broken)}: {', '.join(sorted(broken))}.")
    return told


def _write_ledgers(rows: Sequence[Row]) -> str:
    """On how many problems the identity holds, of those where all three numbers are known."""
    kept: dict[str, list[bool | None]] = {}
    for row in rows:
        if row.kl is not None:
            kept.setdefault(row.problem, []).append(row.holds)
    wrong = sorted(name for name, holds in kept.items() if False in holds)
    untold = [name for name, holds in kept.items() if None in holds and name not in wrong]
    if wrong:
        return f"log p(x) = ELBO + KL does not hold on {', '.join(wrong)}: a mistake."
    if untold:
        held = len(kept) - len(untold)
        lost = f"on {len(untold)} digits are lost"
        return f"log p(x) = ELBO + KL holds on {held} of {_count(set(kept))}; {lost}."
    if len(kept) == 1:
        return "log p(x) = ELBO + KL holds."
    return f"log p(x) = ELBO + KL holds on all {_count(set(kept))} where log p(x) is known."


def _count(names: set[str]) -> str:
    return tables.format_count(len(names), "problem", "problems")


def attention(rows: Sequence[Row]) -> str:
    """The problem to look at first: the first that failed, or that gives up most."""
    lines: list[Any] = summarise(rows)
    return next((line for line in lines if line.failed), lines[0]).problem
