"""Waterfalls of nats: between an ELBO and log p(x), a bar for each thing that costs some."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from vi_lab.arguments import checks
from vi_lab.identity.waterfall import Waterfall
from vi_lab.plots import colours
from vi_lab.plots.nats import EVIDENCE, find_mistake, room_between, tear
from vi_lab.plots.style import STYLE, axes_level, note, number
from vi_lab.results import tables
from vi_lab.vae import Gaps

WIDTH = 0.62  # of a bar
LOOKS: dict[str, dict[str, Any]] = {
    "no Gaussian": {"linewidth": 1.0, **colours.KL_AREA},
    "covariances": {"color": STYLE["gaussian-mean-field"].colour},
    "independent blocks": {"color": STYLE["cavi"].colour},
    "Laplace": {"color": STYLE["laplace"].colour},
    "one encoder for all": {"color": STYLE["amortised"].colour},
    "this run": {"color": colours.GREY},
}


@axes_level(size=(6.8, 4.2))
def gap_waterfall(gaps: Gaps | Waterfall, *, ax: Any = None) -> str:
    """Where the nats go, step by step: of a VAE from the ELBO up to log p(x), means over the data
    of what each gap costs; of a `Waterfall` from log p(x) down to the last q.

    Parameters
    ----------
    gaps : Gaps or Waterfall
        As `Amortised.gaps` or `waterfall` returns them.
    """
    if isinstance(gaps, Waterfall):
        return _draw_down(ax, gaps)
    needed = "gaps: needs what Amortised.gaps or waterfall returns"
    checks.require(isinstance(gaps, Gaps), needed, gaps)
    parts = (gaps.elbo, gaps.amortisation, gaps.approximation, gaps.log_evidence)
    elbo, amortisation, approximation, evidence = (float(part.mean()) for part in parts)
    room = room_between(elbo, evidence)
    floor, width = elbo - 0.5 * room, WIDTH
    steps = (elbo, elbo + amortisation, elbo + amortisation + approximation)
    ax.bar(0, elbo - floor, width, floor, color=colours.ELBO)
    ax.bar(1, amortisation, width, steps[0], color=colours.ORANGE)
    ax.bar(2, approximation, width, steps[1], linewidth=1.0, **colours.KL_AREA)
    ax.bar(3, evidence - floor, width, floor, color=colours.EVIDENCE)
    for i, height in enumerate(steps):
        ends = [i + width / 2, i + 1 - width / 2]
        ax.plot(ends, [height] * 2, color=colours.GREY, linewidth=1)
    signed = (f"{elbo:.3f}", f"{amortisation:+.3f}", f"{approximation:+.3f}", f"{evidence:.3f}")
    for i, (height, value) in enumerate(zip((*steps, evidence), signed, strict=True)):
        note(ax, value.replace("-", "−"), (i, height), (0, 4), ha="center")
    tear(ax, np.array([0, 3]), 0.504 * width, floor, room)
    words = ["ELBO of the\nencoder's q", "amortisation\ngap", "approximation\ngap", EVIDENCE]
    ax.set_xticks(range(4), words)
    ax.tick_params(axis="x", length=0)
    ax.grid(False, axis="x")
    ax.set(ylim=(floor, max(*steps, evidence) + 0.15 * room), ylabel="nats per datum")
    over = tables.format_count(len(gaps.elbo), "datum", "data")
    error = float(gaps.error.mean())
    seen = f", ± {error:.1g}" if error >= 5e-4 else ""  # beside three decimals
    if np.isinf(error):
        seen = "; of some only a lower bound of log p(x)"
    wrong = ""
    for name, gap in (("amortisation", gaps.amortisation), ("approximation", gaps.approximation)):
        wrong = wrong or find_mistake(f"an {name} gap", gap, gaps.error, gaps.route)
    ax.set_title(wrong or f"Where the nats go: means over {over}{seen}")
    return (
        f"A waterfall of means over {over} in nats. ELBO {number(elbo, digits=6)}, plus "
        f"amortisation gap {number(amortisation)}, plus approximation gap {number(approximation)}, "
        f"is log p(x) {number(evidence, digits=6)}, with a mean error of {error:.1g}."
        f"{' ' * bool(wrong)}{wrong}{'.' * bool(wrong)}"
    )


def _draw_down(ax: Axes, fall: Waterfall) -> str:
    """log p(x), or the best level that is known, a bar for each step down, and the last ELBO."""
    first, last = fall.levels[0], fall.levels[-1]
    heights = [level.nats for level in fall.levels[len(fall.levels) - len(fall.bars) - 1 :]]
    room = room_between(min(heights), max(heights))
    floor = min(heights) - 0.5 * room
    known = fall.holds is not None or first.name == EVIDENCE
    colour = colours.EVIDENCE if known else colours.ELBO
    ax.bar(0, first.nats - floor, WIDTH, floor, color=colour)
    for i, (bar, above, below) in enumerate(
        zip(fall.bars, heights, heights[1:], strict=False), start=1
    ):
        ax.bar(
            i, above - below, WIDTH, below, yerr=bar.error, ecolor=colours.BLACK, **LOOKS[bar.name]
        )
        ax.plot([i - 1 + WIDTH / 2, i - WIDTH / 2], [above] * 2, color=colours.GREY, linewidth=1)
        note(ax, _write_loss(bar), (i, max(above, below)), (0, 4), ha="center")
    end = len(fall.bars) + 1
    ax.plot(
        [end - 1 + WIDTH / 2, end - WIDTH / 2], [last.nats] * 2, color=colours.GREY, linewidth=1
    )
    ax.bar(end, last.nats - floor, WIDTH, floor, color=colours.ELBO)
    for at, level in ((0, first), (end, last)):
        note(ax, f"{level.nats:.3f}".replace("-", "\u2212"), (at, level.nats), (0, 4), ha="center")
    tear(ax, np.array([0, end]), 0.504 * WIDTH, floor, room)
    steps = [bar.name.replace(" ", "\n", 1) for bar in fall.bars]
    ax.set_xticks(range(end + 1), [first.name, *steps, f"ELBO of\n{last.name}"])
    ax.tick_params(axis="x", length=0)
    ax.grid(False, axis="x")
    ax.set(ylim=(floor, max(heights) + 0.15 * room), ylabel="nats")
    wrong = "the sum is not log p(x): a mistake" if fall.holds is False else ""
    ax.set_title(wrong or "Where the nats go")
    costs = ", ".join(
        f"{bar.name} {number(bar.nats)} (to {level.name})"
        for bar, level in zip(fall.bars, fall.levels[-len(fall.bars) :], strict=False)
    )
    return (
        f"A waterfall in nats, from {first.name} {number(first.nats, digits=8)} down to the ELBO "
        f"of {last.name} {number(last.nats, digits=8)}. What each step costs: {costs or 'nothing'}."
        f"{' ' * bool(wrong)}{wrong}{'.' * bool(wrong)}"
    )


def _write_loss(bar: Any) -> str:
    """What a step costs with a minus, or gains with a plus, and 0 within its error."""
    if abs(bar.nats) <= bar.error or abs(bar.nats) < 5e-5:
        return "0"
    digits = 4 if abs(bar.nats) < 0.05 else 3
    return f"{-bar.nats:+.{digits}f}".replace("-", "\u2212")
