"""The truth of Poisson regression: the density of one or two coefficients on a grid.

f_i(psi) = y_i psi - exp(psi) - log y_i!, of slope y_i - exp(psi) and curvature -exp(psi).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.models.posteriors.regression_grid import RegressionGrid
from vi_lab.numerics import arithmetic, special


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
