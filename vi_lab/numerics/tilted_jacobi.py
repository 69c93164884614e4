"""Draws of J*(1, z), the tilted Jacobi distribution, of which a quarter is PG(1, 2z).

    E[exp(-s x)] = cosh(z) / cosh(sqrt(z**2 + 2 s))

Its density is an alternating series (Devroye 2009; Polson, Scott & Windle 2013, section 4). Of a
sum of many draws most are alike, exponentials beyond a point, whose sum is a gamma.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.numerics import special


class Cut(NamedTuple):
    """Where the two series of J*(1, z) change over, x = `at`; beyond it S is nowhere less than
    `least`. `tail` is Phi(-at**-0.5), Phi the normal distribution function."""

    at: float
    least: float
    tail: float


DEVROYE = Cut(0.64, 0.0, 0.10564977366685535)  # (2009); no exponential is taken apart
EARLY = Cut(0.3, 0.845, 0.033944577430914516)  # beyond which most of a small z is an exponential
MANY, SMALL_Z = 8, 2.2  # trials from which, and z = c/2 below which, taking it apart is faster
CHUNK = 2**15  # draws at a time, few enough to stay in the processor's cache


def sum_tilted_jacobi(rng: np.random.Generator, z: np.ndarray, copies: np.ndarray) -> np.ndarray:
    """Sums of so many independent draws of J*(1, z), of each z at least 0, (N,).

    Of many copies each is, with the probability `_exponential_share`, EARLY.at + an exponential of
    rate K. How many are so is binomial, and their sum is one gamma; the others, a quarter of them
    where z is small, are drawn one by one.
    """
    early = (copies >= MANY) & (z < SMALL_Z)
    if not early.any():
        return _sum_drawn(rng, z, copies, DEVROYE)
    alike, total = rng.binomial(copies[early], _exponential_share(z[early])), np.zeros(len(z))
    total[early] = EARLY.at * alike + rng.standard_gamma(alike) / _rate(z[early])
    left = copies.copy()
    left[early] -= alike
    for cut, those in ((DEVROYE, ~early), (EARLY, early)):
        rows = np.flatnonzero(those & (left > 0))
        total[rows] += _sum_drawn(rng, z[rows], left[rows], cut)
    return total


def _rate(z: np.ndarray) -> np.ndarray:
    """K = pi**2/8 + z**2/2, at which the density of J*(1, z) falls far out."""
    return np.pi**2 / 8.0 + 0.5 * z**2


def _exponential_share(z: np.ndarray) -> np.ndarray:
    """The integral of EARLY.least cosh(z) exp(-z**2 x / 2) a_0(x) beyond the cut: the part of the
    density of J*(1, z) that is an exponential there, since nowhere S is less than `least`."""
    rate = _rate(z)
    beyond = 0.5 * np.pi * np.cosh(z) * np.exp(-rate * EARLY.at) / rate
    return np.asarray(EARLY.least * beyond)


def _sum_drawn(rng: np.random.Generator, z: np.ndarray, copies: np.ndarray, cut: Cut) -> np.ndarray:
    """Sums of so many draws, at least one, of each z (N,), less the part that is an exponential."""
    drawn, ends = np.empty(len(z)), copies.cumsum()
    begin = 0
    while begin < len(z):  # as many rows at a time as have CHUNK copies, and at least one
        done = ends[begin] - copies[begin]
        end = max(begin + 1, int(np.searchsorted(ends, done + CHUNK, side="right")))
        rows = slice(begin, end)
        each = _tilted_jacobi(rng, z[rows], copies[rows], cut)
        drawn[rows] = np.add.reduceat(each, (ends[rows] - copies[rows] - done).astype(np.intp))
        begin = end
    return drawn


def _tilted_jacobi(
    rng: np.random.Generator, z: np.ndarray, copies: np.ndarray, cut: Cut
) -> np.ndarray:
    """Independent draws of J*(1, z), z (N,) at least 0, so many of each, one after another: less
    the part of its density that is an exponential, where the cut has one.

    Devroye's (2009) rejection with the proposal of Polson, Scott & Windle (2013, section 4). The
    density is cosh(z) exp(-z**2 x / 2) a_0(x) S(x), with S(x) an alternating series and

        x <= cut   a_0 = sqrt(2/pi) x**-1.5 exp(-1/(2x)),   S = sum (-1)**n (2n+1) exp(-2n(n+1)/x)
        x > cut    a_0 = (pi/2) exp(-pi**2 x/8),  S = sum (-1)**n (2n+1) exp(-n(n+1) pi**2 x/2)

    whose terms from n = 5 on are below 1e-17. A proposal comes from one of two pieces, by mass:

        right   exponential beyond the cut with rate K, `least` of it gone:
                                                mass (1 - least) pi exp(-K cut) / (2K),
                kept with probability (S(x) - least) / (1 - least)
        left    for z < 1/cut 1/n**2 with n normal beyond cut**-0.5:    mass 4 Phi(-cut**-0.5),
                accepted with exp(-z**2 x/2);
                else inverse Gaussian of mean 1/z and shape 1:          mass 2 exp(-z),
                accepted where x <= cut;
                kept with probability S(x) besides

    What is not kept is proposed afresh.
    """
    rate = _rate(z)
    near = z < 1.0 / cut.at
    log_left = np.where(near, np.log(4.0 * cut.tail), np.log(2.0) - z)
    log_right = np.log((1.0 - cut.least) * 0.5 * np.pi / rate) - rate * cut.at
    turn = np.logaddexp(0.0, log_left - log_right)  # minus the log of the share of the right
    rows = np.arange(len(z)).repeat(copies.astype(np.intp))  # 32 bits there take no others
    drawn, pending = np.empty(len(rows)), np.arange(len(rows))
    while len(pending):
        which, where, whether = rng.standard_exponential((3, len(pending)))
        row = rows[pending]
        right, by_normal = which > turn[row], near[row]
        kinds = (
            (right, _propose_beyond),
            (~right & by_normal, _propose_normal),
            (~(right | by_normal), _propose_wald),
        )
        left_over = []
        for kind, propose in kinds:
            index, of = pending[kind], row[kind]
            if not len(index):
                continue
            x, ratio = propose(rng, where[kind], z[of], rate[of], cut)
            kept = whether[kind] > ratio
            drawn[index[kept]] = x[kept]
            left_over.append(index[~kept])
        pending = np.concatenate(left_over)
    return drawn


def _propose_beyond(rng: Any, noise: Any, z: Any, rate: Any, cut: Cut) -> tuple[Any, Any]:
    """Proposals beyond the cut, and minus the log of the probability to keep each."""
    x = cut.at + noise / rate
    return x, -np.log1p(-_missing(np.exp(-(np.pi**2) * x), cut) / (1.0 - cut.least))


def _propose_normal(rng: Any, noise: Any, z: Any, rate: Any, cut: Cut) -> tuple[Any, Any]:
    """1/n**2 with n a normal draw beyond cut**-0.5, by its distribution function."""
    square = special.ndtri(np.exp(-noise) * cut.tail) ** 2
    return 1.0 / square, 0.5 * z**2 / square - np.log1p(-_missing(np.exp(-4.0 * square), cut))


def _propose_wald(rng: Any, noise: Any, z: Any, rate: Any, cut: Cut) -> tuple[Any, Any]:
    x = rng.wald(1.0 / z, 1.0)
    missing = _missing(np.exp(-4.0 / np.minimum(x, cut.at)), cut)
    return x, np.where(x <= cut.at, -np.log1p(-missing), np.inf)


def _missing(r: Any, cut: Cut) -> Any:
    """1 - S(x), with r = exp(-4/x) on the left of the cut and exp(-pi**2 x) on the right; beyond
    Devroye's cut r**6 is less than a rounding."""
    square = r * r
    found = r * (3.0 - 5.0 * square)
    return (
        found
        if cut is DEVROYE
        else found + square * square * square * (7.0 - 9.0 * square * square)
    )
