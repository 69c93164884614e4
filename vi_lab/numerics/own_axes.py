"""Axes of a component's own, where it is long along a line that is none of those of the data.

Of points 1e8 apart along a line, and 1 across it, a scatter holds 1e16 in every entry, and what
lies across in their difference alone, with no digit left. In axes along and across the line it is
1e16 and 1, with next to nothing beside them. The axes are the rows of an orthogonal T, (*lead, D,
D), the `turn`: vectors d are T d there, and matrices T M T', computed with twice the digits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.numerics.arithmetic import symmetric
from vi_lab.numerics.compensated import subtract_terms
from vi_lab.numerics.rounding import EPS

LONG = 1e3  # sds along a line for one across it, from where on a W^-1 has axes of its own


def turn_back(turn: np.ndarray | None, columns: np.ndarray) -> np.ndarray:
    """T'B of matrices of columns (*lead, D, m), in the axes of the data."""
    return columns if turn is None else np.swapaxes(turn, -1, -2) @ columns


def turn_back_vector(turn: np.ndarray | None, d: np.ndarray) -> np.ndarray:
    """T'd of vectors (*lead, D), in the axes of the data."""
    return d if turn is None else turn_back(turn, d[..., None])[..., 0]


def turn_difference(turn: np.ndarray, x: Any, y: Any) -> np.ndarray:
    """T (x - y) of matrices T (*lead, D, D) and vectors that broadcast to (*lead, D): as good where
    x - y is long and T is of axes across it."""
    x, y = (np.asarray(a)[..., None, :] for a in (x, y))
    lead = np.broadcast_shapes(turn.shape, x.shape, y.shape)[:-1]
    terms = [(turn[..., j], side[..., j]) for j in range(turn.shape[-1]) for side in (y, -x)]
    return subtract_terms(np.zeros(lead), terms)


def turn_matrix(turn: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """T M T' of matrices (*lead, D, D), M symmetric."""
    columns = range(turn.shape[-1])
    half = np.broadcast_shapes(turn.shape, matrix.shape)
    terms = [(matrix[..., :, k, None], turn[..., None, :, k]) for k in columns]  # of M T'
    high = -subtract_terms(np.zeros(half), terms)
    low = -subtract_terms(high, terms)
    both = [(turn[..., :, k, None], part[..., k, None, :]) for k in columns for part in (high, low)]
    return symmetric(-subtract_terms(np.zeros(half), both))


def tell(turn: np.ndarray | None, w_inv: np.ndarray) -> np.ndarray:
    """T'W^-1 T, a W^-1 in the axes of the data. Of what lies across a long line its entries may
    have no digit: where so few are left that it is hardly positive definite, or not, it is told
    wider by these."""
    if turn is None:
        return w_inv
    told = turn_matrix(np.swapaxes(turn, -1, -2), w_inv)
    size = w_inv.shape[-1]
    wider = np.where(is_skew(turn_matrix(turn, told)), size * EPS, 0.0)
    return told + wider[..., None, None] * np.eye(size) * told


def is_skew(matrix: np.ndarray) -> np.ndarray:
    """Whether W^-1, or a precision, is LONG times as long along some line that is no axis as it is
    across, (*lead,): a correlation of coordinates is nearly 1, or digits are lost already."""
    diagonal = np.diagonal(matrix, axis1=-2, axis2=-1)
    lost = np.asarray((diagonal <= 0.0).any(-1))
    units = np.sqrt(np.where(lost[..., None], 1.0, diagonal))
    correlations = matrix / (units[..., :, None] * units[..., None, :])
    return np.asarray(lost | (np.linalg.eigvalsh(correlations)[..., 0] < LONG**-2))


def has_skew(stats: Any) -> bool:
    """Whether some E[Lambda] is. A determinant that is the product of the diagonal or nearly so,
    as mostly, is all that need be looked at: E log|Lambda| is below that of E[Lambda]."""
    log_det, precision = stats[:2]
    diagonal = np.maximum(precision.diagonal(0, -2, -1), np.finfo(float).tiny)
    if (np.log(diagonal).sum(-1) - log_det).max() < 2.0 * np.log(LONG):
        return False
    return bool(is_skew(precision).any())


def find_axes(w_inv: np.ndarray, turn: np.ndarray | None) -> tuple[Any, Any]:
    """Of W^-1 in axes that are the rows of `turn`, or in those of the data (None), (*lead, D, D):
    these axes where none is skew, else, of those that are, the ones that it is longest along and
    across; and how long it is along each, (*lead, D)."""
    skew = is_skew(w_inv)
    squares, own = np.diagonal(w_inv, axis1=-2, axis2=-1), np.eye(w_inv.shape[-1])
    if skew.any():
        values, vectors = np.linalg.eigh(w_inv)
        squares = np.where(skew[..., None], values, squares)
        own = np.where(skew[..., None, None], np.swapaxes(vectors, -1, -2), own)
        turn = own if turn is None else own @ turn
    return turn, np.sqrt(np.abs(squares))
