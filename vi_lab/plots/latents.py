"""Hidden coordinates of every observation: means and ellipses, mean field against exact."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from vi_lab.arguments import checks
from vi_lab.models import PPCA, FactorAnalysis
from vi_lab.plots import colours
from vi_lab.plots.shown import ellipse
from vi_lab.plots.style import axes_level, style_of
from vi_lab.results import Exact, Factorised

ELLIPSES_SHOWN = 12  # ellipses drawn; every row has the same


@axes_level(size=(5.6, 4.6))
def latent_means(truth: Exact, q: Factorised | None = None, *, ax: Any = None) -> str:
    """Posterior means of two hidden coordinates, with ellipses of a few rows, exact and of q.

    Parameters
    ----------
    truth : Exact
        Of PPCA or FactorAnalysis with at least two latent coordinates.
    q : Factorised, optional
        A q for the same model; its ellipses are drawn inside the exact ones.
    """
    model: Any = truth.model if isinstance(truth, Exact) else None
    hidden = isinstance(model, PPCA | FactorAnalysis) and model.q > 1
    checks.require(hidden, "truth: needs Exact of two or more hidden coordinates", truth)
    same = q is None or (isinstance(q, Factorised) and q.model is model)
    checks.require(same, "q: needs a Factorised q for the same model", q)
    mean = np.asarray(truth.mean("z"))
    ax.plot(*mean[:, :2].T, ".", color=colours.POINTS, markersize=5, label="exact mean")
    rows = np.linspace(0, len(mean) - 1, min(ELLIPSES_SHOWN, len(mean))).round().astype(int)
    cov = truth.posterior.cov[:2, :2]  # type: ignore[attr-defined]
    _ellipses(ax, mean[rows], cov, "exact")
    correlation = cov[0, 1] / np.sqrt(cov[0, 0] * cov[1, 1])
    beside = ""
    if q is not None:
        sd = np.asarray(q.sd("z"))[0, :2]
        _ellipses(ax, np.asarray(q.mean("z"))[rows], np.diag(sd**2), "cavi")
        ratio = sd / np.sqrt(np.diag(cov))
        beside = f"; CAVI's has none, and sds {ratio[0]:.3f} and {ratio[1]:.3f} of the true ones"
    ax.set(xlabel="z[0]", ylabel="z[1]")
    ax.set_aspect("equal", adjustable="datalim")
    ax.legend(loc="best")
    return (
        f"{len(mean)} posterior means of two hidden coordinates, ellipses for {len(rows)} rows. "
        f"The exact posterior of a row has correlation {correlation:.3f}{beside}."
    )


def _ellipses(ax: Axes, centres: np.ndarray, cov: np.ndarray, method: str) -> None:
    style = style_of(method)
    for i, at in enumerate(centres):
        label = style.label if i == 0 else None
        edge = {"edgecolor": style.colour, "linestyle": style.line, "linewidth": 1.4}
        ellipse(ax, at, cov, label=label, **edge)
