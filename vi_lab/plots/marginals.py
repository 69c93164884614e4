"""The picture of one coordinate: densities, or probabilities of whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from vi_lab.plots.style import PALE, axes_level, choose_label, describe, number, style_of
from vi_lab.plots.view import View, component_labels, make_views, spread, whole
from vi_lab.results import Exact


@axes_level
def marginal(
    results: Any,
    name: str,
    *,
    label: str | None = None,
    legend: bool = True,
    ax: Any = None,
) -> Axes:
    """The posterior of one coordinate under several methods; the exact one is filled in grey.

    Real coordinates are drawn as densities, whole numbers (a year of change) as probabilities.

    Parameters
    ----------
    results : Exact, Draws, Factorised, a list of these, or a dict by label
    name : str
        The coordinate as tables write it: "mu", "rates[0]".
    label : str, optional
        The quantity in words, with its unit.
    """
    views = make_views(results)
    if all(whole(v.draws(name)) for v in views.values()):
        handles = probability_bars(ax, views, name)
    else:
        handles = _densities(ax, views, name)
    ax.set(xlabel=label or name, ylim=(0, None))
    ax.grid(False, axis="x")
    if legend:
        ax.legend(handles=handles)
    describe(ax, f"Posterior of {label or name}. " + _moments(views, name))
    return ax


def _densities(ax: Axes, views: Mapping[str, View], name: str) -> list[Any]:
    handles: list[Any] = []
    grid = spread(views.values(), name)
    for label, view in views.items():
        style, density = style_of(view.result.method), view.density(name, grid)
        if isinstance(view.result, Exact):
            ax.fill_between(grid, density, color=PALE, linewidth=0)
        handles += ax.plot(
            grid,
            density,
            color=style.colour,
            linestyle=style.line,
            label=choose_label(label, style),
            linewidth=2.2 if isinstance(view.result, Exact) else 1.8,
        )
    ax.set(ylabel="density", xlim=(grid[0], grid[-1]), yticks=[])
    ax.xaxis.set_major_locator(MaxNLocator(6))
    return handles


def probability_bars(
    ax: Axes, views: Mapping[str, View], name: str, first: int = 0, size: float = 5.5
) -> list[Any]:
    """Bars for the exact probabilities of whole numbers, marks for the others; legend handles.

    `first` is added to the labels, to make a calendar year of an index.
    """
    handles: list[Any] = []
    labels = component_labels(views.values(), name)
    markers = sum(not isinstance(v.result, Exact) for v in views.values())
    place = iter(0.2 * (np.arange(markers) - 0.5 * (markers - 1)))
    for label, view in views.items():
        style, height = style_of(view.result.method), view.probabilities(name, labels)
        if isinstance(view.result, Exact):
            handles.append(
                ax.bar(
                    labels + first,
                    height,
                    0.86,
                    facecolor=PALE,
                    edgecolor=style.colour,
                    linewidth=1.2,
                    label=choose_label(label, style),
                )
            )
        else:
            handles += ax.plot(
                labels + first + next(place),
                height,
                linestyle="none",
                marker=style.marker,
                color=style.colour,
                markersize=size,
                label=choose_label(label, style),
                zorder=3,
            )
    ax.set(ylabel="probability", xlim=(labels[0] + first - 0.5, labels[-1] + first + 0.5))
    ax.xaxis.set_major_locator(MaxNLocator(7, integer=True))
    return handles


def _moments(views: Mapping[str, View], name: str) -> str:
    said = []
    for label, view in views.items():
        mean, sd = view.moments(name)
        said.append(
            f"{choose_label(label, style_of(view.result.method))}: mean {number(mean, sd)}, "
            f"standard deviation {number(sd, digits=3)}."
        )
    return " ".join(said)
