"""The exact posterior that is a Gaussian, against a q over blocks of its coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.families import Distribution
from vi_lab.model import Values
from vi_lab.numerics import densities, log_gamma, positive_definite
from vi_lab.numerics.arithmetic import symmetric
from vi_lab.numerics.mixed_densities import normal, normal_pair
from vi_lab.numerics.rounding import EPS, Estimate, rounding

ROUNDED = 4.0  # roundings of an entry of a matrix that a factorisation of it may take
SINGULAR = "cov: a covariance is singular, but for a rounding of its entries"


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
        unit = np.exp2(np.round(0.5 * np.log2(np.diag(self.cov))))  # powers of 2 cost no digit
        C, S = symmetric(self.cov) / np.outer(unit, unit), cov / np.outer(unit, unit)
        root, log_det = positive_definite.whiten(C, SINGULAR)
        own, own_log_det = positive_definite.whiten(S, SINGULAR)
        # q's own root, before it is whitened by p's: entries of S cancel, those of a root hardly
        inner = positive_definite.root(S, SINGULAR)
        between, d = root @ inner, (mean - self.location) / unit
        divergence = (between**2).sum((-2, -1)) - size - own_log_det + log_det
        ratios = np.linalg.eigvalsh(between @ np.swapaxes(between, -1, -2))
        near = np.abs(ratios - 1.0).max(-1) < 0.5
        of_near = -log_gamma.log_ratio_less(np.where(near[..., None], ratios, 1.0), 1.0).sum(-1)
        divergence = np.where(near, of_near, divergence)
        white = d @ root.T
        outer = positive_definite.root(C, SINGULAR)
        lost = _lost_in_roots(root, outer, own, inner, d)
        error = rounding(divergence, size) + np.where(near, lost[0], lost[0] + lost[1])
        return Estimate(0.5 * (divergence + (white**2).sum(-1)), error, "closed form")


def _lost_in_roots(
    R: np.ndarray, B: np.ndarray, Q: np.ndarray, T: np.ndarray, d: np.ndarray
) -> tuple[Any, Any]:
    """What rounding of the roots R = B^-1 of C^-1 and T = Q^-1 of S, and of d, takes from twice the
    KL[N(d, S) || N(0, C)], (*lead,); and what that of their product takes where it is far from I.

    With Y = R T and w = R d it is f = |Y|**2 - log|Y|**2 - D + |w|**2. A root is good to roundings
    of |R| |B| or |Q| |T| times itself, (I + G) R and T (I + H), by which f moves by

        df = 2 tr[(Y Y' + w w' - I) G'] + 2 tr[(Y'Y - I) H]

    and to second order by the squares of G and H. The product itself is rounded by |R| |T|.
    """
    Y, w, eye = R @ T, d @ R.T, np.eye(len(R))
    back = np.swapaxes(Y, -1, -2)
    G, H = np.abs(R) @ np.abs(B), np.abs(Q) @ np.abs(T)
    product = (np.abs(Y) * (np.abs(R) @ np.abs(T))).sum((-2, -1))
    by_R = np.abs(Y @ back + w[..., :, None] * w[..., None, :] - eye)
    first = (by_R * G).sum((-2, -1)) + (np.abs(back @ Y - eye) * H).sum((-2, -1))
    first = first + (np.abs(w) * (np.abs(d) @ np.abs(R).T)).sum(-1)
    square = (w**2).sum(-1) + (Y**2).sum((-2, -1)) + 1.0
    second = EPS * ROUNDED * square * ((G**2).sum() + (H**2).sum((-2, -1)))
    return ROUNDED * EPS * (2.0 * first + second), ROUNDED * EPS * 2.0 * product
