"""Pictures of a sweep over the correlation of a Gaussian: what it costs, beside the formulas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from vi_lab.arguments.public import brief, public
from vi_lab.comparison.compare import Comparison
from vi_lab.comparison.metrics import Row
from vi_lab.errors import InputError, InputTypeError
from vi_lab.models import CorrelatedGaussian
from vi_lab.plots.comparisons import needs_comparison
from vi_lab.plots.style import axes_level, describe, style_of
from vi_lab.results import Draws


@public
def rho_of(comparison: Comparison, row: Row) -> float | None:
    """The correlation of a row's target, where it is a Gaussian over two numbers."""
    needs_comparison(comparison)
    if not isinstance(row, Row):
        raise InputTypeError(f"row: needs a Row of the comparison, got {brief(row)}")
    result = comparison.results.get((row.problem, row.method))
    model = None if result is None else result.model
    if (
        not isinstance(model, CorrelatedGaussian)
        or model.cov.shape != (2, 2)
        or len(model.parts) != 2
    ):
        return None
    return float(model.cov[0, 1] / np.sqrt(model.cov[0, 0] * model.cov[1, 1]))


def _along(comparison: Comparison, method: str) -> list[tuple[float, Row]]:
    """(rho, row) of one method along a sweep over rho, by rising rho."""
    needs_comparison(comparison)
    points = [(rho_of(comparison, row), row) for row in comparison.rows if row.method == method]
    known = sorted(((rho, row) for rho, row in points if rho is not None), key=lambda p: p[0])
    if not known:
        raise InputError(
            f"comparison: needs {method} on two-dimensional Gaussians, as in "
            "vi_lab.compare(vi_lab.sweep('correlated'))"
        )
    return known


def _sweep(
    ax: Axes,
    method: str,
    points: Sequence[tuple[float, float | None]],
    theory: Any,
    words: str,
    formula: str,
    measured: str,
) -> None:
    style = style_of(method)
    rho, value = np.array(points, dtype=float).T
    end = max(0.99, float(np.abs(rho).max()))
    across = np.linspace(min(0.0, rho.min()), end, 400)
    ax.plot(across, theory(across), color="#555555", linewidth=1.6, label=formula)
    ax.plot(
        rho,
        value,
        linestyle="none",
        marker=style.marker,
        color=style.colour,
        markersize=8,
        markeredgecolor="white",
        label=measured,
        zorder=3,
        clip_on=False,
    )
    ax.set(xlabel="correlation ρ of the target", ylabel=words, xlim=(across[0] - 0.02, 1.0))
    ax.legend()
    pairs = ", ".join(f"{v:.3g} at {r:g}" for r, v in zip(rho, value, strict=True))
    describe(
        ax,
        f"{words} against the correlation of a two-dimensional Gaussian: measured {pairs}; "
        f"a line shows the formula {formula}.",
    )


@axes_level
def sweep_gap(comparison: Comparison, *, ax: Any = None) -> Axes:
    """CAVI's measured gap over rho as dots, against -log(1 - rho^2)/2."""
    points = [(rho, row.gap) for rho, row in _along(comparison, "cavi")]
    _sweep(
        ax,
        "cavi",
        points,
        lambda r: -0.5 * np.log1p(-(r**2)),
        "nats short of log p(x)",
        "−½ log(1 − ρ²)",
        "CAVI, measured",
    )
    ax.set_ylim(0, None)
    ax.set_title("Nats that mean field loses")
    return ax


@axes_level
def sweep_sd(comparison: Comparison, *, ax: Any = None) -> Axes:
    """CAVI's sd as a share of the true one, against sqrt(1 - rho^2)."""
    points = [(rho, row.sd_ratio_min) for rho, row in _along(comparison, "cavi")]
    _sweep(
        ax,
        "cavi",
        points,
        lambda r: np.sqrt(1.0 - r**2),
        "sd claimed / true sd",
        "√(1 − ρ²)",
        "CAVI, measured",
    )
    ax.set_ylim(0, 1.08)
    ax.set_title("How sure it pretends to be")
    return ax


@axes_level
def sweep_ess(comparison: Comparison, *, ax: Any = None) -> Axes:
    """Effective draws per draw of Gibbs, against (1 - rho^2)/(1 + rho^2)."""
    points = []
    for rho, row in _along(comparison, "gibbs"):
        result = comparison.results[row.problem, row.method]
        assert isinstance(result, Draws)
        points.append((rho, (row.ess or 0.0) / result.values["z0"][..., 0].size))
    _sweep(
        ax,
        "gibbs",
        points,
        lambda r: (1.0 - r**2) / (1.0 + r**2),
        "effective draws per draw",
        "(1 − ρ²) / (1 + ρ²)",
        "Gibbs, measured",
    )
    ax.set_ylim(0, 1.08)
    ax.set_title("What a Gibbs draw is worth")
    return ax
