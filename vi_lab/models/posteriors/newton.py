"""The mode of a concave log density by Newton's method, with steps halved until they climb."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.errors import NumericalError

STEPS = 200
HALVINGS = 60  # of a step: after so many it is rounding
ARRIVED = 1e-16  # nats that a step promises to gain, below which it is at the mode
CLOSE = 1e-6  # nats that the last step may still promise


def climb_to_mode(
    log_density: Callable[[np.ndarray], Any],
    derivatives: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    start: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """The mode (D,) and minus the Hessian there, (D, D).

    Parameters
    ----------
    log_density : callable (D,) -> number
        In nats, up to a constant.
    derivatives : callable (D,) -> its gradient (D,) and minus its Hessian (D, D)
    start : array (D,)
    """
    at = start.copy()
    for _ in range(STEPS):
        gradient, hessian = derivatives(at)
        step = np.linalg.solve(hessian, gradient)
        gain = float(gradient @ step)
        if gain < ARRIVED:
            return at, hessian
        here = float(log_density(at))
        for _ in range(HALVINGS):
            if float(log_density(at + step)) >= here - 1e-9 * (1.0 + abs(here)):
                break
            step = 0.5 * step
        else:
            raise NumericalError(
                "no step of Newton's method raises the posterior; rescale the columns of X"
            )
        at = at + step
    if gain > CLOSE:
        raise NumericalError("Newton's method did not reach the mode of the posterior")
    return at, hessian
