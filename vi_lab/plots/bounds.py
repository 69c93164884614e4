"""Pictures of the bound: against a parameter of q, and sweep by sweep."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from vi_lab.arguments import checks
from vi_lab.arguments.public import brief
from vi_lab.errors import InputError, InputTypeError
from vi_lab.plots.style import (
    ELBO_COLOUR,
    EVIDENCE,
    EVIDENCE_COLOUR,
    KL,
    KL_COLOUR,
    KL_FILL,
    axes_level,
    describe,
    ends,
    number,
    room_between,
    style_of,
)
from vi_lab.results import Factorised


@axes_level
def balance(
    values: Any,
    elbo: Any,
    kl: Any,
    log_evidence: float,
    *,
    label: str = "a parameter of q",
    ax: Any = None,
) -> Axes:
    """ELBO and KL as one parameter of q varies: what one loses the other gains.

    Parameters
    ----------
    values, elbo, kl : arrays (n,)
        The parameter's values and both numbers in nats, each computed by its own route.
    log_evidence : float
    label : str
        The parameter, in words.
    """
    values, elbo, kl = (
        checks.observations(name, value)
        for name, value in (("values", values), ("elbo", elbo), ("kl", kl))
    )
    log_evidence = checks.real("log_evidence", log_evidence)
    if not values.shape == elbo.shape == kl.shape:
        raise InputError(
            f"values, elbo, kl: need one shape (n,), got {values.shape}, {elbo.shape}, {kl.shape}"
        )
    total = elbo + kl
    best = int(np.argmax(elbo))
    # where they do not add up, what is wrong has to be seen
    low, high = min(elbo.min(), log_evidence), max(total.max(), log_evidence)
    room = room_between(low, high)
    ax.fill_between(
        values,
        elbo,
        total,
        facecolor=KL_FILL,
        edgecolor=KL_COLOUR,
        hatch="///",
        linewidth=0,
        label=KL,
    )
    ax.plot(values, elbo, color=ELBO_COLOUR, linewidth=2.4, label="ELBO(q)")
    ax.axhline(log_evidence, color=EVIDENCE_COLOUR, label=EVIDENCE)
    some = np.unique(np.linspace(0, len(values) - 1, 13).astype(int))
    ax.plot(
        values[some],
        total[some],
        "o",
        color=EVIDENCE_COLOUR,
        markersize=5,
        markerfacecolor="white",
        label="ELBO + KL",
        zorder=4,
        clip_on=False,
    )
    ax.plot(
        [values[best]] * 2,
        [low - 0.06 * room, elbo[best]],
        color=ELBO_COLOUR,
        linewidth=1,
        linestyle=(0, (3, 3)),
    )
    ax.plot(values[best], elbo[best], "o", color=ELBO_COLOUR, markersize=7)
    ax.annotate(
        f"highest ELBO = lowest KL\nat {values[best]:.4g}",
        (values[best], low),
        (6, 2),
        textcoords="offset points",
        color=ELBO_COLOUR,
        fontsize=9,
        va="bottom",
    )
    ax.set(
        xlabel=label,
        ylabel="nats",
        ylim=(low - 0.06 * room, high + 0.1 * room),
        xlim=ends(values.min(), values.max()),
    )
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)
    ax.set_title("What the ELBO gains, the KL loses")
    describe(
        ax,
        f"ELBO and KL in nats against {label}, from {values.min():.4g} to "
        f"{values.max():.4g}. The ELBO runs from {elbo.min():.4g} to {elbo.max():.4g}, highest "
        f"at {values[best]:.4g}; the KL fills the gap up to the log evidence, smallest there "
        f"at {kl[best]:.4g}. Their sum stays at {number(total.mean(), room, 6)} and "
        f"varies by {number(np.ptp(total), room, 2)}; the log evidence is {log_evidence:.6g}.",
    )
    return ax


@axes_level
def elbo_trace(q: Factorised, *, log_evidence: float | None = None, ax: Any = None) -> Axes:
    """The ELBO after each sweep of CAVI, a line for each restart, below the log evidence.

    Parameters
    ----------
    q : Factorised
        As `vi_lab.cavi` returns it.
    log_evidence : float, optional
        In nats, where it is known.
    """
    if not isinstance(q, Factorised) or not len(q.elbo_trace):
        raise InputTypeError(f"q: needs what vi_lab.cavi returns, with its trace; got {brief(q)}")
    if log_evidence is not None:
        log_evidence = checks.real("log_evidence", log_evidence)
    trace = np.where(np.isfinite(q.elbo_trace), q.elbo_trace, np.nan)
    sweeps = np.arange(1, len(trace) + 1)
    style = style_of("cavi")
    restarts = trace.shape[1]
    label = "ELBO" if restarts == 1 else f"ELBO of each of {restarts} restarts"
    top = log_evidence if log_evidence is not None else np.nanmax(trace)
    for i, bound in enumerate(trace.T):
        ax.plot(
            sweeps,
            bound,
            color=style.colour,
            alpha=0.55,
            linewidth=1.2,
            marker=".",
            markersize=4 if len(sweeps) < 40 else 0,
            label=label if i == 0 else None,
        )
    if log_evidence is not None:
        ax.axhline(log_evidence, color=EVIDENCE_COLOUR, label=EVIDENCE)
    # a start may lie thousands of nats down: half of the restarts decide what is shown
    low = np.nanmedian(trace[0]) if trace.shape[1] > 1 else np.nanmin(trace[0])
    room = room_between(low, top)
    with np.errstate(invalid="ignore"):
        moving = np.flatnonzero((trace < trace[-1] - 0.003 * room).any(1))
    last = min(len(sweeps), max(6, int(moving.max(initial=0)) + 4))  # after that nothing is seen
    ax.set(
        xlabel="sweep",
        ylabel="nats",
        ylim=(low - 0.15 * room, top + 0.1 * room),
        xlim=(0.8, last + 0.2),
    )
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="lower right")
    ax.set_title("No sweep lowers the bound")
    if log_evidence is not None:
        ax.annotate(
            _short(log_evidence - q.elbo),
            (last, q.elbo),
            (0, -6),
            va="top",
            ha="right",
            textcoords="offset points",
            fontsize=9,
            color=style.colour,
        )
    gap = "" if log_evidence is None else f": {_short(log_evidence - q.elbo)}"
    describe(
        ax,
        f"The ELBO in nats over {len(sweeps)} sweeps of {trace.shape[1]} restarts of CAVI. "
        f"No line falls: from between {np.nanmin(trace[0]):.4g} and "
        f"{np.nanmax(trace[0]):.4g} after the first sweep, to {len(q.optima)} distinct "
        f"{'optimum' if len(q.optima) == 1 else 'optima'}; the best is {q.elbo:.6g}{gap}.",
    )
    return ax


def _short(gap: float) -> str:
    """What the bound lacks of the log evidence."""
    return "meets log p(x)" if abs(gap) < 1e-6 else f"{gap:.3g} nats short of log p(x)"
