"""Tables as text, HTML, Markdown and LaTeX, from rows that are dicts; every value is escaped."""

from __future__ import annotations

import html as escape
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from vi_lab.errors import printable

Row = Mapping[str, Any]
LINE_WIDTH, MOST_WIDE = 80, 100  # characters of a line of words, and of one in a wide terminal
NARROWEST = 12  # characters of a column of words, where lines are short
# how a cell of numbers begins, or a dash for none
NUMBER = re.compile(r"(< )?-?\d|\? ±|–$|-?(nan|inf)$")
MARKDOWN = {letter: f"\\{letter}" for letter in "\\`*_[]<>|#"}
LATEX = {
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": "$<$", ">": "$>$", "|": "$|$", "±": r"$\pm$", "–": "--", "−": "$-$", "…": r"\dots{}",
    "×": r"$\times$", "²": "$^2$", "∞": r"$\infty$",
}  # fmt: skip


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
    return printable(value)


def text(rows: Sequence[Row], width: int | None = None, spare: Sequence[str] = ()) -> str:
    """An aligned plain-text table; numbers to the right, words to the left.

    A heading wider than everything below it is broken at its spaces.

    Parameters
    ----------
    rows : list of dict
    width : int, optional
        Characters a line may have. Where there are more, columns of `spare` go, the first first,
        and then words are broken over lines. A number is never cut.
    spare : list of str, optional
    """
    names = columns(rows)
    spared = [name for name in spare if name in names]
    grid = _Grid.of(rows, names)
    while width is not None and grid.width > width:
        narrow = grid.narrowed(width)
        if narrow.width <= width or not spared:
            return narrow.write()
        names.remove(spared.pop(0))
        grid = _Grid.of(rows, names)
    return grid.write()


@dataclass(frozen=True)
class _Grid:
    """The cells of a table, each in lines: its heading, and below it each row."""

    headings: list[list[str]]
    cells: list[list[list[str]]]
    numeric: list[bool]

    @classmethod
    def of(cls, rows: Sequence[Row], names: Sequence[str]) -> _Grid:
        """Each cell in one line, a heading broken where it is wider than all below it."""
        cells = [[cell(row.get(name)) for name in names] for row in rows]
        below = list(zip(*cells, strict=True)) or [()] * len(names)
        headings = [
            textwrap.wrap(name, max(1, *map(len, column)), break_long_words=False)
            for name, column in zip(names, below, strict=True)
        ]
        numeric = [all(NUMBER.match(c) for c in column) for column in below]
        return cls(headings, [[[c] for c in row] for row in cells], numeric)

    @property
    def widths(self) -> list[int]:
        """Of each column, its widest line."""
        stacked = [self.headings, *self.cells]
        return [max((len(line) for row in stacked for line in row[i]), default=0)
                for i in range(len(self.headings))]  # fmt: skip

    @property
    def width(self) -> int:
        """Of the whole line: two blanks stand between columns."""
        return sum(self.widths) + 2 * max(0, len(self.widths) - 1)

    def narrowed(self, width: int) -> _Grid:
        """The same with its widest column of words broken, after a blank or a hyphen, to fit."""
        words = [i for i, number in enumerate(self.numeric) if not number]
        if not words:
            return self
        widest = max(words, key=lambda i: self.widths[i])
        room = max(NARROWEST, self.widths[widest] - (self.width - width))
        cells = [
            [
                textwrap.wrap(c[0], room, break_long_words=False) or [""] if i == widest else c
                for i, c in enumerate(row)
            ]
            for row in self.cells
        ]
        return _Grid(self.headings, cells, self.numeric)

    def write(self) -> str:
        """All of it, a heading at the bottom of its lines."""
        widths, height = self.widths, max(map(len, self.headings), default=0)
        head = [[""] * (height - len(h)) + h for h in self.headings]
        rows = [*zip(*head, strict=True), ["-" * w for w in widths]]
        rows += [values for row in self.cells for values in zip_longest(*row, fillvalue="")]
        return "\n".join(self._line(values, widths) for values in rows)

    def _line(self, values: Sequence[str], widths: Sequence[int]) -> str:
        return "  ".join(
            v.rjust(w) if right else v.ljust(w)
            for v, w, right in zip(values, widths, self.numeric, strict=True)
        ).rstrip()


def markdown(rows: Sequence[Row]) -> str:
    """A table of Markdown; numbers to the right."""
    names = columns(rows)
    cells = [[cell(row.get(name)) for name in names] for row in rows]
    below = list(zip(*cells, strict=True)) or [()] * len(names)
    rules = ["---:" if all(map(NUMBER.match, column)) else "---" for column in below]
    lines = [[_escape(c, MARKDOWN) for c in row] for row in (names, *cells)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rules, *lines[1:]))


def latex(rows: Sequence[Row]) -> str:
    """A tabular of LaTeX that needs no package; numbers to the right."""
    names = columns(rows)
    cells = [[cell(row.get(name)) for name in names] for row in rows]
    below = list(zip(*cells, strict=True)) or [()] * len(names)
    sides = "".join("r" if all(map(NUMBER.match, column)) else "l" for column in below)
    head, *lines = [" & ".join(_escape(c, LATEX) for c in row) + r" \\" for row in (names, *cells)]
    ruled = [r"\hline", head, r"\hline", *lines, r"\hline"]
    return "\n".join([rf"\begin{{tabular}}{{{sides}}}", *ruled, r"\end{tabular}"])


def _escape(words: str, special: Mapping[str, str]) -> str:
    """Words in one line, in which no letter is a command."""
    return "".join(special.get(letter, letter) for letter in " ".join(words.split()))


def wrap(sentence: str, width: int | None = None, first: str = "", rest: str = "   ") -> str:
    """A sentence in lines no wider than a table, indented after the first."""
    return textwrap.fill(
        sentence,
        min(width or LINE_WIDTH, MOST_WIDE),
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
        break_long_words=False,
    )


def clip(words: str, width: int) -> str:
    """Words on one line, as a terminal may have them, cut with an ellipsis where it is too long."""
    words = printable(" ".join(words.split()))
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
