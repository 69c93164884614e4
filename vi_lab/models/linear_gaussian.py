"""What PPCA and factor analysis share: Gaussian latents seen through a linear map and noise.

    z_n ~ N(0, I)                           n = 1..N, q coordinates each
    x_n ~ N(W z_n + mu, Psi)                Psi diagonal

(Bishop 2006, 12.2.) Every row's posterior is Gaussian with the one covariance (I + W'Psi^-1 W)^-1;
a q that factorises over the coordinates is exact just where the columns of Psi^-1/2 W are
orthogonal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.errors import InputError
from vi_lab.families import (
    Distribution,
    MultivariateNormal,
    MultivariateNormalStats,
    Normal,
    NormalStats,
)
from vi_lab.model import Block, Model, Statistics, Values
from vi_lab.numerics import densities
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.rounding import Estimate, rounding
from vi_lab.results import Exact

MOST = 1e12  # variance explained, in units of that of the noise: four digits are left beside it


class LinearGaussian(Model):
    """Abstract: rows x_n ~ N(W z_n + mu, diag(psi)), z_n ~ N(0, I). Subclasses name the noise.

    Latent: `z` (N, q). Blocks: `z.0`, `z.1`, ... one a coordinate, or `z` with blocks="joint".
    """

    no_exact_because = None

    def __init__(self, x: Any, W: Any, mu: Any, psi: Any, blocks: str) -> None:
        self.x = checks.observations("x", x, ndim=2)
        self.n, self.size = self.x.shape
        self.independent_rows = self.n
        self.W = checks.observations("W", W, 2)
        if self.W.shape[0] != self.size:
            raise InputError(
                f"W: needs one row for each of the {self.size} columns of x, "
                f"got shape {self.W.shape}"
            )
        self.q = self.W.shape[1]
        self.mu = checks.vector("mu", mu, self.size)
        self.psi = psi
        # what the data say of z: log p(x|z) = constant + pull'z - z' gram z / 2, row by row
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = self.W / self.psi[:, None]
            self._gram = self.W.T @ scaled
        if not np.isfinite(self._gram).all():
            raise InputError(
                f"W: holds {np.abs(self.W).max():g}, whose square over the variance of the noise "
                "overflows; rescale W, or raise the noise"
            )
        residual = self.x - self.mu
        self._pull = residual @ scaled
        ratio = float(np.linalg.eigvalsh(self._gram)[-1])
        if ratio > MOST:
            raise InputError(
                f"W: explains {ratio:.2g} times the variance of the noise, above {MOST:g}: beside "
                "1 + that ratio no digit of the prior of z is left; rescale W, or raise the noise"
            )
        self._minus_half = -0.5 * (self._gram + np.eye(self.q))
        self._constant = -0.5 * (
            self.size * LOG_2PI + np.log(self.psi).sum() + (residual**2 / self.psi).sum(-1)
        )
        checks.one_of("blocks", blocks, ("coordinates", "joint"))
        if blocks == "joint":
            self.blocks = {
                "z": Block(MultivariateNormal(self.q), self._all_given_x, plates=(self.n,))
            }
        else:
            self.blocks = {
                f"z.{i}": Block(Normal(), partial(self._one_given_rest, i), plates=(self.n,))
                for i in range(self.q)
            }

    def log_joint(self, stats: Statistics) -> Any:
        return self.log_joint_rows(stats).sum(-1)

    def log_joint_rows(self, stats: Statistics) -> Any:
        """log N(z_n; 0, I) + log N(x_n; W z_n + mu, Psi) row by row, the squares multiplied out."""
        if "z" in self.blocks:
            value, outer = stats["z"]
            quadratic = -2.0 * (self._minus_half * outer).sum((-2, -1))
            linear = (self._pull * value).sum(-1)
        else:
            linear, quadratic = 0.0, 0.0
            for i in range(self.q):
                here = stats[f"z.{i}"]
                linear = linear + self._pull[:, i] * here.value
                quadratic = quadratic + (1.0 + self._gram[i, i]) * here.square
                for j in range(i):
                    cross = here.value * stats[f"z.{j}"].value
                    quadratic = quadratic + 2.0 * self._gram[i, j] * cross
        prior = -0.5 * self.q * LOG_2PI
        return prior + self._constant + linear - 0.5 * quadratic

    def _one_given_rest(self, i: int, stats: Statistics) -> NormalStats:
        """Precision 1 + gram_ii; linear term pull_i - sum_(j != i) gram_ij z_j."""
        linear: Any = self._pull[:, i]
        for j in range(self.q):
            if j != i:
                linear = linear - self._gram[i, j] * stats[f"z.{j}"].value
        return NormalStats(linear, -0.5 * (1.0 + self._gram[i, i]))

    def _all_given_x(self, stats: Statistics) -> MultivariateNormalStats:
        """Precision I + gram; linear term pull: the posterior itself."""
        return MultivariateNormalStats(self._pull, self._minus_half)

    def latents(self, values: Values) -> dict[str, Any]:
        if "z" in self.blocks:
            return dict(values)
        return {"z": np.stack([values[f"z.{i}"] for i in range(self.q)], axis=-1)}

    def sample_latents(self, rng: np.random.Generator, batch: tuple[int, ...] = ()) -> Values:
        return self._in_blocks(rng.standard_normal((*batch, self.n, self.q)))

    def _in_blocks(self, z: np.ndarray) -> Values:
        return {"z": z} if "z" in self.blocks else {f"z.{i}": z[..., i] for i in range(self.q)}

    def _draw_rows(self, rng: np.random.Generator, values: Values) -> np.ndarray:
        z = self.latents(values)["z"]
        noise = rng.standard_normal((self.n, self.size))
        return z @ self.W.T + self.mu + np.sqrt(self.psi) * noise

    def exact_posterior(self) -> Exact:
        """Each row from its D x D marginal: x ~ N(mu, C), C = W W' + Psi, and z|x by conditioning,
        mean W'C^-1 (x - mu), covariance I - W'C^-1 W (Bishop 2006, eq. 2.81-2.82). The conditionals
        above use the q x q form instead."""
        marginal = self.W @ self.W.T + np.diag(self.psi)
        residual = self.x - self.mu
        gain = np.linalg.solve(marginal, self.W)
        cov = np.eye(self.q) - self.W.T @ gain
        cov = 0.5 * (cov + cov.T)
        log_rows = densities.log_multivariate_normal(self.x, self.mu, marginal)
        posterior = RowPosterior(residual @ gain, cov, self._in_blocks)
        condition = np.linalg.cond(marginal)
        error = rounding(np.abs(log_rows).sum()) * max(1.0, 1e-3 * condition)
        return Exact(self, float(log_rows.sum()), float(error), "closed form", posterior)


class RowPosterior:
    """z_n | x ~ N(location_n, cov), independent over the rows n."""

    def __init__(
        self, location: np.ndarray, cov: np.ndarray, in_blocks: Callable[[np.ndarray], Values]
    ) -> None:
        self.location, self.cov, self.blocks_of = location, cov, in_blocks
        self.mean: Mapping[str, Any] = {"z": location}
        self.sd: Mapping[str, Any] = {"z": np.broadcast_to(np.sqrt(np.diag(cov)), location.shape)}

    def log_density(self, values: Values) -> Any:
        return densities.log_multivariate_normal(values["z"], self.location, self.cov).sum(-1)

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        noise = rng.standard_normal((n, *self.location.shape))
        return self.blocks_of(self.location + noise @ np.linalg.cholesky(self.cov).T)

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """The sum over rows of KL[q(z_n) || N(location_n, cov)]."""
        mean, cov = _moments(q)
        rows = densities.kl_multivariate_normal(mean, cov, self.location, self.cov)
        size = rows.sum(-1) + self.location.size
        error = rounding(size) * max(1.0, 1e-3 * np.linalg.cond(self.cov))
        return Estimate(rows.sum(-1), error, "closed form")


def _moments(q: Mapping[str, Distribution]) -> tuple[np.ndarray, np.ndarray]:
    """Means (..., N, q) and covariances (..., N, q, q) of q, however its blocks are cut."""
    if "z" in q:
        parameters = q["z"].parameters
        return parameters["mean"], parameters["cov"]
    mean = np.stack([factor.parameters["mean"] for factor in q.values()], axis=-1)
    sd = np.stack([factor.parameters["sd"] for factor in q.values()], axis=-1)
    return mean, (sd**2)[..., None] * np.eye(mean.shape[-1])
