"""What a picture of a comparison is, and how it is finished: a title, one legend for all panels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab import plots

Drawing = tuple[Any, str]  # a figure and its title
Job = tuple[str, Callable[[], Drawing]]  # a file name without suffix, and how to draw it

ENTRY, LETTER = 0.7, 0.07  # inches of a legend's width: its mark and margin, and a letter


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
        figure.suptitle(title, x=0.01, ha="left", fontsize=12)
    return figure, title


def _columns(labels: list[str], width: float) -> int:
    """How many columns of entries, each filled from above, fit below a figure `width` wide."""
    for columns in range(len(labels), 1, -1):
        filled = np.array_split(labels, columns)
        if sum(ENTRY + LETTER * max(map(len, entries)) for entries in filled) <= width:
            return columns
    return 1
