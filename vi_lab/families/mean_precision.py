"""Values that are a mean and a precision matrix: where they are, how they are kept, coordinates.

What a family of such pairs has whatever its density: its statistics, and their slopes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.families.family import Family
from vi_lab.numerics import positive_definite
from vi_lab.numerics.own_axes import turn_back_vector


class MeanPrecision(NamedTuple):
    """A value: mean (D,) and precision (D, D)."""

    mean: Any
    precision: Any


class NormalWishartStats(NamedTuple):
    """With d = mu - centre: log|Lambda|, Lambda (D, D), Lambda d (D,), d' Lambda d."""

    log_det: Any
    precision: Any
    scaled_mean: Any
    quadratic: Any


class Place(NamedTuple):
    """Where a density is, (*lead, D); the axes to tell it in, (*lead, D, D), or None; and how long
    it is along these, (*lead, D)."""

    mean: Any
    turn: np.ndarray | None
    lengths: np.ndarray | None


class MeanPrecisionFamily(Family):
    """A family of MeanPrecision pairs in `size` dimensions, with statistics about a `centre`, and
    in axes of its own where it has a `turn`."""

    event_shape: Any
    centre: Any
    turn: np.ndarray | None = None

    def __init__(self, size: int) -> None:
        self.size = size
        self.event_shape = MeanPrecision((size,), (size, size))
        self.real_shape = (size + size * (size + 1) // 2,)

    def empty(self, lead: tuple[int, ...]) -> MeanPrecision:
        return MeanPrecision(*(np.empty(lead + shape) for shape in self.event_shape))

    @staticmethod
    def put(store: MeanPrecision, index: Any, z: MeanPrecision) -> None:
        store.mean[index], store.precision[index] = z

    def head(self, store: MeanPrecision, count: int) -> MeanPrecision:
        return MeanPrecision(store.mean[:count], store.precision[:count])

    def _place(self, m: np.ndarray) -> np.ndarray:
        """Of a distance from the centre, in the family's axes, where that is."""
        found: np.ndarray = turn_back_vector(self.turn, m) + self.centre
        return found

    def stats(self, z: MeanPrecision) -> NormalWishartStats:
        d, precision = z.mean - self.centre, z.precision
        if self.turn is not None:
            d = (self.turn @ d[..., None])[..., 0]
            precision = self.turn @ precision @ np.swapaxes(self.turn, -1, -2)
        scaled = (precision @ d[..., None])[..., 0]
        return NormalWishartStats(
            np.linalg.slogdet(precision)[1], precision, scaled, (d * scaled).sum(-1)
        )

    def in_support(self, z: MeanPrecision) -> Any:
        return np.isfinite(z.mean).all(-1) & positive_definite.is_positive_definite(z.precision)

    def log_density(self, z: MeanPrecision, eta: Any) -> Any:
        z = MeanPrecision(np.asarray(z.mean, float), np.asarray(z.precision, float))
        inside = self.in_support(z)
        safe = MeanPrecision(
            np.where(inside[..., None], z.mean, 0.0),
            np.where(inside[..., None, None], z.precision, np.eye(self.size)),
        )
        value = self.inner(eta, self.stats(safe)) - self.log_partition(eta)
        return np.where(inside, value, -np.inf)

    def to_real(self, z: MeanPrecision) -> np.ndarray:
        """The mean, and the lower Cholesky factor of the precision with the log of its diagonal."""
        coordinates = positive_definite.to_log_cholesky(z.precision)
        mean = np.broadcast_to(z.mean, (*coordinates.shape[:-1], self.size))
        return np.concatenate([mean, coordinates], axis=-1)

    def from_real(self, y: np.ndarray) -> tuple[MeanPrecision, NormalWishartStats, Any]:
        """Lambda = L L' from its coordinates, with d' Lambda d = |L'd|**2."""
        mean, rest = y[..., : self.size], y[..., self.size :]
        root, log_diagonal, log_jacobian = positive_definite.from_log_cholesky(rest, self.size)
        upper = np.swapaxes(root, -1, -2)
        half = (upper @ (mean - self.centre)[..., None])[..., 0]
        stats = NormalWishartStats(
            2.0 * log_diagonal.sum(-1),
            root @ upper,
            (root @ half[..., None])[..., 0],
            (half * half).sum(-1),
        )
        return MeanPrecision(mean, stats.precision), stats, log_jacobian

    def stats_pullback(self, y: np.ndarray, stats: NormalWishartStats, eta: Any) -> np.ndarray:
        """To the mean Lambda (h + 2 q d); to Lambda P + h d' + q d d', besides what log|Lambda|
        adds: P, h and q are the parts of eta for Lambda, Lambda d and d' Lambda d."""
        d = y[..., : self.size] - self.centre
        half = np.asarray(eta.quadratic)[..., None] * d
        turned = eta.scaled_mean + half
        slope = eta.precision + turned[..., :, None] * d[..., None, :]
        mean = (stats.precision @ (turned + half)[..., None])[..., 0]
        rest = positive_definite.pull_back(y[..., self.size :], slope, eta.log_det, self.size)
        return np.concatenate([mean, rest], axis=-1)
