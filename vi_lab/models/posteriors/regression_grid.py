"""The truth of a regression of one or two coefficients whose likelihood is no Gaussian: a grid.

    log p(y, beta) = log N(beta; prior) + sum_i f_i(psi_i),    psi = X beta

with every f_i concave: Newton's method finds the mode, the curvature there whitens it, and the
trapezoidal rule integrates it. Where an f_i is a step, for that rule's nodes, another along rays
from 0 does.
"""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import Any

import numpy as np

from vi_lab.model import Values
from vi_lab.models.posteriors.mixed_moments import Given, MixedMoments
from vi_lab.models.posteriors.newton import climb_to_mode
from vi_lab.numerics import densities
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.normal_mixture import NormalMixture
from vi_lab.numerics.plane_density import Grid
from vi_lab.numerics.ray_density import Rays
from vi_lab.numerics.rounding import Estimate, rounding

GRID_DIMENSIONS = 2  # coefficients that a grid can hold
PREDICTORS_AT_ONCE = 2**20  # linear predictors computed at a time
STEP_HIDDEN = 1e-9  # nats that a grid may be off, from where rays are tried
STEEP = 50.0  # by how much a predictor moves in a sd of the coefficients
FAR_APART = 10.0  # errors of a grid, beyond which rays have missed something
COARSE = 2**8  # cells of a grid that has a step
NEGLIGIBLE_WEIGHT = 1e-18  # of a point of the grid: below it no moment sees the point


def why_no_grid(size: int, others: str) -> str | None:
    """Why so many coefficients have no truth, or None; `others` are the methods that apply."""
    if size <= GRID_DIMENSIONS:
        return None
    return (
        f"its evidence is a quadrature over a grid, which takes at most {GRID_DIMENSIONS} "
        f"coefficients, and this model has {size}; {others} still apply"
    )


