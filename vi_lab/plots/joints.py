"""The picture of two coordinates at once: contours of densities, draws as points."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from vi_lab.arguments.public import brief
from vi_lab.errors import InputError
from vi_lab.plots.smoothing import mass_levels
from vi_lab.plots.style import axes_level, choose_label, describe, join_words, number, style_of
from vi_lab.plots.view import COARSE, View, make_views, spread
from vi_lab.results import Draws, Exact

SHARES = (0.5, 0.9)  # of the probability inside the two contours
SHOWN = 400  # draws on top of contours


@axes_level(size=(6.4, 4.4))
def joint(
    results: Any,
    x: str,
    y: str,
    *,
    labels: tuple[str, str] | None = None,
    legend: bool = True,
    ax: Any = None,
) -> Axes:
    """Two coordinates at once: contours of exact and factorised densities, draws as points.

    The contours hold half and nine tenths of the probability.

    Parameters
    ----------
    results : Exact, Draws, Factorised, a list of these, or a dict by label
    x, y : str
        Two coordinates with a density, as tables write them.
    labels : pair of str, optional
        The quantities in words, with their units.
    """
    views = make_views(results)
    for name in (x, y):
        if any(v.is_whole(name) for v in views.values()):
            raise InputError(
                f"x, y: need coordinates with a density, and {name!r} is whole numbers"
            )
    if x == y:
        raise InputError(f"x, y: need two coordinates, got {brief(x)} twice")
    grids = spread(views.values(), x, COARSE), spread(views.values(), y, COARSE)
    handles = []
    for label, view in views.items():
        style = style_of(view.result.method)
        words = choose_label(label, style)
        if isinstance(view.result, Draws):
            some = np.linspace(0, len(view.draws(x)) - 1, SHOWN).astype(int)
            ax.plot(
                view.draws(x)[some],
                view.draws(y)[some],
                linestyle="none",
                color=style.colour,
                marker=style.marker,
                markersize=3.2,
                alpha=0.55,
                markeredgewidth=0,
                zorder=2,
                rasterized=True,
            )
            handles.append(
                Line2D(
                    [],
                    [],
                    linestyle="none",
                    marker=style.marker,
                    color=style.colour,
                    markersize=5,
                    label=f"{words}, {len(some)} draws",
                )
            )
        else:
            density = view.joint(x, y, *grids)
            levels = mass_levels(density, SHARES)
            if isinstance(view.result, Exact):
                ax.contourf(
                    *grids,
                    density.T,
                    [*levels, 2 * density.max()],
                    colors=["#EFEFEF", "#DADADA"],
                    zorder=1,
                )
            ax.contour(
                *grids,
                density.T,
                levels,
                colors=[style.colour],
                zorder=3,
                linestyles=[style.line],
                linewidths=[1.4, 2.2],
            )
            handles.append(
                Line2D(
                    [],
                    [],
                    color=style.colour,
                    linestyle=style.line,
                    label=f"{words}, 50 % and 90 %",
                )
            )
    words_x, words_y = (x, y) if labels is None else join_words("labels", labels)
    ax.set(xlabel=words_x, ylabel=words_y, xlim=grids[0][[0, -1]], ylim=grids[1][[0, -1]])
    if 0.8 < np.ptp(grids[0]) / np.ptp(grids[1]) < 1.25:
        ax.set_aspect("equal")  # a circle is drawn as a circle
    if legend:
        ax.legend(handles=handles)
    drawn = any(isinstance(v.result, Draws) for v in views.values())
    describe(
        ax,
        f"Joint posterior of {words_x} and {words_y}: contours that hold 50 and 90 percent "
        f"of the probability{', draws as points' * drawn}. "
        + " ".join(
            f"{choose_label(k, style_of(v.result.method))}: {_centre(v, x)} and {_centre(v, y)}, "
            f"correlation {_correlation(v, x, y):.2f}."
            for k, v in views.items()
        ),
    )
    return ax


def _centre(view: View, name: str) -> str:
    mean, sd = view.moments(name)
    return f"{name} {number(mean, sd)} ± {number(sd, digits=2)}"


def _correlation(view: View, x: str, y: str) -> float:
    value = float(np.corrcoef(view.draws(x), view.draws(y))[0, 1])
    return round(value, 2) + 0.0  # no minus before a zero
