"""Pictures of a comparison: what each method costs, and how near the truth it comes."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from vi_lab.arguments import checks
from vi_lab.comparison.compare import Comparison
from vi_lab.comparison.row import Row, judge_gap
from vi_lab.errors import InputError
from vi_lab.numerics.agreement import AGREES, CANNOT_BE_TOLD, DIFFERS
from vi_lab.plots import colours
from vi_lab.plots.style import axes_level, style_of

HEADINGS = {
    "gap": "nats short of log p(x)",
    "mean_error": "worst error of a mean,\nin posterior sds",
    "sd_ratio_min": "smallest sd claimed,\nas a share of the true sd",
    "wasserstein": "worst distance of a marginal (W1),\nin posterior sds",
    "ess": "smallest effective sample size",
    "rhat": "largest R-hat",
    "seconds": "seconds",
    "evaluations": "log joints and conditionals\nevaluated",
}
TITLE = 44  # letters of a line of a title
LINEAR = ("sd_ratio_min", "rhat")
ARROW = 10  # points
EDGES = ((np.inf, 1.0, ">", "infinite"), (0.0, 0.0, "<", "0"))  # where on the axis, as what


def needs_comparison(comparison: Any) -> None:
    """InputTypeError for anything else."""
    checks.require(isinstance(comparison, Comparison), "comparison: needs a Comparison", comparison)


def list_above_evidence(comparison: Comparison) -> str:
    """'CAVI on coal', of all that claim more than log p(x), beyond the error; else nothing."""
    rows = [r for r in comparison.rows if r.gap is not None and judge_gap(r).impossible]
    return ", ".join(f"{style_of(row.method).label} on {row.problem}" for row in rows)


@axes_level()
def dots(comparison: Comparison, column: str, *, legend: bool = True, ax: Any = None) -> str:
    """One number of every row: a line for each problem, a mark for each method.

    What is infinite is an arrow at the right edge; a gap that is none, within its error, one at the
    left, as on an axis of powers of ten there is no place for zero. One that cannot be told is left
    out, and so is one below zero: the title says whose it is.

    Parameters
    ----------
    comparison : Comparison
    column : str
        gap, mean_error, sd_ratio_min, wasserstein, ess, rhat, seconds, or evaluations (log joints
        plus complete conditionals).
    """
    needs_comparison(comparison)
    checks.one_of("column", column, HEADINGS)
    problems = list(comparison.verdicts)
    said, only_arrows = [], True
    for method in dict.fromkeys(row.method for row in comparison.rows):
        rows = [r for r in comparison.rows if r.method == method and r.method != "exact"]
        values = [(_value(row, column), problems.index(row.problem)) for row in rows]
        points: list[Any] = [(value, at) for value, at in values if _has_place(value, column)]
        if not points:
            continue
        style = style_of(method)
        edges = EDGES if column == "gap" else EDGES[:1]
        for number, place, marker, word in edges:  # where the axis ends
            beyond = [at for value, at in points if value == number]
            if beyond:
                arrow: Any = {"marker": marker, "transform": ax.get_yaxis_transform()}
                look = style.dots(ARROW, markeredgecolor="black", clip_on=False, zorder=4) | arrow
                ax.plot([place] * len(beyond), beyond, label=f"{style.label}: {word}", **look)
        off = {number for number, *_ in edges}
        x = [np.nan if value in off else value for value, _ in points]
        y = [at for _, at in points]
        only_arrows &= bool(np.isnan(x).all())
        look = style.dots(8, markeredgecolor="white", clip_on=False, zorder=3)
        ax.plot(x, y, label=style.label, **look)
        each = ", ".join(f"{problems[at]} {_brief(value)}" for value, at in points)
        said.append(f"{style.label}: {each}.")
    ax.set_yticks(range(len(problems)), problems)
    ax.set(ylim=(len(problems) - 0.5, -0.5), xlabel=HEADINGS[column])
    ax.tick_params(axis="y", length=0, pad=ARROW)  # clear of the arrows at the left edge
    ax.spines["left"].set_visible(False)
    if column not in LINEAR and not only_arrows:
        _powers(ax, "x")
    if column == "sd_ratio_min":
        ax.axvline(1.0, color=colours.FORMULA, linewidth=1.2, zorder=1)
    if legend and ax.lines:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.25), ncols=4)
    if column == "gap" and (wrong := list_above_evidence(comparison)):
        said.append(f"Above log p(x), a mistake: {wrong}.")
        ax.set_title(f"Above log p(x), a mistake: {wrong}")
    words = " ".join(HEADINGS[column].split())
    return f"{words}, one line a problem. " + " ".join(said)


def _value(row: Row, column: str) -> float | None:
    if column == "evaluations":
        return (row.density_evaluations or 0) + (row.complete_conditionals or 0) or None
    value = getattr(row, column)
    if column == "gap" and value is not None:
        return {AGREES: 0.0, DIFFERS: value, CANNOT_BE_TOLD: None}[judge_gap(row).word]
    return value


def _has_place(value: Any, column: str) -> bool:
    """Whether the axis has a place for it: one of powers of ten has none for what is not above 0,
    but for a gap of 0, an arrow."""
    none = column == "gap" and value == 0
    return value is not None and (value > 0 or column in LINEAR or none)


@axes_level()
def cost_accuracy(
    comparison: Comparison,
    problem: str | None = None,
    *,
    legend: bool = True,
    ax: Any = None,
) -> str:
    """What each method spent on a problem, and how near the truth it came.

    A dotted line shows what Monte Carlo noise alone leaves, with as many independent exact draws.

    Parameters
    ----------
    comparison : Comparison
    problem : str, optional
        Needed where the comparison has more than one.
    """
    needs_comparison(comparison)
    names = list(comparison.verdicts)
    if problem is None and len(names) != 1:
        raise InputError(f"problem: needs one of {', '.join(names)}")
    problem = checks.one_of("problem", names[0] if problem is None else problem, names)
    said = []
    for row in comparison.rows:
        if row.problem != problem or not row.wasserstein:
            continue
        style, cost = style_of(row.method), _value(row, "evaluations")
        if row.method == "exact-draws":
            ax.axhline(row.wasserstein, **style.pen, label=style.label)
            said.append(f"{style.label}: {row.wasserstein:.3g}.")
        elif cost:
            look = style.dots(10, markeredgecolor="white", zorder=3)
            height = row.wasserstein
            if height == np.inf:  # an arrow at the upper edge
                height, arrow = 1.0, {"marker": "^", "transform": ax.get_xaxis_transform()}
                look |= {**arrow, "clip_on": False}
            ax.plot(cost, height, label=style.label, **look)
            said.append(f"{style.label}: {row.wasserstein:.3g} after {cost:,} evaluations.")
    ax.margins(0.16, 0.16)
    _powers(ax, "x")
    _powers(ax, "y")
    ax.set(xlabel=" ".join(HEADINGS["evaluations"].split()), ylabel=HEADINGS["wasserstein"])
    ax.set_title(_say_nearest(comparison, problem))
    if legend:
        ax.legend()
    return (
        f"Cost against accuracy on {problem}, the worst Wasserstein-1 distance of a marginal in "
        "posterior standard deviations. " + (" ".join(said) or "Nothing was measured.")
    )


def _say_nearest(comparison: Comparison, problem: str) -> str:
    """Which method came nearest the truth, draws from the truth itself left out."""
    measured = {
        row.method: row.wasserstein
        for row in comparison.rows
        if row.problem == problem and row.wasserstein and row.method != "exact-draws"
    }
    if not measured:
        return f"On {problem} nothing was measured"
    nearest = style_of(min(measured, key=lambda method: measured[method])).label
    return textwrap.fill(f"On {problem} {nearest} comes nearest to the truth", TITLE)


def _powers(ax: Axes, axis: str) -> None:
    """A logarithmic axis with plain numbers at 1, 2 and 5 times the powers of ten; as powers where
    plain ones would run into each other."""
    side = ax.xaxis if axis == "x" else ax.yaxis
    (ax.set_xscale if axis == "x" else ax.set_yscale)("log")
    low, high = side.get_view_interval()
    decades = np.log10(high / low)
    side.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < 2.2 else (1,)))
    if decades < 6 and high < 1e6:
        side.set_major_formatter(lambda value, _: f"{value:,.10g}")
    side.set_minor_locator(NullLocator())


def _brief(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
