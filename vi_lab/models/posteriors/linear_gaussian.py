"""The truth of a linear Gaussian model, row by row, by least squares.

The prior z_n ~ N(0, I) is as good as q more observations of 0. With the rows

    [ I           ]         [ 0                   ]
    [ Psi^-1/2 W  ] = Q R,  [ Psi^-1/2 (x_n - mu) ] = t_n

z_n | x ~ N(R^-1 Q't_n, (R'R)^-1), and by the determinant of Psi + W W' = |Psi| |R'R|

    log p(x_n) = -[ D log(2 pi) + log|Psi| + 2 log|R| + |t_n - Q Q't_n|**2 ] / 2

(Bishop 2006, eq. 2.113-2.117.) No matrix is squared: digits of the prior last beside sharp data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.families import Distribution
from vi_lab.model import Values
from vi_lab.models.posteriors.coordinates import coordinate_moments
from vi_lab.numerics import densities
from vi_lab.numerics.arithmetic import LOG_2PI, symmetric
from vi_lab.numerics.compensated import subtract_terms
from vi_lab.numerics.mixed_densities import normal, normal_pair
from vi_lab.numerics.rounding import EPS, Estimate, round_square, rounding, sum_terms

REFINEMENTS = 4  # of a least squares solution


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
        W, size, noise = model.W, model.W.shape[1], np.sqrt(model.psi)
        orthogonal, self.root = np.linalg.qr(np.concatenate([np.eye(size), W / noise[:, None]]))
        location: Any = np.zeros((len(model.x), size))
        step: Any = 0.0
        for _ in range(REFINEMENTS):  # what is left at the last place, solved for again
            location = location + step
            columns = ((W[:, i], location[:, i, None]) for i in range(size))
            miss = subtract_terms(model.x, [(model.mu, 1.0), *columns])
            left = np.concatenate([-location, miss / noise], axis=1)
            step = np.linalg.solve(self.root, orthogonal.T @ left.T).T
        self.location, self.in_blocks = location + step, model.in_blocks
        # squares of the residual, and what the step takes from them
        squares = (left**2).sum(-1) - ((step @ self.root.T) ** 2).sum(-1)
        constant = np.append(np.log(noise), 0.5 * LOG_2PI * np.ones(len(noise)))
        rows = np.broadcast_to(
            np.append(-constant, -_log_det(self.root)), (len(left), len(constant) + 1)
        )
        terms = sum_terms(np.append(rows, -0.5 * squares[:, None], axis=1).ravel())
        scaled = np.linalg.cond(self.root / np.linalg.norm(self.root, axis=0))
        self._magnified = max(1.0, 3e-3 * scaled)  # what solving makes of a hundred roundings
        self._lost = 8.0 * EPS * scaled  # of R, as a share
        self.log_evidence = terms._replace(error=terms.error * self._magnified)
        whiten = np.linalg.inv(self.root)
        self.cov = symmetric(whiten @ whiten.T)
        sd = np.broadcast_to(np.sqrt(np.diag(self.cov)), self.location.shape)
        self.mean: Mapping[str, Any] = {"z": self.location}
        self.sd: Mapping[str, Any] = {"z": sd}

    def log_density(self, values: Values) -> Any:
        z = np.asarray(values["z"])
        inside = np.isfinite(z).all(-1)
        white = (np.where(inside[..., None], z, self.location) - self.location) @ self.root.T
        value = _log_det(self.root) - 0.5 * ((white**2).sum(-1) + z.shape[-1] * LOG_2PI)
        return np.where(inside, value, -np.inf).sum(-1)

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
        """The sum over rows of KL[q(z_n) || N(location_n, (R'R)^-1)], of a q with mean m and
        covariance C:  [ tr(R C R') - q - log|R C R'| + |R (m - location)|**2 ] / 2."""
        mean, cov = coordinate_moments(q.values())
        white = (mean - self.location) @ self.root.T
        terms = 0.5 * ((white**2).sum(-1) + densities.kl_whitened(self.root, cov))
        reach = (np.abs(mean) + np.abs(self.location)) @ np.abs(self.root.T)
        lost = round_square(1.0, white, reach).sum((-2, -1))
        rows = terms.sum(-1)
        error = rounding(rows, self.location.size) * self._magnified + lost
        # ratios r of the covariances are off by that share of r - 1, of which the KL has the square
        error = error + self._lost * (rows + np.sqrt(np.abs(rows)))
        return Estimate(rows, error, "closed form")


def _log_det(root: np.ndarray) -> Any:
    """log|R| of a triangular R."""
    return np.log(np.abs(np.diag(root))).sum()


def log_prior_of_rows(stats: Mapping[str, Any], centre: np.ndarray) -> Any:
    """sum_n log N(z_n; 0, I) at statistics about the centre (N, q), of z or of its coordinates."""
    if "z" in stats:
        d, squares = stats["z"].value, np.diagonal(stats["z"].outer, axis1=-2, axis2=-1)
    else:
        each = list(stats.values())
        d, squares = (np.stack(part, axis=-1) for part in zip(*each, strict=True))
    length = (squares + 2.0 * centre * d + centre**2).sum((-2, -1))
    return -0.5 * (length + centre.size * LOG_2PI)
