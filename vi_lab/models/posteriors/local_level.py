"""The truth of the local level: Kalman's filter forward, the smoother back.

    predict   x_t | y_1..t-1 ~ N(m_(t-1), v_(t-1) + q)             (at t = 1: N(m0, v0))
    update    x_t | y_1..t   ~ N(m_t, v_t),   v_t = p r / (p + r) with p the predicted variance;
              m_t and v_t are those predicted where y_t is missing
    back      x_t | x_(t+1), y_1..t ~ N(m_t + g_t (x_(t+1) - m_t), v_t q / (v_t + q)),
              g_t = v_t / (v_t + q)

(Durbin & Koopman 2012, sections 2.2-2.6.) The posterior is the product of the steps back, and
log p(y) the sum of log N(y_t; m_(t-1), p + r). Nothing here knows of a precision matrix. Levels
are taken about the mean of y, the centre, so that data far from 0 lose no digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.families import Distribution
from vi_lab.model import Values
from vi_lab.numerics import densities
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.compensated import subtract_products
from vi_lab.numerics.log_gamma import log_ratio_less
from vi_lab.numerics.mixed_densities import normal, normal_pair
from vi_lab.numerics.rounding import Estimate, round_square, rounding, sum_terms


class LocalLevelPosterior:
    """x_T ~ N(m_T, v_T); x_t | x_(t+1) ~ N(m_t + gain_t (x_(t+1) - m_t), left_t), less a centre.

    Parameters
    ----------
    model : LocalLevel
        Of which y, q, r, m0 and v0 are read, and `in_blocks`: x (..., T) -> block values.

    Attributes
    ----------
    log_evidence : Estimate
        The sum over t of log p(y_t | y_1..t-1).
    """

    def __init__(self, model: Any) -> None:
        y, q, centre = model.y, model.q, float(np.nanmean(model.y))
        self._centre, self._in_blocks = centre, model.in_blocks
        filtered = kalman_filter(y - centre, q, model.r, model.m0 - centre, model.v0)
        log_terms, self._m, variances = filtered
        self.log_evidence = sum_terms(log_terms, "Kalman filter")
        self._gain = variances[:-1] / (variances[:-1] + q)
        # the variance of each step given the next; of the last, given the data
        self._left = np.append(self._gain * q, variances[-1])
        mean, variance = self._m.copy(), variances
        for t in range(len(y) - 2, -1, -1):
            mean[t] += self._gain[t] * (mean[t + 1] - self._m[t])
            variance[t] = self._left[t] + self._gain[t] ** 2 * variance[t + 1]
        self.mean: Mapping[str, Any] = {"x": self._centre + mean}
        self.sd: Mapping[str, Any] = {"x": np.sqrt(variance)}

    def _mean_given_next(self, x: Any) -> np.ndarray:
        """E[x_t | x_(t+1), y], shape (..., T); of the last step E[x_T | y]."""
        mean = np.broadcast_to(self._m, np.shape(x)).copy()
        mean[..., :-1] += self._gain * (x[..., 1:] - self._m[:-1])
        return mean

    def log_density(self, values: Values) -> Any:
        x = np.asarray(values["x"], dtype=np.float64)
        inside = np.asarray(np.isfinite(x).all(-1))
        x = np.where(inside[..., None], x - self._centre, 0.0)
        steps = densities.log_normal(x, self._mean_given_next(x), self._left)
        return np.where(inside, steps.sum(-1), -np.inf)

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        return normal(x, self.mean["x"][index], self.sd["x"][index] ** 2)

    def joint_density(self, one: Any, two: Any, x: np.ndarray, y: np.ndarray) -> Any:
        """The covariance of two steps is the later's variance times the gains between them."""
        (t,), (u,) = one[1], two[1]
        variance = self.sd["x"] ** 2
        between = variance[max(t, u)] * self._gain[min(t, u) : max(t, u)].prod()
        cov = np.array([[variance[t], between], [between, variance[u]]])
        return normal_pair(x, y, self.mean["x"][[t, u]], cov)

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        """Backward sampling (Carter & Kohn 1994): the last step first."""
        x = np.sqrt(self._left) * rng.standard_normal((n, len(self._m)))
        x[:, -1] += self._m[-1]
        for t in range(len(self._m) - 2, -1, -1):
            x[:, t] += self._m[t] + self._gain[t] * (x[:, t + 1] - self._m[t])
        return self._in_blocks(self._centre + x)

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """-H[q] - E_q[log p(x|y)], a sum over the steps of the chain.

        q has means m, variances v and covariances c of neighbours (0 between blocks). With
        e_t = x_t - E[x_t | x_(t+1), y],

            E[e_t**2] = (E e_t)**2 + given_t + (c_t - gain_t v_(t+1))**2 / v_(t+1)

        with given_t = v_t - c_t**2 / v_(t+1), the variance of x_t given the next. The entropy of a
        chain is that of its last step and of each one given the next.
        """
        mean, v, c = _moments(q)
        mean = mean - self._centre
        given, spread = v.copy(), np.zeros_like(v)
        given[..., :-1] = subtract_products(v[..., :-1], v[..., 1:], c, c) / v[..., 1:]
        spread[..., :-1] = (c - self._gain * v[..., 1:]) ** 2 / v[..., 1:]
        expected = self._mean_given_next(mean)
        squares = (mean - expected) ** 2 + spread
        steps = 0.5 * (squares / self._left - log_ratio_less(given, self._left))
        lost = round_square(1.0 / self._left, mean - expected, mean, expected)
        lost[..., :-1] += round_square(
            1.0 / (self._left[:-1] * v[..., 1:]), spread[..., :-1] ** 0.5, c
        )
        return Estimate(steps.sum(-1), rounding(steps.sum(-1)) + lost.sum(-1), "closed form")


