"""Where the posterior of groups and their mean lies, and squares of their distances about there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.families import NormalStats
from vi_lab.numerics.arithmetic import LOG_2PI

STEPS = 30  # in which a variance and what it is the variance of take their turns


def find_groups(model: Any) -> tuple[np.ndarray, float]:
    """theta (J,) and mu of a HierarchicalNormal at a tau**2 that suits them.

    Each takes its conditional mean in turn, the variances counted in; of 1/tau**2 and of the
    auxiliary rate of a half-Cauchy as well.
    """
    y, variances, prior = model.y, model.sigma**2, model.tau_prior
    tau2 = float(np.exp(prior.log_location))
    for _ in range(STEPS):
        w = 1.0 / (variances + tau2)
        mean = float(y[0] + w @ (y - y[0]) / w.sum())
        precision = model.mu_sd**-2.0 + w.sum()
        mu = mean - mean * model.mu_sd**-2.0 / precision
        share = variances * w  # of mu in theta
        theta = y + share * (mu - y)
        squares = (theta - mu) ** 2 + share * tau2 + 1.0 / precision
        tau2 = (prior.scale_at(tau2) + 0.5 * squares.sum()) / (prior.shape + 0.5 * len(y))
    return theta, mu


class SquaresApart:
    """sum_j (theta_j - mu)**2 and its like, from statistics of each about a centre of its own.

    With theta_j = c_j + d_j, mu = c + m and a_j = c_j - c it is

        sum d_j**2 + 2 a'd + a'a + J m**2 - 2 m (sum d_j + sum a_j)

    Attributes
    ----------
    apart : array (J,)
        a, the distances of the centres.
    """

    def __init__(self, centres: np.ndarray, centre: float) -> None:
        self.apart, self._ones = centres - centre, np.ones(len(centres))
        # numpy sums faster as a product with a matrix, and reckons faster with 0-d arrays
        self._twice = 2.0 * np.stack([self.apart, self._ones], axis=-1)
        self._count, self._squares = np.array(1.0 * len(centres)), np.array(self.apart @ self.apart)
        self._sum, self._twice_sum = np.array(self.apart.sum()), np.array(2.0 * self.apart.sum())

    def __call__(self, theta: NormalStats, mu: NormalStats) -> Any:
        """The sum of squares, (*batch,)."""
        twice = theta.value @ self._twice
        squares = theta.square @ self._ones + twice[..., 0] + self._squares
        return squares + self._count * mu.square - mu.value * (twice[..., 1] + self._twice_sum)

    def sum_from_centre(self, theta: NormalStats) -> Any:
        """sum_j (theta_j - c), (*batch,)"""
        return theta.value @ self._ones + self._sum

    def log_prior(self, stats: Mapping[str, Any]) -> Any:
        """sum_j log N(theta_j; mu, tau2), and where a half-Cauchy is augmented log IG(tau2; 1/2,
        rate)."""
        tau2, squares = stats["tau2"], self(stats["theta"], stats["mu"])
        n = stats["theta"].value.shape[-1]
        total = -0.5 * (n * (LOG_2PI + tau2.log) + tau2.reciprocal * squares)
        if "rate" not in stats:
            return total
        rate = stats["rate"]
        log_tau2 = 0.5 * (rate.log - np.log(np.pi)) - 1.5 * tau2.log - rate.value * tau2.reciprocal
        return total + log_tau2
