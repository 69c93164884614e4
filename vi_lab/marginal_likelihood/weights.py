"""The log of a mean of weights, and how far off it may be.

    log E[w] ~ log (1/n) sum w_i,   its standard error sd[w] / (sqrt(n) E[w])

The error is that of the mean in units of the mean (the delta method), of draws of a chain with
their autocorrelation. The mean of weights, not of their logs: E[log w] is lower by Jensen's
inequality, a bound.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.errors import NumericalError, refuse_if
from vi_lab.results import diagnostics

ROUNDING = 1e-9  # nats, within which two logs are equal and an error is none


class Weighed(NamedTuple):
    """What an estimator finds.

    Attributes
    ----------
    value, error : float
        log p(x) in nats, and its standard error; nan where it cannot know that.
    evaluations : int
        Log densities it asked for.
    log_weights : array (n,) or None
        Those that it is the mean of, whose tail k-hat is about.
    bound : float or None
        A lower bound on log p(x) that it finds on its way, in expectation.
    points : pair of arrays, or None
        Points y (n, D) and log weights (n,), or 0, that stand for the posterior at its end.
    start : array (n,) or None
        log p(x, y) - log q(y) of the points that a path begins with.
    """

    value: float
    error: float
    evaluations: int
    log_weights: np.ndarray | None = None
    bound: float | None = None
    points: tuple[np.ndarray, Any] | None = None
    start: np.ndarray | None = None


def log_mean(log_weights: np.ndarray) -> tuple[float, float]:
    """log of the mean of independent weights (n,), and its standard error."""
    value, relative = scale_to_mean(log_weights)
    n = len(log_weights)
    return value, float(np.sqrt(((relative - 1.0) ** 2).sum() / (n * max(n - 1, 1))))


def log_mean_of_chains(log_weights: np.ndarray) -> tuple[float, float]:
    """The same of draws (chains, draws), by their effective number."""
    value, relative = scale_to_mean(log_weights)
    error = float(diagnostics.mcse(relative))
    return value, 0.0 if np.isnan(error) else error


def scale_to_mean(log_weights: np.ndarray) -> tuple[float, np.ndarray]:
    """log of the mean of all weights, and the weights in units of it."""
    top = log_weights.max()
    lost = "no draw has a density above 0: all weights are 0"
    refuse_if(np.isneginf(top), lost, NumericalError)
    refuse_if(not np.isfinite(top), f"a weight is e^{top:g}", NumericalError)
    weights = np.exp(log_weights - top)
    return float(top + np.log(weights.mean())), weights / weights.mean()
