"""log Gamma and digamma where the arguments are large and what is wanted is a small difference.

log Gamma(1e16) is 3.6e17, and a rounding of it 64 nats: a difference of two must be taken on paper.

    log Gamma(z) = z log z - z + log(2 pi / z)/2 + 1/(12 z) - 1/(360 z**3) + ...      (Stirling)
    digamma(z)   = log z - 1/(2 z) - 1/(12 z**2) + 1/(120 z**4) - ...

(Abramowitz & Stegun 1964, 6.1.41 and 6.3.18.) From `LARGE` on the series are cut where their next
term is below a rounding; below it scipy's functions are small enough to be subtracted.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.numerics import special
from vi_lab.numerics.arithmetic import LOG_2PI

LARGE = 20.0
SMALL = 0.05
LOG1P = tuple((-1.0) ** (k + 1) / k for k in range(2, 14))  # of x**2, x**3, ... in log(1 + x)
# of 1/z, 1/z**3, ... in Stirling's series, and of 1/z**2, 1/z**4, ... in that of digamma
STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
DIGAMMA = (-1 / 12, 1 / 120, -1 / 252, 1 / 240, -1 / 132, 691 / 32760, -1 / 12)


def log_gamma_growth(a: Any, n: Any, plus_n: bool = False) -> Any:
    """log Gamma(a + n) - log Gamma(a) - n log(a + n): near -n**2/(2 a) for small n/a.

    a (log(1 + n/a) - n/a) - log(1 + n/a)/2 + S(a + n) - S(a), with S what follows log(2 pi / z)/2
    in Stirling's series. A rate or a total that grows with the argument cancels the n log(a + n).
    Where a is small and n is large it is near -n, which sums of n cancel: without it, `plus_n`.
    """
    a, n = np.asarray(a, np.float64), np.asarray(n, np.float64)
    after = a + n
    large = (a >= LARGE) & (after >= LARGE)
    if not large.all():
        rest = log_gamma_less_stirling(after) + a * np.log(after) - (a if plus_n else after)
        plain = rest - special.gammaln(a)
        if not large.any():
            return plain
    b, c = np.where(large, a, LARGE), np.where(large, after, LARGE)
    step = np.where(large, n, 0.0) / b
    more = np.where(large, n, 0.0) if plus_n else 0.0
    series = more + b * log1p_less(step) - 0.5 * np.log1p(step) + _series(c) - _series(b)
    return series if large.all() else np.where(large, series, plain)


def log1p_less(x: Any) -> Any:
    """log(1 + x) - x, about -x**2/2."""
    x = np.asarray(x, np.float64)
    small = np.abs(x) < SMALL
    near = np.where(small, x, 0.0)
    series = near * near * np.polynomial.polynomial.polyval(near, LOG1P)
    with np.errstate(divide="ignore"):
        return np.where(small, series, np.log1p(x) - x)


def log_less(ratio: Any, apart: Any) -> Any:
    """log r - (r - 1) of a ratio r, given r and r - 1 each with digits of its own."""
    near = np.abs(apart) < 0.5
    if near.all():
        return log1p_less(apart)
    return np.where(near, log1p_less(np.where(near, apart, 0.0)), np.log(ratio) - apart)


def log_ratio_less(a: Any, b: Any) -> Any:
    """log(a/b) - (a/b - 1), about -(a/b - 1)**2/2, of numbers above 0."""
    return log_less(np.divide(a, b), np.subtract(a, b) / b)


def log_gamma_ratio(a: Any, n: Any) -> Any:
    """log Gamma(a + n) - log Gamma(a)."""
    return log_gamma_growth(a, n) + n * np.log(np.add(a, n))


def log_beta_ratio(a: Any, n: Any) -> Any:
    """log B(a + n) - log B(a) over the last axis, log B(a) = sum log Gamma(a_k) - log Gamma(sum a).

    sum_k n_k log((a_k + n_k) / sum(a + n)) and the growth of each log Gamma beside it.
    """
    a, n = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(n, np.float64))
    shares = (a + n) / (a.sum(-1) + n.sum(-1))[..., None]
    return (n * np.log(shares)).sum(-1) + log_beta_growth(a, n)


def log_beta_growth(a: Any, n: Any) -> Any:
    """What log B(a + n) - log B(a) is beside sum_k n_k log((a_k + n_k) / sum(a + n)): the growth of
    each log Gamma, less that of the sum."""
    return _log_beta_growth(a, n)[0]


def largest_growth(a: Any, n: Any) -> Any:
    """The largest term of `log_beta_growth`: terms of one large argument and of the sum cancel."""
    return _log_beta_growth(a, n)[1]


def _log_beta_growth(a: Any, n: Any) -> tuple[Any, Any]:
    """Each is of the size of n**2/a or, of a small a, of n. With n added to all, which cancels,
    they are of the size of n or of log a: the smaller terms are taken."""
    a, n = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(n, np.float64))
    (total, more), sizes, sums = (a.sum(-1), n.sum(-1)), [], []
    for plus_n in (False, True):
        each, whole = log_gamma_growth(a, n, plus_n), log_gamma_growth(total, more, plus_n)
        sizes.append(np.maximum(np.abs(each).max(-1), np.abs(whole)))
        sums.append(each.sum(-1) - whole)
    return np.where(sizes[0] <= sizes[1], *sums), np.minimum(*sizes)


def log_binomial(n: Any, y: Any) -> Any:
    """The log of n over y, which is 1 / ((n + 1) B(y + 1, n - y + 1)): good to a rounding of n."""
    a, b = np.add(y, 1.0), np.subtract(n, y) + 1.0
    log_beta = a * np.log(a / (a + b)) + b * np.log(b / (a + b))
    gammas = log_gamma_less_stirling(a) + log_gamma_less_stirling(b)
    return log_gamma_less_stirling(a + b) - gammas - log_beta - np.log1p(n)


def log_fair_binomial(n: Any, y: Any) -> Any:
    """The log of n over y, less n log 2: of y heads of n fair coins, good to a rounding of itself.

    Either is of the size of n. With n! = n Gamma(n), k = n - y, d = (y - k)/n and
    l(d) = log(1 + d) - d what Stirling's n log n leaves is -(n d**2 + y l(d) + k l(-d)), of the
    size of n d**2 (Loader 2000). All heads, or none, have -n log 2.
    """
    n, y = (np.asarray(count, np.float64) for count in (n, y))
    some = (y > 0) & (y < n)
    a, b, c = np.where(some, y, 1.0), np.where(some, n - y, 1.0), np.where(some, n, 2.0)
    d = (a - b) / c
    bent = c * d**2 + a * log1p_less(d) + b * log1p_less(-d)
    rests = [log_gamma_less_stirling(count) + np.log(count) for count in (c, a, b)]
    return np.where(some, rests[0] - rests[1] - rests[2] - bent, -n * np.log(2.0))


def log_poisson(y: Any, rate: Any) -> Any:
    """log(rate**y exp(-rate) / y!), good to a rounding of itself, of counts y and rates above 0.

    y log(rate) - rate and log y! are each of the size of y log y, and what is left is small. With
    y! = y Gamma(y) it is y (log(rate/y) - (rate/y - 1)), which is 0 where they are the same, less
    log y and what Stirling leaves of Gamma(y) (Loader 2000). Of y = 0 it is -rate.
    """
    y, rate = np.asarray(y, np.float64), np.asarray(rate, np.float64)
    some = np.maximum(y, 1.0)
    found = some * log_ratio_less(rate, some) - np.log(some) - log_gamma_less_stirling(some)
    return np.where(y > 0, found, -rate)


def digamma_less_log(z: Any) -> Any:
    """digamma(z) - log z, about -1/(2 z)."""
    z = np.asarray(z, np.float64)
    large = z >= LARGE
    if not large.all():
        plain = special.psi(z) - np.log(z)
        if not large.any():
            return plain
    inverse = 1.0 / np.where(large, z, LARGE)
    square = inverse * inverse
    series = -0.5 * inverse + square * np.polynomial.polynomial.polyval(square, DIGAMMA)
    return series if large.all() else np.where(large, series, plain)


def log_gamma_less_stirling(z: Any) -> Any:
    """log Gamma(z) - (z log z - z), which is log(2 pi / z)/2 and little more where z is large."""
    z = np.asarray(z, np.float64)
    large = z >= LARGE
    if not large.all():
        plain = special.gammaln(z) - z * np.log(z) + z
        if not large.any():
            return plain
    c = np.where(large, z, LARGE)
    series = 0.5 * (LOG_2PI - np.log(c)) + _series(c)
    return series if large.all() else np.where(large, series, plain)


def _series(z: np.ndarray) -> Any:
    """1/(12 z) - 1/(360 z**3) + ..."""
    inverse = 1.0 / z
    return inverse * np.polynomial.polynomial.polyval(inverse * inverse, STIRLING)
