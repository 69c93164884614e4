"""Importance sampling: draws of q, each weighed by how much more p has there.

    y_i ~ q,   w_i = p(x, y_i) / q(y_i),   p(x) = E_q[w] ~ (1/n) sum w_i                         (1)

for E_q[p(x, y)/q(y)] = integral of p(x, y) dy, whatever q is, if it is above 0 wherever p is. The
error of the log is that of the mean in units of the mean, and

    var[w] / E[w]**2 = integral of p(y | x)**2 / q(y) dy - 1                                     (2)

is the chi-square divergence: finite only where q has tails no lighter than the square root of the
posterior's would allow. A q narrower than the posterior has weights without a bound, seldom drawn
and missed until they are: the k-hat of the largest tells. Tails of a t forgive that (Geweke 1989,
theorem 1; Owen 2013, chapter 9).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.marginal_likelihood.weights import Weighed, log_mean

LogDensity = Callable[[np.ndarray], Any]


def estimate_by_importance(
    log_density: LogDensity, q: Any, n: int, rng: np.random.Generator
) -> Weighed:
    """log p(x) from n draws of q, which has `sample(rng, n)` and `log_density(y)`.

    log_density : y (n, D) -> log p(x, y), (n,)
    """
    y = q.sample(rng, n)
    log_weights = np.asarray(log_density(y) - q.log_density(y))
    return Weighed(*log_mean(log_weights), n, log_weights, points=(y, log_weights))
