"""A density on R^D, D = 1, 2 or 3, of which nothing is known but its values: integrated by cells.

Each cell has the product of Gauss-Legendre rules and is halved along every axis; the rule of its
parts looks between the nodes of its own. Cells whose parts agree with the whole are done, the
others go on. What parts and whole differ by, summed over all cells, is the stated error.

A feature between all nodes is in no rule. So draws of the density, its scouts, are looked at too:
a cell that holds one which stands above all its nodes is not done, however well its rules agree.
Cells that only a single scout has found say that there are others which none has: their number over
that of the scouts is about the mass there (Good 1953), and three times that is a part of the error.

Coordinates are x = centre + root sinh(u): even in u, cells are narrow about the centre and ever
wider in the tails, so that a narrow top and tails like those of Cauchy's density fit one box.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.errors import NumericalError
from vi_lab.numerics.rounding import rounding

ORDER = {1: 6, 2: 5, 3: 4}  # nodes along an axis of a cell, by dimension
FIRST_CELLS = {1: 4096, 2: 48, 3: 8}  # along an axis
FACE_NODES = {1: 2, 2: 65, 3: 17}  # along an axis of a face of the box
LOOKS = 5  # at a face, each about the best node of the last
ABOVE = 1.0  # nats that a scout may stand above the nodes of its cell
SETTLED = 1e-12  # of the integral that a cell may be off
MOST_EVALUATIONS = 2**21
AT_ONCE = 2**16  # points
DEPTH = 46.0  # nats below the top at which the box ends: e**-46 is 1e-20
FIRST_REACH, FARTHEST = 2.2, 300.0  # of the box, in u
FAINT = 1e-18  # share of the integral below which a cell is left out of averages and draws
STEPS = 400  # of a walk, to find the density, and as many in it
FAR_DOWN = 40.0  # nats below the top beyond which a walker has not found it
SLACK = 0.1  # nats by which draws take a cell to be higher than its nodes, beside a share

LogDensity = Callable[[np.ndarray], Any]


class Cells:
    """exp(log_density) on R^D, integrated.

    Parameters
    ----------
    log_density : callable
        Points (N, D) -> (N,), in nats; -inf is allowed, and nan is taken for it.
    centre : array (D,)
    root : array (D, D)
        Lower triangular; root root' is about the covariance of the density.
    scouts : array (M, D)
        Points that are spread about as the density is.

    Attributes
    ----------
    log_integral, error : float
        In nats.
    evaluations : int
    """

    def __init__(
        self, log_density: LogDensity, centre: np.ndarray, root: np.ndarray, scouts: np.ndarray
    ) -> None:
        self._density, self._centre, self._root = log_density, centre, root
        self._size, self.evaluations = len(centre), 0
        self._log_det = float(np.log(np.abs(np.diagonal(root))).sum())
        low, high = self._box()
        count = FIRST_CELLS[self._size]
        size = (high - low) / count
        corners = np.stack(np.meshgrid(*[np.arange(count)] * self._size, indexing="ij"), axis=-1)
        u = np.arcsinh(np.linalg.solve(root, (scouts - centre).T).T)
        u = u[((u > low) & (u < high)).all(1)]
        at = np.minimum(((u - low) / size).astype(np.int64), count - 1)
        cell = at @ count ** np.arange(self._size - 1, -1, -1)
        self._refine(low + corners.reshape(-1, self._size) * size, size, u, cell)

    def _at(self, u: np.ndarray) -> np.ndarray:
        """The log density over u, (..., D) -> (...,), evaluated in parts."""
        flat = u.reshape(-1, self._size)
        self.evaluations += len(flat)
        found = np.empty(len(flat))
        for begin in range(0, len(flat), AT_ONCE):
            part = flat[begin : begin + AT_ONCE]
            found[begin : begin + AT_ONCE] = self._density(
                self._centre + np.sinh(part) @ self._root.T
            )
        found += self._log_det + np.log(np.cosh(flat)).sum(-1)
        return _clean(found).reshape(u.shape[:-1])

    def _box(self) -> tuple[np.ndarray, np.ndarray]:
        """The ends of each axis in u: each face is moved out until all of it is low enough."""
        ends = {(axis, side): FIRST_REACH for axis in range(self._size) for side in (-1.0, 1.0)}
        top, moved = float(self._at(np.zeros((1, self._size)))[0]), True
        while moved:
            moved = False
            for (axis, side), reach in list(ends.items()):
                highest = self._highest_of_face(axis, side * reach, ends)
                top = max(top, highest)
                if highest > top - DEPTH:
                    ends[axis, side], moved = reach + 0.4, True
                if ends[axis, side] > FARTHEST:
                    raise NumericalError(
                        "the density to integrate does not fall off: it has no integral, or a tail "
                        "too heavy for one to be found"
                    )
        if not np.isfinite(top):
            raise NumericalError(f"the density to integrate is {top:g} at its highest")
        sides = [[side * ends[axis, side] for axis in range(self._size)] for side in (-1.0, 1.0)]
        return np.array(sides[0]), np.array(sides[1])

    def _highest_of_face(self, axis: int, at: float, ends: dict[tuple[int, float], float]) -> float:
        """The log density where a face of the box is highest, by looks that close in on the best
        node: a ridge may be thinner there than nodes are apart."""
        low, high = (
            np.array([side * ends[a, side] for a in range(self._size)]) for side in (-1.0, 1.0)
        )
        low[axis] = high[axis] = at
        count, highest = FACE_NODES[self._size], -np.inf
        for _ in range(1 if self._size == 1 else LOOKS):
            lines = [
                np.linspace(a, b, count if a < b else 1) for a, b in zip(low, high, strict=True)
            ]
            face = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, self._size)
            log_p = self._at(face)
            best, step = face[log_p.argmax()], 2.0 * (high - low) / (count - 1)
            highest = max(highest, float(log_p.max()))
            low, high = best - step, best + step
        return highest

    def _refine(self, low: np.ndarray, size: np.ndarray, u: np.ndarray, cell: np.ndarray) -> None:
        """Cells (M, D) are halved until parts agree with wholes, or evaluations run out.

        Scouts u (N, D) are in the cells of these numbers (N,).
        """
        halves = np.stack(np.meshgrid(*[[0.0, 0.5]] * self._size, indexing="ij"), axis=-1)
        halves, powers = halves.reshape(-1, self._size), 2 ** np.arange(self._size - 1, -1, -1)
        whole, _, _ = self._sum(low, size)
        leaves, done, self.error = [], -np.inf, 0.0
        height, scouts, alone = self._at(u), max(len(u), 1), 0
        while len(low):
            size = 0.5 * size
            cell = len(halves) * cell + ((u - low[cell]) >= size) @ powers
            low = (low[:, None] + 2.0 * halves * size).reshape(-1, self._size)
            parts, peak, floor = self._sum(low, size)
            by_whole = parts.reshape(len(whole), -1)
            fine = np.logaddexp.reduce(by_whole, axis=1)
            total = np.logaddexp(done, np.logaddexp.reduce(fine))
            if not np.isfinite(total):
                raise NumericalError(f"the density to integrate sums to exp({total:g})")
            off = np.abs(np.exp(np.minimum(whole - total, 0.0)) - np.exp(fine - total))
            above = height > peak[cell] + ABOVE
            settled = off <= SETTLED
            settled[cell[above] // len(halves)] = False
            alone = max(alone, int((np.bincount(cell[above].astype(np.intp)) == 1).sum()))
            cells = len(low) * len(halves) * ORDER[self._size] ** self._size
            if self.evaluations + cells * (1.0 - settled.mean()) > MOST_EVALUATIONS:
                settled[:] = True
            self.error += float(off[settled].sum())
            done = np.logaddexp(done, np.logaddexp.reduce(fine[settled], initial=-np.inf))
            kept = np.repeat(settled, len(halves))
            leaves.append((low[kept], np.broadcast_to(size, low.shape)[kept], parts[kept],
                           peak[kept], floor[kept]))  # fmt: skip
            going = ~kept[cell]
            u, height, cell = u[going], height[going], (np.cumsum(~kept) - 1)[cell[going]]
            low, whole = low[~kept], parts[~kept]
        self.log_integral = float(done)
        self.error += float(rounding(done)) + 3.0 * alone / scouts
        low, size, mass, self._peak, self._floor = map(np.concatenate, zip(*leaves, strict=True))
        self.mass = np.exp(mass - done)
        seen = self.mass > FAINT
        self.mass = self.mass[seen] / self.mass[seen].sum()
        self._low, self._cell = low[seen], size[seen]
        self._peak, self._floor = self._peak[seen], self._floor[seen]

    def _sum(self, low: np.ndarray, size: np.ndarray) -> tuple[Any, Any, Any]:
        """The log integral of each cell, and the highest and the lowest of its nodes, (M,)."""
        u, log_weights = self._place(low, size, ORDER[self._size])
        log_p = self._at(u)
        peak = log_p.max(1)
        safe = np.where(np.isfinite(peak), peak, 0.0)[:, None]
        with np.errstate(divide="ignore"):
            log_sum = np.log(np.exp(log_p - safe + log_weights).sum(1)) + safe[:, 0]
        return log_sum, peak, log_p.min(1)

    def _place(self, low: np.ndarray, size: np.ndarray, order: int) -> tuple[Any, Any]:
        """Nodes in u (M, n, D) of cells, and the logs of their weights."""
        x, w = np.polynomial.legendre.leggauss(order)
        x, w = 0.5 * (x + 1.0), 0.5 * w
        grid = np.stack(np.meshgrid(*[x] * self._size, indexing="ij"), axis=-1)
        weights = np.ones(1)
        for _ in range(self._size):
            weights = np.multiply.outer(weights, w).ravel()
        nodes = grid.reshape(-1, self._size)
        u = low[:, None] + nodes * np.broadcast_to(size, low.shape)[:, None]
        volumes = np.log(np.broadcast_to(size, low.shape)).sum(-1)
        return u, np.log(weights) + volumes[:, None]

    def own_rule(self) -> tuple[np.ndarray, np.ndarray]:
        """Nodes of the integral (N, D), on the cells that count, and the logs of their weights."""
        return self._rule(ORDER[self._size])

    def other_rule(self) -> tuple[np.ndarray, np.ndarray]:
        """As `own_rule`, with a node more along each axis: what is averaged by it has not been
        integrated on the same nodes."""
        return self._rule(ORDER[self._size] + 1)

    def _rule(self, order: int) -> tuple[np.ndarray, np.ndarray]:
        u, log_weights = self._place(self._low, self._cell, order)
        flat = u.reshape(-1, self._size)
        points = self._centre + np.sinh(flat) @ self._root.T
        return points, log_weights.ravel() + np.log(np.cosh(flat)).sum(-1) + self._log_det

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """n independent draws (n, D), by rejection: a cell, a point in it, a coin.

        Where a cell proves higher than its nodes said, it is taken to be so from the start.
        """
        envelope = self._peak + SLACK + np.minimum(0.25 * (self._peak - self._floor), 1.0)
        volumes = np.log(self._cell).sum(-1)
        while True:
            log_area = envelope + volumes
            sums = np.exp(log_area - log_area.max()).cumsum()
            drawn, count, higher = np.empty((n, self._size)), 0, False
            while count < n and not higher:
                cell = np.searchsorted(sums, rng.random(n) * sums[-1], side="right")
                u = self._low[cell] + self._cell[cell] * rng.random((n, self._size))
                log_ratio = self._at(u) - envelope[cell]
                higher = bool((log_ratio > 1e-9).any())
                np.maximum.at(envelope, cell, envelope[cell] + log_ratio + SLACK * (log_ratio > 0))
                kept = u[-rng.standard_exponential(n) < log_ratio][: n - count]
                drawn[count : count + len(kept)] = kept
                count += len(kept)
            if not higher:
                return self._centre + np.sinh(drawn) @ self._root.T


def integrate(log_density: LogDensity, points: np.ndarray) -> Cells:
    """exp(log_density) integrated, from points (N, D), N even, that need only be somewhere about.

    NumericalError where it is nil at all of them or has no integral.
    """
    scouts = walk(log_density, points)
    spread = np.atleast_2d(np.cov(scouts.T))
    spread = spread + np.diag(np.maximum(np.diagonal(spread) * 1e-9, 1e-300))
    return Cells(log_density, scouts.mean(0), np.linalg.cholesky(spread), scouts)


def walk(log_density: LogDensity, points: np.ndarray) -> np.ndarray:
    """Points that are spread about as the density is, (M, D).

    They walk together: each of one half is moved along the line through one of the other half, by a
    factor f whose density is proportional to f**-1/2 from 1/2 to 2, and the move is accepted with
    probability f**(D - 1) p(new)/p(old) (Goodman & Weare 2010, section 2). Scales and slopes need
    not be known. Random, but always alike.
    """
    rng, (count, size) = np.random.default_rng(0), points.shape
    log_p = _clean(log_density(points))
    if not np.isfinite(log_p).any():
        raise NumericalError("the density to integrate is nil at every start")
    points = points.copy()
    halves = np.arange(count) < count // 2
    path = []
    for step in range(2 * STEPS):
        half = halves if step % 2 else ~halves
        others = points[~half][rng.integers(count // 2, size=count // 2)]
        factor = (0.5 + 0.5 * rng.random(count // 2)) ** 2 * 2.0
        there = others + factor[:, None] * (points[half] - others)
        found = _clean(log_density(there))
        with np.errstate(invalid="ignore"):
            ratio = (size - 1) * np.log(factor) + found - log_p[half]
        moved = np.isfinite(found) & ~(ratio < -rng.standard_exponential(count // 2))
        points[half] = np.where(moved[:, None], there, points[half])
        log_p[half] = np.where(moved, found, log_p[half])
        if step >= STEPS:
            path.append(points[half][moved & (log_p[half] > log_p.max() - FAR_DOWN)])
    scouts = np.concatenate(path)
    if not len(scouts):
        raise NumericalError(
            "the density to integrate was not found: no walk from its starts moves"
        )
    return scouts


def _clean(log_p: Any) -> np.ndarray:
    return np.where(np.isnan(log_p), -np.inf, log_p)
