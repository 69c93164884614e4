"""The posterior of a datum's two latents under a fixed decoder, and the Gaussians beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.errors import InputError
from vi_lab.numerics.agreement import AGREES, CANNOT_BE_TOLD, judge, write_amount
from vi_lab.numerics.rounding import Estimate
from vi_lab.plots.shown import SHARES, centre, outline
from vi_lab.plots.style import axes_level, number, style_of
from vi_lab.results import Exact, GaussianRows
from vi_lab.vae.evidence.decoder_model import DecoderModel

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
) -> str:
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
    model: Any = truth.model if isinstance(truth, Exact) else None
    planar = isinstance(model, DecoderModel) and model.dimension == 2
    checks.require(planar, "truth: needs Exact of a DecoderModel of two latents", truth)
    qs = {} if qs is None else qs
    named = isinstance(qs, Mapping) and all(
        isinstance(name, str) and isinstance(q, GaussianRows) and q.model is model
        for name, q in qs.items()
    )
    checks.require(named, "qs: needs a dict of name to GaussianRows of this model", qs)
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
    black = style_of("exact")
    outline(ax, grids, density, filled=True, colors=[black.colour])
    ax.plot([], [], color=black.colour, label=black.label)
    said = []
    for name, (half, most) in curves.items():
        style = style_of(name)
        for curve, width in ((half, 2.2), (most, 1.4)):
            ax.plot(*curve.T, **style.pen, linewidth=width)
        ax.plot([], [], **style.pen, label=style.label)
        said.append(f"{style.label}: {_centres(qs[name], row)}, {write_gap(model, qs[name], row)}.")
    ax.set(xlabel="z[0]", ylabel="z[1]", xlim=grids[0][[0, -1]], ylim=grids[1][[0, -1]])
    if legend:
        ax.legend()
    return (
        f"Posterior of the two latents of datum {row}: contours that hold 50 and 90 percent of the "
        f"probability. Exact: {_centres(truth, row)}. " + " ".join(said)
    )


def write_gap(model: DecoderModel, q: GaussianRows, row: int) -> str:
    """How far the bound of one datum is below its log p(x), within the errors of both."""
    truth, bound = model.truth, q.elbo_rows
    numbers = {
        "log p(x)": Estimate(truth.value[row], truth.error[row], "quadrature"),
        "the ELBO": Estimate(bound.value[row], bound.error[row], bound.route),
    }
    judged = judge(truth.value[row] - bound.value[row], numbers)
    if judged.impossible:
        return "above log p(x), a mistake"
    if judged.word == CANNOT_BE_TOLD:
        return f"how far short {CANNOT_BE_TOLD}"
    return "exact" if judged.word == AGREES else f"{write_amount(judged, _nats)} short"


def _nats(amount: float) -> str:
    return f"{number(amount, digits=2)} nats"


def _centres(result: Any, row: int) -> str:
    each = zip(np.asarray(result.mean("z"))[row], np.asarray(result.sd("z"))[row], strict=True)
    return ", ".join(f"z[{i}] {centre(*moments, digits=3)}" for i, moments in enumerate(each))


def _ellipses(q: GaussianRows, row: int) -> list[np.ndarray]:
    """The curves that hold each of SHARES: |L^-1 (z - mean)|^2 is -2 log(1 - share) there."""
    turn = np.linspace(0.0, 2.0 * np.pi, 120)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    radii = [np.sqrt(-2.0 * np.log1p(-share)) for share in SHARES]
    return [q.location[row] + radius * circle @ q.root[row].T for radius in radii]
