"""Annealed importance sampling: each run is one long importance weight.

    y_0 ~ q;  for t = 1..T:   log w += (b_t - b_(t-1)) (log p(x, y_(t-1)) - log q(y_(t-1)))      (1)
                              y_t ~ a Metropolis step that leaves pi_(b_t) as it is
    p(x) = E[w] ~ (1/n) sum w                                                                    (2)

with pi_b = q**(1 - b) p**b. It is importance sampling of the whole path, against the path run
backwards from the posterior, and so exact on average however badly the steps mix (Neal 2001, eq.
11-17). With ever smaller steps all weights come to be p(x). Runs share nothing: the error is that
of independent weights. And by Jensen's inequality

    E[log w] <= log p(x)                                                                         (3)

so that the mean log weight is a lower bound, on average (Grosse, Ghahramani & Adams 2015, eq. 5).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.marginal_likelihood.importance import LogDensity
from vi_lab.marginal_likelihood.tempering import TemperedCloud
from vi_lab.marginal_likelihood.weights import Weighed, log_mean


def estimate_by_ais(
    log_density: LogDensity, q: Any, runs: int, temperatures: int, rng: np.random.Generator
) -> Weighed:
    """log p(x) by independent runs from q through so many temperatures."""
    cloud = TemperedCloud(log_density, q, runs, rng)
    log_w = np.zeros(runs)
    for t in range(temperatures):
        log_w += cloud.log_ratio / temperatures
        if t + 1 < temperatures:
            cloud.move((t + 1) / temperatures, 1)
    bound = float(log_w.mean())
    return Weighed(*log_mean(log_w), cloud.evaluations, log_w, bound, (cloud.y, log_w))
