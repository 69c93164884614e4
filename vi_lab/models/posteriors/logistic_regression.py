"""The truth of logistic regression: the density of one or two coefficients on a grid.

f_i(psi) = log C_i + y_i psi - n_i log(1 + exp psi), of slope y_i - n_i p_i and curvature
-n_i p_i (1 - p_i), p_i = 1 / (1 + exp(-psi)). Given beta the omegas are PG(n_i, psi_i), whose
density against PG(n_i, 0) is exp(-psi_i**2 omega_i / 2) cosh(psi_i / 2)**n_i.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.families import Distribution, PolyaGamma, PolyaGammaStats
from vi_lab.model import Values
from vi_lab.models.posteriors.mixed_moments import Given
from vi_lab.models.posteriors.normal_average import (
    average_log_cosh,
    average_softplus,
    log_cosh,
)
from vi_lab.models.posteriors.regression_grid import RegressionGrid
from vi_lab.numerics import special
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.rounding import Estimate, closed_form


class LogisticPosterior(RegressionGrid):
    """p(beta | y) of a `LogisticRegression`, and of omega given beta where it is asked for."""

    def __init__(self, model: Any) -> None:
        self.y, self.trials = model.successes, model.trials
        self.log_coefficients = model.log_coefficients
        super().__init__(model.X, model.prior_mean, model.prior_cov)

    def _log_likelihood(self, psi: np.ndarray) -> Any:
        """With log(1 + exp psi) = max(psi, 0) + tail, tail = log(1 + exp -|psi|): no term of
        y psi - n log(1 + exp psi) is above 0, and of separated data none is large."""
        wrong, tail = self._split(psi)
        return self.log_coefficients - wrong - tail

    def _slope_and_bend(self, psi: np.ndarray) -> tuple[Any, Any]:
        p = special.expit(psi)
        return self.y - self.trials * p, self.trials * p * (1.0 - p)

    def _sizes(self, psi: np.ndarray) -> tuple[Any, ...]:
        return *self._split(psi), self.log_coefficients

    def _split(self, psi: np.ndarray) -> tuple[Any, Any]:
        """|psi_i| times the trials that went against its sign, and the tails of all, summed."""
        failures = self.trials - self.y
        wrong = np.maximum(psi, 0.0) @ failures + np.maximum(-psi, 0.0) @ self.y
        return wrong, np.log1p(np.exp(-np.abs(psi))) @ self.trials

    def _average_terms(self, mean: np.ndarray, sd: np.ndarray) -> tuple[tuple[Any, ...], float]:
        """Of each failure -E[log(1 + exp psi)] and of each success -E[log(1 + exp -psi)]."""
        found = average_softplus(np.stack([mean, -mean]), np.stack([sd, sd]))
        counts = np.stack([self.trials - self.y, self.y])
        value, error = ((counts * part).sum() for part in found)
        return (self.log_coefficients, -value), float(error)

    def _weigh(self) -> tuple[np.ndarray, Given]:
        beta, weights = self._nodes()
        family, tilt = PolyaGamma(self.trials), PolyaGammaStats(-0.5 * (beta @ self.X.T) ** 2)
        omega = family.mean(tilt), family.sd(tilt) ** 2
        return weights, {"beta": (beta, 0.0), "omega": omega}

    def log_density(self, values: Values) -> Any:
        """Of beta, and of omega given beta (against PG(n_i, 0)) where `values` holds it."""
        log_p = super().log_density(values)
        if "omega" not in values:
            return log_p
        beta = np.asarray(values["beta"], dtype=np.float64)
        inside = np.asarray(np.isfinite(beta).all(-1))
        psi = np.where(inside[..., None], beta, 0.0) @ self.X.T
        omega = np.asarray(values["omega"], dtype=np.float64)
        log_omega = self.trials * log_cosh(0.5 * psi) - 0.5 * psi**2 * omega
        positive = ((omega > 0) & np.isfinite(omega)).all(-1)
        return np.where(inside & positive, log_p + log_omega.sum(-1), -np.inf)

    def sample_shown(self, rng: np.random.Generator, n: int) -> Values:
        """Draws without the auxiliary omega, of which each costs as many draws as it has trials."""
        return super().sample(rng, n)

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        beta = super().sample(rng, n)["beta"]
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
        softplus, error_s = average_softplus(mean, sd)
        average_cosh, error_c = average_log_cosh(mean, sd)
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
            self.log_integral,
            # the sum over i of E KL_i
            (self.trials * log_cosh(0.5 * tilt)).sum(-1),
            -(self.trials * average_cosh).sum(-1),
            0.5 * (omega * (mean**2 + sd**2 - tilt**2)).sum(-1),
        )
        quadrature = (self.trials * (error_s + error_c)).sum(-1) + self.error
        return Estimate(divergence.value, divergence.error + quadrature, "quadrature over beta")
