"""The exact posterior of a regression whose noise is known and whose weights' spread is not."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.models.posteriors.normals_given_precision import NormalsGivenPrecision
from vi_lab.numerics.arithmetic import LOG_2PI, log, times
from vi_lab.numerics.compensated import subtract_product, subtract_terms
from vi_lab.numerics.line_density import Line, bracket, log_gamma_of_log, log_scale
from vi_lab.numerics.rounding import EPS

UNEVEN = 1e-3  # of the largest singular value, below which the smallest has lost digits
STEEP = 3.0  # an exponent of alpha
DECAY = 40.0  # nats by which what is left out of a tail lies below the exponential it follows


def integrate_weights_out(model: Any) -> NormalsGivenPrecision:
    """The posterior and its log evidence: w is integrated out given alpha, alpha = e**u on a line.

    With X = U diag(s) V', c = U'y, the precision `noise` and l_j = noise s_j**2, the coordinates of
    V'w are independent given alpha, N(noise s_j c_j/(alpha + l_j), 1/(alpha + l_j)), and

        log p(y|alpha) = n/2 log(noise/2pi) + sum_j log(alpha/(alpha + l_j))/2
                         - noise [|y - U c|**2 + sum_j c_j**2 alpha/(alpha + l_j)]/2

    The slope of the density of u is 0 where, with l_j = noise s_j**2,

        alpha = [a0 + sum_j l_j/(alpha + l_j) / 2]
                / [b0 + noise sum_j c_j**2 l_j/(alpha + l_j)**2 / 2]
    """
    X, y, noise, a0, b0 = model.X, model.y, model.noise_precision, model.a0, model.b0
    n, size = X.shape
    left, s, frame, lost = _decompose(X)
    known = s > 0
    c = np.where(known, left.T @ y, 0.0)
    fitted = frame[:, : len(s)] @ np.divide(c, s, out=np.zeros_like(s), where=known)
    miss = subtract_product(y, X, fitted)  # digits of y that the fit takes away are not lost
    # U'y is that of X fitted + miss too: where the fit is long, the better for a short column
    apart = s * (frame[:, : len(s)].T @ fitted) + left.T @ miss
    sizes = s * (np.abs(frame[:, : len(s)]).T @ np.abs(fitted)) + np.abs(left).T @ np.abs(miss)
    c = np.where(known & (sizes < np.abs(left).T @ np.abs(y)), apart, c)
    rest = float(((miss - left[:, known] @ (left[:, known].T @ miss)) ** 2).sum())
    missing = np.zeros(size - len(s))  # weights on which the data say nothing
    s, c = np.concatenate([s, missing]), np.concatenate([c, missing])
    l_known, c_known = noise * s[s > 0] ** 2, c[s > 0]
    length = float((c_known**2 * noise / l_known).sum())
    low, high = bracket(
        lambda alpha: a0 + 0.5 * (l_known / (alpha + l_known)).sum(),
        lambda alpha: b0 + 0.5 * noise * (c_known**2 * l_known / (alpha + l_known) ** 2).sum(),
        a0 / (b0 + 0.5 * length),
        (a0 + 0.5 * size) / b0,
    )
    log_l = np.log(noise) + 2.0 * log(s) - np.log(low)  # of l over the unit
    log_prior = log_gamma_of_log(a0, b0 * low)

    def log_density(u: np.ndarray) -> np.ndarray:
        u = np.asarray(u)
        log_share = u[..., None] - np.logaddexp(u[..., None], log_l)  # alpha/(alpha + l_j)
        misfit = rest + (c**2 * np.exp(log_share)).sum(-1)
        log_y = 0.5 * (n * (np.log(noise) - LOG_2PI) + log_share.sum(-1) - noise * misfit)
        found: np.ndarray = log_prior(u) + log_y
        return found

    line = Line(log_density, 0.0, float(np.log(high / low)), log_scale(a0 + size))
    posterior = NormalsGivenPrecision(
        ("alpha", "w"),
        line,
        location=lambda t: noise * s * c / (np.asarray(t)[..., None] + noise * s**2),
        precision=lambda t: np.asarray(t)[..., None] + noise * s**2,
        frame=frame,
        spreads=_average_variances(line, log_l, a0, low * (b0 + 0.5 * length)) / low,
        unit=low,
    )
    # where columns are nearly parallel the small singular values are off, to first order not here
    error = posterior.log_evidence.error + 30.0 * size * lost**2
    posterior.log_evidence = posterior.log_evidence._replace(error=error)
    return posterior


def _decompose(X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """U (n, k), s (k,) falling, V (M, M) of X = U diag(s) V[:, :k]', and what a log s may be off.

    s is 0 where X has no rank.

    Rank is that of the columns in units of their lengths: one of 1e-16 may know its weight well.
    Where lengths differ much, Jacobi's method finds the small singular values to their last digit
    (Drmac & Veselic 2008), which are below the rounding of the largest. Where directions are nearly
    the same, what it finds is refined.
    """
    n, size = X.shape
    lengths = np.linalg.norm(X, axis=0)
    scaled = X / np.where(lengths > 0, lengths, 1.0)
    each = np.linalg.svd(scaled, compute_uv=False)
    rank = int((each > max(X.shape) * EPS * each[0]).sum())
    left, s, right = np.linalg.svd(X, full_matrices=n < size)
    left, frame = left[:, : len(s)], right.T
    lost = EPS * each[0] / each[rank - 1] if rank else 0.0
    if n >= size and s[-1] < UNEVEN * s[0]:
        left, s, frame = _decompose_uneven(X)
        if rank == size:
            left, s, frame = _refine(X, s, frame)
            lost = n * EPS
    return left, np.where(np.arange(len(s)) < rank, s, 0.0), frame, float(lost)


def _decompose_uneven(X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """U, s, V of X, good to the last digit of each s where columns of unit length are far from
    parallel."""
    from scipy.linalg import lapack

    s, left, frame, work, *_ = lapack.dgejsv(X, joba=0)
    return left, s * (work[0] / work[1]), frame


def _refine(
    X: np.ndarray, s: np.ndarray, frame: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """U, s, V of an X with nearly parallel columns, good to the last digits, from s and V that are
    good to fewer.

    X V, with twice the digits, is Q S with columns Q of unit length that are nearly orthogonal:
    Q'Q = R'R with R nearly I. R S = U2 S2 V2' is uneven and no more than that, and X = Q R^-1 U2 S2
    (V V2)'.
    """
    products = [(-row[:, None], column) for row, column in zip(X.T, frame, strict=True)]
    along = subtract_terms(np.zeros_like(X), products)
    lengths = np.linalg.norm(along, axis=0)
    unit = along / lengths
    root = np.linalg.cholesky(unit.T @ unit).T
    turned, s, back = _decompose_uneven(root * lengths)
    return unit @ np.linalg.solve(root, turned), s, frame @ back


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
    steep = falls[ends].min() if ends.any() else 1.0
    beyond = line.nodes[0] + DECAY + np.log(bound) - np.log(steep)
    # what falls as fast as that has nothing left below the line
    count = 1 if steep > STEEP else max(1, int(np.ceil(beyond / step)))
    nodes = line.nodes[0] + step * np.arange(-count, len(line.nodes))
    log_weights = line.log_density(nodes) + np.log(step)
    terms = np.exp(log_weights[:, None] - np.logaddexp(nodes[:, None], log_l))
    series = np.where(
        ends, 1.0 / np.expm1(np.minimum(step * np.where(ends, falls, 1.0), 700.0)), np.inf
    )
    return terms.sum(0) + times(terms[0], series)
