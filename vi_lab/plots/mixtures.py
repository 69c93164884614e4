"""Pictures of hidden labels: components as ellipses, and who shares one with whom."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Ellipse

from vi_lab.arguments import checks
from vi_lab.arguments.public import brief
from vi_lab.comparison.label_invariant import co_assignment as pairs_of
from vi_lab.errors import InputError, InputTypeError
from vi_lab.models import GaussianMixture
from vi_lab.plots.style import (
    BLUE,
    EVIDENCE_COLOUR,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    axes_level,
    describe,
    join_words,
    style_of,
)
from vi_lab.results import Factorised

COMPONENTS = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY)  # one after another, then from the start
TOGETHER = "P(same component)"
GONE = 0.01  # a component with less than this weight is not drawn
LARGEST = math.factorial(170)  # copies whose number is still a float64
MASS = 2.0  # an ellipse reaches so many standard deviations


@axes_level
def components(q: Factorised, *, labels: tuple[str, str] = ("", ""), ax: Any = None) -> Axes:
    """Points in the plane in the mixed colours of their responsibilities, components as ellipses.

    Parameters
    ----------
    q : Factorised
        Of a GaussianMixture in two dimensions. An ellipse is two sds of a component at the mean of
        q, its line as wide as its weight; one of less than a hundredth is not drawn.
    labels : pair of str
        What the two columns are.
    """
    model = q.model if isinstance(q, Factorised) else None
    if not isinstance(model, GaussianMixture) or model.size != 2:
        raise InputTypeError(
            f"q: needs a Factorised q of a mixture in two dimensions, got {brief(q)}"
        )
    words = join_words("labels", labels)
    weights, means = np.asarray(q.mean("weights")), np.asarray(q.mean("means"))
    covariances = np.linalg.inv(q.mean("precisions"))
    palette = np.array([to_rgb(COMPONENTS[k % len(COMPONENTS)]) for k in range(len(weights))])
    ax.scatter(*model.x.T, s=14, color=np.asarray(q.mean("z")) @ palette, alpha=0.75, linewidths=0)
    shown = np.flatnonzero(weights >= GONE)
    for k in shown:
        values, vectors = np.linalg.eigh(covariances[k])
        angle = float(np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1])))
        ax.add_patch(
            Ellipse(
                means[k],
                2 * MASS * values[1] ** 0.5,
                2 * MASS * values[0] ** 0.5,
                angle=angle,
                fill=False,
                edgecolor=palette[k],
                linewidth=1.0 + 2.5 * weights[k],
            )
        )
        ax.plot(*means[k], "+", color=palette[k], markersize=9, markeredgewidth=2)
    ax.set(xlabel=words[0], ylabel=words[1])
    said = "; ".join(
        f"weight {weights[k]:.2f} at ({means[k][0]:.2f}, {means[k][1]:.2f})" for k in shown
    )
    describe(
        ax,
        f"{model.n} points coloured by their responsibilities, and {len(shown)} of {len(weights)} "
        f"components as ellipses of two standard deviations: {said}. ELBO {q.elbo:.4f} nats.",
    )
    return ax


@axes_level(size=(4.6, 4.2))
def co_assignment(
    result: Any, *, label: str | None = None, bar: bool = True, ax: Any = None
) -> Axes:
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
    ax.grid(False)
    image = ax.imshow(matrix, vmin=0, vmax=1, cmap="cividis", interpolation="nearest")
    if label is None:
        label = style_of(result.method).label
    ax.set_title(label, loc="left")
    ax.set(xlabel="points, in rising order", ylabel="")
    if bar:
        ax.figure.colorbar(image, ax=ax, shrink=0.8, label=TOGETHER)
    half = len(matrix) // 2
    describe(
        ax,
        f"Co-assignment matrix of {len(matrix)} points under {label}: on average "
        f"{matrix[:half, :half].mean():.2f} within the lower half, "
        f"{matrix[half:, half:].mean():.2f} within the upper, "
        f"{matrix[:half, half:].mean():.2f} between them.",
    )
    return ax


@axes_level
def bound_over(
    values: Any,
    bounds: Any,
    *,
    log_evidence: dict[float, float] | None = None,
    label: str = "components K",
    ax: Any = None,
) -> Axes:
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
    values, bounds = checks.observations("values", values), checks.observations("bounds", bounds)
    if values.shape != bounds.shape:
        raise InputError(f"values, bounds: need one shape (n,), got {values.shape}, {bounds.shape}")
    style = style_of("cavi")
    ax.plot(values, bounds, color=style.colour, linestyle=style.line, marker=style.marker,
            label="best ELBO")  # fmt: skip
    best = int(np.argmax(bounds))
    ax.annotate(
        f"best at {values[best]:g}: {bounds[best]:.2f}",
        (values[best], bounds[best]),
        (8, 4),
        textcoords="offset points",
        color=style.colour,
        fontsize=9,
    )
    if log_evidence is not None and not isinstance(log_evidence, Mapping):
        raise InputTypeError(
            f"log_evidence: needs a dict of value to log evidence, got {brief(log_evidence)}"
        )
    known = {
        checks.real("log_evidence", value): checks.real("log_evidence", nats)
        for value, nats in (log_evidence or {}).items()
    }
    if known:
        ax.plot(list(known), list(known.values()), "D", color=EVIDENCE_COLOUR, fillstyle="none",
                markersize=10, label="log p(x), exact")  # fmt: skip
    ax.set(xlabel=label, ylabel="nats")
    ax.set_xticks(values)
    ax.margins(y=0.15)
    ax.legend(loc="lower right")
    said = ", ".join(f"{v:g}: {b:.2f}" for v, b in zip(values, bounds, strict=True))
    also = "".join(f" At {v:g} log p(x) is exactly {e:.2f}." for v, e in known.items())
    describe(
        ax, f"The best ELBO in nats against {label}: {said}. Highest at {values[best]:g}.{also}"
    )
    return ax


@axes_level
def symmetry_gap(separations: Any, gaps: Any, copies: int, *, ax: Any = None) -> Axes:
    """The gap of CAVI as the clusters of a mixture part: it tends to the log of the copies.

    Parameters
    ----------
    separations, gaps : arrays (n,)
        How far apart the clusters were moved, and log p(x) - ELBO in nats.
    copies : int
        Relabellings of the posterior that a q in one of them leaves out, K!.
    """
    separations, gaps = (
        checks.observations("separations", separations),
        checks.observations("gaps", gaps),
    )
    if separations.shape != gaps.shape:
        raise InputError(
            f"separations, gaps: need one shape (n,), got {separations.shape}, {gaps.shape}"
        )
    copies = checks.integer("copies", copies, 1, LARGEST)
    style = style_of("cavi")
    limit = math.log(copies)
    ax.axhline(limit, color=EVIDENCE_COLOUR, linewidth=1.2, label=f"log {copies} = {limit:.4f}")
    ax.plot(separations, gaps, color=style.colour, linestyle=style.line, marker=style.marker,
            label="gap of CAVI")  # fmt: skip
    ax.set(xlabel="distance added between the halves of the data", ylabel="log p(x) - ELBO, nats")
    ax.set_ylim(0, max(gaps.max(), limit) * 1.1 or 1.0)
    ax.legend(loc="upper right")
    said = ", ".join(f"{g:.4f} at {s:g}" for s, g in zip(separations, gaps, strict=True))
    describe(
        ax,
        f"The gap of CAVI in nats as the two halves of the data are moved apart: {said}. The line "
        f"at {limit:.4f} is the log of {copies}, the number of relabelled copies of the posterior.",
    )
    return ax
