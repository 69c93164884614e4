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
from vi_lab.numerics.rounding import EPS, Estimate, rounding


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
        sd = np.sqrt(np.diag(self.cov))
        correlation = self.cov / np.outer(sd, sd)  # another unit of a coordinate costs no digit
        root = np.linalg.inv(np.linalg.cholesky(correlation))
        d = (mean - self.location) / sd
        white = d @ root.T
        divergence = densities.kl_whitened(root, cov / np.outer(sd, sd))
        ratios = np.linalg.eigvalsh(root @ (cov / np.outer(sd, sd)) @ root.T)
        lost = EPS * np.linalg.cond(correlation)  # relative, of the root and of each ratio
        error = rounding(divergence, size) + lost * (np.abs(ratios - 1.0) + lost).sum(-1)
        error = error + lost * (white**2).sum(-1)
        return Estimate(0.5 * (divergence + (white**2).sum(-1)), error, "closed form")
