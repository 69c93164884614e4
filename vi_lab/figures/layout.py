"""What a picture of a comparison is, and how it is finished: a title, one legend for all panels."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab import plots

Drawing = tuple[Any, str]  # a figure and its title
Job = tuple[str, Callable[[], Drawing]]  # a file name without suffix, and how to draw it

WIDEST = 8.3  # inches: letters of 9 points still have 7 in a column of text, 6.5 inches wide
LETTERS = 11  # of a title in an inch
ENTRY, LETTER = 0.7, 0.07  # inches of a legend's width: its mark and margin, and a letter


def arrange(
    count: int, width: float, height: float, beside: float = 0.0, above: float = 0.9
) -> tuple[int, int, tuple[float, float]]:
    """Rows, columns and size in inches of so many panels of this size, at most WIDEST wide.

    Rows are filled as evenly as may be; `beside` and `above` are what stands beside all of them.
    """
    columns = max(1, min(count, int((WIDEST - beside) / width)))
    rows = -(-count // columns)
    columns = -(-count // rows)
    return rows, columns, (beside + width * columns, above + height * rows)


def label_outer(axes: Any, used: int) -> None:
    """Of panels that share their axes: what is below the lowest and left of the first, once."""
    columns = axes.shape[1]
    for i, ax in enumerate(axes.flat[:used]):
        lowest, leftmost = i + columns >= used, i % columns == 0
        ax.set(xlabel=ax.get_xlabel() * lowest, ylabel=ax.get_ylabel() * leftmost)
        ax.tick_params(labelbottom=lowest, labelleft=leftmost)


def finish(figure: Any, axes: Any, used: int, title: str, legend: bool = True) -> Drawing:
    """The figure with its title, one legend for all panels, and no empty panel."""
    for ax in axes.flat[used:]:
        ax.remove()
    with plots.house_style():
        if legend:
            entries: dict[str, Any] = {}
            for ax in axes.flat[:used]:
                handles, labels = ax.get_legend_handles_labels()
                entries |= dict(zip(labels, handles, strict=True))
            order = [style.label for style in plots.STYLE.values()]
            labels = sorted(entries, key=lambda e: order.index(e) if e in order else len(order))
            if labels:
                handles, width = [entries[e] for e in labels], figure.get_figwidth()
                place: Any = {"loc": "outside lower center", "ncols": _columns(labels, width)}
                figure.legend(handles, labels, **place)
    return add_title(figure, title)


def add_title(figure: Any, title: str) -> Drawing:
    """The figure with its title."""
    with plots.house_style():
        words = textwrap.fill(title, int(LETTERS * figure.get_figwidth()))
        figure.suptitle(words, x=0.01, ha="left", fontsize=12)
    return figure, title


def _columns(labels: list[str], width: float) -> int:
    """How many columns of entries, each filled from above, fit below a figure `width` wide."""
    for columns in range(len(labels), 1, -1):
        filled = np.array_split(labels, columns)
        if sum(ENTRY + LETTER * max(map(len, entries)) for entries in filled) <= width:
            return columns
    return 1
