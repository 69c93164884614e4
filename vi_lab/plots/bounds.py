"""Pictures of the bound: against a parameter of q, and sweep by sweep."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from vi_lab.arguments import checks
from vi_lab.arguments.public import short_repr
from vi_lab.errors import InputTypeError
from vi_lab.identity.bound import elbo_estimate
from vi_lab.numerics.agreement import AGREES, CANNOT_BE_TOLD, STATED, judge, write_amount
from vi_lab.numerics.rounding import Estimate
from vi_lab.plots import colours
from vi_lab.plots.nats import EVIDENCE, KL, STATED_DIGITS, find_mistake, room_between
from vi_lab.plots.style import axes_level, ends, equal_columns, note, number, style_of
from vi_lab.results import Factorised

WORDS = 0.1  # height of a line of words, in shares of a trace's


@axes_level()
def balance(
    values: Any,
    elbo: Any,
    kl: Any,
    log_evidence: float,
    *,
    label: str = "a parameter of q",
    ax: Any = None,
) -> str:
    """ELBO and KL as one parameter of q varies: what one loses the other gains.

    Parameters
    ----------
    values, elbo, kl : arrays (n,)
        The parameter's values and both numbers in nats, each computed by its own route.
    log_evidence : float
    label : str
        The parameter, in words.
    """
    values, elbo, kl = equal_columns(values=values, elbo=elbo, kl=kl)
    log_evidence = checks.real("log_evidence", log_evidence)
    total, best = elbo + kl, int(np.argmax(elbo))
    at, peak = values[best], elbo[best]
    # where they do not add up, what is wrong has to be seen
    low, high = min(elbo.min(), log_evidence), max(total.max(), log_evidence)
    room = room_between(low, high)
    floor = low - 0.06 * room
    ax.fill_between(values, elbo, total, linewidth=0, label=KL, **colours.KL_AREA)
    ax.plot(values, elbo, color=colours.ELBO, linewidth=2.4, label="ELBO(q)")
    ax.axhline(log_evidence, color=colours.EVIDENCE, label=EVIDENCE)
    some = np.unique(np.linspace(0, len(values) - 1, 13).astype(int))
    ring = {"color": colours.EVIDENCE, "markersize": 5, "markerfacecolor": "white"}
    ax.plot(values[some], total[some], "o", label="ELBO + KL", zorder=4, clip_on=False, **ring)
    ax.plot([at] * 2, [floor, peak], color=colours.ELBO, linewidth=1, linestyle=(0, (3, 3)))
    ax.plot(at, peak, "o", color=colours.ELBO, markersize=7)
    words = f"highest ELBO = lowest KL\nat {at:.4g}"
    note(ax, words, (at, low), (6, 2), color=colours.ELBO, va="bottom")
    wrong = find_mistake("a KL", kl) or find_mistake("log p(x) − ELBO", log_evidence - elbo)
    ax.set(xlabel=label, ylabel="nats", title=wrong or "What the ELBO gains, the KL loses")
    ax.set(ylim=(floor, high + 0.1 * room), xlim=ends(values.min(), values.max()))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)
    return (
        f"ELBO and KL in nats against {label}, from {values.min():.4g} to "
        f"{values.max():.4g}. The ELBO runs from {elbo.min():.4g} to {elbo.max():.4g}, highest "
        f"at {at:.4g}; the KL fills the gap up to the log evidence, smallest there "
        f"at {kl[best]:.4g}. Their sum stays at {number(total.mean(), room, 6)} and "
        f"varies by {number(np.ptp(total), room, 2)}; the log evidence is {log_evidence:.6g}."
        f"{' ' * bool(wrong)}{wrong}{'.' * bool(wrong)}"
    )


@axes_level()
def elbo_trace(q: Factorised, *, log_evidence: float | None = None, ax: Any = None) -> str:
    """The ELBO after each sweep of CAVI, a line for each restart, below the log evidence.

    Parameters
    ----------
    q : Factorised
        As `vi_lab.cavi` returns it.
    log_evidence : float, optional
        In nats, where it is known.
    """
    if not isinstance(q, Factorised) or not len(q.elbo_trace):
        raise InputTypeError(
            f"q: needs what vi_lab.cavi returns, with its trace; got {short_repr(q)}"
        )
    trace = np.where(np.isfinite(q.elbo_trace), q.elbo_trace, np.nan)
    sweeps, restarts = np.arange(1, len(trace) + 1), trace.shape[1]
    colour, size = style_of("cavi").colour, 4 if len(sweeps) < 40 else 0
    lines = ax.plot(
        sweeps, trace, color=colour, alpha=0.55, linewidth=1.2, marker=".", markersize=size
    )
    lines[0].set_label("ELBO" if restarts == 1 else f"ELBO of each of {restarts} restarts")
    top, short = np.nanmax(trace), ""  # what the bound lacks of the log evidence
    if log_evidence is not None:
        top = checks.real("log_evidence", log_evidence)
        short = _describe_gap(q, top)
        ax.axhline(top, color=colours.EVIDENCE, label=EVIDENCE)
    # a start may lie thousands of nats down: half of the restarts decide what is shown
    low = np.nanmedian(trace[0]) if restarts > 1 else np.nanmin(trace[0])
    room = room_between(low, top)
    with np.errstate(invalid="ignore"):
        moving = np.flatnonzero((trace < trace[-1] - 0.003 * room).any(1))
    last = min(len(sweeps), max(6, int(moving.max(initial=0)) + 4))  # after that nothing is seen
    ax.set(xlabel="sweep", ylabel="nats", title="No sweep lowers the bound")
    ax.set(ylim=(low - 0.15 * room, top + 1.2 * WORDS * room), xlim=(0.8, last + 0.2))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="lower right")
    if short:
        # above every curve: below log p(x) where there is room, else above that line
        at = q.elbo if top - q.elbo > WORDS * room else top
        note(ax, short, (last, at), (0, 4), va="bottom", ha="right", color=colour)
    lowest, highest = f"{np.nanmin(trace[0]):.4g}", f"{np.nanmax(trace[0]):.4g}"
    first = lowest if restarts == 1 else f"between {lowest} and {highest}"
    return (
        f"The ELBO in nats over {len(sweeps)} sweeps of {restarts} restart{'s' * (restarts > 1)} "
        f"of CAVI. No line falls: from {first} after the first sweep, to {len(q.optima)} distinct "
        f"{'optimum' if len(q.optima) == 1 else 'optima'}; the best is {q.elbo:.6g}"
        f"{': ' * bool(short)}{short}."
    )


def _describe_gap(q: Factorised, log_evidence: float) -> str:
    """How far the bound is below a log p(x) that was handed in, with the digits it came with."""
    bound = elbo_estimate(q, q.model)
    numbers = {"log p(x)": Estimate(log_evidence, STATED_DIGITS, STATED), "the ELBO": bound}
    judged = judge(log_evidence - q.elbo, numbers)
    if judged.impossible:
        return "above log p(x): a mistake"
    if judged.word == AGREES:
        return "meets log p(x)"
    if judged.word == CANNOT_BE_TOLD:
        return f"whether it meets log p(x) {CANNOT_BE_TOLD}"
    return f"{write_amount(judged, '{:.3g} nats'.format)} short of log p(x)"
