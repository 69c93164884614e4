"""The exact posterior that is a Gaussian, against a q over blocks of its coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.families import Distribution
from vi_lab.model import Values
from vi_lab.numerics import densities
from vi_lab.numerics.mixed_densities import normal, normal_pair
from vi_lab.numerics.rounding import Estimate, rounding


@dataclass(frozen=True, eq=False)
class GaussianPosterior:
    """N(location, cov) over the blocks' coordinates, by its covariance (the model uses P)."""

    location: np.ndarray
    cov: np.ndarray
    parts: Mapping[str, list[int]]

    @property
    def mean(self) -> Mapping[str, Any]:
        return {name: self.location[part] for name, part in self.parts.items()}

    @property
    def sd(self) -> Mapping[str, Any]:
        sd = np.sqrt(np.diag(self.cov))
        return {name: sd[part] for name, part in self.parts.items()}

    def log_density(self, values: Values) -> Any:
        lead = np.broadcast_shapes(*(np.shape(values[name])[:-1] for name in self.parts))
        z = np.empty((*lead, len(self.location)))
        for name, part in self.parts.items():
            z[..., part] = values[name]
        return densities.log_multivariate_normal(z, self.location, self.cov)

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        i = self.parts[name][sum(index)]
        return normal(x, self.location[i], self.cov[i, i])

    def joint_density(self, one: Any, two: Any, x: np.ndarray, y: np.ndarray) -> Any:
        both = [self.parts[name][sum(index)] for name, index in (one, two)]
        return normal_pair(x, y, self.location[both], self.cov[np.ix_(both, both)])

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        z = rng.multivariate_normal(self.location, self.cov, size=n, method="cholesky")
        return {name: z[:, part] for name, part in self.parts.items()}

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """KL between Gaussians, q's covariance being block diagonal."""
        size = len(self.location)
        lead = np.broadcast_shapes(*(f.family.lead_shape(f.eta) for f in q.values()))
        mean, cov = np.empty((*lead, size)), np.zeros((*lead, size, size))
        for name, part in self.parts.items():
            parameters = q[name].parameters
            mean[..., part] = parameters["mean"]
            cov[..., np.array(part)[:, None], part] = parameters["cov"]
        value = densities.kl_multivariate_normal(mean, cov, self.location, self.cov)
        condition = np.linalg.cond(self.cov)
        return Estimate(value, condition * rounding(value, size) / 10, "closed form")
