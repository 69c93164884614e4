"""The posterior of one or two real numbers on an even grid: its integral, moments and draws.

For a smooth density that falls off on all sides the trapezoidal rule converges geometrically
(Trefethen & Weideman 2014). The grid is laid in whitened coordinates, widened side by side until
the density has fallen by DEPTH nats, and refined until the integral no longer changes, neither on
finer nodes nor on those that stand between.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.errors import NumericalError
from vi_lab.numerics.rounding import rounding

DEPTH = 46.0  # nats below the top at which the grid ends: e**-46 is 1e-20
FIRST_CELLS = 16  # along an axis
MOST_CELLS = {1: 2**14, 2: 2**11}  # along an axis, by dimension
UNRESOLVED = 1e-7  # nats between the two rules from which on a step hides an edge
CROSSED = ((0.25, 0.75), (0.6, 0.1))  # shares of a cell by which nodes are moved to look for it
CONVERGED = 1e-13  # change of the log integral below which a grid is fine enough


class Grid:
    """exp(log_density) on R^D, D = 1 or 2, integrated.

    Parameters
    ----------
    log_density : callable
        Points (N, D) -> (N,), in nats; -inf is allowed.
    centre : array (D,)
        At or near the mode.
    root : array (D, D)
        Lower triangular; x = centre + root u is of unit scale in u about the mode.
    most : int, optional
        Cells along an axis at which halving ends; else MOST_CELLS.

    Attributes
    ----------
    points : array (N, D)
    weights : array (N,), summing to 1
    log_integral, error : float
        In nats; the error is twice how far the nodes in the middle of all cells, which are off by
        as much the other way, put the integral elsewhere, and rounding. Where the finest steps
        hide an edge, see `_hidden_edge`.
    """

    def __init__(
        self,
        log_density: Callable[[np.ndarray], Any],
        centre: np.ndarray,
        root: np.ndarray,
        most: int | None = None,
    ) -> None:
        self._log_density, self._centre, self._root = log_density, centre, root
        self._size = len(centre)
        self._low, self._high = self._box()
        cells, before = FIRST_CELLS, np.inf
        most = MOST_CELLS[self._size] if most is None else most
        while True:
            log_p = self._lay(cells)
            enough = CONVERGED * max(1.0, abs(self.log_integral))
            if cells == most or abs(self.log_integral - before) <= enough:
                moved = abs(self.log_integral - self._integrate_between())
                if cells == most or moved <= enough + float(rounding(self.log_integral)):
                    break
            cells, before = 2 * cells, self.log_integral
        self._shape = (cells + 1,) * self._size
        self._log_p = log_p
        self.weights = np.exp(log_p - log_p.max())
        self.weights /= self.weights.sum()
        off = 2.0 * moved
        # halved to the last, and neither rule has converged: an edge within a step
        if FIRST_CELLS < cells == most:
            off = 2.0 * max(off, self._hidden_edge(moved))
        self.error = float(off + rounding(self.log_integral))

    @property
    def width(self) -> float:
        """Of the density along the first axis, about its mode."""
        return float(self._root[0, 0])

    def _at(self, u: np.ndarray) -> np.ndarray:
        """The log density at whitened points (N, D)."""
        return np.asarray(self._log_density(self._centre + u @ self._root.T))

    def _lay(self, cells: int) -> np.ndarray:
        """The log density on a grid of so many cells an axis; sets the points and the integral."""
        axes = [np.linspace(a, b, cells + 1) for a, b in zip(self._low, self._high, strict=True)]
        self._step = (self._high - self._low) / cells
        u = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, self._size)
        self._u, self.points = u, self._centre + u @ self._root.T
        log_p = self._at(u)
        self.log_integral = self._sum(log_p)
        return log_p

    def _sum(self, log_p: np.ndarray) -> float:
        """The log integral from the log density at the nodes of all cells."""
        top = log_p.max()
        if not np.isfinite(top):
            raise NumericalError(f"the density to integrate is {top:g} at its highest")
        volume = np.log(self._step).sum() + np.log(np.diag(self._root)).sum()
        return float(top + np.log(np.exp(log_p - top).sum()) + volume)

    def _integrate_between(self, shares: Any = 0.5) -> float:
        """The log integral by the nodes of the grid moved by such shares of a cell along the
        axes."""
        return self._sum(self._at(self._u + np.asarray(shares) * self._step))

    def _hidden_edge(self, moved: float) -> float:
        """What an edge may hide in the finest steps, if there is one.

        On a line it is half a step times all that the density rises and falls. On a plane nodes
        that are moved one way may by chance put the integral where it was, though an edge is within
        every step: there it is twice what two other moves make of it, if that is more.
        """
        if self._size == 1:
            return float(self.weights.max()) if moved > UNRESOLVED else 0.0
        return 2.0 * max(abs(self.log_integral - self._integrate_between(s)) for s in CROSSED)

    def _box(self) -> tuple[np.ndarray, np.ndarray]:
        """The ends of each whitened axis: each face is moved out until all of it is low enough."""
        ends = {(axis, side): 4.0 for axis in range(self._size) for side in (-1.0, 1.0)}
        top = float(self._at(np.zeros((1, self._size)))[0])
        moved = True
        while moved:
            moved = False
            for (axis, side), reach in list(ends.items()):
                face = np.zeros((65 if self._size > 1 else 1, self._size))
                for other in range(self._size):
                    if other != axis:
                        face[:, other] = np.linspace(-ends[other, -1.0], ends[other, 1.0], 65)
                face[:, axis] = side * reach
                highest = float(self._at(face).max())
                top = max(top, highest)
                if highest > top - DEPTH:
                    ends[axis, side], moved = 1.2 * reach, True
        low, high = (
            np.array([side * ends[axis, side] for axis in range(self._size)])
            for side in (-1.0, 1.0)
        )
        return low, high

    def marginal_density(self, axis: int, x: np.ndarray) -> np.ndarray:
        """The density of one coordinate at x (n,), the other integrated out along its own line.

        That line is laid about the mean of the normal of covariance root root' given x, in its sds,
        at the steps of the grid and as far as any corner of it.
        """
        if self._size == 1:
            return np.exp(self._log_density(x[:, None]) - self.log_integral)
        other, cov = 1 - axis, self._root @ self._root.T
        sd = np.sqrt(cov[other, other] - cov[0, 1] ** 2 / cov[axis, axis])
        reach, step = np.hypot(*np.maximum(-self._low, self._high)), self._step.min()
        nodes = step * np.arange(-np.ceil(reach / step), np.ceil(reach / step) + 1)
        points = np.empty((len(x), len(nodes), 2))
        points[..., axis] = x[:, None]
        slope = cov[0, 1] / cov[axis, axis]
        centre = self._centre[other] + slope * (x - self._centre[axis])
        points[..., other] = centre[:, None] + sd * nodes
        log_p = np.reshape(self._log_density(points.reshape(-1, 2)), points.shape[:2])
        return np.exp(log_p - self.log_integral).sum(1) * step * sd

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """n independent draws (n, D), by rejection: a cell, a point in it, a coin.

        NumericalError where the density is above the envelope that the cells are drawn from.
        """
        envelope = self._envelope()
        cumulative = np.exp(envelope - envelope.max()).cumsum()
        drawn = np.empty((n, self._size))
        left = n
        while left:
            cell = np.searchsorted(cumulative, rng.random(left) * cumulative[-1], side="right")
            u = self._u[cell] + self._step * (rng.random((left, self._size)) - 0.5)
            log_ratio = self._at(u) - envelope[cell]
            if (log_ratio > 1e-9).any():
                raise NumericalError("the grid is too coarse to draw from: its envelope is too low")
            kept = u[-rng.standard_exponential(left) < log_ratio]
            drawn[n - left : n - left + len(kept)] = kept
            left -= len(kept)
        return self._centre + drawn @ self._root.T

    def _envelope(self) -> np.ndarray:
        """What the log density within the cell about each node stays below, (N,).

        That is the highest node next to it, raised by the curvature there: second differences over
        two.
        """
        log_p = self._log_p.reshape(self._shape)
        ceiling = log_p.copy()
        bend = np.zeros_like(log_p)
        with np.errstate(invalid="ignore"):
            for axis in range(self._size):
                inner = [slice(None)] * self._size
                inner[axis] = slice(1, -1)
                second = np.diff(log_p, 2, axis=axis)
                bend[tuple(inner)] += 0.5 * np.abs(np.where(np.isfinite(second), second, 0.0))
        for axis in range(self._size):
            lower, upper = ([slice(None)] * self._size for _ in range(2))
            lower[axis], upper[axis] = slice(None, -1), slice(1, None)
            before = ceiling.copy()
            for here, there in ((lower, upper), (upper, lower)):
                np.maximum(ceiling[tuple(here)], before[tuple(there)], out=ceiling[tuple(here)])
        return (ceiling + np.minimum(bend, 1.0)).ravel()
