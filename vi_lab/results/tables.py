"""Tables as text and as HTML, from rows that are dicts. Every name and value is escaped."""

from __future__ import annotations

import html as escape
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
LINE_WIDTH = 100
# how a cell of numbers begins, or a dash for none
NUMBER = re.compile(r"(< )?-?\d|\? ±|–$|-?(nan|inf)$")


def columns(rows: Sequence[Row]) -> list[str]:
    """The union of the rows' keys, in order of first appearance."""
    return list(dict.fromkeys(key for row in rows for key in row))


def cell(value: Any) -> str:
    """A value as a reader wants to see it: four significant digits, a dash for nothing."""
    if value is None or value != value:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if value and not 1e-3 <= abs(value) < 1e6:
            return f"{value:.3g}"
        return f"{value:.4f}".rstrip("0").rstrip(".") if abs(value) < 100 else f"{value:.3f}"
    return str(value)


def text(rows: Sequence[Row]) -> str:
    """An aligned plain-text table; numbers to the right, words to the left.

    A heading wider than everything below it is broken at its spaces.
    """
    names = columns(rows)
    cells = [[cell(row.get(name)) for name in names] for row in rows]
    below = list(zip(*cells, strict=True)) or [()] * len(names)
    numeric = [all(NUMBER.match(c) for c in column) for column in below]
    headings = [
        textwrap.wrap(name, max(1, *map(len, column)), break_long_words=False)
        for name, column in zip(names, below, strict=True)
    ]
    widths = [
        max(map(len, (*heading, *column)), default=0)
        for heading, column in zip(headings, below, strict=True)
    ]
    height = max(map(len, headings), default=0)
    head = zip(*([""] * (height - len(h)) + h for h in headings), strict=True)

    def line(values: Sequence[str]) -> str:
        return "  ".join(
            v.rjust(w) if right else v.ljust(w)
            for v, w, right in zip(values, widths, numeric, strict=True)
        ).rstrip()

    return "\n".join(map(line, [*head, ["-" * w for w in widths], *cells]))


def wrap(sentence: str) -> str:
    """A sentence in lines as wide as a table, indented after the first."""
    return textwrap.fill(sentence, LINE_WIDTH, subsequent_indent="   ", break_on_hyphens=False)


def clip(words: str, width: int) -> str:
    """Words that are too long for their column, cut with an ellipsis."""
    return words if len(words) <= width else words[: width - 2] + " …"


def html(rows: Sequence[Row], caption: str = "", note: str = "") -> str:
    """A plain HTML table, readable by a screen reader (caption and column scopes)."""
    names = columns(rows)
    head = "".join(f'<th scope="col">{escape.escape(name)}</th>' for name in names)
    cells = [[f"<td>{escape.escape(cell(row.get(name)))}</td>" for name in names] for row in rows]
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in cells)
    return (
        f"<table><caption>{escape.escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>" + (f"<p>{escape.escape(note)}</p>" if note else "")
    )


def format_count(n: int, one: str, many: str) -> str:
    """'1 epoch', '2 epochs'."""
    return f"{n} {one if n == 1 else many}"
