"""Pictures of the reports of `vi_lab.testing`."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.plots import colours
from vi_lab.plots.style import axes_level, number

NAMED = 5  # curves with a name of their own: the farthest
INSIDE, OUTSIDE = colours.GREY, colours.VERMILION


@axes_level()
def distances(report: Any, *, ax: Any = None) -> str:
    """The differences of distribution functions of a CurveReport, within the band of its limit.

    The farthest five have a name and a colour of their own; what leaves the band is rejected.
    """
    curves, limit = report.curves, report.limit
    order = sorted(curves, key=lambda name: -np.abs(curves[name]).max())
    ax.axhspan(-limit, limit, color=colours.PALE, zorder=0, label="limit")
    looks: dict[str, Any] = {n: {"color": colours.GREY, "linewidth": 0.8} for n in order[NAMED:]}
    for name, colour in zip(order, colours.CURVES, strict=False):
        looks[name] = {"color": colour, "linewidth": 1.4, "label": name}
    for name, look in looks.items():
        ax.plot(np.linspace(0, 1, len(curves[name])), curves[name], **look)
    reach = 1.15 * max(limit, *(float(np.abs(c).max()) for c in curves.values()))
    ax.set(xlim=(0, 1), ylim=(-reach, reach), xlabel="quantile", ylabel="difference from expected")
    ax.legend(loc="upper right", fontsize=8)
    ax.set_title(f"{report.test}: {_verdict(report)}")
    farthest = "; ".join(f"{n}: {number(np.abs(curves[n]).max(), digits=3)}" for n in order[:NAMED])
    return (
        f"Curves of differences of distribution functions, with a band of ±{limit:.3g} within "
        f"which they may lie. {report.sentence} The farthest are {farthest}."
    )


@axes_level()
def points(report: Any, *, ax: Any = None) -> str:
    """The numbers of a PointReport, a row for each quantity, beside its limit."""
    names = list(report.points)
    for row, name in enumerate(names):
        values = np.abs(np.nan_to_num(report.points[name], posinf=1e9, neginf=-1e9))
        shown = np.minimum(values, 10.0 * report.limit)
        colours = [OUTSIDE if v > report.limit else INSIDE for v in values]
        ax.scatter(shown, np.full(len(shown), row), s=16, c=colours, zorder=3)
    ax.axvline(report.limit, color="black", linewidth=1.2)
    ax.set_yticks(range(len(names)), names, fontsize=8)
    # a test that broke down has no numbers, only its sentence
    ax.set(xlim=(0, None), ylim=(max(len(names), 1) - 0.5, -0.5), xlabel=f"size, in {report.unit}")
    ax.set_title(f"{report.test}: {_verdict(report)}")
    return (
        f"Dots for {len(names)} quantities and a line at the limit, {report.limit:.3g} "
        f"{report.unit}; those beyond ten times the limit are drawn there. {report.sentence}"
    )


def _verdict(report: Any) -> str:
    return "not judged" if report.passed is None else "passed" if report.passed else "FAILED"
