"""Where the panels of a figure stand: all that is written about them is measured once.

matplotlib's constrained layout gives the panels of a grid the same places. It measures every letter
twice, and the place of each label again whenever the figure is drawn, which took a third of the
time of a figure that is drawn as PNG and as SVG.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import rcParams
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.layout_engine import ConstrainedLayoutEngine, LayoutEngine

ROUGH = np.array([[0.7, 0.2], [0.7, 0.9]])  # inches at the sides, above and below: a first guess


class MeasuredOnce(LayoutEngine):
    """Panels of one grid, as large as what is written about them leaves them room.

    Let a figure be W wide, with l at its left for what all panels share, L[c] and R[c] the most
    that any panel of column c has at its left and right, and p the space about each. The columns
    share what is left in proportion to their ratios r[c]: column c is

        r[c] / sum r · (W − l − sum (L + R + 2 p))

    wide. The rows share the height likewise. Where a panel's ticks change with its size, the
    measure is that of a panel about as large.

    Parameters
    ----------
    w_pad, h_pad : float
        p of the columns and of the rows, in inches.
    """

    _adjust_compatible, _colorbar_gridspec = True, False  # what matplotlib asks of an engine

    def __init__(self, w_pad: float, h_pad: float) -> None:
        super().__init__()
        self._params = {"w_pad": w_pad, "h_pad": h_pad}

    def execute(self, figure: Any) -> None:
        """Move and resize the panels; their labels stay where they are then."""
        size = figure.bbox.size
        renderer = RendererAgg(size[0], size[1], figure.dpi)
        pads = figure.dpi * np.array([self._params["w_pad"], self._params["h_pad"]])
        shared = self._measure_shared(figure, renderer, pads / size)
        grid = figure.axes[0].get_gridspec()
        (before, after), (above, below) = ROUGH / figure.get_size_inches()[:, None]
        figure.subplots_adjust(before, below, 1 - after, 1 - above, wspace=0.3, hspace=0.3)
        # what stands before and after each column, and above and below each row, in dots
        ticks = figure.dpi / 72 * np.array([rcParams["ytick.major.size"], 0.0])[:, None]
        columns = np.zeros((2, grid.ncols)) + pads[0] + ticks
        rows = np.zeros((2, grid.nrows)) + pads[1] + ticks[::-1]
        for ax in figure.axes:
            column, row = _find_cell(ax)
            inner, outer = ax.bbox, _measure_outside(ax, renderer)
            sides = [inner.x0 - outer.x0, outer.x1 - inner.x1]
            columns[:, column] = np.maximum(columns[:, column], sides + pads[0])
            sides = [outer.y1 - inner.y1, inner.y0 - outer.y0]
            rows[:, row] = np.maximum(rows[:, row], sides + pads[1])
        left, width = _share(columns / size[0], grid.get_width_ratios(), shared[0])
        down, height = _share(rows / size[1], grid.get_height_ratios(), shared[1])
        for ax in figure.axes:
            column, row = _find_cell(ax)
            before = ax.bbox.frozen()
            bottom = 1 - down[row] - height[row]
            ax.set_position((left[column], bottom, width[column], height[row]))
            _keep_labels(ax, before)

    def _measure_shared(self, figure: Any, renderer: Any, pads: np.ndarray) -> np.ndarray:
        """What the title, words beside all panels and the legend take of the figure, in shares of
        its width (left, right) and of its height (above, below)."""
        taken, size = np.zeros((2, 2)), figure.bbox.size
        for text in figure.texts:
            box = text.get_window_extent(renderer)
            if text.get_rotation() == 90:
                text.set_x(pads[0])
                taken[0, 0] = box.width / size[0] + 2 * pads[0]
            else:
                text.set_y(1 - pads[1])
                taken[1, 0] = box.height / size[1] + 2 * pads[1]
        for legend in figure.legends:
            height = legend.get_window_extent(renderer).height
            taken[1, 1] = height / size[1] + 2 * pads[1]
        return taken


def measure_once(figure: Any) -> None:
    """Have a figure of panels of any shape laid out by `MeasuredOnce`; others stay as they are."""
    engine = figure.get_layout_engine()
    free = all(ax.get_subplotspec() and ax.get_aspect() == "auto" for ax in figure.axes)
    if free and isinstance(engine, ConstrainedLayoutEngine):
        told = engine.get()
        figure.set_layout_engine(MeasuredOnce(told["w_pad"], told["h_pad"]))


def _find_cell(ax: Any) -> tuple[int, int]:
    """Column and row of a panel."""
    place = ax.get_subplotspec()
    return place.colspan.start, place.rowspan.start


def _measure_outside(ax: Any, renderer: Any) -> Any:
    """The box of a panel with all that is written beside it."""
    more = [artist for artist in (*ax.texts, ax.get_legend()) if artist is not None]
    return ax.get_tightbbox(renderer, bbox_extra_artists=more, for_layout_only=True)


def _share(
    sides: np.ndarray, ratios: np.ndarray, outside: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where each column begins and how wide it is, of sides (before and after, columns)."""
    ratios = np.asarray(ratios, np.float64)
    widths = (1 - outside.sum() - sides.sum()) * ratios / ratios.sum()
    ends = outside[0] + np.cumsum(sides.sum(0) + widths)
    return ends - widths - sides[1], widths


def _keep_labels(ax: Any, before: Any) -> None:
    """Let labels stay as far from the panel as they were when its box was `before`."""
    x, y = ax.xaxis.label.get_position()
    below = ax.xaxis.get_label_position() == "bottom"
    beyond = (y - (before.y0 if below else before.y1)) / ax.bbox.height
    ax.xaxis.set_label_coords(x, beyond + (not below))
    x, y = ax.yaxis.label.get_position()
    left = ax.yaxis.get_label_position() == "left"
    beyond = (x - (before.x0 if left else before.x1)) / ax.bbox.width
    ax.yaxis.set_label_coords(beyond + (not left), y)
