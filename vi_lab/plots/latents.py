"""Hidden coordinates of every observation: means and ellipses, mean field against exact."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse

from vi_lab.arguments.public import brief
from vi_lab.errors import InputTypeError
from vi_lab.models import PPCA, FactorAnalysis
from vi_lab.plots.style import axes_level, describe, style_of
from vi_lab.results import Exact, Factorised

SHOWN = 12  # ellipses drawn; every row has the same
MASS = 2.0  # an ellipse reaches so many standard deviations


@axes_level(size=(5.6, 4.6))
def latent_means(truth: Exact, q: Factorised | None = None, *, ax: Any = None) -> Axes:
    """Posterior means of two hidden coordinates, with ellipses of a few rows, exact and of q.

    Parameters
    ----------
    truth : Exact
        Of PPCA or FactorAnalysis with at least two latent coordinates.
    q : Factorised, optional
        A q for the same model; its ellipses are drawn inside the exact ones.
    """
    model = truth.model if isinstance(truth, Exact) else None
    if not isinstance(model, PPCA | FactorAnalysis) or model.q < 2:
        raise InputTypeError(
            f"truth: needs Exact of two or more hidden coordinates, got {brief(truth)}"
        )
    if q is not None and not (isinstance(q, Factorised) and q.model is model):
        raise InputTypeError(f"q: needs a Factorised q for the same model, got {brief(q)}")
    mean = np.asarray(truth.mean("z"))
    black = style_of("exact")
    ax.plot(mean[:, 0], mean[:, 1], ".", color="#9A9A9A", markersize=5, label="exact mean")
    rows = np.linspace(0, len(mean) - 1, min(SHOWN, len(mean))).round().astype(int)
    exact_cov = truth.posterior.cov[:2, :2]  # type: ignore[attr-defined]
    _ellipses(ax, mean[rows], exact_cov, black, "exact")
    text = f"{len(mean)} posterior means of two hidden coordinates, ellipses for {len(rows)} rows. "
    correlation = exact_cov[0, 1] / np.sqrt(exact_cov[0, 0] * exact_cov[1, 1])
    text += f"The exact posterior of a row has correlation {correlation:.3f}"
    if q is not None:
        sd = np.asarray(q.sd("z"))[0, :2]
        _ellipses(ax, np.asarray(q.mean("z"))[rows], np.diag(sd**2), style_of("cavi"), "CAVI")
        ratio = sd / np.sqrt(np.diag(exact_cov))
        text += f"; CAVI's has none, and sds {ratio[0]:.3f} and {ratio[1]:.3f} of the true ones"
    ax.set(xlabel="z[0]", ylabel="z[1]")
    ax.set_aspect("equal", adjustable="datalim")
    ax.legend(loc="best")
    describe(ax, text + ".")
    return ax


def _ellipses(ax: Axes, centres: np.ndarray, cov: np.ndarray, style: Any, label: str) -> None:
    values, vectors = np.linalg.eigh(cov)
    angle = float(np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1])))
    for i, centre in enumerate(centres):
        ax.add_patch(
            Ellipse(
                centre,
                2 * MASS * values[1] ** 0.5,
                2 * MASS * values[0] ** 0.5,
                angle=angle,
                fill=False,
                edgecolor=style.colour,
                linestyle=style.line,
                linewidth=1.4,
                label=label if i == 0 else None,
            )
        )
