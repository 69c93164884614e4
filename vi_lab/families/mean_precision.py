"""Values that are a mean and a precision matrix: where they are, how they are kept, coordinates.

What every family of such pairs shares, whatever its density.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.families.family import Family
from vi_lab.numerics import positive_definite


class MeanPrecision(NamedTuple):
    """A value: mean (D,) and precision (D, D)."""

    mean: Any
    precision: Any


class MeanPrecisionFamily(Family):
    """A family of MeanPrecision pairs in `size` dimensions."""

    event_shape: Any

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
