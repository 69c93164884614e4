"""The exact posterior of a regression whose noise is known and whose weights' spread is not."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.models.posteriors.normals_given_precision import NormalsGivenPrecision
from vi_lab.numerics import special
from vi_lab.numerics.arithmetic import LOG_2PI, log, times
from vi_lab.numerics.line_density import Line, log_scale

DECAY = 40.0  # nats by which what is left out of a tail lies below the exponential it follows


def integrate_weights_out(model: Any) -> NormalsGivenPrecision:
    """The posterior and its log evidence: w is integrated out given alpha, alpha = e**u on a line.

    With X = U diag(s) V', c = U'y, the precision `noise` and l_j = noise s_j**2, the coordinates of
    V'w are independent given alpha, N(noise s_j c_j/(alpha + l_j), 1/(alpha + l_j)), and

        log p(y|alpha) = n/2 log(noise/2pi) + sum_j log(alpha/(alpha + l_j))/2
                         - noise [|y - U c|**2 + sum_j c_j**2 alpha/(alpha + l_j)]/2

    The slope of the density of u is above 0 as long as alpha (b0 + sum c_j**2/s_j**2 / 2) < a0,
    and below 0 once b0 alpha > a0 + M/2.
    """
    X, y, noise, a0, b0 = model.X, model.y, model.noise_precision, model.a0, model.b0
    n, size = X.shape
    left, s, right = np.linalg.svd(X, full_matrices=n < size)
    left = left[:, : len(s)]
    s = np.where(s > max(X.shape) * np.finfo(np.float64).eps * s.max(), s, 0.0)
    c, rank = left.T @ y, int((s > 0).sum())  # a column that is 0 but for rounding is 0
    rest = float(((y - left @ c) ** 2).sum())
    length = float((c[:rank] ** 2 / s[:rank] ** 2).sum())
    missing = np.zeros(size - len(s))  # weights on which the data say nothing
    s, c = np.concatenate([s, missing]), np.concatenate([c, missing])
    log_l = np.log(noise) + 2.0 * log(s)

    def log_density(u: np.ndarray) -> np.ndarray:
        u = np.asarray(u)
        log_share = u[..., None] - np.logaddexp(u[..., None], log_l)  # alpha/(alpha + l_j)
        log_prior = a0 * (np.log(b0) + u) - special.gammaln(a0)
        misfit = rest + (c**2 * np.exp(log_share)).sum(-1)
        log_y = 0.5 * (n * (np.log(noise) - LOG_2PI) + log_share.sum(-1) - noise * misfit)
        return log_prior - b0 * np.exp(u) + log_y

    low = np.log(a0) - np.log(b0 + 0.5 * length)
    high = np.log(a0 + 0.5 * size) - np.log(b0)
    line = Line(log_density, float(low), float(high), log_scale(a0 + size))
    return NormalsGivenPrecision(
        ("alpha", "w"),
        line,
        location=lambda t: noise * s * c / (np.asarray(t)[..., None] + noise * s**2),
        precision=lambda t: np.asarray(t)[..., None] + noise * s**2,
        frame=right.T,
        spreads=_average_variances(line, log_l, a0, b0 + 0.5 * length),
    )


def _average_variances(line: Line, log_l: np.ndarray, a0: float, rate: float) -> np.ndarray:
    """E[1/(alpha + l_j) | y], (M,): what V'w varies by, on average over alpha.

    Towards alpha = 0 the density of u falls like e**((a0 + rank/2) u), and where the data say
    nothing on a weight the integrand falls like e**((a0 + rank/2 - 1) u): it may reach far
    below the end of the line, or have no integral at all. So the nodes go on until nothing but
    that exponential is left, to e**-40 of it, and the sum over the rest is a geometric series.
    """
    known = log_l > -np.inf
    falls = a0 + 0.5 * known.sum() - np.where(known, 0.0, 1.0)  # the exponents, (M,)
    ends = falls > 0
    bound = rate + 0.5 * float(np.exp(-log_l[known]).sum())
    step = line.nodes[1] - line.nodes[0]
    beyond = line.nodes[0] + DECAY + np.log(bound) - np.log(falls[ends].min(initial=1.0))
    count = max(1, int(np.ceil(beyond / step)))
    nodes = line.nodes[0] + step * np.arange(-count, len(line.nodes))
    log_weights = line.log_density(nodes) + np.log(step)
    terms = np.exp(log_weights[:, None] - np.logaddexp(nodes[:, None], log_l))
    series = np.where(ends, 1.0 / np.expm1(step * np.where(ends, falls, 1.0)), np.inf)
    return terms.sum(0) + times(terms[0], series)
