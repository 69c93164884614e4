"""Importance sampling: draws of q, each weighed by how much more p has there.

    y_i ~ q,   w_i = p(x, y_i) / q(y_i),   p(x) = E_q[w] ~ (1/n) sum w_i                         (1)

for E_q[p(x, y)/q(y)] = integral of p(x, y) dy, whatever q is, if it is above 0 wherever p is. The
error of the log is that of the mean in units of the mean, and

    var[w] / E[w]**2 = integral of p(y | x)**2 / q(y) dy - 1                                     (2)

is the chi-square divergence: finite only where q has tails no lighter than the square root of the
posterior's would allow. A q narrower than the posterior has weights without a bound, seldom drawn
and missed until they are: the k-hat of the largest tells. Tails of a t forgive that (Geweke 1989,
theorem 1; Owen 2013, chapter 9).

What no draw has seen is in no spread of the weights drawn. A few draws of an r with tails heavier
than q's measure how much of p(x) lies where weights are larger than any of these,

    b = (1/p(x)) integral of p(x, y) [w(y) > max w_i] dy ~ mean of [w > max w_i] p(x, y) / r(y)  (3)

in units of (1). Of that the mean of weights lacks something between none and all: log(1 + b) nats
at most, and an error of a root of 3 less, as of a number that may be anywhere in between.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.marginal_likelihood.weights import ROUNDING, Weighed, log_mean

LogDensity = Callable[[np.ndarray], Any]
ASKED = 10  # draws of q for each one of r


def estimate_by_importance(
    log_density: LogDensity, q: Any, n: int, rng: np.random.Generator, heavier: Any = None
) -> Weighed:
    """log p(x) from n draws of q, which has `sample(rng, n)` and `log_density(y)`.

    log_density : y (n, D) -> log p(x, y), (n,)
    heavier : r of (3), like q; without one the error is that of the weights drawn alone.
    """
    y = q.sample(rng, n)
    log_weights = np.asarray(log_density(y) - q.log_density(y))
    value, error = log_mean(log_weights)
    if heavier is None:
        return Weighed(value, error, n, log_weights, points=(y, log_weights))
    few = max(n // ASKED, 2)
    far = heavier.sample(rng, few)
    log_p = np.asarray(log_density(far))
    unseen = log_p - q.log_density(far) > log_weights.max() + ROUNDING
    log_b = np.where(unseen, log_p - heavier.log_density(far) - value, -np.inf)
    lacks = np.logaddexp(0.0, np.logaddexp.reduce(log_b) - np.log(few))  # log(1 + b)
    error = float(np.hypot(error, lacks / np.sqrt(3.0)))
    return Weighed(value, error, n + few, log_weights, points=(y, log_weights))
