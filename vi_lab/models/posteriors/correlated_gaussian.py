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

ROUNDED = 4.0  # roundings of an entry of a matrix that a factorisation of it may take


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
        spread = cov / np.outer(sd, sd)
        white = d @ root.T
        divergence = densities.kl_whitened(root, spread)
        error = rounding(divergence, size) + _lost_in_entries(correlation, spread, root, d)
        return Estimate(0.5 * (divergence + (white**2).sum(-1)), error, "closed form")


def _lost_in_entries(C: np.ndarray, S: np.ndarray, root: np.ndarray, d: np.ndarray) -> Any:
    """What rounding of the entries of C and S takes from KL[N(d, S) || N(0, C)], (*lead,).

    Twice the KL is f = tr(A S) + log|C| - log|S| - D + d'A d, of which with A = C^-1 = R'R

        df = tr[(A - A S A - A d d'A) dC] + tr[(A - S^-1) dS] + 2 d'A dd

    with entries of dC, dS, dd some roundings of those of C, S, d. The product R S R' is rounded
    too, which where it is nearly I moves f by the distance from I alone; and of second order is
    the square of R dC R'.
    """
    A, sizes = root.T @ root, np.abs(root)
    pulled = d @ A
    by_C = A - A @ S @ A - pulled[..., :, None] * pulled[..., None, :]
    first = (np.abs(by_C) * np.abs(C)).sum((-2, -1))
    first = first + (np.abs(A - np.linalg.inv(S)) * np.abs(S)).sum((-2, -1))
    first = first + 2.0 * (np.abs(pulled) * np.abs(d)).sum(-1)
    off = np.abs(root @ S @ root.T - np.eye(len(C))).max((-2, -1))
    product = np.trace(sizes @ np.abs(S) @ sizes.T, axis1=-2, axis2=-1)
    inside = np.trace(sizes @ np.abs(C) @ sizes.T)
    second = 0.1 * EPS * inside**2 * (1.0 + ((d @ root.T) ** 2).sum(-1))
    return ROUNDED * EPS * (first + product * np.minimum(off, 1.0) + second)
