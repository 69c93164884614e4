"""The exact posterior of a coin: a beta distribution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.families import Beta, Distribution
from vi_lab.model import Values
from vi_lab.numerics import densities, log_gamma
from vi_lab.numerics.mixed_densities import mix_betas
from vi_lab.numerics.rounding import Estimate, rounding


@dataclass(frozen=True, eq=False)
class BetaPosterior:
    """theta ~ Beta(shapes[0], shapes[1]): a Dirichlet over (theta, 1 - theta)."""

    shapes: np.ndarray  # (2,)

    @property
    def mean(self) -> Mapping[str, Any]:
        return {"theta": self.shapes[0] / self.shapes.sum()}

    @property
    def sd(self) -> Mapping[str, Any]:
        mean = self.shapes / self.shapes.sum()
        return {"theta": np.sqrt(mean[0] * mean[1] / (self.shapes.sum() + 1.0))}

    def log_density(self, values: Values) -> Any:
        theta = np.asarray(values["theta"], dtype=np.float64)
        return densities.log_dirichlet(np.stack([theta, 1.0 - theta], axis=-1), self.shapes)

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        return mix_betas(np.ones(1), x, self.shapes[:1], self.shapes[1:])

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        a, b = self.shapes
        # the family draws in logs: at small shapes the shares of two gammas round to 0 and 1
        return {"theta": Beta.of(a=a, b=b).sample(n, rng=rng)}

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """KL between betas, in closed form."""
        shapes = np.stack([q["theta"].parameters[k] for k in ("a", "b")], axis=-1)
        value = densities.kl_dirichlet(shapes, self.shapes)
        largest = log_gamma.largest_growth(self.shapes, shapes - self.shapes)
        return Estimate(value, rounding(value, largest), "closed form")
