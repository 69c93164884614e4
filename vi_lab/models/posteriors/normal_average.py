"""The mean of a function of a normal variable, by the trapezoidal rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.errors import NumericalError
from vi_lab.numerics.arithmetic import LOG_2PI

WIDEST_SD = 1500.0  # of a variable that is still integrated over
REACH = 9.0  # sds to either side


def average_under_normal(
    f: Callable[[np.ndarray], Any], mean: np.ndarray, sd: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """E[f(psi)], psi ~ N(mean, sd**2), with its error; f is smooth on a scale of one.

    Where f has its poles at a distance of pi from the real line, as log(1 + exp psi) and
    log cosh(psi/2), the rule with steps of h sds errs by exp(-2 pi**2 / (h sd)), and every second
    node shows it.
    """
    if not sd.max() < WIDEST_SD:
        raise NumericalError(
            f"a linear predictor has an sd of {sd.max():.3g} under q, above the limit of "
            f"{WIDEST_SD}; rescale the columns of X"
        )
    h = min(0.25, 0.25 / max(float(sd.max()), 1e-300))
    count = 2 * int(np.ceil(REACH / h / 2))
    value, halved = np.zeros_like(mean), np.zeros_like(mean)
    for k in range(-count, count + 1):
        term = h * np.exp(-0.5 * (h * k) ** 2 - 0.5 * LOG_2PI) * f(mean + sd * (h * k))
        value = value + term
        if k % 2 == 0:
            halved = halved + 2.0 * term
    return value, np.abs(value - halved)
