"""The mean of a function of a normal variable that is nearly |psi|, by quadrature."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from vi_lab.numerics import special
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.rounding import EPS

WIDEST_SD = 1500.0  # of variables that are integrated over as they are
REACH = 9.0  # sds to either side
KINK = (0.0, 2.0, 6.0, 14.0, 45.0)  # between these log(1 + exp -x) has a rule each; e**-45 is 3e-20
ORDERS = 24, 32  # of the rule, and of one to judge it by


def average_softplus(mean: np.ndarray, sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """E[log(1 + exp psi)], psi ~ N(mean, sd**2), with its error."""
    wide = sd >= WIDEST_SD
    narrow = average_under_normal(lambda psi: np.logaddexp(0.0, psi), mean, np.where(wide, 1.0, sd))
    return _choose(wide, _average_wide_softplus(mean, np.where(wide, sd, WIDEST_SD)), narrow)


def average_log_cosh(mean: np.ndarray, sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """E[log cosh(psi/2)], psi ~ N(mean, sd**2), with its error: log(1 + exp psi) less psi/2 and
    log 2 where sd is wide."""
    wide = sd >= WIDEST_SD
    narrow = average_under_normal(lambda psi: log_cosh(0.5 * psi), mean, np.where(wide, 1.0, sd))
    softplus, error = _average_wide_softplus(mean, np.where(wide, sd, WIDEST_SD))
    return _choose(wide, (softplus - 0.5 * mean - np.log(2.0), error), narrow)


def _choose(where: np.ndarray, one: Any, other: Any) -> tuple[np.ndarray, np.ndarray]:
    value, error = (np.where(where, a, b) for a, b in zip(one, other, strict=True))
    return value, error


def log_cosh(x: Any) -> Any:
    return np.logaddexp(x, -x) - np.log(2.0)


def average_under_normal(
    f: Callable[[np.ndarray], Any], mean: np.ndarray, sd: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """E[f(psi)], psi ~ N(mean, sd**2), with its error; f is smooth on a scale of one.

    Where f has its poles at a distance of pi from the real line, as log(1 + exp psi) and
    log cosh(psi/2), the rule with steps of h sds errs by exp(-2 pi**2 / (h sd)), and every second
    node shows it.
    """
    h = min(0.25, 0.25 / max(float(sd.max()), 1e-300))
    count = 2 * int(np.ceil(REACH / h / 2))
    value, halved = np.zeros_like(mean), np.zeros_like(mean)
    for k in range(-count, count + 1):
        term = h * np.exp(-0.5 * (h * k) ** 2 - 0.5 * LOG_2PI) * f(mean + sd * (h * k))
        value = value + term
        if k % 2 == 0:
            halved = halved + 2.0 * term
    return value, np.abs(value - halved)


def _average_wide_softplus(mean: np.ndarray, sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of log(1 + exp psi) = max(psi, 0) + log(1 + exp -|psi|) the former is m Phi(m/s) +
    s phi(m/s), and the latter, a kink about 0, takes a Gauss-Legendre rule on either side."""
    at = mean / sd
    above = mean * special.ndtr(at), sd * np.exp(-0.5 * (at**2 + LOG_2PI))
    found = []
    for order in ORDERS:
        x, w = np.polynomial.legendre.leggauss(order)
        total = np.zeros_like(mean)
        for low, high in pairwise(KINK):
            half = 0.5 * (high - low)
            nodes = low + half * (1.0 + x)
            for side in (nodes, -nodes):
                off = (side - mean[..., None]) / sd[..., None]
                height = np.exp(-0.5 * (off**2 + LOG_2PI)) / sd[..., None]
                total = total + half * (height * np.log1p(np.exp(-nodes))) @ w
        found.append(total)
    error = np.abs(found[1] - found[0]) + 8.0 * EPS * (np.abs(above[0]) + above[1])
    return above[0] + above[1] + found[1], error
