"""Two estimates upside down: what draws of the posterior say of 1 / p(x). An exhibit.

For any density g, since p(y | x) = p(x, y) / p(x),

    E_p(y|x)[g(y) / p(x, y)] = 1 / p(x)                                                          (1)

(Gelfand & Dey 1994, eq. 16.) With g a Gaussian of the first half of the draws this works where g
has lighter tails than the posterior: g must be *narrower*, the other way round than q of importance
sampling. With g the prior it is the harmonic mean of the likelihood,

    1 / p(x) = E_p(z|x)[1 / p(x | z)]                                                            (2)

(Newton & Raftery 1994, eq. 11.) The weight is large exactly where draws of the posterior never are,
in the whole of a prior that is wider than the posterior. Its variance is mostly infinite, its value
far too high and steady from run to run: "the worst Monte Carlo method ever" (Neal 2008). What it
computes hardly changes with the prior, and p(x) does. It cannot know its error, so it has none.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.marginal_likelihood.importance import LogDensity
from vi_lab.marginal_likelihood.prior import evaluate_log_likelihood
from vi_lab.marginal_likelihood.proposals import fit_gaussian, halves
from vi_lab.marginal_likelihood.weights import Weighed, log_mean, log_mean_of_chains

NARROWER = 0.8  # sds of g in those of the draws


def estimate_by_reciprocal(log_density: LogDensity, draws: np.ndarray) -> Weighed:
    """log p(x) from draws of the posterior, (chains, draws, D)."""
    first, y = halves(draws)
    g = fit_gaussian(first).widened(NARROWER)
    log_weights = np.asarray(g.log_density(y) - log_density(y))
    value, error = log_mean_of_chains(log_weights)
    return Weighed(
        -value,
        error,
        log_weights.size,
        log_weights.ravel(),
        points=(y.reshape(log_weights.size, -1), 0.0),
    )


def estimate_by_harmonic_mean(
    model: Any, summed_out: tuple[str, ...], values: Any, batch: tuple[int, int]
) -> Weighed:
    """log p(x) from draws of the posterior by block, each (chains, draws, ...)."""
    log_weights = -evaluate_log_likelihood(model, summed_out, values, batch).ravel()
    return Weighed(-log_mean(log_weights)[0], np.nan, log_weights.size, log_weights)
