"""Climbing a smooth function of real coordinates: its tops, and how it bends there.

L-BFGS (Nocedal & Wright 2006, section 7.2) from each start; near a top Newton's steps take it to
the last digits. What is not finite counts as lowest, so that a step too far is taken back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from vi_lab.inference.engine.density_target import ScaledTarget
from vi_lab.inference.engine.differentiation import far_out

MOST_STEPS, MEMORY = 2000, 20
NEWTON_STEPS = 12
DECREMENT = 1e-9  # nats that a quadratic has left to rise: there is its top
STEP = 3e-3  # of a standard deviation, to differentiate a gradient
UNREACHED = 1e10  # how far down what is not finite is counted, from where the climb is


class Mode(NamedTuple):
    """A top: where (D,), how high, and minus the second derivatives there (D, D)."""

    y: np.ndarray
    log_density: float
    precision: np.ndarray

    @property
    def root(self) -> np.ndarray:
        """L of the covariance L L' that these derivatives are the precision of."""
        return np.linalg.cholesky(np.linalg.inv(self.precision))

    def leave_units(self, units: ScaledTarget) -> Mode:
        """The same top, found in these units, in those of the target itself."""
        precision = self.precision / (units.scale[:, None] * units.scale)
        height = self.log_density - units.log_det
        return Mode(units.origin + units.scale * self.y, height, precision)


def remember_last(function: Callable[[np.ndarray], Any]) -> Callable[[np.ndarray], Any]:
    """The function, which where it was asked last is not evaluated again."""
    last: list[Any] = []

    def asked(x: np.ndarray) -> Any:
        if not (last and np.array_equal(x, last[0])):
            last[:] = x.copy(), function(x)
        return last[1]

    return asked


@far_out
def climb(
    function: Callable[[np.ndarray], tuple[float, np.ndarray]],
    start: np.ndarray,
    after_step: Callable[[np.ndarray], Any] | None = None,
    most_steps: int = MOST_STEPS,
) -> np.ndarray:
    """Where L-BFGS ends, of a function with its gradient."""
    from scipy.optimize import minimize

    lowest = function(start)[0]

    def downhill(x: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = function(x)
        if not (np.isfinite(value) and np.isfinite(slope).all()):
            return UNREACHED - min(lowest, 0.0), np.zeros_like(x)
        return -value, -slope

    options = {"maxiter": most_steps, "maxfun": 5 * most_steps, "maxcor": MEMORY,
               "ftol": 1e-13, "gtol": 1e-7}  # fmt: skip
    found = minimize(
        downhill, start, jac=True, method="L-BFGS-B", options=options, callback=after_step
    )
    return np.asarray(found.x)


def measure_curvature(target: Any, y: np.ndarray) -> np.ndarray:
    """Minus the second derivatives of the log density at y, by differences of the gradient.

    The steps are a share of the standard deviation that each coordinate has with the others held,
    which a first look at the curvature tells.
    """
    step = 1e-4 * (1.0 + np.abs(y))
    for _ in range(2):
        moves = np.diag(step)
        near = target.gradient(y + moves) - target.gradient(y - moves)
        far = target.gradient(y + 2.0 * moves) - target.gradient(y - 2.0 * moves)
        precision = -(8.0 * near - far) / (12.0 * step[:, None])
        diagonal = np.diagonal(precision)
        usable = np.isfinite(diagonal) & (diagonal > 0)
        step = np.where(usable, STEP / np.sqrt(np.where(usable, diagonal, 1.0)), step)
    return 0.5 * (precision + precision.T)


@far_out
def find_mode(target: Any, start: np.ndarray) -> tuple[Mode | None, np.ndarray]:
    """The top that is reached from a start, None where none is; and where the climb ended.

    Where none is reached in the units of the coordinates, it is looked for once more in units in
    which the slope at the start is 1: a step then moves the density by about a nat, however many of
    them a unit of a coordinate is worth.
    """
    mode, end = _find_mode(target, start)
    if mode is not None:
        return mode, end
    slope = np.abs(target.gradient(start[None])[0])
    usable = np.isfinite(slope) & (slope > 0)
    units = ScaledTarget(target, start, 1.0 / np.where(usable, slope, 1.0))
    mode, _ = _find_mode(units, np.zeros_like(start))
    return mode and mode.leave_units(units), end


def _find_mode(target: Any, start: np.ndarray) -> tuple[Mode | None, np.ndarray]:
    """The same in the target's own units."""

    @remember_last
    def function(y: np.ndarray) -> tuple[float, np.ndarray]:
        return float(target.log_density(y[None])[0]), target.gradient(y[None])[0]

    y = climb(function, start)
    height, slope = function(y)
    for _ in range(NEWTON_STEPS):
        precision = measure_curvature(target, y)
        if not np.isfinite(precision).all() or np.linalg.eigvalsh(precision)[0] <= 0:
            return None, y
        move = np.linalg.solve(precision, slope)
        if 0.5 * slope @ move < DECREMENT:
            return Mode(y, height, precision), y
        there = function(y + move)
        if not there[0] > height - 1e-9 * (1.0 + abs(height)):
            return None, y
        y, (height, slope) = y + move, there
    return None, y
