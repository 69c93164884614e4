"""The picture of chains: the path of each through one coordinate."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import to_rgb

from vi_lab.arguments import checks
from vi_lab.plots import colours
from vi_lab.plots.style import axes_level, ends, style_of
from vi_lab.plots.view import View
from vi_lab.results import Draws, Posterior


@axes_level()
def chains(
    draws: Draws,
    name: str,
    *,
    first: int = 200,
    truth: Posterior | None = None,
    label: str | None = None,
    ax: Any = None,
) -> str:
    """The path of every chain through one coordinate; chains that agree cannot be told apart.

    Parameters
    ----------
    draws : Draws
    name : str
        The coordinate as tables write it.
    first : int
        How many draws of each chain to show.
    truth : Exact or Factorised, optional
        Its mean and two sds on either side are marked.
    """
    checks.require(isinstance(draws, Draws), "draws: needs Draws", draws)
    known = truth is None or isinstance(truth, Posterior)
    checks.require(known, "truth: needs Exact or Factorised", truth)
    first = checks.integer("first", first, 1)
    view, style = View(draws), style_of(draws.method)
    count = len(next(iter(draws.values.values())))
    path = view.draws(name).reshape(count, -1)[:, :first]
    for i, values in enumerate(path):
        mix = 0.75 * i / max(count - 1, 1)
        colour = [(1 - mix) * c + mix * 0.1 for c in to_rgb(style.colour)]
        times = np.arange(1, path.shape[1] + 1)
        ax.plot(times, values, linewidth=0.9, alpha=0.9, rasterized=True, color=colour)
    said = ""
    if truth is not None:
        mean, sd = View(truth).moments(name)
        exact = style_of(truth.method)
        ax.axhline(mean, color=exact.colour, linewidth=1.4, zorder=4)
        ax.axhspan(mean - 2 * sd, mean + 2 * sd, color=colours.PALE, zorder=0)
        ax.set_title(f"grey: {exact.label}, mean ± 2 sd", loc="right", fontsize=9)
        said = f" {exact.label}: mean {mean:.4g}, standard deviation {sd:.3g}."
    title = f"{style.label}: {count} chain{'s' * (count != 1)}"
    ax.set(xlabel="draw after warmup", ylabel=label or name, title=title)
    ax.set_xlim(ends(1, path.shape[1]))
    ax.grid(False)
    starts = ", ".join(f"{m:.4g}" for m in path.mean(1)[:8])
    return (
        f"The first {path.shape[1]} draws of {label or name} by {count} chains of "
        f"{style.label}. Chain means: {starts}.{said}"
    )
