"""The truth of probit regression: the density of one or two coefficients on a grid.

f_i(psi) = log Phi(psi), psi_i = s_i x_i' beta. With lam = phi(psi)/Phi(psi) its slope is lam and
its curvature -lam (psi + lam). Given beta the distances w_i are N(psi_i, 1) above 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.families import Distribution, TruncatedNormal, TruncatedNormalStats
from vi_lab.model import Values
from vi_lab.models.posteriors.mixed_moments import Given
from vi_lab.models.posteriors.normal_average import average_under_normal
from vi_lab.models.posteriors.regression_grid import RegressionGrid
from vi_lab.numerics import special
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.compensated import subtract_terms
from vi_lab.numerics.rounding import Estimate, closed_form
from vi_lab.numerics.truncation import moments_above_zero


class ProbitPosterior(RegressionGrid):
    """p(beta | y) of a `ProbitRegression`, and of w given beta where it is asked for."""

    def __init__(self, model: Any) -> None:
        super().__init__(
            np.where(model.y > 0, 1.0, -1.0)[:, None] * model.X, model.prior_mean, model.prior_cov
        )

    def _log_likelihood(self, psi: np.ndarray) -> Any:
        return special.log_ndtr(psi).sum(-1)

    def _slope_and_bend(self, psi: np.ndarray) -> tuple[Any, Any]:
        mean, _, lam = moments_above_zero(psi)
        return lam, lam * mean

    def _sizes(self, psi: np.ndarray) -> tuple[Any, ...]:
        return (np.abs(special.log_ndtr(psi)).sum(),)

    def _average_terms(self, mean: np.ndarray, sd: np.ndarray) -> tuple[tuple[Any, ...], float]:
        """E[log Phi(psi)] of every row."""
        value, error = average_under_normal(special.log_ndtr, mean, sd)
        return (value.sum(),), float(error.sum())

    def _given(self, beta: np.ndarray) -> TruncatedNormalStats:
        """Of w given beta, (..., N)."""
        return TruncatedNormalStats(beta @ self.X.T, -0.5)

    def _weigh(self) -> tuple[np.ndarray, Given]:
        beta, weights = self._nodes()
        w, given = TruncatedNormal(), self._given(beta)
        return weights, {"beta": (beta, 0.0), "w": (w.mean(given), w.sd(given) ** 2)}

    def log_density(self, values: Values) -> Any:
        """Of beta, and of w given beta where `values` holds it."""
        log_p = super().log_density(values)
        if "w" in values:
            beta = np.asarray(values["beta"], dtype=np.float64)
            inside = np.asarray(np.isfinite(beta).all(-1))
            given = self._given(np.where(inside[..., None], beta, 0.0))
            log_p = log_p + TruncatedNormal().log_density(values["w"], given).sum(-1)
        return log_p

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        beta = super().sample(rng, n)["beta"]
        w = TruncatedNormal().sample(rng, self._given(beta), (n, len(self.X)))
        return {"beta": beta, "w": w}

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """-H[q(beta)] - E_q[log p(beta|y)] + E_q(beta) sum_i KL[q(w_i) || N(psi_i, 1) above 0].

        Under q(beta) = N(m, V) each psi_i is N(m_i, v_i), m_i = x_i'm and v_i = x_i'V x_i. With
        eta_i the natural parameter of q(w_i), A the family's log partition, c_i the centre of its
        statistics and d_i = w_i - c_i,

            KL_i = (eta_i1 - psi_i + c_i) E[d_i] + (eta_i2 + 1/2) E[d_i**2] - A(eta_i)
                   + (psi_i - c_i)**2/2 + log(2 pi)/2 + log Phi(psi_i)

        whose E[log Phi(psi_i)] is also what -E_q[log p(beta|y)] takes away: it is in neither.
        """
        m, cov = (np.asarray(q["beta"].parameters[k]) for k in ("mean", "cov"))
        family: Any = q["w"].family
        eta = q["w"].eta
        w, size = family.expected_stats(eta), self.X.shape[1]
        columns = zip(self.X.T, np.moveaxis(m[..., None, :], -1, 0), strict=True)
        mean = -subtract_terms(np.broadcast_to(family.centre, np.shape(w.value)), columns)
        variance = np.einsum("id,...de,ie->...i", self.X, cov, self.X)
        d, inverse = m - self.prior_mean, np.linalg.inv(self.prior_cov)
        squares = (inverse * cov).sum((-2, -1)) + (d * (d @ inverse)).sum(-1)
        divergence = closed_form(
            # -H[q(beta)] - E_q[log p(beta)] + log p(y)
            -0.5 * (size + np.linalg.slogdet(cov)[1]),
            0.5 * (np.linalg.slogdet(self.prior_cov)[1] + squares),
            self.log_integral,
            # the sum over i of E KL_i, without E[log Phi(psi_i)]
            ((eta.value - mean) * w.value + (eta.square + 0.5) * w.square).sum(-1),
            -(family.log_partition(eta) - 0.5 * LOG_2PI + np.zeros_like(mean)).sum(-1),
            0.5 * (mean**2 + variance).sum(-1),
        )
        return Estimate(divergence.value, divergence.error + self.error, "quadrature over beta")
