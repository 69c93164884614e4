"""The matrix of a report: a row a problem, a column a method, the nats given up beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from vi_lab.comparison.row import Row
from vi_lab.comparison.summary import is_broken, summarise
from vi_lab.reports.cells import Cell, make_cell
from vi_lab.reports.words import write_amount

LOW, HIGH = 1e-3, 1e2  # nats at the ends of the bar's axis
SHORT = {"exact-draws": "draws", "metropolis-hastings": "MH", "linear-response": "lin. resp.",
         "gaussian-mean-field": "mean field", "gaussian-full-rank": "full rank", "hmc": "HMC",
         "gibbs": "Gibbs", "cavi": "CAVI"}  # fmt: skip
SHARE = 1 / 3  # of the problems: a method on fewer has no column of its own


class Line(NamedTuple):
    """One problem in the matrix.

    Attributes
    ----------
    problem : str
    cells : tuple of Cell
        One for each column.
    others : (str, Cell) or None
        The best of the methods without a column, and which it is.
    nats : str
        What the best q gives up, "" where there is no q.
    bar : float
        Its length, from 0 to 1 on a logarithmic axis.
    why : str
        Why there are no nats.
    orders : dict of str to int
        Its place in each order.
    failed : bool
    """

    problem: str
    cells: tuple[Cell, ...]
    others: tuple[str, Cell] | None
    nats: str
    bar: float
    why: str
    orders: dict[str, int]
    failed: bool


def list_columns(rows: Sequence[Row]) -> list[str]:
    """Methods that answered on a third of the problems or more, in the order they were run."""
    problems = {row.problem for row in rows}
    answered = [row.method for row in rows if row.answers and row.method != "exact"]
    least = SHARE * len(problems)
    return [method for method in dict.fromkeys(answered) if answered.count(method) >= least]


def list_lines(rows: Sequence[Row]) -> list[Line]:
    """A line a problem: what gives up most first, then unknown evidence, failures last."""
    columns = list_columns(rows)
    summary = summarise(rows)
    names = [line.problem for line in summary]
    orders = {"nats": names, "run": list(dict.fromkeys(row.problem for row in rows))}
    orders["name"] = sorted(names)
    cavi = {row.problem: make_cell(row).error for row in rows if row.method == "cavi"}
    orders["cavi"] = sorted(names, key=lambda name: -_or_less(cavi.get(name, math.nan)))
    lines = []
    for line in summary:
        of_problem = {row.method: row for row in rows if row.problem == line.problem}
        cells = {method: make_cell(row) for method, row in of_problem.items()}
        rest = {
            method: cell
            for method, cell in cells.items()
            if method not in (*columns, "exact") and of_problem[method].answers
        }
        best = min(rest, key=lambda m: _or_more(rest[m].error), default=None)
        nats = line.nats
        lines.append(
            Line(
                problem=line.problem,
                cells=tuple(cells.get(method, make_cell(None)) for method in columns),
                others=None if best is None else (best, rest[best]),
                nats="" if math.isnan(nats) else _write_nats(nats, of_problem),
                bar=0.0 if math.isnan(nats) else _place(nats),
                why=_say_why(of_problem) if math.isnan(nats) else "",
                orders={how: order.index(line.problem) for how, order in orders.items()},
                failed=any(map(is_broken, of_problem.values())),
            )
        )
    return lines


def _write_nats(nats: float, rows: dict[str, Row]) -> str:
    """The nats of the best q; none within its error is 0."""
    best = min((r for r in rows.values() if r.elbo is not None and r.gap is not None),
               key=lambda row: row.gap or 0.0)  # fmt: skip
    return "0" if (best.gap_verdict or "").startswith("agrees") else write_amount(nats)


def _say_why(rows: dict[str, Row]) -> str:
    if any(row.elbo is not None for row in rows.values()):
        return "log p(x) not known"
    return "no q"


def _place(nats: float) -> float:
    """Where an amount lies on the logarithmic axis of the bars."""
    if nats <= LOW:
        return 0.0
    return min(1.0, math.log10(nats / LOW) / math.log10(HIGH / LOW))


def _or_less(value: float) -> float:
    return -1.0 if math.isnan(value) else value


def _or_more(value: float) -> float:
    return math.inf if math.isnan(value) else value
