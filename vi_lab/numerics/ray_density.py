"""A regression's likelihood averaged over one or two normal coefficients, along rays from 0.

Each row sees the coefficients beta by its predictor psi_i = x_i'beta alone, and what it makes of it
may be a step: of separated data under a wide prior, Phi(psi_i) rises from 0 to 1 within a part of
1e8 of the prior's width. An even grid has no nodes in there, and its error is a part of a step. But
all steps, however steep, are where some psi_i is 0, and these places all go through beta = 0. With

    beta = exp(t) L (cos theta, sin theta),    prior covariance L L',

they are rays of one theta each, which are the ends of sectors; within each

    theta = a + (b - a) / (1 + exp(-v)),

by which an end is infinitely far away, as beta = 0 is by t. The step of a row is as wide as 1 then,
in t and in v, and the trapezoidal rule converges geometrically (Trefethen & Weideman 2014).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from vi_lab.numerics import special
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.rounding import EPS, rounding

LEAST, BEYOND = -45.0, 12.0  # the least t; and how many sds beyond the prior mean is the largest
FARTHEST = 85.0  # of v, on both sides: e**-85 is 1e-20 of a sector that one row narrows to 1e-17
LOOK = 0.5  # step of t and v at which it is seen where there is anything
DEPTH = 46.0  # nats below the top from which on there is nothing: e**-46 is 1e-20
FIRST_STEP, HALVINGS = 0.25, 4
CONVERGED = 1e-13  # of the log integral
MOST_PREDICTORS = 2**25  # of all rows at all nodes
AT_ONCE = 2**20  # of them
SAME = 8.0 * EPS  # radians between two rays that are one


class Sector(NamedTuple):
    """Directions from one ray on, `width` radians. Of each row, by its angle from either end: what
    it is beyond a multiple of pi, and the sign that the multiple gives its sine."""

    start: float
    width: float
    from_start: tuple[np.ndarray, np.ndarray]
    from_end: tuple[np.ndarray, np.ndarray]


class Part(NamedTuple):
    """A sector, and the ends of t and of v in it between which there is anything."""

    sector: Any
    t: tuple[float, float]
    v: tuple[float, float]


class Rays:
    """E[exp(log_likelihood(X beta))] over beta ~ N(mean, cov), D = 1 or 2.

    Parameters
    ----------
    log_likelihood : callable
        Predictors (..., N) -> (...), in nats.
    X : array (N, D)
    mean, cov : array (D,), (D, D)

    Attributes
    ----------
    points, weights : array (M, D), (M,)
        Of beta; the weights sum to 1.
    log_integral, error : float
        In nats; the error is twice how far nodes moved by half a step put the integral elsewhere,
        and rounding. Infinite where there are too many rows or nothing was found.
    """

    def __init__(
        self,
        log_likelihood: Callable[[np.ndarray], Any],
        X: np.ndarray,
        mean: np.ndarray,
        cov: np.ndarray,
    ) -> None:
        self._log_likelihood, self._root = log_likelihood, np.linalg.cholesky(cov)
        self._rows, self._mean = X @ self._root, np.linalg.solve(self._root, mean)
        self._size, self.log_integral, self.error = len(mean), -np.inf, np.inf
        parts = self._look()
        step, before = FIRST_STEP, np.inf
        for _ in range(HALVINGS):
            if not self._affords(parts, step):
                return
            found = [self._heights(part, step, 0.0) for part in parts]
            self.log_integral = self._sum(found, step)
            if abs(self.log_integral - before) <= CONVERGED * max(1.0, abs(self.log_integral)):
                break
            step, before = 0.5 * step, self.log_integral
        else:
            step = 2.0 * step
        if not np.isfinite(self.log_integral):
            return
        between = self._sum([self._heights(part, step, 0.5) for part in parts], step)
        self.error = float(2.0 * abs(self.log_integral - between) + rounding(self.log_integral))
        log_p = np.concatenate([heights.ravel() for heights, _ in found])
        weights = np.exp(log_p - log_p.max())
        self.weights = weights / weights.sum()
        self.points = np.concatenate([w.reshape(-1, self._size) for _, w in found]) @ self._root.T

    def _look(self) -> list[Part]:
        """The sectors in which there is anything, and where in them."""
        most = float(np.log(np.linalg.norm(self._mean) + BEYOND))
        sectors = (1.0, -1.0) if self._size == 1 else list(find_sectors(self._rows))
        wide = FARTHEST if self._size == 2 else 0.0
        parts = [Part(sector, (LEAST, most), (-wide, wide)) for sector in sectors]
        if not self._affords(parts, LOOK):
            return parts
        heights = [self._heights(part, LOOK, 0.0)[0] for part in parts]
        top = max(float(each.max()) for each in heights)
        kept = []
        for part, each in zip(parts, heights, strict=True):
            seen = each > top - DEPTH
            if seen.any():
                t, v = _ends(part.t, np.any(seen, axis=1)), _ends(part.v, np.any(seen, axis=0))
                kept.append(Part(part.sector, t, v))
        return kept

    def _affords(self, parts: list[Part], step: float) -> bool:
        nodes = sum(len(_nodes(p.t, step, 0.0)) * len(_nodes(p.v, step, 0.0)) for p in parts)
        return nodes * len(self._rows) <= MOST_PREDICTORS

    def _sum(self, found: list[tuple[np.ndarray, np.ndarray]], step: float) -> float:
        """The log integral from the heights at nodes this far apart."""
        top = max((float(heights.max()) for heights, _ in found), default=-np.inf)
        if not np.isfinite(top):
            return top
        total = sum(np.exp(heights - top).sum() for heights, _ in found)
        return float(top + np.log(total) + self._size * np.log(step))

    def _heights(self, part: Part, step: float, shift: float) -> tuple[np.ndarray, np.ndarray]:
        """The log of the integrand over t and v, (T, V), and L^-1 beta there, (T, V, D)."""
        t = _nodes(part.t, step, shift)
        slopes, directions, log_share = self._aim(part.sector, _nodes(part.v, step, shift))
        radius = np.exp(t)[:, None]
        w = radius[..., None] * directions
        log_p = self._size * (t[:, None] - 0.5 * LOG_2PI) + log_share
        log_p = log_p - 0.5 * ((w - self._mean) ** 2).sum(-1)
        some = max(1, AT_ONCE // slopes.size)
        for begin in range(0, len(t), some):
            rows = slice(begin, begin + some)
            log_p[rows] += self._log_likelihood(radius[rows, :, None] * slopes)
        return log_p, w

    def _aim(self, sector: Any, v: np.ndarray) -> tuple[np.ndarray, np.ndarray, Any]:
        """Of each v: what psi grows by with the radius, (V, N), the direction, (V, D), and
        log d theta/d v, (V,)."""
        if self._size == 1:
            return sector * self._rows.T, np.full((1, 1), sector), 0.0
        gone, left = sector.width * special.expit(v), sector.width * special.expit(-v)
        near, sines = (v < 0)[:, None], []
        for (angle, sign), moved in ((sector.from_start, gone), (sector.from_end, -left)):
            sines.append(sign * np.sin(angle + moved[:, None]))
        slopes = np.linalg.norm(self._rows, axis=1) * np.where(near, *sines)
        theta = sector.start + gone
        directions = np.stack([np.cos(theta), np.sin(theta)], axis=-1)
        return slopes, directions, np.log(gone) + np.log(left) - np.log(sector.width)


def find_sectors(rows: np.ndarray) -> Iterator[Sector]:
    """Of the plane, between the rays at which a row (2,) of these (N, 2) is at a right angle to the
    direction. A row's predictor grows with the radius as its length times the sine of the angle
    from its own ray."""
    own = np.arctan2(rows[:, 1], rows[:, 0]) - 0.5 * np.pi
    rays = np.sort(np.concatenate([own, own + np.pi]) % (2.0 * np.pi))
    rays = rays[np.diff(rays, prepend=rays[-1] - 2.0 * np.pi) > SAME]
    for start, end in zip(rays, np.append(rays[1:], rays[0] + 2.0 * np.pi), strict=True):
        yield Sector(start, end - start, _turn(start - own), _turn(end - own))


def _turn(angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What an angle is beyond a multiple of pi, and the sign that this gives its sine."""
    turns = np.round(angle / np.pi)
    beyond = angle - turns * np.pi
    return np.where(np.abs(beyond) < SAME, 0.0, beyond), np.where(turns % 2 == 0, 1.0, -1.0)


def _nodes(ends: tuple[float, float], step: float, shift: float) -> np.ndarray:
    """Multiples of a step, moved by a share of it, from one end to the other; the one 0 where they
    are one."""
    low, high = ends
    if low == high:
        return np.zeros(1)
    return step * (np.arange(np.floor(low / step), np.ceil(high / step) + 1.0) + shift)


def _ends(ends: tuple[float, float], seen: np.ndarray) -> tuple[float, float]:
    """The first and the last of the nodes of a look at which something was seen, one further."""
    if ends[0] == ends[1]:
        return ends
    at = _nodes(ends, LOOK, 0.0)[np.flatnonzero(seen)]
    return float(at[0] - LOOK), float(at[-1] + LOOK)
