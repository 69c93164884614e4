"""Estimates of log p(x): one dot a seed, a line at the truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.marginal_likelihood.estimate import EvidenceEstimate
from vi_lab.plots import colours
from vi_lab.plots.nats import EVIDENCE
from vi_lab.plots.style import axes_level, number

SPREAD = 0.28  # of the dots of a row, from its middle
NARROW = 4.0  # stated errors about the truth within which the scale is even


@axes_level()
def evidence(estimates: Sequence[EvidenceEstimate], *, ax: Any = None) -> str:
    """Each estimate in a row of its own: a dot a seed with the error it states, beside log p(x).

    The scale is even about log p(x), and by powers of ten far from it, where a harmonic mean is.

    Parameters
    ----------
    estimates : list of EvidenceEstimate
        Of one model, as `evidence(..., seeds=20)` gives them.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    listed = isinstance(estimates, list | tuple) and bool(estimates)
    fits = listed and all(isinstance(each, EvidenceEstimate) for each in estimates)
    checks.require(fits, "estimates: needs a list of EvidenceEstimate", estimates)
    truth = estimates[0].truth
    middle = float(np.median([e.value for e in estimates])) if truth is None else truth.value
    stated = [e.error for row in estimates for e in row.by_seed or (row,)]
    known = [error for error in stated if np.isfinite(error) and error > 0]
    for place, row in enumerate(estimates):
        each = row.by_seed or (row,)
        at = place + np.linspace(-SPREAD, SPREAD, len(each)) if len(each) > 1 else [place]
        off = [e.value - middle for e in each]
        bars = [0.0 if np.isnan(e.error) else e.error for e in each]
        ax.errorbar(off, at, xerr=bars, fmt="o", markersize=3.5, linewidth=0.8, color=colours.ELBO)
    if truth is not None:
        ax.axvline(0.0, color=colours.EVIDENCE, linewidth=1.8, label=EVIDENCE, zorder=0)
        ax.legend(loc="best")
    ax.set_xscale("symlog", linthresh=NARROW * float(np.median(known)) if known else 1.0)
    ax.set_yticks(range(len(estimates)), [row.method for row in estimates])
    ax.invert_yaxis()
    ax.grid(False, axis="y")
    ax.set_xlabel("estimate − log p(x), nats" if truth is not None else "estimate, from the middle")
    missed = [row.method for row in estimates if row.misses]
    ax.set_title(
        f"Missed by more than five of its errors: {', '.join(missed)}" if missed
        else "Estimates of log p(x), with the errors that they state"
    )  # fmt: skip
    words = [_describe(row) for row in estimates]
    line = "log p(x) is not known." if truth is None else f"A line at log p(x), {truth.value:.8g}."
    return f"Dots, one a seed, in a row for each estimate of log p(x). {' '.join(words)} {line}"


def _describe(row: EvidenceEstimate) -> str:
    seeds = len(row.by_seed) or 1
    off = "" if row.off is None else f", off by {number(row.off)} nats"
    return (
        f"{row.method}: {seeds} dot{'s' * (seeds != 1)} about {number(row.value, digits=8)}{off}."
    )
