"""Pictures of hidden labels: components as ellipses, and who shares one with whom."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb

from vi_lab.arguments import checks
from vi_lab.comparison.label_invariant import co_assignment as pairs_of
from vi_lab.models import GaussianMixture
from vi_lab.plots import colours
from vi_lab.plots.nats import find_mistake
from vi_lab.plots.shown import ellipse
from vi_lab.plots.style import axes_level, equal_columns, join_words, note, style_of
from vi_lab.results import Factorised

TOGETHER = "P(same component)"
GONE = 0.01  # a component with less than this weight is not drawn
MOST_COPIES = 10**100  # a number that a message and a legend still have room for


@axes_level()
def components(q: Factorised, *, labels: tuple[str, str] = ("", ""), ax: Any = None) -> str:
    """Points in the plane in the mixed colours of their responsibilities, components as ellipses.

    Parameters
    ----------
    q : Factorised
        Of a GaussianMixture in two dimensions. An ellipse is two sds of a component at the mean of
        q, its line as wide as its weight; one of less than a hundredth is not drawn.
    labels : pair of str
        What the two columns are.
    """
    model: Any = q.model if isinstance(q, Factorised) else None
    planar = isinstance(model, GaussianMixture) and model.size == 2
    checks.require(planar, "q: needs a Factorised q of a mixture in two dimensions", q)
    xlabel, ylabel = join_words("labels", labels)
    weights, means = np.asarray(q.mean("weights")), np.asarray(q.mean("means"))
    covariances = np.linalg.inv(q.mean("precisions"))
    names = np.resize(colours.COMPONENTS, len(weights))  # from the start again
    palette = np.array([to_rgb(name) for name in names])
    ax.scatter(*model.x.T, s=14, color=np.asarray(q.mean("z")) @ palette, alpha=0.75, linewidths=0)
    shown = np.flatnonzero(weights >= GONE)
    for k in shown:
        edge = {"edgecolor": palette[k], "linewidth": 1.0 + 2.5 * weights[k]}
        ellipse(ax, means[k], covariances[k], **edge)
        ax.plot(*means[k], "+", color=palette[k], markersize=9, markeredgewidth=2)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    said = "; ".join(
        f"weight {weights[k]:.2f} at ({means[k][0]:.2f}, {means[k][1]:.2f})" for k in shown
    )
    return (
        f"{model.n} points coloured by their responsibilities, and {len(shown)} of {len(weights)} "
        f"components as ellipses of two standard deviations: {said}. ELBO {q.elbo:.4f} nats."
    )


@axes_level(size=(4.6, 4.2))
def co_assignment(
    result: Any, *, label: str | None = None, bar: bool = True, ax: Any = None
) -> str:
    """P(z_i = z_j | x) for every pair of points, the points in the order of their first coordinate.

    Parameters
    ----------
    result : Exact, Draws or Factorised
        Of a mixture.
    label : str, optional
        A title; the method's name by default.
    bar : bool
        Whether a bar beside it says which colour is which probability.
    """
    matrix = pairs_of(result)
    x = np.asarray(result.model.x)
    order = np.argsort(x if x.ndim == 1 else x[:, 0], kind="stable")
    matrix = matrix[np.ix_(order, order)]
    label = style_of(result.method).label if label is None else label
    ax.grid(False)
    image = ax.imshow(matrix, vmin=0, vmax=1, cmap="cividis", interpolation="nearest")
    ax.set_title(label, loc="left")
    ax.set(xlabel="points, in rising order", ylabel="")
    if bar:
        ax.figure.colorbar(image, ax=ax, shrink=0.8, label=TOGETHER)
    half = len(matrix) // 2
    return (
        f"Co-assignment matrix of {len(matrix)} points under {label}: on average "
        f"{matrix[:half, :half].mean():.2f} within the lower half, "
        f"{matrix[half:, half:].mean():.2f} within the upper, "
        f"{matrix[:half, half:].mean():.2f} between them."
    )


@axes_level()
def bound_over(
    values: Any,
    bounds: Any,
    *,
    log_evidence: dict[float, float] | None = None,
    label: str = "components K",
    ax: Any = None,
) -> str:
    """The best ELBO at each value of a setting, beside log p(x) where that is known.

    Parameters
    ----------
    values, bounds : arrays (n,)
        The setting and the best ELBO over restarts, in nats.
    log_evidence : dict, optional
        value -> exact log evidence in nats.
    label : str
        The setting, in words.
    """
    values, bounds = equal_columns(values=values, bounds=bounds)
    style, best = style_of("cavi"), int(np.argmax(bounds))
    top = values[best], bounds[best]
    ax.plot(values, bounds, **style.pen, marker=style.marker, label="best ELBO")
    note(ax, f"best at {top[0]:g}: {top[1]:.2f}", top, (8, 4), color=style.colour)
    mapping = log_evidence is None or isinstance(log_evidence, Mapping)
    checks.require(mapping, "log_evidence: needs a dict of value to log evidence", log_evidence)
    known = {
        checks.real("log_evidence", value): checks.real("log_evidence", nats)
        for value, nats in (log_evidence or {}).items()
    }
    if known:
        look = {"color": colours.EVIDENCE, "fillstyle": "none", "markersize": 10}
        ax.plot(list(known), list(known.values()), "D", label="log p(x), exact", **look)
    over = [known[v] - b for v, b in zip(values.tolist(), bounds, strict=True) if v in known]
    wrong = find_mistake("log p(x) − ELBO", np.array(over))
    ax.set(xlabel=label, ylabel="nats", title=wrong)
    ax.set_xticks(values)
    ax.margins(y=0.15)
    ax.legend(loc="lower right")
    said = ", ".join(f"{v:g}: {b:.2f}" for v, b in zip(values, bounds, strict=True))
    also = "".join(f" At {v:g} log p(x) is exactly {e:.2f}." for v, e in known.items())
    also += f" {wrong}." if wrong else ""
    return f"The best ELBO in nats against {label}: {said}. Highest at {top[0]:g}.{also}"


@axes_level()
def symmetry_gap(separations: Any, gaps: Any, copies: int, *, ax: Any = None) -> str:
    """The gap of CAVI as the clusters of a mixture part: it tends to the log of the copies.

    Parameters
    ----------
    separations, gaps : arrays (n,)
        How far apart the clusters were moved, and log p(x) - ELBO in nats.
    copies : int
        Relabellings of the posterior that a q in one of them leaves out, K!.
    """
    separations, gaps = equal_columns(separations=separations, gaps=gaps)
    copies = checks.integer("copies", copies, 1, MOST_COPIES)
    style, limit = style_of("cavi"), math.log(copies)
    ax.axhline(limit, color=colours.EVIDENCE, linewidth=1.2, label=f"log {copies} = {limit:.4f}")
    ax.plot(separations, gaps, **style.pen, marker=style.marker, label="gap of CAVI")
    ax.set(xlabel="distance added between the halves of the data", ylabel="log p(x) - ELBO, nats")
    wrong = find_mistake("a gap", gaps)
    ax.set(title=wrong, ylim=(min(gaps.min(), 0.0), max(gaps.max(), limit) * 1.1 or 1.0))
    ax.legend(loc="upper right")
    said = ", ".join(f"{g:.4f} at {s:g}" for s, g in zip(separations, gaps, strict=True))
    return (
        f"The gap of CAVI in nats as the two halves of the data are moved apart: {said}. The line "
        f"at {limit:.4f} is the log of {copies}, the number of relabelled copies of the posterior."
        f"{' ' * bool(wrong)}{wrong}{'.' * bool(wrong)}"
    )
