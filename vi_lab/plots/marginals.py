"""The picture of one coordinate: densities, or probabilities of whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from vi_lab.arguments import checks
from vi_lab.plots import colours
from vi_lab.plots.axes_points import component_labels, spread
from vi_lab.plots.shown import Results, Shown, list_shown
from vi_lab.plots.style import axes_level, number


@axes_level()
def marginal(
    results: Results,
    name: str,
    *,
    label: str | None = None,
    legend: bool = True,
    first: int = 0,
    ax: Any = None,
) -> str:
    """The posterior of one coordinate under several methods; the exact one is filled in grey.

    Real coordinates are drawn as densities, whole numbers (a year of change) as probabilities.

    Parameters
    ----------
    results : Exact, Draws, Factorised, a list of these, or a dict by label
    name : str
        The coordinate as tables write it: "mu", "rates[0]".
    label : str, optional
        The quantity in words, with its unit.
    first : int
        Added to the labels of whole numbers, to make a calendar year of an index.
    """
    shown = list_shown(results)
    first = checks.integer("first", first, -(10**9))
    bars = all(s.view.is_whole(name) for s in shown)
    handles = probability_bars(ax, shown, name, first) if bars else _densities(ax, shown, name)
    moved = first if bars else 0
    ax.set(xlabel=label or name)
    ax.grid(False, axis="x")
    if legend:
        ax.legend(handles=handles)
    moments = ((s.words(name)[0], *s.view.moments(name)) for s in shown)
    return f"Posterior of {label or name}. " + " ".join(
        f"{words}: mean {number(mean + moved, sd)}, standard deviation {number(sd, digits=3)}."
        for words, mean, sd in moments
    )


def _densities(ax: Axes, shown: Sequence[Shown], name: str) -> list[Any]:
    handles: list[Any] = []
    grid = spread([s.view for s in shown], name)
    top = 0.0
    for one in shown:
        label, true = one.words(name)
        density = one.view.density(name, grid)
        if true:
            ax.fill_between(grid, density, color=colours.PALE, linewidth=0)
        look: Any = {**one.style.pen, "linewidth": 2.2 if true else 1.2 if one.exact else 1.8}
        handles += ax.plot(grid, density, label=label, **look)
        top = max(top, 1.05 * float(density[1:-1].max()))  # at an end it may have no bound
    ax.set(ylabel="density", xlim=(grid[0], grid[-1]), ylim=(0, top or None), yticks=[])
    ax.xaxis.set_major_locator(MaxNLocator(6))
    return handles


def probability_bars(
    ax: Axes, shown: Sequence[Shown], name: str, first: int = 0, size: float = 5.5
) -> list[Any]:
    """Bars for the exact probabilities of whole numbers, marks for the others; legend handles.

    `first` is added to the labels, to make a calendar year of an index.
    """
    handles: list[Any] = []
    labels = component_labels([s.view for s in shown], name)
    at, size = labels + first, min(size, 60.0 / len(labels))
    markers = sum(not s.exact for s in shown)
    place = iter(0.2 * (np.arange(markers) - 0.5 * (markers - 1)))
    for one in shown:
        height, style, label = one.view.probabilities(name, labels), one.style, one.words(name)[0]
        if one.exact:
            look: Any = {"facecolor": colours.PALE, "edgecolor": style.colour, "linewidth": 1.2}
            handles.append(ax.bar(at, height, 0.86, label=label, **look))
        else:
            handles += ax.plot(at + next(place), height, **style.dots(size), label=label, zorder=3)
    ax.set(ylabel="probability", xlim=(at[0] - 0.5, at[-1] + 0.5), ylim=(0, None))
    ax.xaxis.set_major_locator(MaxNLocator(7, integer=True))
    return handles
