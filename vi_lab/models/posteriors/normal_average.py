"""The mean of a function of a normal variable, by a trapezoidal rule that knows two scales.

f is smooth on a scale of one about 0 and on that of |psi| elsewhere, as log(1 + exp psi) and
log Phi(psi) are; psi ~ N(mean, sd**2) has another scale. With psi = mean + sd e the rule sees f
where sd is at most one, and where 0 is out of reach; with psi = sinh(u), even in u, nodes are a
fraction of one apart about 0 and ever wider apart, and it sees f and a wide normal at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.rounding import EPS

REACH = 12.0  # sds to either side, and at which 0 is out of reach
BEYOND = 1e-31  # of f at that reach, for what lies beyond: the normal has 4e-33 of its mass there
NARROW, WIDE = 0.25, 1.0 / 32.0  # steps in e and in u


def average_softplus(mean: np.ndarray, sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """E[log(1 + exp psi)], psi ~ N(mean, sd**2), with its error."""
    return average_under_normal(lambda psi: np.logaddexp(0.0, psi), mean, sd)


def average_log_cosh(mean: np.ndarray, sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """E[log cosh(psi/2)], psi ~ N(mean, sd**2), with its error."""
    return average_under_normal(lambda psi: log_cosh(0.5 * psi), mean, sd)


def log_cosh(x: Any) -> Any:
    return np.logaddexp(x, -x) - np.log(2.0)


def average_under_normal(
    f: Callable[[np.ndarray], Any], mean: np.ndarray, sd: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """E[f(psi)], psi ~ N(mean, sd**2), with its error; f has one sign.

    With steps of h the rule errs by exp(-2 pi d / h), d the distance of what is summed from its
    next pole off the real line, and every second node shows it. In e the poles of f (i pi of
    log(1 + exp psi)) are at d >= pi where sd <= 1; in u they are at i pi/2, and N(sinh u; m, s)
    grows off the line by exp((m d / s)**2 / 2), so that it errs by exp(-2 (pi s / (h m))**2).
    """
    wide = (sd > 1.0) & (np.abs(mean) <= REACH * sd)
    narrow = np.where(wide, 0.0, sd)

    def place_in_e(e: float) -> tuple[Any, Any]:
        return mean + narrow * e, np.exp(-0.5 * (e * e + LOG_2PI))

    def place_in_u(u: float) -> tuple[Any, Any]:
        psi, s = np.sinh(u), np.where(wide, sd, 1.0)
        off = np.where(wide, (psi - mean) / s, np.inf)
        return psi, np.exp(-0.5 * (off * off + LOG_2PI)) * (np.cosh(u) / s)

    value, error = _add_up(f, place_in_e, NARROW, REACH)
    if np.any(wide):
        farthest = float((np.abs(mean) + REACH * sd)[wide].max())
        other, missed = _add_up(f, place_in_u, WIDE, np.arcsinh(farthest))
        value, error = np.where(wide, other, value), np.where(wide, missed, error)
    beyond = BEYOND * (np.abs(f(mean - REACH * sd)) + np.abs(f(mean + REACH * sd)))
    return value, error + beyond + 8.0 * EPS * np.abs(value)


def _add_up(
    f: Callable[[Any], Any], place: Callable[[float], tuple[Any, Any]], step: float, reach: float
) -> tuple[Any, Any]:
    """step * sum of weight * f(psi) over even places to either side of 0, and by how much the sum
    over every second of them differs."""
    count = 2 * int(np.ceil(reach / step / 2.0))
    total: Any = 0.0
    halved: Any = 0.0
    for k in range(-count, count + 1):
        psi, weight = place(step * k)
        term = step * weight * f(psi)
        total = total + term
        if k % 2 == 0:
            halved = halved + 2.0 * term
    return total, np.abs(total - halved)
