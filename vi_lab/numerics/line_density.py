"""A density over one real coordinate, known up to its constant, by the trapezoidal rule.

For posteriors in which everything but one number integrates out in closed form. The rule converges
geometrically for the smooth, fast-falling densities met here (Trefethen & Weideman 2014). Its error
comes from a look between its nodes: moved by half a step, an even rule is off by as much the other
way, to leading order, so that the two differ by twice the error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.errors import NumericalError
from vi_lab.numerics import densities, log_gamma
from vi_lab.numerics.rounding import rounding

DEPTH = 60.0  # nats below the top at which the line ends: e**-60 is 1e-26
NODES_PER_SCALE = 4
DRAW_CELLS = 2**15  # in which draws are made
MOST_NODES = 2**21
BRACKETINGS = 60

LogDensity = Callable[[np.ndarray], np.ndarray]


class Line:
    """Nodes and weights of a density on the real line.

    Parameters
    ----------
    log_density : callable (m,) -> (m,)
        In nats, up to a constant.
    low, high : float
        The density rises up to `low` and falls from `high` on; between them it may do both.
    scale : float
        The width of its narrowest feature: the sd of the narrowest normal it is made of.

    Attributes
    ----------
    nodes, weights : array (m,)
        The weights sum to one.
    log_integral, error : float
        The log of the integral of exp(log_density), and its numerical error.
    """

    def __init__(self, log_density: LogDensity, low: float, high: float, scale: float) -> None:
        self._unnormalised = log_density
        step = scale / NODES_PER_SCALE
        if not high - low < MOST_NODES * step:
            raise NumericalError(
                f"the density lies between {low:.3g} and {high:.3g} and is {scale:.3g} wide: a "
                f"grid of more than {MOST_NODES:,} points; rescale the data and hyperparameters"
            )
        between = np.linspace(low, high, 2 + int((high - low) / step))
        self._top = float(log_density(between).max())
        floor = self._top - DEPTH
        low -= _reach(lambda distance: log_density(np.array([low - distance])), floor, scale)
        high += _reach(lambda distance: log_density(np.array([high + distance])), floor, scale)
        if not high - low < MOST_NODES * step:
            raise NumericalError("the tails of the density are too long for a grid")
        count = 2 + int((high - low) / step)
        self.nodes = np.linspace(low, high, count)
        self._between = 0.5 * (self.nodes[:-1] + self.nodes[1:])
        log_step = float(np.log((high - low) / (count - 1)))
        self.log_integral, self.weights = self._weigh(self.nodes, log_step)
        moved, self._weights_between = self._weigh(self._between, log_step)
        self.error = abs(self.log_integral - moved) + float(rounding(self._top))

    def _weigh(self, nodes: np.ndarray, log_step: float) -> tuple[float, np.ndarray]:
        """The log integral from these nodes, and the weight of each."""
        log_heights = self._unnormalised(nodes)
        total = np.exp(log_heights - self._top).sum()
        log_integral = float(np.log(total) + self._top + log_step)
        return log_integral, np.exp(log_heights + log_step - log_integral)

    def log_density(self, y: Any) -> Any:
        """The normalised log density in nats."""
        return self._unnormalised(y) - self.log_integral

    def average(self, values: np.ndarray) -> np.ndarray:
        """The mean of a function given at the nodes, (m, ...) -> (...)."""
        return np.tensordot(self.weights, values, axes=1)

    def expect(self, function: LogDensity) -> tuple[float, float]:
        """The mean of a function of the coordinate, (m,) -> (m,), and its numerical error: how far
        the nodes in between put it elsewhere, and what the weights and rounding may be off."""
        values = function(self.nodes)
        value, moved = self.weights @ values, self._weights_between @ function(self._between)
        size = self.weights @ np.abs(values)
        return float(value), float(abs(value - moved) + rounding(size) + size * self.error)

    def sample(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """n draws, by inversion of a density that is linear within each of many cells.

        That widens the variance by a sixth of a cell's square, 1e-5 of it or less: nothing that
        fewer than 1e9 draws could show.
        """
        grid = np.linspace(self.nodes[0], self.nodes[-1], DRAW_CELLS + 1)
        height = np.exp(self._unnormalised(grid) - self._top)
        sums = np.cumsum(height[:-1] + height[1:])
        cell = np.searchsorted(sums, rng.random(n) * sums[-1], side="right")
        one, two, u = height[cell], height[cell + 1], rng.random(n)
        within = u * (one + two) / (one + np.sqrt(one**2 + u * (two**2 - one**2)))
        return grid[cell] + within * (grid[1] - grid[0])


def log_gamma_line(shape: float, rate: float) -> Line:
    """Gamma(shape, rate) of t as a density of y = log t; its narrowest feature is about its top."""
    top = float(np.log(shape / rate))
    return Line(log_gamma_of_log(shape, rate), top, top, log_scale(shape))


def log_gamma_of_log(shape: Any, rate: Any) -> LogDensity:
    """The log density of y = log t where t is Gamma(shape, rate).

    With x = rate t / shape, shape log rate - log Gamma(shape) + shape y - rate t is

        shape (log x - (x - 1)) - [log Gamma(shape) - (shape log shape - shape)]

    whose terms are small about the top, however large the shape.
    """
    ratio, constant = rate / shape, log_gamma.log_gamma_less_stirling(shape)

    def log_density(y: np.ndarray) -> np.ndarray:
        # x - 1: near y = 0 without the 1 that a product and it share, elsewhere as it stands
        part = np.where(
            np.abs(y) < 1.0, ratio * np.expm1(y) + (ratio - 1.0), ratio * np.exp(y) - 1.0
        )
        near = np.abs(part) < 0.05
        log_less = log_gamma.log1p_less(np.where(near, part, 0.0))
        found: np.ndarray = shape * np.where(near, log_less, np.log(ratio) + y - part) - constant
        return found

    return log_density


def bracket(
    top: Callable[[float], float], bottom: Callable[[float], float], low: float, high: float
) -> tuple[float, float]:
    """Two t, at or between the given, with all solutions of t = top(t)/bottom(t) between them, both
    functions falling: a quotient of the one at an end and the other at the other is a nearer end.
    """
    for _ in range(BRACKETINGS):
        low, high = top(high) / bottom(low), top(low) / bottom(high)
    return min(low, high), max(low, high)


def log_scale(shape: float) -> float:
    """The narrowest feature of the density of log t, where t has at most this gamma shape."""
    return float(min(0.5, shape**-0.5))


def normal_line(mean: float, sd: float) -> Line:
    """N(mean, sd**2)."""
    return Line(lambda y: densities.log_normal(y, mean, sd**2), mean, mean, sd)


def _reach(log_density: Callable[[float], Any], floor: float, scale: float) -> float:
    """The distance, to a tenth, at which a falling log density reaches the floor."""
    distance = scale
    while log_density(distance) > floor:
        distance *= 1.1
    return distance
