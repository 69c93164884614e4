"""Beside a marginal: its prior, and how far each method is off the truth, too little to be seen.

Curves that lie on each other in a picture of densities are told apart by their differences.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from vi_lab.model_or_problem import model_behind
from vi_lab.plots.axes_points import component_labels, spread
from vi_lab.plots.shown import Results, list_shown
from vi_lab.plots.smoothing import smooth
from vi_lab.plots.style import axes_level
from vi_lab.plots.view import View

MOST_SHOWN = 1.0  # of the peak: more is seen in the densities


@axes_level()
def draw_differences(results: Results, name: str, *, first: int = 0, ax: Any = None) -> str:
    """Each method's density of one coordinate, or its probabilities, minus the exact ones.

    In percent of the highest exact one. InputError where no exact density is among the results.
    """
    shown = list_shown(results)
    (truth,) = [one for one in shown if one.words(name)[1]]
    views = [one.view for one in shown]
    bars = all(view.is_whole(name) for view in views)
    points = component_labels(views, name) if bars else spread(views, name)
    grid = points if bars else points[1:-1]  # a density may have no bound at an end

    def height(view: View) -> np.ndarray:
        if bars:
            return view.probabilities(name, points)
        return view.density(name, points)[1:-1]  # those of the picture above it

    exact = height(truth.view)
    peak = float(exact.max()) or 1.0
    words, largest = [], 0.0
    ax.axhline(0.0, color=truth.style.colour, linewidth=1.2)
    for one in shown:
        if one is truth:
            continue
        off = (height(one.view) - exact) / peak
        look = one.style.dots(3) if bars else {**one.style.pen, "linewidth": 1.3}
        ax.plot(grid + first * bars, off, **look)
        most = float(np.abs(off).max())
        largest = max(largest, most)
        words.append(f"{one.words(name)[0]} by at most {100 * most:.2g} percent")
    limit = min(MOST_SHOWN, 1.15 * largest) or 1.0
    ax.set(ylim=(-limit, limit), ylabel="off")
    ax.yaxis.set_major_locator(MaxNLocator(2, symmetric=True))
    ax.yaxis.set_major_formatter(
        PercentFormatter(1.0, decimals=0 if limit > 0.02 else None, symbol=" %")
    )
    return f"Below it the differences from the exact one, of its peak: {', '.join(words)}."


def draw_prior(ax: Axes, view: View, name: str) -> None:
    """The prior density of one coordinate as a thin line, over what the axes show.

    Nothing where the model draws no prior, or where the coordinate is whole numbers.
    """
    if not model_behind(view.result).generative or view.is_whole(name):
        return
    grid = np.linspace(*ax.get_xlim(), 200)
    look: Any = {"color": "#555555", "linewidth": 1.0, "linestyle": (0, (1, 2)), "zorder": 1.5}
    ax.plot(grid, smooth(view.prior.draws(name), grid), label="prior", **look)
