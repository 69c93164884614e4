"""The truth of a linear Gaussian model, row by row, by conditioning.

    x_n     ~ N(mu, C),   C = W W' + Psi
    z_n | x ~ N(W'C^-1 (x_n - mu), I - W'C^-1 W)

(Bishop 2006, eq. 2.81-2.82.) Everything is made of the D x D marginal of a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.families import Distribution
from vi_lab.model import Values
from vi_lab.models.posteriors.coordinates import coordinate_moments
from vi_lab.numerics import densities
from vi_lab.numerics.arithmetic import symmetric
from vi_lab.numerics.mixed_densities import normal, normal_pair
from vi_lab.numerics.rounding import Estimate, rounding, sum_terms


class RowPosterior:
    """z_n | x ~ N(location_n, cov), independent over the rows n.

    Parameters
    ----------
    model : LinearGaussian
        Of which x, W, mu and psi are read, and `in_blocks`: z (..., N, q) -> block values.

    Attributes
    ----------
    log_evidence : Estimate
    location : array (N, q)
    cov : array (q, q)
    """

    def __init__(self, model: Any) -> None:
        x, W, mu = model.x, model.W, model.mu
        marginal = W @ W.T + np.diag(model.psi)
        rows = sum_terms(densities.log_multivariate_normal(x, mu, marginal))
        self.log_evidence = rows._replace(error=rows.error * _magnify(marginal))
        gain = np.linalg.solve(marginal, W)
        self.location = (x - mu) @ gain
        self.cov = symmetric(np.eye(W.shape[1]) - W.T @ gain)
        self.in_blocks = model.in_blocks
        sd = np.broadcast_to(np.sqrt(np.diag(self.cov)), self.location.shape)
        self.mean: Mapping[str, Any] = {"z": self.location}
        self.sd: Mapping[str, Any] = {"z": sd}

    def log_density(self, values: Values) -> Any:
        return densities.log_multivariate_normal(values["z"], self.location, self.cov).sum(-1)

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        return normal(x, self.location[index], self.cov[index[1], index[1]])

    def joint_density(self, one: Any, two: Any, x: np.ndarray, y: np.ndarray) -> Any:
        (n, i), (m, j) = one[1], two[1]
        means = np.array([self.location[n, i], self.location[m, j]])
        between = self.cov[i, j] if n == m else 0.0
        cov = np.array([[self.cov[i, i], between], [between, self.cov[j, j]]])
        return normal_pair(x, y, means, cov)

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        noise = rng.standard_normal((n, *self.location.shape))
        return self.in_blocks(self.location + noise @ np.linalg.cholesky(self.cov).T)

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """The sum over rows of KL[q(z_n) || N(location_n, cov)]."""
        mean, cov = coordinate_moments(q.values())
        rows = densities.kl_multivariate_normal(mean, cov, self.location, self.cov).sum(-1)
        error = rounding(rows + self.location.size) * _magnify(self.cov)
        return Estimate(rows, error, "closed form")


def _magnify(matrix: np.ndarray) -> float:
    """What solving with a matrix makes of a thousand roundings: a share of its condition."""
    return max(1.0, 1e-3 * float(np.linalg.cond(matrix)))
