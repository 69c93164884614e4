"""A Gaussian times factors that each see one linear combination: the moments of one factor's share.

    p(x, y) = N(y; prior_mean, prior_cov) prod_i exp( f_i(s_i) ),     s_i = directions_i' y

A factor with what the rest is taken to be, N(s; m, v), is a density in one dimension, the tilted
one. Nodes that are fixed under N(m, v) miss it where it is much narrower; here they lie about its
own mode, close together there and ever wider apart, so that a narrow top and a wide foot are seen
at once. In u, s = mode + width sinh(u), the trapezoidal rule converges geometrically.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from vi_lab.numerics.arithmetic import LOG_2PI

NODES = 257  # of each factor
ZOOMS, SCAN = 12, 65  # looks for a mode, each about the best node of the last; nodes of a look
FIRST_REACH = 12.0  # sds of N(m, v) on either side that the first look sees
HALVINGS = 60  # of the distance at which a density has fallen by half a nat
DEPTH = 50.0  # nats below the top at which nodes end


class Sites(NamedTuple):
    """What `expectation_propagation` needs of a model.

    prior_mean (D,) and prior_cov (D, D) are over the real coordinates of the model's target, and
    directions (N, D) is one a factor. `log_likelihood` gives f_i at nodes of every factor at once,
    (N, M) -> (N, M), in nats with all constants.
    """

    prior_mean: np.ndarray
    prior_cov: np.ndarray
    directions: np.ndarray
    log_likelihood: Callable[[np.ndarray], Any]


def tilted_moments(
    log_likelihood: Callable[[np.ndarray], Any], m: np.ndarray, v: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """log int N(s; m_i, v_i) exp f_i(s) ds, and mean and variance of that density, each (N,)."""
    m, v = m[:, None], v[:, None]

    def log_tilted(s: np.ndarray) -> np.ndarray:
        log_p = log_likelihood(s) - 0.5 * ((s - m) ** 2 / v + np.log(v) + LOG_2PI)
        return np.where(np.isnan(log_p), -np.inf, log_p)

    mode, top = _find_modes(log_tilted, m, np.sqrt(v))
    # the largest of ever smaller distances within which it falls by half a nat
    distances = 4.0 * np.sqrt(v) * 0.5 ** np.arange(HALVINGS)
    fall = top - np.minimum(log_tilted(mode + distances), log_tilted(mode - distances))
    width = np.take_along_axis(distances, np.argmax(fall < 0.5, axis=1)[:, None], axis=1)
    # N(m, v) alone is so far down at the ends, and f_i is bounded
    reach = np.arcsinh((np.abs(mode - m) + np.sqrt(2.0 * DEPTH * v)) / width)
    u = np.linspace(-1.0, 1.0, NODES) * reach
    s = mode + width * np.sinh(u)
    log_weights = log_tilted(s) - top + np.log(np.cosh(u))
    weights = np.exp(log_weights) * width * (u[:, 1:2] - u[:, :1])
    total = weights.sum(1)
    weights = weights / total[:, None]
    offset = s - mode
    shift = (weights * offset).sum(1)
    variance = (weights * (offset - shift[:, None]) ** 2).sum(1)
    return np.log(total) + top[:, 0], mode[:, 0] + shift, variance


def _find_modes(
    log_tilted: Callable[[np.ndarray], np.ndarray], m: np.ndarray, sd: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where each is highest, and how high, (N, 1): looks that close in on the best node."""
    centre, reach = m, FIRST_REACH * sd
    for _ in range(ZOOMS):
        s = centre + reach * np.linspace(-1.0, 1.0, SCAN)
        log_p = log_tilted(s)
        best = np.argmax(log_p, axis=1)[:, None]
        centre, top = (np.take_along_axis(a, best, axis=1) for a in (s, log_p))
        reach = reach * 4.0 / SCAN
    return centre, top
