"""ROC curves of diagnostics, and errors against cost over seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vi_lab.plots import colours
from vi_lab.plots.style import axes_level, style_of

# One pen a diagnostic in every panel, one colour a kind: weights, chains, climbs, samples.
_COLOURS = {
    colours.SKY: ("khat_1000", "khat_4000", "khat_100000"),
    colours.BLUE: ("log_weight_sd", "weight_ess"),
    colours.VERMILION: ("rhat", "ess_bulk", "ess_tail"),
    colours.GREY: ("plateau_last", "plateau_relative", "plateau_median", "restarts_apart"),
    colours.GREEN: ("response",),
    colours.ORANGE: ("classifier", "vsbc"),
    colours.PURPLE: ("stein",),
}
PENS = {
    name: {"color": colour, "linestyle": dash}
    for colour, names in _COLOURS.items()
    for name, dash in zip(names, ("-", "--", ":", "-."), strict=False)
}


@axes_level()
def roc(
    curves: Sequence[tuple[str, np.ndarray, np.ndarray]], title: str = "", *, ax: Any = None
) -> str:
    """The share of guilty fits found against that of innocent ones accused.

    Parameters
    ----------
    curves : list of (label, false alarms, detected)
        Shares, as arrays of the same size; the label begins with the diagnostic's name.
    """
    ax.plot([0, 1], [0, 1], color=colours.FORMULA, linewidth=1.0, linestyle=":")
    for label, alarms, detected in curves:
        pen = PENS.get(label.split()[0], {})
        ax.plot(alarms, detected, drawstyle="steps-post", label=label, **pen)
    ax.set(xlabel="innocent fits accused", ylabel="guilty fits found", title=title)
    ax.set(xlim=(0, 1), ylim=(0, 1.01), aspect="equal")
    ax.legend(fontsize="small")
    said = ", ".join(label for label, _, _ in curves)
    return f"ROC curves{' of ' + title if title else ''}: {said}."


@axes_level(size=(6.4, 4.8))
def cost_curves(curves: Sequence[Any], against: str = "evaluations", *, ax: Any = None) -> str:
    """Errors of posterior means against what they cost: the median over seeds, and a band.

    Parameters
    ----------
    curves : list of Curve
        Of one problem, each with `method`, `evaluations`, `seconds`, `low`, `error` and `high`.
    against : "evaluations" or "seconds"
    """
    said = []
    for curve in curves:
        style, cost = style_of(curve.method), getattr(curve, against)
        ax.fill_between(cost, curve.low, curve.high, color=style.colour, alpha=0.15, linewidth=0)
        ax.plot(
            cost, curve.error, marker=style.marker, markersize=4, label=style.label, **style.pen
        )
        said.append(f"{style.label} {curve.error[-1]:.3g} after {cost[-1]:.3g}")
    ax.set(xscale="log", yscale="log", ylabel="error of the means, posterior sds")
    ax.set(title=curves[0].problem)
    ax.set(xlabel="evaluations" if against == "evaluations" else "seconds of processor time")
    ax.legend(fontsize="x-small")
    return f"Errors of posterior means against {against}: {'; '.join(said)}."
