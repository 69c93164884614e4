"""A picture of a page: one panel, of a phone's width, with no legend inside.

A page says in words of its own what a picture shows and keeps one legend for all, so a panel has
neither title nor legend. It is laid out 344 CSS pixels wide, so that its letters are read there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import matplotlib as mpl

from vi_lab import plots
from vi_lab.errors import ViLabError, error_text

WIDTH, HEIGHT = 344 / 96, 2.3  # inches
LOOK: dict[Any, Any] = {
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "lines.linewidth": 1.5,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}
MARGINS = {"left": 0.17, "right": 0.97, "bottom": 0.2, "top": 0.96}


class Panel(NamedTuple):
    """One picture of a page.

    Attributes
    ----------
    name : str
        Letters and hyphens: unique in its problem.
    title : str
        What it shows, in a few words.
    words : str
        The same in words and numbers, for readers who do not see it.
    svg : bytes
        As matplotlib wrote it.
    problem : str
        Why it could not be drawn; then `svg` is empty.
    """

    name: str
    title: str
    words: str
    svg: bytes
    problem: str = ""


Draw = Callable[[Any], None]


@contextmanager
def page_look() -> Iterator[None]:
    """A context in which matplotlib draws for a page: house style, letters of nine points."""
    with plots.house_style(), mpl.rc_context(LOOK):
        yield


def draw_panel(
    name: str, title: str, draw: Draw, height: float, margins: Mapping[str, float] = MARGINS
) -> Panel:
    """One panel; of what cannot be drawn the reason."""
    with page_look():
        figure, axes = plots.panels(1, 1, size=(WIDTH, height), layout="none")
        figure.subplots_adjust(**margins)
        ax = axes[0, 0]
        try:
            draw(ax)
            for axis in (ax.xaxis, ax.yaxis):
                if not axis.get_label_text():
                    axis.set_label_coords(0, 0)  # else a place for it is looked for as it is drawn
            words = plots.alt_text(ax)
            svg = plots.svg_bytes(figure, words, title)
        except ViLabError as error:  # a name that is no mathtext, a density beyond a picture
            return Panel(name, title, "", b"", error_text(error))
    return Panel(name, title, words, svg)


def cut(text: str, most: int) -> str:
    """A text of at most so many letters, without its middle where it is longer."""
    half = (most - 1) // 2
    return text if len(text) <= most else f"{text[:half]}…{text[-half:]}"
