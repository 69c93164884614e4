"""Outlines that hold a share of a density: of the exact posterior, of q, of a conditional.

Each is found in the axes' own scale, where the plane is drawn; along an axis of logarithms the
density of t is p(t) t.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vi_lab.families import Distribution, MultivariateNormal, Normal
from vi_lab.replays.coordinates import GRID, Axis, whole
from vi_lab.results import Exact
from vi_lab.results.factor_densities import Factors, find_density, find_pair_density

NODES = 201  # along an axis, of the exact density
SHARES = (0.5, 0.9, 0.99)  # that the exact posterior's contours hold
SHARES_OF_Q = (0.5, 0.9)
CORNERS = 64  # of a ring, at most
CORNERS_OF_Q, NODES_OF_Q = 28, 61
TAIL_OF_Q = 1e-3  # beyond which a factor is not looked at
STEPS = 33  # of a curve
HEIGHT = 99  # of a curve's top


def find_contours(truth: Exact, axes: tuple[Axis, Axis]) -> list[dict[str, Any]]:
    """The exact posterior's contours that hold `SHARES`, from its joint density on NODES x NODES
    points."""
    xs, ys = (axis.points(NODES) for axis in axes)
    one, two = ((axis.of.latent, axis.of.index) for axis in axes)
    offsets = [axis.of.at.offset for axis in axes]
    density = truth.find_joint(one, two, xs - offsets[0], ys - offsets[1])
    mass = density * np.multiply.outer(axes[0].per_step(xs), axes[1].per_step(ys))
    even = np.linspace(0.0, GRID, NODES)
    return trace_rings(mass, even, even, SHARES, CORNERS)


def trace_rings(
    mass: np.ndarray, x: np.ndarray, y: np.ndarray, shares: Sequence[float], corners: int
) -> list[dict[str, Any]]:
    """Rings, one or more for each share, about the cells that are likeliest and hold it.

    `mass` (x points, y points) is the density at even steps of x and y, in places of the plane.
    """
    # contourpy and matplotlib's are asked for where something is drawn alone
    from contourpy import contour_generator

    from vi_lab.plots.smoothing import mass_levels

    # a ring that leaves the plane is closed along its edge
    edged = np.pad(mass, 1)
    x, y = (np.concatenate([[a[0] - 1e-6], a, [a[-1] + 1e-6]]) for a in (x, y))
    contours = contour_generator(x, y, edged.T)
    found = []
    for share, level in zip(shares, reversed(mass_levels(mass, shares)), strict=True):
        rings = [_thin(np.asarray(line), corners) for line in contours.lines(level)]
        found.append({"share": share, "rings": [whole(ring) for ring in rings if len(ring) > 2]})
    return found


def _thin(line: np.ndarray, corners: int) -> np.ndarray:
    """A closed line (n, 2) by so many of its points at most, at even steps along it."""
    if len(line) <= corners:
        return line[:-1]
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    even = np.linspace(0.0, along[-1], corners, endpoint=False)
    return np.stack([np.interp(even, along, part) for part in line.T], axis=-1)


def outline(
    model: Any, q: Factors, axes: tuple[Axis, Axis], shares: Sequence[float] = SHARES_OF_Q
) -> dict[str, Any] | None:
    """The Shape of factors in the plane: ellipses where they are Gaussian, else rings.

    None where a density has no formula, or a block of the latents no factor.
    """
    moments = _gaussian_moments(model, q, axes)
    if moments is not None:
        return {"ellipses": [_ellipse(*moments, share) for share in shares]}
    spans = [_span(model, q, axis) for axis in axes]
    if spans[0] is None or spans[1] is None:
        return None
    xs, ys = (span.points(NODES_OF_Q) for span in spans if span is not None)
    one, two = axes[0].of, axes[1].of
    places = (one.latent, one.index), (two.latent, two.index)
    density = find_pair_density(model, q, *places, xs - one.at.offset, ys - two.at.offset)
    if density is None:
        return None
    mass = density * np.multiply.outer(axes[0].per_step(xs), axes[1].per_step(ys))
    return {"rings": trace_rings(mass, axes[0].place(xs), axes[1].place(ys), shares, CORNERS_OF_Q)}


def _span(model: Any, q: Factors, axis: Axis) -> Axis | None:
    """The axis from tail to tail of a number under q: its blocks' quantiles, as latents."""
    blocks = model.sources[axis.of.latent]
    if not set(blocks) <= q.keys():
        return None
    ends = []
    for p in (TAIL_OF_Q, 1.0 - TAIL_OF_Q):
        found = {name: q[name].family.quantile(q[name].eta, p) for name in blocks}
        if any(value is None for value in found.values()):
            return None
        means = {name: factor.mean for name, factor in q.items()}
        ends.append(float(axis.of.read(model.latents({**means, **found}))))
    return Axis(axis.of, *ends)


def _gaussian_moments(
    model: Any, q: Factors, axes: tuple[Axis, Axis]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Mean (2,) and covariance (2, 2) in places of the plane, of normals that are latents."""
    factors: list[Distribution] = []
    for axis in axes:
        name = axis.of.latent
        if model.sources[name] != (name,) or name not in q or axis.of.at.scale != "linear":
            return None
        if not isinstance(q[name].family, Normal | MultivariateNormal):
            return None
        factors.append(q[name])
    mean, cov = np.empty(2), np.zeros((2, 2))
    for i, (factor, axis) in enumerate(zip(factors, axes, strict=True)):
        mean[i] = axis.place(np.asarray(factor.mean)[axis.of.index] + axis.of.at.offset)
        cov[i, i] = np.asarray(factor.sd)[axis.of.index] ** 2
    if factors[0] is factors[1] and isinstance(factors[0].family, MultivariateNormal):
        (*lead, i), (*_, j) = axes[0].of.index, axes[1].of.index
        cov[0, 1] = cov[1, 0] = factors[0].parameters["cov"][(*lead, i, j)]
    per_unit = np.array([GRID / float(np.ptp(axis.ends)) for axis in axes])
    return mean, cov * np.multiply.outer(per_unit, per_unit)


def _ellipse(mean: np.ndarray, cov: np.ndarray, share: float) -> dict[str, Any]:
    """The ellipse that holds a share of a Gaussian in two dimensions.

    The squared distance from its mean, in sds, is exponential with mean 2: it is below
    -2 log(1 - share) with that probability.
    """
    values, vectors = np.linalg.eigh(cov)
    reach = np.sqrt(-2.0 * np.log1p(-share) * np.maximum(values[::-1], 0.0))
    turn = float(np.arctan2(vectors[1, 1], vectors[0, 1]))
    return {
        "share": share,
        "at": whole(mean),
        "radii": [round(float(r), 1) for r in reach],
        "turn": round(turn, 4),
    }


def curve(model: Any, q: Factors, axis: Axis) -> dict[str, Any] | None:
    """The density of one number by its factor, STEPS whole numbers of HEIGHT at even steps of its
    axis from `lo` to `hi`; None where there is no formula."""
    span = _span(model, q, axis)
    if span is None:
        return None
    values = span.points(STEPS)
    place = axis.of.latent, axis.of.index
    density = find_density(model, q, place, values - axis.of.at.offset)
    if density is None:
        return None
    along = density * axis.per_step(values)
    return {
        "of": axis.of.at.name,
        "lo": float(f"{span.lo:.5g}"),
        "hi": float(f"{span.hi:.5g}"),
        "pdf": whole(HEIGHT * along / along.max()),
    }