def kalman_filter(
    y: np.ndarray, q: float, r: float, m0: float, v0: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """log p(y_t | y_1..t-1), and the mean m_t and variance v_t of x_t | y_1..t, each (T,)."""
    log_terms, means, variances = np.empty((3, len(y)))
    mean, predicted = m0, v0
    for t, observed in enumerate(y):
        if np.isnan(observed):  # a gap: the step that was predicted is all there is
            log_terms[t], means[t], variances[t] = 0.0, mean, predicted
            predicted = predicted + q
            continue
        spread = predicted + r
        log_terms[t] = densities.log_normal(observed, mean, spread)
        # counted from the nearer of the two that it lies between
        if predicted < r:
            mean = mean + predicted / spread * (observed - mean)
        else:
            mean = observed - r / spread * (observed - mean)
        variances[t] = predicted * r / spread
        means[t], predicted = mean, variances[t] + q
    return log_terms, means, variances


def _moments(q: Mapping[str, Distribution]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means and variances (..., T) and covariances of neighbours (..., T-1) of q."""
    if "x" in q:
        mean, variance, covariance = q["x"].parameters.values()
        return mean, variance, covariance
    even, odd = q["x.even"].parameters, q["x.odd"].parameters
    size = even["mean"].shape[-1] + odd["mean"].shape[-1]
    mean, sd = np.empty((2, *even["mean"].shape[:-1], size))
    for whole, name in ((mean, "mean"), (sd, "sd")):
        whole[..., ::2], whole[..., 1::2] = even[name], odd[name]
    return mean, sd**2, np.zeros((*mean.shape[:-1], size - 1))


def log_prior_of_level(model: Any, d: Any, squares: Any, products: Any) -> Any:
    """log N(x_1; m0, v0) + sum_t log N(x_t; x_(t-1), q), with x = centre + d multiplied out."""
    start, steps = model.centre[0] - model.m0, np.diff(model.centre)
    first = start**2 + 2.0 * start * d[..., 0] + squares[..., 0]
    moved = squares[..., 1:] + squares[..., :-1] - 2.0 * products
    taken = (steps**2 + 2.0 * steps * (d[..., 1:] - d[..., :-1]) + moved).sum(-1)
    constant = model.n * LOG_2PI + np.log(model.v0) + (model.n - 1) * np.log(model.q)
    return -0.5 * (constant + first / model.v0 + taken / model.q)
