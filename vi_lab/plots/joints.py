"""The picture of two coordinates at once: contours of densities, draws as points."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.lines import Line2D

from vi_lab.arguments.public import short_repr
from vi_lab.errors import InputError
from vi_lab.plots.axes_points import COARSE, spread
from vi_lab.plots.shown import Results, centre, list_shown, outline
from vi_lab.plots.style import axes_level, join_words
from vi_lab.plots.view import View
from vi_lab.results import Draws

DRAWS_SHOWN = 400  # draws on top of contours


@axes_level(size=(6.4, 4.4))
def joint(
    results: Results,
    x: str,
    y: str,
    *,
    labels: tuple[str, str] | None = None,
    legend: bool = True,
    ax: Any = None,
) -> str:
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
    shown = list_shown(results)
    views = [s.view for s in shown]
    for name in (x, y):
        if any(view.is_whole(name) for view in views):
            raise InputError(
                f"x, y: need coordinates with a density, and {name!r} is whole numbers"
            )
    if x == y:
        raise InputError(f"x, y: need two coordinates, got {short_repr(x)} twice")
    grids = spread(views, x, COARSE), spread(views, y, COARSE)
    handles, drawn = [], ""
    for one in shown:
        label, style, view = one.label, one.style, one.view
        if isinstance(view.result, Draws):
            some = np.linspace(0, len(view.draws(x)) - 1, DRAWS_SHOWN).astype(int)
            points = style.dots(3.2, alpha=0.55, markeredgewidth=0, rasterized=True)
            ax.plot(view.draws(x)[some], view.draws(y)[some], zorder=2, **points)
            handles.append(Line2D([], [], **style.dots(5), label=f"{label}, {len(some)} draws"))
            drawn = ", draws as points"
        else:
            lines = {"colors": [style.colour], "linestyles": [style.line], "zorder": 3}
            outline(ax, grids, view.joint(x, y, *grids), filled=one.exact, **lines)
            words = f"{one.words(x, y)[0]}, 50 % and 90 %"
            handles.append(Line2D([], [], **style.pen, label=words))
    words_x, words_y = (x, y) if labels is None else join_words("labels", labels)
    ax.set(xlabel=words_x, ylabel=words_y, xlim=grids[0][[0, -1]], ylim=grids[1][[0, -1]])
    if 0.8 < np.ptp(grids[0]) / np.ptp(grids[1]) < 1.25:
        ax.set_aspect("equal")  # a circle is drawn as a circle
    if legend:
        ax.legend(handles=handles)
    return (
        f"Joint posterior of {words_x} and {words_y}: contours that hold 50 and 90 percent "
        f"of the probability{drawn}. "
    ) + " ".join(
        f"{s.words(x, y)[0]}: {x} {centre(*s.view.moments(x))} and "
        f"{y} {centre(*s.view.moments(y))}, correlation {_correlation(s.view, x, y):.2f}."
        for s in shown
    )


def _correlation(view: View, x: str, y: str) -> float:
    value = float(np.corrcoef(view.draws(x), view.draws(y))[0, 1])
    return round(value, 2) + 0.0  # no minus before a zero
