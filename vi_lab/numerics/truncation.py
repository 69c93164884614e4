"""A standard normal moved to a and cut off at 0: its mass, its moments, draws from its tail.

With lam = phi(a)/Phi(a) the mean is a + lam and the variance 1 - lam (a + lam). Far below 0 these
are differences of numbers that are nearly the same: there a + lam = 1/(b + c) with b = -a and the
continued fraction c = 2/(b + 3/(b + 4/(b + ...))) (Laplace 1805), of which no term is negative.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.numerics import special
from vi_lab.numerics.arithmetic import LOG_2PI

FAR = 3.0  # sds of the mean below 0, from which on the fraction is used
TERMS = 80  # of it: at FAR the next is below a rounding


def log_mills(a: Any) -> Any:
    """log Phi(a), and for a < 0 log Phi(a) + a**2/2, which does not run away."""
    below = np.log(0.5 * special.erfcx(-np.minimum(a, 0.0) / np.sqrt(2.0)))
    return np.where(a > 0, special.log_ndtr(a), below)


def moments_above_zero(a: Any) -> tuple[Any, Any, Any]:
    """Mean and variance of N(a, 1) above 0, and lam, by which the mean lies above a."""
    near = np.maximum(a, -FAR)
    hazard = np.exp(-0.5 * (near**2 + LOG_2PI) - special.log_ndtr(near))
    mean = near + hazard
    variance = 1.0 - hazard * mean
    below = a < -FAR
    if not np.any(below):
        return mean, variance, hazard
    b = np.maximum(np.negative(a), FAR)
    c: Any = 0.0
    for k in range(TERMS, 1, -1):
        c = k / (b + c)
    far = 1.0 / (b + c)
    found = (far, mean), ((c - far) / (b + c), variance), (b + far, hazard)
    mean, variance, hazard = (np.where(below, *pair) for pair in found)
    return mean, variance, hazard


def draw_tail(rng: np.random.Generator, b: np.ndarray) -> np.ndarray:
    """Draws (N,) of w - b, w standard normal above b: with x + b = sqrt(b**2 + 2 E), E exponential,
    x has a density that is too large by (x + b)/b, and is kept with the inverse of that."""
    drawn, pending = np.empty(len(b)), np.arange(len(b))
    while len(pending):
        least = b[pending]
        twice = 2.0 * rng.standard_exponential(len(pending))
        x = twice / (least + np.sqrt(least**2 + twice))
        kept = rng.random(len(pending)) * (x + least) <= least
        drawn[pending[kept]] = x[kept]
        pending = pending[~kept]
    return drawn
