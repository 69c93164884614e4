"""Results as they are drawn: each under its words, in its style; curves around posteriors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse

from vi_lab.arguments import checks
from vi_lab.arguments.public import short_repr
from vi_lab.errors import InputTypeError
from vi_lab.plots.smoothing import mass_levels
from vi_lab.plots.style import MethodStyle, choose_label, number, style_of
from vi_lab.plots.view import View
from vi_lab.results import Exact, Posterior

# One result or several; a mapping says what each is called.
Results = Posterior | View | Iterable[Posterior | View] | Mapping[str, Any]

SHARES = (0.5, 0.9)  # of the probability inside the two contours
ELLIPSE_SDS = 2.0  # an ellipse reaches so many standard deviations


class Shown(NamedTuple):
    """One of several results in a picture; the exact one is the ground of the others."""

    label: str
    style: MethodStyle
    view: View
    exact: bool

    def words(self, *names: str) -> tuple[str, bool]:
        """What a curve of these coordinates is called, and whether it is the truth: exact draws
        that were smoothed are not."""
        if self.exact and self.view.is_smoothed(*names):
            return f"{self.label} draws, smoothed", False
        return self.label, self.exact


def list_shown(results: Any) -> list[Shown]:
    """One result, several, or a mapping by label; a lone label is the method's name."""
    if isinstance(results, (Posterior, View)):
        results = [results]
    elif isinstance(results, Iterable) and not isinstance(results, Mapping | np.ndarray):
        results = list(results)
    given: Any = results.values() if isinstance(results, Mapping) else results
    checks.require(
        isinstance(results, Mapping | list)
        and len(results) > 0
        and all(isinstance(result, (Posterior, View)) for result in given)
        and all(isinstance(name, str) for name in results if isinstance(results, Mapping)),
        "results: needs Exact, Draws or Factorised results",
        results,
    )
    views = [result if isinstance(result, View) else View(result) for result in given]
    methods = [view.result.method for view in views]
    names = list(results) if isinstance(results, Mapping) else methods
    if len(set(names)) < len(names):
        raise InputTypeError(
            "results: needs results of different methods; give two of one method names of "
            f"their own, {{'first': …, 'second': …}}; got {short_repr(results)}"
        )
    styles = [style_of(method) for method in methods]
    return [
        Shown(choose_label(name, style), style, view, isinstance(view.result, Exact))
        for name, style, view in zip(names, styles, views, strict=True)
    ]


def outline(ax: Axes, grids: Any, density: np.ndarray, *, filled: bool, **look: Any) -> None:
    """Contours that hold SHARES of the probability of a density (x grid, y grid)."""
    levels = mass_levels(density, SHARES)
    if filled:
        greys = ["#EFEFEF", "#DADADA"]
        ax.contourf(*grids, density.T, [*levels, 2 * density.max()], colors=greys, zorder=1)
    ax.contour(*grids, density.T, levels, linewidths=[1.4, 2.2], **look)


def ellipse(ax: Axes, centre: Any, cov: np.ndarray, **look: Any) -> None:
    """The ellipse of ELLIPSE_SDS standard deviations of a covariance."""
    values, vectors = np.linalg.eigh(cov)
    angle = float(np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1])))
    wide, high = (2 * ELLIPSE_SDS * value**0.5 for value in values[::-1])
    ax.add_patch(Ellipse(centre, wide, high, angle=angle, fill=False, **look))


def centre(mean: float, sd: float, digits: int = 4) -> str:
    """Mean and sd in a sentence."""
    return f"{number(mean, sd, digits)} ± {number(sd, digits=2)}"
