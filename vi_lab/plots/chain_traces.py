"""The picture of chains: the path of each through one coordinate."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from vi_lab.arguments import checks
from vi_lab.arguments.public import brief
from vi_lab.errors import InputTypeError
from vi_lab.plots.style import PALE, axes_level, describe, ends, style_of
from vi_lab.plots.view import View
from vi_lab.results import Draws, Posterior


@axes_level
def chains(
    draws: Draws,
    name: str,
    *,
    first: int = 200,
    truth: Posterior | None = None,
    label: str | None = None,
    ax: Any = None,
) -> Axes:
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
    if not isinstance(draws, Draws):
        raise InputTypeError(f"draws: needs Draws, got {brief(draws)}")
    if truth is not None and not isinstance(truth, Posterior):
        raise InputTypeError(f"truth: needs Exact or Factorised, got {brief(truth)}")
    first = checks.integer("first", first, 1)
    view, style = View(draws), style_of(draws.method)
    count = len(next(iter(draws.values.values())))
    path = view.draws(name).reshape(count, -1)[:, :first]
    for i, values in enumerate(path):
        mix = 0.75 * i / max(count - 1, 1)
        ax.plot(
            np.arange(1, path.shape[1] + 1),
            values,
            linewidth=0.9,
            alpha=0.9,
            rasterized=True,
            color=[(1 - mix) * c + mix * 0.1 for c in to_rgb(style.colour)],
        )
    if truth is not None:
        mean, sd = View(truth).moments(name)
        exact = style_of(truth.method)
        ax.axhline(mean, color=exact.colour, linewidth=1.4, zorder=4)
        ax.axhspan(mean - 2 * sd, mean + 2 * sd, color=PALE, zorder=0)
        ax.set_title(f"grey: {exact.label}, mean ± 2 sd", loc="right", fontsize=9)
    ax.set(xlabel="draw after warmup", ylabel=label or name, xlim=ends(1, path.shape[1]))
    ax.grid(False)
    ax.set_title(f"{style.label}: {count} chain{'s' * (count != 1)}")
    starts = ", ".join(f"{m:.4g}" for m in path.mean(1)[:8])
    describe(
        ax,
        f"The first {path.shape[1]} draws of {label or name} by {count} chains of "
        f"{style.label}. Chain means: {starts}."
        + (
            ""
            if truth is None
            else f" {exact.label}: mean {mean:.4g}, standard deviation {sd:.3g}."
        ),
    )
    return ax
