"""A Gaussian times factors that each see one linear combination: the moments of one factor's share.

    p(x, y) = N(y; prior_mean, prior_cov) prod_i exp( f_i(s_i) ),     s_i = directions_i' y

A factor with what the rest is taken to be, N(s; m, v), is a density in one dimension, the tilted
one. Nodes that are fixed under N(m, v) miss it where it is much narrower; here they lie about its
own mode, close together there and ever wider apart, so that a narrow top and a wide foot are seen
at once. In u, s = mode + width sinh(u), the trapezoidal rule converges geometrically.

A Gaussian q needs no nodes in D dimensions either: under it every s_i is normal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from vi_lab.numerics import densities
from vi_lab.numerics.arithmetic import LOG_2PI

NODES = 257  # of each factor
ZOOMS, SCAN = 12, 65  # looks for a mode, each about the best node of the last; nodes of a look
FIRST_REACH = 12.0  # sds of N(m, v) on either side that the first look sees
HALVINGS = 60  # of the distance at which a density has fallen by half a nat
DEPTH = 50.0  # nats below the top at which nodes end
SDS = np.arange(-12.0, 12.1, 3.0)  # cuts of a normal variable for a rule between each two
BEND, GROWTH = 2.0, 3.0  # the first cut on either side of 0, and the next ones by so many times
ORDER = 16  # of the rule


class Sites(NamedTuple):
    """What `expectation_propagation` needs of a model, and the bound of a Gaussian.

    prior_mean (D,) and prior_cov (D, D) are over the real coordinates of the model's target, and
    directions (N, D) is one a factor. `log_likelihood` gives f_i at nodes of every factor at once,
    (N, M) -> (N, M), in nats with all constants. `slopes`, its derivatives, are given where f_i is
    smooth on a scale of one about s = 0 and on that of |s| elsewhere: then the mean of the log
    density under a Gaussian is a sum of integrals in one dimension.
    """

    prior_mean: np.ndarray
    prior_cov: np.ndarray
    directions: np.ndarray
    log_likelihood: Callable[[np.ndarray], Any]
    slopes: Callable[[np.ndarray], Any] | None = None


def expect_log_density(
    sites: Sites, mean: np.ndarray, root: np.ndarray
) -> tuple[Any, np.ndarray, np.ndarray]:
    """E log p(x, y) under N(mean, root root') and its derivatives over mean and root.

    With s_i = m_i + w_i e, m_i = directions_i' mean, w_i = |root' directions_i|, e ~ N(0, 1),

        E log p = log N(mean; prior) - tr(prior_cov^-1 root root')/2 + sum_i E f_i(m_i + w_i e)

    whose derivatives over m_i and w_i are E f_i' and E[f_i' e].
    """
    assert sites.slopes is not None
    A, precision = sites.directions, np.linalg.inv(sites.prior_cov)
    spread, pulled = A @ root, precision @ root
    w = np.linalg.norm(spread, axis=-1)
    e, weights = _cut_normal(A @ mean, w)
    s = (A @ mean)[:, None] + w[:, None] * e
    weighed = weights * sites.slopes(s)
    along = (weighed * e).sum(1) / np.where(w > 0, w, 1.0)
    value = densities.log_multivariate_normal(mean, sites.prior_mean, sites.prior_cov)
    value = value - 0.5 * (root * pulled).sum() + (weights * sites.log_likelihood(s)).sum()
    slope = weighed.sum(1) @ A - precision @ (mean - sites.prior_mean)
    return value, slope, A.T @ (along[:, None] * spread) - pulled


def _cut_normal(m: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes e (N, M) and weights of a standard normal, for functions that bend where m + w e is 0:
    Gauss-Legendre rules between its sds and places ever farther from there."""
    reach = np.max(np.abs(m) + SDS[-1] * w)
    doublings = np.arange(max(0.0, np.ceil(np.log(reach / BEND) / np.log(GROWTH))))
    places = BEND * GROWTH**doublings
    places = np.concatenate([-places, [0.0], places])
    width = np.maximum(w, np.finfo(float).tiny)[:, None]
    bends = np.clip((places - m[:, None]) / width, SDS[0], SDS[-1])
    cuts = np.sort(np.concatenate([bends, np.broadcast_to(SDS, (len(m), len(SDS)))], axis=1))
    x, share = np.polynomial.legendre.leggauss(ORDER)
    half = 0.5 * np.diff(cuts)[..., None]
    e = (cuts[:, :-1, None] + half * (1.0 + x)).reshape(len(m), -1)
    weights = (half * share).reshape(len(m), -1) * np.exp(-0.5 * (e * e + LOG_2PI))
    return e, weights


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
