"""What can be compared when the names of the components mean nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.errors import LostDigits, refuse_if
from vi_lab.model import Values
from vi_lab.numerics import densities
from vi_lab.numerics.arithmetic import LOG_2PI

PAIRS_UP_TO = 12  # points for which every pair's co-assignment is a summary of its own
GRID_POINTS = 7  # across the data, at which the density of a mixture on a line is a summary
DATA_POINTS = 10  # of the data at which the density of a mixture in a space is a summary
BELOW_ZERO = -1e-6  # square of a distance, in sds, that rounding alone can make so small

NO_DISTANCE = (
    "the density at the data of components whose precisions are nearly singular, or not positive "
    "definite: the square of a distance from a mean is below 0"
)


def summarise_labels(latents: Values) -> dict[str, Any]:
    """Label-invariant summaries of labels z (*batch, N), where there are any.

    `occupied`: the number of components with any point; `co_assignment`: whether two points share
    a component, (*batch, N (N-1)/2), where the points are few enough to look at every pair.
    """
    if "z" not in latents:
        return {}
    z = np.asarray(latents["z"])
    in_order = np.sort(z, axis=-1)
    found: dict[str, Any] = {"occupied": 1.0 + (np.diff(in_order, axis=-1) != 0).sum(-1)}
    if z.shape[-1] <= PAIRS_UP_TO:
        i, j = np.triu_indices(z.shape[-1], 1)
        found["co_assignment"] = (z[..., i] == z[..., j]).astype(np.float64)
    return found


def pick_pairs(matrix: Any) -> np.ndarray:
    """(..., N, N) -> (..., N (N-1)/2): each pair of points once, as `summarise_labels` has them."""
    i, j = np.triu_indices(np.shape(matrix)[-1], 1)
    return np.asarray(matrix)[..., i, j]


def summarise_normals(
    latents: Values, x: np.ndarray, sigma: float, weights: np.ndarray | None
) -> dict[str, Any]:
    """Those of the labels, the sorted means, and the mixture's density across the data x (n,)."""
    found, weights = summarise_labels(latents), latents.get("weights", weights)
    if "mu" in latents:
        found["sorted_mu"] = np.sort(latents["mu"], axis=-1)
    if "mu" in latents and weights is not None:
        grid = np.linspace(x.min(), x.max(), GRID_POINTS)
        each = densities.log_normal(grid[:, None], latents["mu"][..., None, :], sigma**2)
        found["density"] = (weights[..., None, :] * np.exp(each)).sum(-1)
    return found


def summarise_gaussians(latents: Values, x: np.ndarray) -> dict[str, Any]:
    """Those of the labels, the sorted means, and the mixture's density at some of the data
    x (n, D).

    LostDigits where precisions are so nearly singular that they cannot tell a distance.
    """
    found = summarise_labels(latents)
    if "means" in latents:
        found["sorted_means"] = np.sort(latents["means"], axis=-2)
    if {"weights", "means"} <= set(latents):
        some = np.linspace(0, len(x) - 1, min(DATA_POINTS, len(x))).astype(int)
        d = x[some] - latents["means"][..., None, :]
        distance = (d * (d @ latents["precisions"])).sum(-1)
        refuse_if((distance < BELOW_ZERO).any(), NO_DISTANCE, LostDigits)
        log_det = np.linalg.slogdet(latents["precisions"])[1][..., None]
        each = np.exp(0.5 * (log_det - x.shape[1] * LOG_2PI - distance))
        found["density"] = (latents["weights"][..., None] * each).sum(-2)
    return found
