"""The truth of logistic regression: the density of one or two coefficients on a grid.

    log p(y, beta) = log N(beta; prior) + sum_i log C_i + y_i psi_i - n_i log(1 + exp(psi_i))

is concave: Newton's method finds its mode, the curvature there whitens it, and the trapezoidal rule
integrates it. Given beta the omegas are PG(n_i, psi_i), whose density against PG(n_i, 0) is
exp(-psi_i**2 omega_i / 2) cosh(psi_i / 2)**n_i.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.families import Distribution, PolyaGamma, PolyaGammaStats
from vi_lab.model import Values
from vi_lab.models.posteriors.mixed_moments import Given, MixedMoments
from vi_lab.models.posteriors.newton import climb_to_mode
from vi_lab.models.posteriors.normal_average import average_under_normal
from vi_lab.numerics import densities, special
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.plane_density import Grid
from vi_lab.numerics.rounding import Estimate, closed_form, rounding

PREDICTORS_AT_ONCE = 2**20  # linear predictors computed at a time
NEGLIGIBLE_WEIGHT = 1e-18  # of a point of the grid: below it no moment sees the point


class LogisticPosterior(MixedMoments):
    """p(beta | y) of a `LogisticRegression`, and of omega given beta where it is asked for."""

    def __init__(self, model: Any) -> None:
        self.X, self.y, self.trials = model.X, model.successes, model.trials
        self.prior_mean, self.prior_cov = model.prior_mean, model.prior_cov
        self.log_coefficients = model.log_coefficients
        start = np.zeros_like(self.prior_mean)
        mode, hessian = climb_to_mode(self._log_joint, self._derivatives, start)
        self.grid = Grid(self._log_joint, mode, np.linalg.cholesky(np.linalg.inv(hessian)))
        self.error = self.grid.error + float(rounding(*self._terms_at(mode)))
        self.log_evidence = Estimate(self.grid.log_integral, self.error, "quadrature over beta")

    def _terms_at(self, d: np.ndarray) -> tuple[Any, ...]:
        """The sizes of what the log joint is the sum of."""
        psi = self.X @ (self.prior_mean + d)
        likelihood = np.abs(psi) @ self.y, np.logaddexp(0.0, psi) @ self.trials
        return *likelihood, self.log_coefficients, 0.5 * d @ np.linalg.solve(self.prior_cov, d)

    # beta is held as d = beta - prior_mean, which keeps its digits where the prior is sharp

    def _log_joint(self, d: np.ndarray) -> np.ndarray:
        """log p(y, beta), (..., D) -> (...,)."""
        rows = d.reshape(-1, d.shape[-1])
        step = max(1, PREDICTORS_AT_ONCE // len(self.y))
        parts = [self._log_joint_rows(rows[i : i + step]) for i in range(0, len(rows), step)]
        whole = np.concatenate(parts) if parts else np.empty(0)
        return whole.reshape(d.shape[:-1])

    def _log_joint_rows(self, d: np.ndarray) -> np.ndarray:
        psi = (self.prior_mean + d) @ self.X.T
        log_y = psi @ self.y - np.logaddexp(0.0, psi) @ self.trials + self.log_coefficients
        return log_y + densities.log_multivariate_normal(d, 0.0, self.prior_cov)

    def _derivatives(self, d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The gradient of log p(y, beta) and minus its Hessian."""
        psi, precision = self.X @ (self.prior_mean + d), np.linalg.inv(self.prior_cov)
        p = special.expit(psi)
        hessian = precision + (self.X.T * (self.trials * p * (1.0 - p))) @ self.X
        gradient = self.X.T @ (self.y - self.trials * p) - precision @ d
        return gradient, hessian

    def _weigh(self) -> tuple[np.ndarray, Given]:
        seen = self.grid.weights > NEGLIGIBLE_WEIGHT
        beta, family = self.prior_mean + self.grid.points[seen], PolyaGamma(self.trials)
        tilt = PolyaGammaStats(-0.5 * (beta @ self.X.T) ** 2)
        omega = family.mean(tilt), family.sd(tilt) ** 2
        return self.grid.weights[seen], {"beta": (beta, 0.0), "omega": omega}

    def log_density(self, values: Values) -> Any:
        """Of beta, and of omega given beta (against PG(n_i, 0)) where `values` holds it."""
        beta = np.asarray(values["beta"], dtype=np.float64)
        inside = np.asarray(np.isfinite(beta).all(-1))
        beta = np.where(inside[..., None], beta, 0.0)
        log_p = self._log_joint(beta - self.prior_mean) - self.grid.log_integral
        if "omega" in values:
            omega, psi = np.asarray(values["omega"], dtype=np.float64), beta @ self.X.T
            log_omega = self.trials * _log_cosh(0.5 * psi) - 0.5 * psi**2 * omega
            positive = ((omega > 0) & np.isfinite(omega)).all(-1)
            log_p = np.where(positive, log_p + log_omega.sum(-1), -np.inf)
        return np.where(inside, log_p, -np.inf)

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        if name != "beta":
            return None
        return self.grid.marginal_density(sum(index), x - self.prior_mean[index])

    def joint_density(self, one: Any, two: Any, x: np.ndarray, y: np.ndarray) -> Any:
        """Of two coefficients, where there are no more."""
        if {one, two} != {("beta", (0,)), ("beta", (1,))} or len(self.prior_mean) != 2:
            return None
        beta = np.empty((len(x), len(y), 2))
        beta[..., sum(one[1])], beta[..., sum(two[1])] = x[:, None], y
        return np.exp(self._log_joint(beta - self.prior_mean) - self.grid.log_integral)

    def sample_shown(self, rng: np.random.Generator, n: int) -> Values:
        """Draws without the auxiliary omega, of which each costs as many draws as it has trials."""
        return {"beta": self.prior_mean + self.grid.draw(rng, n)}

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        beta = self.prior_mean + self.grid.draw(rng, n)
        tilt = PolyaGammaStats(-0.5 * (beta @ self.X.T) ** 2)
        omega = PolyaGamma(self.trials).sample(rng, tilt, (n, len(self.y)))
        return {"beta": beta, "omega": omega}

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """-H[q(beta)] - E_q[log p(beta|y)] + E_q(beta) sum_i KL[q(omega_i) || PG(n_i, psi_i)].

        Under q(beta) = N(m, V) each psi_i is N(x_i'm, x_i'V x_i): E[log(1 + exp psi)] and
        E[log cosh(psi/2)] are integrals in one dimension, by the trapezoidal rule. With q(omega_i)
        = PG(n_i, c_i), whose mean is w_i = n_i tanh(c_i/2) / (2 c_i),

            E KL_i = n_i log cosh(c_i/2) - n_i E log cosh(psi_i/2) + (E psi_i**2 - c_i**2) w_i / 2
        """
        m, cov = (np.asarray(q["beta"].parameters[k]) for k in ("mean", "cov"))
        tilt = np.asarray(q["omega"].parameters["tilt"])
        mean = m @ self.X.T
        sd = np.sqrt(np.einsum("id,...de,ie->...i", self.X, cov, self.X))
        softplus, error_s = average_under_normal(lambda psi: np.logaddexp(0.0, psi), mean, sd)
        log_cosh, error_c = average_under_normal(lambda psi: _log_cosh(0.5 * psi), mean, sd)
        size = self.X.shape[1]
        d, inverse = m - self.prior_mean, np.linalg.inv(self.prior_cov)
        squares = (inverse * cov).sum((-2, -1)) + (d * (d @ inverse)).sum(-1)
        safe = np.where(tilt > 1e-6, tilt, 1.0)
        omega = self.trials * np.where(tilt > 1e-6, 0.5 * np.tanh(0.5 * safe) / safe, 0.25)
        divergence = closed_form(
            # -H[q(beta)] - E_q[log p(beta)] - E_q[log p(y | beta)] + log p(y)
            -0.5 * (size + size * LOG_2PI + np.linalg.slogdet(cov)[1]),
            0.5 * (size * LOG_2PI + np.linalg.slogdet(self.prior_cov)[1] + squares),
            -self.log_coefficients,
            (self.trials * softplus - self.y * mean).sum(-1),
            self.grid.log_integral,
            # the sum over i of E KL_i
            (self.trials * _log_cosh(0.5 * tilt)).sum(-1),
            -(self.trials * log_cosh).sum(-1),
            0.5 * (omega * (mean**2 + sd**2 - tilt**2)).sum(-1),
        )
        quadrature = (self.trials * (error_s + error_c)).sum(-1) + self.error
        return Estimate(divergence.value, divergence.error + quadrature, "quadrature over beta")


def _log_cosh(x: Any) -> Any:
    return np.logaddexp(x, -x) - np.log(2.0)
