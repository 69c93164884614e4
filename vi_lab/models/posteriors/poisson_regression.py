"""The truth of Poisson regression: the density of one or two coefficients on a grid.

f_i(psi) = y_i psi - exp(psi) - log y_i!, of slope y_i - exp(psi) and curvature -exp(psi).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.models.posteriors.regression_grid import RegressionGrid
from vi_lab.numerics import arithmetic, special
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.rounding import bound_cancellation, rounding

STEP, REACH = 0.5, 10.0  # of a trapezoidal rule over a Gaussian: it errs by exp(-2 pi**2 / STEP**2)


class PoissonPosterior(RegressionGrid):
    """p(z | y) of a `PoissonRegression`, z the coefficients."""

    name = "z"

    def __init__(self, model: Any) -> None:
        self.y = model.counts
        self.log_factorials = float(special.gammaln(self.y + 1.0).sum())
        super().__init__(model.X, model.prior_mean, model.prior_cov)

    def _log_likelihood(self, psi: np.ndarray) -> Any:
        return psi @ self.y - arithmetic.exp(psi).sum(-1) - self.log_factorials

    def _slope_and_bend(self, psi: np.ndarray) -> tuple[Any, Any]:
        rate = np.exp(psi)
        return self.y - rate, rate

    def _sizes(self, psi: np.ndarray) -> tuple[Any, ...]:
        return np.abs(psi) @ self.y, np.exp(psi).sum(), self.log_factorials

    def _average_terms(self, mean: np.ndarray, sd: np.ndarray) -> tuple[tuple[Any, ...], float]:
        """sum_i y_i mu_i - E[exp psi_i] - log y_i!, psi_i = mu_i + s_i t with t ~ N(0, 1).

        E[exp psi_i] is the integral of exp(mu_i + s_i t - t**2/2) / sqrt(2 pi), whose top is at
        t = s_i, far from t = 0 where psi_i has a large sd: the trapezoidal rule goes along the top.
        """
        rate = average_exp(mean, sd)
        lost = bound_cancellation(rate, mean, sd * sd).sum() + rounding(self.y @ np.abs(mean))
        return (self.y @ mean, -rate.sum(), -self.log_factorials), float(lost)


def average_exp(mean: np.ndarray, sd: np.ndarray) -> Any:
    """E[exp psi], psi ~ N(mean, sd**2), along the top of what is integrated; (N,) -> (N,)."""
    t = sd[:, None] + np.arange(-REACH, REACH + STEP, STEP)
    heights = arithmetic.exp(mean[:, None] + t * (sd[:, None] - 0.5 * t) - 0.5 * LOG_2PI)
    return STEP * heights.sum(-1)
