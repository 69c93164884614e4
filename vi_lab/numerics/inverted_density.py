"""Quantiles of a number whose density can be evaluated: the density integrated, then inverted.

The line is cut into panels: at the quantiles of a few draws, and outside them at steps that double
until a panel holds nothing. In each a rule of Gauss and Legendre integrates the density, and the
polynomial through the rule's nodes, integrated once more, is the distribution function inside it.
A panel whose integral is not that of its halves is halved. Draws only say where to cut: no digit
comes from them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.polynomial import Legendre
from numpy.polynomial import legendre as basis

from vi_lab.numerics.rounding import WHOLE

NODES, WEIGHTS = basis.leggauss(16)
# From the values of a density at the nodes to the coefficients of its Legendre polynomials
# sum_l c_l P_l: c_l = (2l + 1)/2 sum_i w_i P_l(x_i) f(x_i), which the rule integrates exactly.
DEGREES = np.arange(len(NODES))
TO_COEFFICIENTS = (DEGREES + 0.5)[:, None] * basis.legvander(NODES, len(NODES) - 1).T * WEIGHTS
CUTS = np.linspace(0.0, 1.0, 9)  # probabilities of the draws at which the line is cut
EMPTY = 1e-15  # the probability of a panel that ends a tail
STEPS = 200  # doublings of a step in a tail at most: past the largest double
SPLITS = 50  # halvings of one panel at most
MOST_PANELS = 2000  # that are halved at once: more are noise, not a density
SETTLED = 1e-13  # how near a panel's integral must be to that of its halves
WITHIN = 1e-8  # how near to one the panels must sum
HALVINGS = 60  # of a panel, to find a quantile in it
LARGEST_LABEL = 2**20  # whole numbers are looked through up to this distance from the draws

Density = Callable[[np.ndarray], np.ndarray | None]  # points (n,) -> densities (n,), or None


class InvertedDensity:
    """The distribution of a real number by its density.

    Parameters
    ----------
    density : callable
    draws : array (n,)
    low, high : float
        Ends of the support.

    Attributes
    ----------
    error : float
        How far the density's integral is from one.
    """

    def __init__(self, density: Density, draws: np.ndarray, low: float, high: float) -> None:
        self._density = density
        cuts = np.unique(np.quantile(draws, CUTS))
        if len(cuts) == 1:  # a single draw, or draws all alike
            cuts = cuts + max(abs(cuts[0]), 1.0) * np.array([-1e-3, 1e-3])
        step = cuts[-1] - cuts[0]
        below = self._extend(cuts[0], -step, low)
        above = self._extend(cuts[-1], step, high)
        cuts = np.concatenate([below[::-1], cuts, above])
        panels = self._refine(np.stack([cuts[:-1], cuts[1:]], axis=-1))
        self._ends, self._values, self._masses = panels
        self.error = abs(float(self._masses.sum()) - 1.0)

    @property
    def holds(self) -> bool:
        """Whether the integral is one, as it is of a density that was integrated well."""
        return self.error <= WITHIN

    def quantile(self, p: float) -> float:
        """Where the probability p lies below."""
        if p > 0.5:  # from the far end, so that a small probability above keeps its digits
            mass, left = self._masses[::-1], 1.0 - p
        else:
            mass, left = self._masses, p
        sums = mass.cumsum()
        panel = min(int((sums < left).sum()), len(mass) - 1)
        left -= sums[panel] - mass[panel]
        k = len(mass) - 1 - panel if p > 0.5 else panel
        return self._find_inside(k, mass[panel] - left if p > 0.5 else left)

    def _find_inside(self, k: int, mass: float) -> float:
        """Where, in panel k, that much probability lies between its left end and there."""
        start, end = self._ends[k]
        half = 0.5 * (end - start)
        integral = Legendre(TO_COEFFICIENTS @ self._values[k]).integ(lbnd=-1.0)
        low, high = -1.0, 1.0
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if half * integral(middle) < mass else (low, middle)
        return float(start + half * (1.0 + low))

    def _extend(self, end: float, step: float, limit: float) -> np.ndarray:
        """Cuts from one end of the draws outwards, until a panel is empty or at the limit.

        A step goes at most half of the way to a limit, next to which a density may be endless.
        """
        cuts = [end]
        for k in range(STEPS):
            forward = step * 2.0 ** (k - 3)
            halfway = 0.5 * (limit - cuts[-1])
            nearer = forward if abs(forward) < abs(halfway) else halfway
            reached = cuts[-1] + nearer
            if reached in (cuts[-1], limit) or not np.isfinite(reached):
                break
            cuts.append(reached)
            if self._integrate(np.sort(cuts[-2:])[None])[1][0] < EMPTY:
                break
        return np.array(cuts[1:])

    def _refine(self, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Panels (n, 2), or the halves of those that needed it, from left to right, as integrated:
        their ends, the density at their nodes and their integrals."""
        values, masses = self._integrate(ends)
        settled = []
        for split in range(SPLITS + 1):
            middles = ends.mean(-1)
            halves = np.stack([ends[:, 0], middles, middles, ends[:, 1]], axis=-1).reshape(-1, 2)
            inner_values, inner = self._integrate(halves)
            moved = np.abs(inner.reshape(-1, 2).sum(-1) - masses) > SETTLED
            if split == SPLITS or len(ends) > MOST_PANELS:  # its sum will tell
                moved[:] = False
            settled.append((ends[~moved], values[~moved], masses[~moved]))
            if not moved.any():
                break
            again = np.repeat(moved, 2)
            ends, values, masses = halves[again], inner_values[again], inner[again]
        ends, values, masses = (np.concatenate(parts) for parts in zip(*settled, strict=True))
        order = np.argsort(ends[:, 0])
        return ends[order], values[order], masses[order]

    def _integrate(self, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The density at the nodes of each panel (panels, 16), and its integral (panels,).

        A density that is endless at a node, next to an end of the support, is left out there: then
        the sum is not one.
        """
        half = 0.5 * (ends[:, 1] - ends[:, 0])
        points = ends.mean(-1)[:, None] + half[:, None] * NODES
        values = np.reshape(np.asarray(self._density(points.ravel())), points.shape)
        values = np.where(np.isfinite(values), values, 0.0)
        return values, half * (values @ WEIGHTS)


def find_whole_quantiles(density: Density, draws: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """The quantiles (n,) at levels (n,) of a whole number by its probabilities: for each the first
    at which their sum reaches the level. None of the numbers that count is left out: the range of
    the draws is widened until their probabilities sum to one."""
    low, high, widening = int(draws.min()), int(draws.max()), 1
    while True:
        labels = np.arange(low - widening, high + widening + 1)
        sums = np.cumsum(np.asarray(density(labels.astype(np.float64))))
        if abs(sums[-1] - 1.0) < WITHIN or widening > LARGEST_LABEL:
            break
        widening *= 2
    first = (sums < levels[:, None] * WHOLE).sum(-1)
    found: np.ndarray = labels[np.minimum(first, len(labels) - 1)]
    return found


def invert(density: Density, draws: np.ndarray) -> Callable[[np.ndarray], np.ndarray] | None:
    """What gives the quantiles (n,) at levels (n,) of a number by its density, or probabilities.

    None where there is no density, or none that integrates to one. The support is the least of
    (0, 1), (0, inf) and the line that holds all of the draws and a probability of one.
    """
    if density(draws[:1].astype(np.float64)) is None:
        return None
    if draws.dtype.kind in "iu":
        return lambda levels: find_whole_quantiles(density, draws, levels)
    for low, high in ((0.0, 1.0), (0.0, np.inf), (-np.inf, np.inf)):
        if low < draws.min() and draws.max() < high:
            with np.errstate(all="ignore"):  # beyond the support a density may be nan
                inverted = InvertedDensity(density, draws, low, high)
            if inverted.holds:
                return lambda levels: np.array([inverted.quantile(float(p)) for p in levels])
    return None
