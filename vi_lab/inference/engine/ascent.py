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
SHORTER = 1.0, 0.1, 0.01, 1e-3  # of these steps, until the curvature is the same over both
SAME = 0.1  # of a curvature, by which it is the same; of such a step, that may be left to a top
SINGULAR = (
    1e-12  # eigenvalue of a precision with a diagonal of 1 that its digits do not tell from 0
)
MODERATE = 1e-3, 1e3  # slopes in whose units nothing is gained over those of the coordinates
ALIKE = 1e-4  # sds within which two modes are one
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


def measure_curvature(target: Any, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Minus the second derivatives of the log density at y, by differences of the gradient; and the
    steps of these (D,).

    The steps are a share of the standard deviation that each coordinate has with the others held,
    which a first look at the curvature tells; and shorter, where over steps of h and of 2 h the
    curvature is not the same. It is nan where that is so however short they are, as at a kink.
    """
    step = 1e-4 * (1.0 + np.abs(y))
    diagonal = np.diagonal(_difference_slopes(target, y, step)[0])
    usable = np.isfinite(diagonal) & (diagonal > 0)
    step = np.where(usable, STEP / np.sqrt(np.where(usable, diagonal, 1.0)), step)
    for shorter in SHORTER:
        precision, apart = _difference_slopes(target, y, shorter * step)
        size = np.sqrt(np.abs(np.outer(np.diagonal(precision), np.diagonal(precision))))
        if (apart <= SAME * size).all():
            return 0.5 * (precision + precision.T), shorter * step
    return np.full_like(precision, np.nan), step


def _difference_slopes(
    target: Any, y: np.ndarray, step: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Minus the second derivatives at y, their error of order step**4; and by how much those from
    steps of h and of 2 h alone are apart."""
    moves, h = np.diag(step), step[:, None]
    near = target.gradient(y + moves) - target.gradient(y - moves)
    far = target.gradient(y + 2.0 * moves) - target.gradient(y - 2.0 * moves)
    return -(8.0 * near - far) / (12.0 * h), np.abs(2.0 * near - far) / (4.0 * h)


def _is_positive(precision: np.ndarray) -> bool:
    """Whether it bends down in all directions, in units where it has a diagonal of 1."""
    scale = np.sqrt(np.diagonal(precision))
    if not (np.isfinite(precision).all() and (scale > 0).all()):
        return False
    return bool(np.linalg.eigvalsh(precision / np.outer(scale, scale))[0] > SINGULAR)


@far_out
def find_mode(target: Any, start: np.ndarray) -> tuple[Mode | None, np.ndarray]:
    """The top that is reached from a start, None where none is; and where the climb ended.

    Where none is reached in the units of the coordinates, it is looked for once more in units in
    which the slope at the start is 1: a step then moves the density by about a nat, however many of
    them a unit of a coordinate is worth. Where it is moderate, such units are no other ones.
    """
    mode, end = _find_mode(target, start)
    if mode is not None:
        return mode, end
    slope = np.abs(target.gradient(start[None])[0])
    usable = np.isfinite(slope) & (slope > 0)
    if ((slope > MODERATE[0]) & (slope < MODERATE[1]))[usable].all():
        return None, end
    units = ScaledTarget(target, start, 1.0 / np.where(usable, slope, 1.0))
    mode, _ = _find_mode(units, np.zeros_like(start))
    return mode and mode.leave_units(units), end


def find_modes(target: Any, starts: np.ndarray) -> tuple[list[Mode], np.ndarray]:
    """The tops that the starts (n, D) reach, highest first, each once; and where all climbs ended,
    (n, D)."""
    found = [find_mode(target, start) for start in starts]
    modes: list[Mode] = []
    for mode in sorted((m for m, _ in found if m), key=lambda m: -m.log_density):
        sds = np.diagonal(mode.precision) ** -0.5
        if not any(np.all(np.abs(mode.y - other.y) < ALIKE * sds) for other in modes):
            modes.append(mode)
    return modes, np.stack([end for _, end in found])


def _find_mode(target: Any, start: np.ndarray) -> tuple[Mode | None, np.ndarray]:
    """The same in the target's own units.

    What is left to the top is little in nats, and little beside the steps over which the curvature
    is the same. At the flat top of -y**4 it never is: there the curvature at y/2 is another one.
    """

    @remember_last
    def function(y: np.ndarray) -> tuple[float, np.ndarray]:
        return float(target.log_density(y[None])[0]), target.gradient(y[None])[0]

    y = climb(function, start)
    height, slope = function(y)
    for _ in range(NEWTON_STEPS):
        precision, step = measure_curvature(target, y)
        if not _is_positive(precision):
            return None, y
        move = np.linalg.solve(precision, slope)
        if 0.5 * slope @ move < DECREMENT and (np.abs(move) < SAME * step).all():
            return Mode(y, height, precision), y
        there = function(y + move)
        if not there[0] > height - 1e-9 * (1.0 + abs(height)):
            return None, y
        y, (height, slope) = y + move, there
    return None, y
