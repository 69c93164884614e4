"""Panels stand where matplotlib's constrained layout puts them, and nothing is written over."""

import itertools

import numpy as np
import pytest
from matplotlib.layout_engine import ConstrainedLayoutEngine

from vi_lab import plots
from vi_lab.figures.layout import finish
from vi_lab.figures.measured_once import MeasuredOnce, measure_once

NEAR = 0.005  # of the figure: half a letter


def make_figure(**keywords):
    """Two rows of three panels with ticks and labels of many lengths, a title and a legend."""
    figure, axes = plots.panels(2, 3, size=(8.2, 4.4), height_ratios=(3, 1), **keywords)
    for i, ax in enumerate(axes.flat):
        ax.plot([0, 10 ** (i - 2)], [0, 10 ** (3 - i)], label=f"line {i}")
        ax.set(xlabel="two\nlines" if i == 4 else "x", ylabel="y" * i)
        ax.locator_params(nbins=3)
    axes[0, 1].set_title("above one alone")
    axes[1, 0].tick_params(labelleft=False)
    return finish(figure, axes, 6, "A title of all panels, so long that it takes more than a line")[
        0
    ]


def find_places(figure):
    """Left, bottom, width and height of each panel and each of its labels, in shares."""
    plots.png_bytes(figure, "panels")  # by which it is laid out
    figure.set_layout_engine("none")
    with plots.house_style():
        figure.draw_without_rendering()
    panels = [ax.get_position().bounds for ax in figure.axes]
    boxes = [
        axis.label.get_window_extent().transformed(figure.transFigure.inverted()).bounds
        for ax in figure.axes
        for axis in (ax.xaxis, ax.yaxis)
    ]
    return np.array(panels), np.array(boxes)


def test_panels_and_labels_stand_where_constrained_layout_puts_them():
    theirs, ours = make_figure(), make_figure()
    measure_once(ours)
    assert isinstance(ours.get_layout_engine(), MeasuredOnce)
    for here, there in zip(find_places(ours), find_places(theirs), strict=True):
        np.testing.assert_allclose(here, there, atol=NEAR)


def test_nothing_written_is_cut_off_or_lies_on_another_panel():
    figure = make_figure()
    measure_once(figure)
    plots.png_bytes(figure, "panels")
    boxes = [ax.get_tightbbox() for ax in figure.axes]
    boxes += [*(t.get_window_extent() for t in figure.texts), figure.legends[0].get_window_extent()]
    for one, other in itertools.combinations(boxes, 2):
        assert not one.overlaps(other)
    for box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1


def test_a_second_drawing_at_another_resolution_moves_nothing():
    figure = make_figure()
    measure_once(figure)
    first = find_places(figure)
    plots.svg_bytes(figure, "panels", "title")
    for before, after in zip(first, find_places(figure), strict=True):
        np.testing.assert_allclose(after, before, atol=NEAR)


@pytest.mark.parametrize("change", [lambda ax: ax.set_aspect("equal"), lambda ax: ax.imshow([[0]])])
def test_panels_of_a_shape_of_their_own_keep_the_layout_of_matplotlib(change):
    figure = make_figure()
    change(figure.axes[0])
    measure_once(figure)
    assert isinstance(figure.get_layout_engine(), ConstrainedLayoutEngine)
    without = make_figure(layout="none")
    measure_once(without)
    assert not isinstance(without.get_layout_engine(), MeasuredOnce)
