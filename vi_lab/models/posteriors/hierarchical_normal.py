"""The truth of the hierarchical normal: all but tau integrated out by hand.

With D_j = sigma_j**2 + tau**2, w_j = 1/D_j, P = 1/mu_sd**2 + sum w_j and m = sum w_j y_j / P:

    log p(y | tau)         = -[ J log 2 pi + sum log D_j + log(mu_sd**2 P)
                                + sum w_j (y_j - m)**2 + m**2 / mu_sd**2 ] / 2
    mu | tau, y            ~ N(m, 1/P)
    theta_j | mu, tau, y   ~ N(k_j mu + (1 - k_j) y_j, k_j tau**2),    k_j = sigma_j**2 / D_j

(Gelman et al. 2013, eq. 5.17-5.21, with a proper prior of mu.) What is left is an integral over
s = log tau**2, by the trapezoidal rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.families import Distribution
from vi_lab.model import Values
from vi_lab.models.posteriors.mixed_moments import Given, MixedMoments
from vi_lab.models.posteriors.variance_quadrature import integrate_over_line, log_variance_nodes
from vi_lab.models.priors import HalfCauchy, InverseGamma
from vi_lab.numerics import densities
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.log_gamma import log_ratio_less
from vi_lab.numerics.mixed_densities import (
    column,
    density_of_exponential,
    mix_gammas,
    mix_normal_pairs,
    mix_normals,
    widen_ridges,
)
from vi_lab.numerics.plane_density import Grid
from vi_lab.numerics.rounding import EPS, Estimate, round_square, rounding


class HierarchicalPosterior(MixedMoments):
    """p(theta, mu, tau2 | y) of a `HierarchicalNormal`, and of the auxiliary rate where it is
    asked for."""

    def __init__(self, model: Any) -> None:
        self.y, self.sigma, self.mu_sd = model.y, model.sigma, model.mu_sd
        self.prior: HalfCauchy | InverseGamma = model.tau_prior
        self.origin = float(self.y[0])  # no digit is lost to an offset that all share
        self._y = self.y - self.origin
        self.grid = self._integrate(0.0)
        place, width = float(self.grid.points[len(self.grid.points) // 2, 0]), self.grid.width
        error = self.grid.error + _round_place(place, width)
        self.log_evidence = Estimate(self.grid.log_integral, error, "quadrature over tau")

    def _log_marginal(self, s: Any) -> Any:
        """log p(y, s) for s = log tau**2, any shape."""
        tau2 = np.exp(np.asarray(s))[..., None]
        d = self.sigma**2 + tau2
        total, mean = self._weigh_groups(tau2)
        lifted = self.mu_sd**2 * total
        log_det = np.log(d).sum(-1) + np.log1p(lifted)
        squares = ((self._y - mean[..., None]) ** 2 / d).sum(-1)
        squares = squares + total * (self.origin + mean) ** 2 / (1.0 + lifted)
        return self.prior.log_density(s) - 0.5 * (len(self.y) * LOG_2PI + log_det + squares)

    def _weigh_groups(self, tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The sum of the w_j, and the mean of y - origin under them, given tau2 (..., 1)."""
        w = 1.0 / (self.sigma**2 + tau2)
        total = w.sum(-1)
        return total, (w * self._y).sum(-1) / total

    def _mu_less(self, value: Any, tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """How far `value` lies from the mean of mu given tau2 (..., 1), that mean's precision, and
        the size of the numbers whose difference was taken.

        The mean lies between 0 and the mean of y: both are counted from the nearer of them.
        """
        total, mean = self._weigh_groups(tau2)
        left = 1.0 / (1.0 + self.mu_sd**2 * total)  # of the way from the mean of y to 0
        whole = self.origin + mean
        near_data = left < 0.5
        value = np.where(near_data, value - self.origin, value)
        other = np.where(near_data, mean - left * whole, (1.0 - left) * whole)
        return value - other, self.mu_sd**-2.0 + total, np.abs(value) + np.abs(other)

    def _mu_given_tau2(self, tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and precision of mu given tau2 (..., 1)."""
        away, precision, _ = self._mu_less(0.0, tau2)
        return -away, precision

    def _theta_given_tau2(self, tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The share k of mu in the mean of theta, and its variance, given tau2 (..., 1)."""
        share = self.sigma**2 / (self.sigma**2 + tau2)
        return share, share * tau2

    def _integrate(self, power: float) -> Grid:
        """The integral of tau**(2 power) p(y, s) over s."""

        def log_density(s: np.ndarray) -> Any:
            return self._log_marginal(s) + power * s

        places = (
            self.prior.log_location,
            float(np.log(self.sigma.min() ** 2)),
            float(np.log(self.sigma.max() ** 2 + np.ptp(self.y) ** 2)),
        )
        return integrate_over_line(log_density, min(places), max(places))

    def _moment(self, power: float) -> float:
        """E[tau**(2 power) | y], infinite where the tail is too heavy."""
        if power >= self.prior.moment_limit(len(self.y)):
            return np.inf
        return float(np.exp(self._integrate(power).log_integral - self.grid.log_integral))

    def _normals_given_tau2(self, tau2: np.ndarray) -> dict[str, tuple[Any, Any]]:
        """Mean and variance of theta and of mu, each without the other, given tau2 (N, 1)."""
        m, precision = self._mu_given_tau2(tau2)
        share, variance = self._theta_given_tau2(tau2)
        theta = share * m[:, None] + (1.0 - share) * self.y
        return {
            "theta": (theta, variance + share**2 / precision[:, None]),
            "mu": (m, 1.0 / precision),
        }

    def _weigh(self) -> tuple[np.ndarray, Given]:
        tau2 = np.exp(self.grid.points)  # (N, 1)
        given = self._normals_given_tau2(tau2)
        if isinstance(self.prior, HalfCauchy):
            rate = 1.0 / self._rate_of_decay(tau2[:, 0])
            given["rate"] = rate, rate**2
        return self.grid.weights, given

    def find_moments(self) -> dict[str, tuple[Any, Any]]:
        """Those of tau by integrals of their own, its tail being long."""
        tau2, tau = self._moments_of_power(1.0), self._moments_of_power(0.5)
        return {**super().find_moments(), "tau2": tau2, "tau": tau}

    def _moments_of_power(self, power: float) -> tuple[float, float]:
        first, second = self._moment(power), self._moment(2.0 * power)
        return first, np.sqrt(second - first**2) if np.isfinite(second) else np.inf

    def _rate_of_decay(self, tau2: Any) -> Any:
        """A half-Cauchy's auxiliary rate, given tau2, is exponential and decays at this rate."""
        assert isinstance(self.prior, HalfCauchy)
        return 1.0 / tau2 + self.prior.prior_rate

    def log_density(self, values: Values) -> Any:
        """Of theta, mu and tau2, and of the rate too where `values` holds one."""
        theta, mu, tau2 = (np.asarray(values[name]) for name in ("theta", "mu", "tau2"))
        inside = (tau2 > 0) & np.isfinite(tau2) & np.isfinite(mu) & np.isfinite(theta).all(-1)
        safe = np.where(inside, tau2, 1.0)[..., None]
        theta = np.where(inside[..., None], theta, 0.0)
        mu = np.where(inside, mu, 0.0)
        m, precision = self._mu_given_tau2(safe)
        share, variance = self._theta_given_tau2(safe)
        expected = share * mu[..., None] + (1.0 - share) * self.y
        log_s = np.log(safe[..., 0])
        log_p = self._log_marginal(log_s) - self.grid.log_integral - log_s
        log_p = log_p + densities.log_normal(mu, m, 1.0 / precision)
        log_p = log_p + densities.log_normal(theta, expected, variance).sum(-1)
        if "rate" in values:
            decay = self._rate_of_decay(safe[..., 0])
            log_p = log_p + densities.log_gamma(np.asarray(values["rate"]), 1.0, decay)
        return np.where(inside, log_p, -np.inf)

    def _density_of_power(self, name: str, x: np.ndarray) -> np.ndarray:
        """The density of tau2 = exp(s) or of tau = exp(s/2)."""

        def log_density(s: np.ndarray) -> Any:
            return self._log_marginal(s) - self.grid.log_integral

        return density_of_exponential(log_density, x, {"tau2": 1.0, "tau": 0.5}[name])

    def _given(self, one: Any, tau2: np.ndarray) -> list[np.ndarray]:
        """Mean and variance of theta[j] or of mu given tau2 (N, 1), each (N,)."""
        return [column(moment, one[1]) for moment in self._normals_given_tau2(tau2)[one[0]]]

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        """Of tau and its square by their line; the others are averages along it."""
        if name in ("tau2", "tau"):
            return self._density_of_power(name, x)
        tau2 = np.exp(self.grid.points)
        if name == "rate":
            decay = self._rate_of_decay(tau2[:, 0])
            return mix_gammas(self.grid.weights, x, np.ones_like(decay), decay)
        return mix_normals(self.grid.weights, x, *self._given((name, index), tau2))

    def joint_density(self, one: Any, two: Any, x: np.ndarray, y: np.ndarray) -> Any:
        """Of tau and a normal its density times a normal; of two normals their average.

        Where tau is small two normals are one, and their density is a ridge without a bound. Of a
        ridge that no grid of these steps can hold, its width is drawn as one that it holds.
        """
        if {one[0], two[0]} <= {"tau2", "tau"}:  # the one is the other's square
            return None
        if one[0] in ("tau2", "tau"):
            flipped = self.joint_density(two, one, y, x)
            return None if flipped is None else flipped.T
        if "rate" in (one[0], two[0]) or one[0] not in ("theta", "mu"):
            return None
        if two[0] in ("tau2", "tau"):
            tau2 = np.maximum(y, 1e-100) ** (2.0 if two[0] == "tau" else 1.0)
            mean, variance = self._given(one, tau2[:, None])
            given_tau = np.exp(densities.log_normal(x[:, None], mean, variance))
            return given_tau * self._density_of_power(two[0], y)
        # given mu the thetas are independent, each with its share of mu in its mean
        tau2 = np.exp(self.grid.points)
        cov = 1.0 / self._mu_given_tau2(tau2)[1]
        for name, index in (one, two):
            cov = cov * (column(self._theta_given_tau2(tau2)[0], index) if name == "theta" else 1.0)
        means, variances = zip(self._given(one, tau2), self._given(two, tau2), strict=True)
        cov = widen_ridges(x, y, variances, cov)
        return mix_normal_pairs(self.grid.weights, x, y, means, variances, cov)

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        tau2 = np.exp(self.grid.draw(rng, n))  # (n, 1)
        m, precision = self._mu_given_tau2(tau2)
        mu = m + rng.standard_normal(n) / np.sqrt(precision)
        share, variance = self._theta_given_tau2(tau2)
        noise = np.sqrt(variance) * rng.standard_normal((n, len(self.y)))
        drawn = {
            "theta": share * mu[:, None] + (1.0 - share) * self.y + noise,
            "mu": mu,
            "tau2": tau2[:, 0],
        }
        if isinstance(self.prior, HalfCauchy):
            drawn["rate"] = rng.standard_exponential(n) / self._rate_of_decay(tau2[:, 0])
        return drawn

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """An average over q(tau2), by the trapezoidal rule in s = log tau2, of

            log q(s)/p(s | y) + KL[q(mu) || p(mu | tau2, y)]
            + E_q(mu) KL[q(theta) || p(theta | mu, tau2, y)] (+ KL[q(rate) || p(rate | tau2)])

        With means m and variances v of q, those given tau2 being m' and v' (of theta at m_mu), the
        normals give [ (m - m')**2/v' + v/v' - 1 - log(v/v') ]/2, and k**2 v_mu/v' beside theta's.
        """
        (m_theta, v_theta), (m_mu, v_mu) = (_normal_moments(q[name]) for name in ("theta", "mu"))
        shape, scale = (np.asarray(q["tau2"].parameters[k]) for k in ("shape", "scale"))
        s, weights, log_q = log_variance_nodes(shape, scale)  # (N, *batch)
        tau2 = np.exp(s)[..., None]
        away, precision, reach = self._mu_less(m_mu, tau2)
        share, variance = self._theta_given_tau2(tau2)
        off = m_mu[..., None] - self.y
        apart = (m_theta - self.y) - share * off
        squares = (apart**2 + share**2 * v_mu[..., None]) / variance
        terms: tuple[Any, ...] = (
            log_q,
            self.grid.log_integral - self._log_marginal(s),
            0.5 * (precision * away**2 - log_ratio_less(precision * v_mu, 1.0)),
            0.5 * (squares - log_ratio_less(v_theta, variance)).sum(-1),
        )
        if "rate" in q:
            c, d = (np.asarray(q["rate"].parameters[k]) for k in ("shape", "rate"))
            decay = self._rate_of_decay(tau2[..., 0])
            terms += densities.kl_gamma_terms(c, d, 1.0, decay)
        integrand: Any = sum(terms)
        value, halved = (weights * integrand).sum(0), (2.0 * weights[::2] * integrand[::2]).sum(0)
        size = (weights * sum(map(np.abs, terms))).sum(0)
        lost = round_square(precision, away, reach) + _round_place(s, shape**-0.5)
        lost = lost + round_square(1.0 / variance, apart, share * off).sum(-1)
        error = np.abs(value - halved) + self.grid.error + rounding(size)
        return Estimate(value, error + (weights * lost).sum(0), "quadrature over tau")


def _round_place(s: Any, width: Any) -> Any:
    """What the rounding of log tau**2 does to a log density of so narrow a width."""
    return 0.1 * EPS * np.abs(s) / width


def _normal_moments(factor: Distribution) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of a normal factor."""
    return np.asarray(factor.parameters["mean"]), np.asarray(factor.parameters["sd"]) ** 2
