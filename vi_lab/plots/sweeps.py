"""Pictures of a sweep over the correlation of a Gaussian: what it costs, beside the formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.comparison.compare import Comparison
from vi_lab.comparison.row import Row
from vi_lab.errors import InputError
from vi_lab.models import CorrelatedGaussian
from vi_lab.plots import colours
from vi_lab.plots.comparisons import list_above_evidence, needs_comparison
from vi_lab.plots.style import axes_level, style_of


@public
def rho_of(comparison: Comparison, row: Row) -> float | None:
    """The correlation of a row's target, where it is a Gaussian over two numbers."""
    needs_comparison(comparison)
    checks.require(isinstance(row, Row), "row: needs a Row of the comparison", row)
    result = comparison.results.get((row.problem, row.method))
    model: Any = None if result is None else result.model
    planar = isinstance(model, CorrelatedGaussian) and model.cov.shape == (2, 2)
    if not planar or len(model.parts) != 2:
        return None
    return float(model.cov[0, 1] / np.sqrt(model.cov[0, 0] * model.cov[1, 1]))


def _sweep(
    ax: Axes,
    comparison: Comparison,
    method: str,
    measure: Callable[[Row], float | None],
    formula: tuple[str, Callable[[Any], Any]],
    ylabel: str,
    title: str,
    top: float | None = None,
) -> str:
    """One number of every row of a method as dots, by rising rho, and a line: its formula."""
    needs_comparison(comparison)
    found = [(rho_of(comparison, row), row) for row in comparison.rows if row.method == method]
    points = [(rho, measure(row)) for rho, row in found if rho is not None]
    if not points:
        raise InputError(
            f"comparison: needs {method} on two-dimensional Gaussians, as in "
            "vi_lab.compare(vi_lab.sweep('correlated'))"
        )
    rho, value = np.array(sorted(points, key=lambda point: point[0]), dtype=float).T
    style, (words, theory) = style_of(method), formula
    end = max(0.99, float(np.abs(rho).max()))
    across = np.linspace(min(0.0, rho.min()), end, 400)
    ax.plot(across, theory(across), color=colours.FORMULA, linewidth=1.6, label=words)
    look = style.dots(8, markeredgecolor="white", zorder=3, clip_on=False)
    ax.plot(rho, value, label=f"{style.label}, measured", **look)
    ax.set(xlabel="correlation ρ of the target", ylabel=ylabel, title=title)
    ax.set(xlim=(across[0] - 0.02, 1.0), ylim=(0, top))
    ax.legend()
    pairs = ", ".join(f"{v:.3g} at {r:g}" for r, v in zip(rho, value, strict=True))
    return (
        f"{ylabel} against the correlation of a two-dimensional Gaussian: measured {pairs}; "
        f"a line shows the formula {words}."
    )


@axes_level()
def sweep_gap(comparison: Comparison, *, ax: Any = None) -> str:
    """CAVI's measured gap over rho as dots, against -log(1 - rho^2)/2."""
    formula = "−½ log(1 − ρ²)", lambda rho: -0.5 * np.log1p(-(rho**2))
    needs_comparison(comparison)
    wrong = list_above_evidence(comparison)
    title = f"Above log p(x), a mistake: {wrong}" if wrong else "Nats that mean field loses"
    words = "nats short of log p(x)", title
    return _sweep(ax, comparison, "cavi", lambda row: row.gap, formula, *words)


@axes_level()
def sweep_sd(comparison: Comparison, *, ax: Any = None) -> str:
    """CAVI's sd as a share of the true one, against sqrt(1 - rho^2)."""
    formula = "√(1 − ρ²)", lambda rho: np.sqrt(1.0 - rho**2)
    words = "sd claimed / true sd", "How sure it pretends to be"
    return _sweep(ax, comparison, "cavi", lambda row: row.sd_ratio_min, formula, *words, top=1.08)


@axes_level()
def sweep_ess(comparison: Comparison, *, ax: Any = None) -> str:
    """Effective draws per draw of Gibbs, against (1 - rho^2)/(1 + rho^2)."""

    def share(row: Row) -> float:
        result: Any = comparison.results[row.problem, row.method]
        return (row.ess or 0.0) / float(result.values["z0"][..., 0].size)

    formula = "(1 − ρ²) / (1 + ρ²)", lambda rho: (1.0 - rho**2) / (1.0 + rho**2)
    words = "effective draws per draw", "What a Gibbs draw is worth"
    return _sweep(ax, comparison, "gibbs", share, formula, *words, top=1.08)
