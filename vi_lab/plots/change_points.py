"""The picture of counts whose rate changes once: data, rates and the time of the change."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from vi_lab.arguments import checks
from vi_lab.arguments.public import short_repr
from vi_lab.errors import InputTypeError
from vi_lab.models import ChangePoint
from vi_lab.plots import colours
from vi_lab.plots.marginals import probability_bars
from vi_lab.plots.shown import Results, list_shown
from vi_lab.plots.style import axes_level
from vi_lab.plots.view import View


@axes_level(size=(6.4, 4.6))
def change_point(
    results: Results,
    *,
    start: int = 1,
    unit: str = "time",
    events: str = "events",
    ax: Any = None,
) -> str:
    """The counts, the posterior of their rate over time, and of the last time before the change.

    Parameters
    ----------
    results : Exact, Draws, Factorised, a list of these, or a dict by label
        Posteriors of one `ChangePoint` model; the rate is the first one's.
    start : int
        The calendar time of the first count, e.g. 1851.
    unit, events : str
        What a time and an event are called, e.g. "year" and "disasters".
    """
    shown = list_shown(results)
    _, style, leading, _ = shown[0]
    model = leading.result.model
    if not isinstance(model, ChangePoint):
        raise InputTypeError(
            f"results: need posteriors of a ChangePoint model, got one of {short_repr(model)}"
        )
    start = checks.integer("start", start, -(10**9))
    times, counted = start + np.arange(model.n), f"{events} in each {unit}"
    low, middle, high = _rate_over_time(leading, model.n)

    counts = ax.bar(times, model.counts, 0.8, color="#C9C9C9", label=counted)
    band = {"color": colours.KL, "alpha": 0.3, "linewidth": 0, "zorder": 2}
    ax.fill_between(times, low, high, step="mid", **band)
    words = f"their rate, {style.label}: median, 90 %"
    rate = ax.step(times, middle, where="mid", color=colours.KL, zorder=3, label=words)
    top = 1.85 * max(float(model.counts.max()), 1.0)  # the inset needs the upper part
    ax.set(xlabel=unit, ylabel=counted, xlim=(times[0] - 1, times[-1] + 1), ylim=(0, top))
    ax.yaxis.set_major_locator(MaxNLocator(8, integer=True))
    ax.set_yticks([tick for tick in ax.get_yticks() if tick <= model.counts.max() * 1.1])
    ax.grid(False, axis="x")
    inside = ax.inset_axes((0.52, 0.6, 0.48, 0.33))
    marks = probability_bars(inside, shown, "s", first=start - 1, size=4)
    inside.set_title(f"probability of the last {unit} before the change", fontsize=9, loc="right")
    inside.set_ylabel("")
    inside.tick_params(labelsize=8.5)
    inside.grid(False)
    inside.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.legend(handles=[counts, *rate, *marks], loc="upper left", fontsize=8.5)
    ax.set_title(f"When did the rate of {events} change, and by how much?")

    moments = ((s.style.label, *s.view.moments("s")) for s in shown)
    return (
        f"Bars: {counted}, {model.n} of them from {times[0]} to {times[-1]}, "
        f"at most {model.counts.max():.0f}. A line: the posterior median of their rate under "
        f"{style.label}, {middle[0]:.3g} at first and {middle[-1]:.3g} at last. Inset: the "
        f"probability of the last {unit} before the change. "
    ) + " ".join(
        f"{label}: mean {mean + start - 1:.1f}, standard deviation {sd:.2f}."
        for label, mean, sd in moments
    )


def _rate_over_time(view: View, n: int) -> np.ndarray:
    """5 %, 50 % and 95 % of the rate at each time, (3, n): averaged over the time of the change."""
    s, rates = view.values["s"][:20_000], view.values["rates"][:20_000]
    before = np.arange(1, n + 1)[:, None] <= s
    return np.quantile(np.where(before, rates[:, 0], rates[:, 1]), [0.05, 0.5, 0.95], axis=1)