class RegressionGrid(MixedMoments):
    """p(beta | y), with f_i of a subclass; `name` is what its model calls the coefficients.

    Attributes
    ----------
    log_evidence : Estimate
    """

    name = "beta"

    def __init__(self, X: np.ndarray, prior_mean: np.ndarray, prior_cov: np.ndarray) -> None:
        self.X, self.prior_mean, self.prior_cov = X, prior_mean, prior_cov
        self._centre, self._off = self.prior_mean, np.zeros_like(self.prior_mean)
        # from beta = 0 where the prior's mean is so far away that the likelihood is nothing there
        starts = np.stack([self._off, -self.prior_mean])
        start = starts[np.argmax(self._log_joint_about(starts))]
        mode, hessian = climb_to_mode(self._log_joint_about, self._derivatives, start)
        self._centre, self._off = self.prior_mean + mode, mode
        self._root = np.linalg.cholesky(np.linalg.inv(hessian))
        self.log_integral, error = self._integrate()
        of_prior = 0.5 * mode @ np.linalg.solve(self.prior_cov, mode)
        terms = *self._sizes(self.X @ self._centre), of_prior
        self.error = error + float(rounding(*terms))
        route = f"quadrature over {self.name}"
        self.log_evidence = Estimate(self.log_integral, self.error, route)

    @cached_property
    def grid(self) -> Grid:
        """The density of a step from the mode on an even grid, to draw from it and for its
        marginals."""
        return self._lay_grid()

    def _lay_grid(self, most: int | None = None) -> Grid:
        return Grid(self._log_joint_about, np.zeros_like(self._off), self._root, most)

    def _integrate(self) -> tuple[float, float]:
        """The log evidence and its error; sets the points and weights of the rule that gave it.

        Of a plane that has a step anywhere a coarse grid is enough to judge rays by.
        """
        steep = np.linalg.norm(self.X @ self._root, axis=-1).max() > STEEP
        coarse = steep and len(self._off) == 2
        grid = self._lay_grid(COARSE) if coarse else self.grid
        if grid.error > STEP_HIDDEN:
            rays = Rays(self._log_likelihood, self.X, self.prior_mean, self.prior_cov)
            apart = abs(rays.log_integral - grid.log_integral)
            if rays.error < grid.error and apart <= FAR_APART * grid.error:
                self._points, self._weights = rays.points, rays.weights
                return rays.log_integral, rays.error
        self._points, self._weights = self._centre + self.grid.points, self.grid.weights
        return self.grid.log_integral, self.grid.error

    @abstractmethod
    def _log_likelihood(self, psi: np.ndarray) -> Any:
        """sum_i f_i(psi_i), (..., N) -> (...,)."""

    @abstractmethod
    def _slope_and_bend(self, psi: np.ndarray) -> tuple[Any, Any]:
        """f_i' and -f_i'' at psi, (N,)."""

    @abstractmethod
    def _sizes(self, psi: np.ndarray) -> tuple[Any, ...]:
        """The sizes of what the log likelihood is the sum of, at psi (N,)."""

    @abstractmethod
    def _average_terms(self, mean: np.ndarray, sd: np.ndarray) -> tuple[tuple[Any, ...], float]:
        """Terms that add up to the mean of `_log_likelihood` where psi_i ~ N(mean_i, sd_i**2), and
        how far they may be off."""

    def average_log_density(self, q: NormalMixture) -> Estimate:
        """E_q[log p(beta | y)] of a mixture q: the average over its components N(m, L L').

        With prior_cov = C C', log N(beta; prior) averages to

            -log|C| - D log(2 pi)/2 - |C^-1 (m - prior_mean)|**2/2 - |C^-1 L|**2/2

        and psi_i is N(x_i'm, |L'x_i|**2): what is left are integrals in one dimension.
        """
        root = np.linalg.cholesky(self.prior_cov)
        level = np.log(np.diagonal(root)).sum() + 0.5 * len(root) * LOG_2PI
        values, errors = [], []
        for mean, spread in zip(q.means, q.roots, strict=True):
            off, wide = np.linalg.solve(root, mean - self.prior_mean), np.linalg.solve(root, spread)
            sd = np.linalg.norm(self.X @ spread, axis=-1)
            likelihood, missed = self._average_terms(self.X @ mean, sd)
            squares = 0.5 * (off @ off + (wide * wide).sum())
            terms = (-level, -squares, *likelihood, -self.log_integral)
            values.append(sum(terms))
            errors.append(rounding(*terms) + missed)
        shares = np.exp(q.log_weights)
        value, error = float(shares @ values), float(shares @ errors) + self.error
        return Estimate(value, error, f"quadrature over {self.name}")

    # A step from the mode is added to beta there, and to d = beta - prior_mean there: beta has its
    # digits where the prior is far away, d where it is sharp

    def _log_joint_about(self, step: np.ndarray) -> np.ndarray:
        """log p(y, beta) a step from the centre, (..., D) -> (...,)."""
        return self._log_joint(self._centre + step, self._off + step)

    def _log_joint(self, beta: np.ndarray, d: np.ndarray) -> np.ndarray:
        """log p(y, beta) from beta and d, (..., D) each -> (...,)."""
        rows = beta.reshape(-1, beta.shape[-1])
        some = max(1, PREDICTORS_AT_ONCE // len(self.X))
        parts = [
            self._log_likelihood(rows[i : i + some] @ self.X.T) for i in range(0, len(rows), some)
        ]
        log_y = (np.concatenate(parts) if parts else np.empty(0)).reshape(beta.shape[:-1])
        return log_y + densities.log_multivariate_normal(d, 0.0, self.prior_cov)

    def _derivatives(self, step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The gradient of log p(y, beta) and minus its Hessian, a step from the centre."""
        slope, bend = self._slope_and_bend(self.X @ (self._centre + step))
        precision = np.linalg.inv(self.prior_cov)
        gradient = self.X.T @ slope - precision @ (self._off + step)
        return gradient, precision + (self.X.T * bend) @ self.X

    def _nodes(self) -> tuple[np.ndarray, np.ndarray]:
        """The points of the rule that moments see, and their weights."""
        seen = self._weights > NEGLIGIBLE_WEIGHT
        return self._points[seen], self._weights[seen]

    def _weigh(self) -> tuple[np.ndarray, Given]:
        beta, weights = self._nodes()
        return weights, {self.name: (beta, 0.0)}

    def log_density(self, values: Values) -> Any:
        """Of beta alone."""
        beta = np.asarray(values[self.name], dtype=np.float64)
        inside = np.asarray(np.isfinite(beta).all(-1))
        beta = np.where(inside[..., None], beta, 0.0)
        log_p = self._log_joint(beta, beta - self.prior_mean) - self.log_integral
        return np.where(inside, log_p, -np.inf)

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        if name != self.name:
            return None
        density = self.grid.marginal_density(sum(index), x - self._centre[index])
        return density * np.exp(self.grid.log_integral - self.log_integral)

    def joint_density(self, one: Any, two: Any, x: np.ndarray, y: np.ndarray) -> Any:
        """Of two coefficients, where there are no more."""
        if {one, two} != {(self.name, (0,)), (self.name, (1,))} or len(self.prior_mean) != 2:
            return None
        beta = np.empty((len(x), len(y), 2))
        beta[..., sum(one[1])], beta[..., sum(two[1])] = x[:, None], y
        return np.exp(self._log_joint(beta, beta - self.prior_mean) - self.log_integral)

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        return {self.name: self._centre + self.grid.draw(rng, n)}
