"""Where the values of a family live: anywhere on R^d, or above 0; and their real coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.errors import NumericalError
from vi_lab.families.family import Family


class RealFamily(Family):
    """Values anywhere on R^d, which are their own real coordinates."""

    def in_support(self, z: Any) -> Any:
        return np.isfinite(z).all(-1) if self.event_shape else np.isfinite(z)

    def to_real(self, z: Any) -> np.ndarray:
        return np.asarray(z)

    def from_real(self, y: np.ndarray) -> tuple[Any, Any, Any]:
        return y, self.stats(y), 0.0

    def locate(self, eta: Any) -> Any:
        """Its mean, as of a pair of which this is the first."""
        return self.mean(eta)


def require_positive(density: str, names: tuple[str, str], one: Any, two: Any) -> tuple[Any, Any]:
    """Two parameters of these names; NumericalError where one of them is not above 0."""
    if not (np.all(one > 0) and np.all(two > 0)):
        needed, came = " > 0 and ".join(names), f"{np.min(one):g}, {np.min(two):g}"
        raise NumericalError(
            f"{density} density needs {needed} > 0, got {came}; where large terms cancel it is "
            "rounding that is left: rescale the data and hyperparameters to magnitudes nearer 1, "
            "or look for a sign that is wrong"
        )
    return one, two


class PositiveFamily(Family):
    """Values z > 0. Real coordinate y = log z, with dz/dy = z."""

    def in_support(self, z: Any) -> Any:
        return np.isfinite(z) & (z > 0)

    def to_real(self, z: Any) -> np.ndarray:
        return np.log(z)
