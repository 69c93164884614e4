"""A cloud of points on the path from q to the posterior, and the Metropolis steps that move it.

pi_b(y) = q(y)**(1 - b) p(x, y)**b
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.marginal_likelihood.importance import LogDensity


class TemperedCloud:
    """Points y (n, D) with their log p(x, y) and log q(y).

    Attributes
    ----------
    log_ratio : array (n,)
        log p(x, y) - log q(y), which a weight is a power of.
    evaluations : int
        Log densities asked for so far.
    """

    def __init__(self, log_density: LogDensity, q: Any, n: int, rng: np.random.Generator) -> None:
        self.log_density, self.q, self.rng = log_density, q, rng
        self.y = q.sample(rng, n)
        self.log_q = q.log_density(self.y)
        self.log_p = np.asarray(log_density(self.y))
        self.evaluations = n

    @property
    def log_ratio(self) -> Any:
        return self.log_p - self.log_q

    def take(self, chosen: np.ndarray) -> None:
        """The points of these indices in the place of all."""
        self.y, self.log_p, self.log_q = self.y[chosen], self.log_p[chosen], self.log_q[chosen]

    def move(self, b: float, times: int, weights: np.ndarray | None = None) -> None:
        """So many random-walk Metropolis steps that leave pi_b as it is.

        Steps have the covariance of the cloud under these weights, scaled as suits the dimension
        (Roberts, Gelman & Gilks 1997); without weights that of q, so that points stay independent.
        """
        size = self.y.shape[1]
        if weights is None:
            covariance = self.q.covariance
        else:
            apart = self.y - weights @ self.y
            covariance = (apart.T * weights) @ apart
        L = np.linalg.cholesky(covariance) * (2.38 / np.sqrt(size))
        for _ in range(times):
            proposal = self.y + self.rng.standard_normal(self.y.shape) @ L.T
            log_p, log_q = np.asarray(self.log_density(proposal)), self.q.log_density(proposal)
            log_pi = b * log_p + (1.0 - b) * log_q
            here = b * self.log_p + (1.0 - b) * self.log_q
            accept = -self.rng.standard_exponential(len(here)) < log_pi - here
            self.y = np.where(accept[:, None], proposal, self.y)
            self.log_p = np.where(accept, log_p, self.log_p)
            self.log_q = np.where(accept, log_q, self.log_q)
            self.evaluations += len(here)
