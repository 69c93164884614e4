"""The posterior of a datum's two latents under a fixed decoder, and the Gaussians beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from vi_lab.arguments import checks
from vi_lab.arguments.public import brief
from vi_lab.errors import InputError, InputTypeError
from vi_lab.plots.smoothing import mass_levels
from vi_lab.plots.style import axes_level, describe, number, style_of
from vi_lab.results import Exact, GaussianRows
from vi_lab.vae.evidence.decoder_model import DecoderModel

SHARES = (0.5, 0.9)  # of the probability inside the two contours
POINTS = 161  # of the density along an axis
WIDE = 3.5  # posterior standard deviations shown on each side, at least


@axes_level(size=(5.2, 4.6))
def latent_posterior(
    truth: Exact,
    qs: Mapping[str, GaussianRows] | None = None,
    row: int = 0,
    *,
    legend: bool = True,
    ax: Any = None,
) -> Axes:
    """p(z|x) of one datum in the plane of its two latents, and the ellipses of several q.

    The contours, filled for the truth, hold half and nine tenths of the probability; so do the two
    ellipses of each q.

    Parameters
    ----------
    truth : Exact
        Of a DecoderModel with two latents.
    qs : mapping of str to GaussianRows, optional
        Of the same model, by method ("gaussian-full-rank") or another name.
    row : int
        Which datum.
    """
    model = truth.model if isinstance(truth, Exact) else None
    if not isinstance(model, DecoderModel) or model.dimension != 2:
        raise InputTypeError(
            f"truth: needs Exact of a DecoderModel of two latents, got {brief(truth)}"
        )
    qs = {} if qs is None else qs
    if not isinstance(qs, Mapping) or not all(
        isinstance(name, str) and isinstance(q, GaussianRows) and q.model is model
        for name, q in qs.items()
    ):
        raise InputTypeError(
            f"qs: needs a dict of name to GaussianRows of this model, got {brief(qs)}"
        )
    row = checks.integer("row", row, 0)
    if row >= model.n:
        raise InputError(f"row: needs at most {model.n - 1}, got {row}")
    mean, sd = np.asarray(truth.mean("z"))[row], np.asarray(truth.sd("z"))[row]
    curves = {name: _ellipses(q, row) for name, q in qs.items()}
    ends = np.concatenate([mean + WIDE * sd * [[-1], [1]], *(c[-1] for c in curves.values())])
    low, high = ends.min(0), ends.max(0)
    room = 0.05 * (high - low)  # that no contour lies on the frame
    grids = [np.linspace(*side, POINTS) for side in zip(low - room, high + room, strict=True)]
    z = np.stack(np.meshgrid(*grids, indexing="ij"), axis=-1)
    density = np.exp(truth.posterior.log_density_row(row, z))  # type: ignore[attr-defined]
    levels = mass_levels(density, SHARES)
    black = style_of("exact")
    ax.contourf(*grids, density.T, [*levels, 2 * density.max()], colors=["#EFEFEF", "#DADADA"])
    ax.contour(*grids, density.T, levels, colors=[black.colour], linewidths=[1.4, 2.2])
    ax.plot([], [], color=black.colour, label=black.label)
    said = []
    for name, (half, most) in curves.items():
        style = style_of(name)
        for curve, width in ((half, 2.2), (most, 1.4)):
            ax.plot(*curve.T, color=style.colour, linestyle=style.line, linewidth=width)
        ax.plot([], [], color=style.colour, linestyle=style.line, label=style.label)
        gap = model.truth.value[row] - qs[name].elbo_rows.value[row]
        said.append(
            f"{style.label}: z[0] {_centre(qs[name], row, 0)}, z[1] {_centre(qs[name], row, 1)}, "
            f"{number(gap, digits=2)} nats short."
        )
    ax.set(xlabel="z[0]", ylabel="z[1]", xlim=grids[0][[0, -1]], ylim=grids[1][[0, -1]])
    if legend:
        ax.legend()
    describe(
        ax,
        f"Posterior of the two latents of datum {row}: contours that hold 50 and 90 percent of the "
        f"probability. Exact: z[0] {_centre(truth, row, 0)}, z[1] {_centre(truth, row, 1)}. "
        + " ".join(said),
    )
    return ax


def _centre(result: Any, row: int, axis: int) -> str:
    mean, sd = (float(np.asarray(f("z"))[row, axis]) for f in (result.mean, result.sd))
    return f"{number(mean, sd, 3)} ± {number(sd, digits=2)}"


def _ellipses(q: GaussianRows, row: int) -> list[np.ndarray]:
    """The curves that hold each of SHARES: |L^-1 (z - mean)|^2 is -2 log(1 - share) there."""
    turn = np.linspace(0.0, 2.0 * np.pi, 120)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    radii = [np.sqrt(-2.0 * np.log1p(-share)) for share in SHARES]
    return [q.location[row] + radius * circle @ q.root[row].T for radius in radii]
