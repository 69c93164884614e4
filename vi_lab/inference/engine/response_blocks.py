"""One block of q as its linear response needs it: V, G, its own covariance, and how it is moved."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from vi_lab.arguments.family_hooks import ask_family
from vi_lab.families import Categorical, Distribution
from vi_lab.families.categorical import Indicators
from vi_lab.model import Block
from vi_lab.numerics.arithmetic import indicator_covariance, symmetric

STEP = 3e-3  # of the numerical derivative, in standard deviations of the statistic
DRAWS = 64  # that say how far to step; a rough figure is enough
STENCIL = ((-2, 1.0), (-1, -8.0), (1, 8.0), (2, -1.0))  # f' = sum w f(k h) / (12 h) + O(h^4)


class BlockAtOptimum:
    """One block at q: expected statistics, V and G plate by plate, its values' own covariance.

    With p plates, c statistics and v coordinates of a value in each: means and sd (p, c),
    V (p, c, c), G (p, v, c), own (p, v, v). The value of a label is its indicator: a mean per
    class, which adds up to one, so that V is singular; and G is V.
    """

    def __init__(self, block: Block, q: Distribution) -> None:
        self.block, self.eta = block, q.eta
        family = block.family
        label = isinstance(family, Categorical) and family.first is None
        self.shape: Any = family.stat_shapes[0] if label else family.event_shape
        self.t = family.expected_stats(q.eta)
        self.means = self._flat(self.t, family.stat_shapes)
        draws = family.stats(q.sample(DRAWS, rng=0))
        self.sd = self._flat(draws, family.stat_shapes, (DRAWS,)).std(0)
        if isinstance(family, Indicators):
            self.V = indicator_covariance(self.means)
            numbers = family.support.reshape(family.size, -1) - family.support.mean(0)
            self.G = self.V if label else numbers.T @ self.V
        else:
            self.V, self.G = self._derivatives()
        self.own = (
            self.V
            if label
            else self._own_covariance(ask_family(family, "covariance", q.eta, eta=q.eta), q)
        )
        self.coordinates = len(self.own) * self.own.shape[-1]

    def _derivatives(self) -> tuple[np.ndarray, np.ndarray]:
        """d E[t] / d eta and d E[z] / d eta."""
        family = self.block.family
        step = STEP / np.where(self.sd > 0, self.sd, 1.0)
        lead = (step.shape[1],)
        V: Any = 0.0
        G: Any = 0.0
        for k, weight in STENCIL:
            eta = self._shift(k * step)
            stats = ask_family(family, "expected_stats", eta, eta=eta)
            mean = ask_family(family, "mean", eta, eta=eta)
            V = V + weight * self._flat(stats, family.stat_shapes, lead)
            G = G + weight * self._flat(mean, self.shape, lead)
        # (c, p, .) by (c, p, 1), and the axis of the derivative last
        scale = 12.0 * step.T[..., None]
        return np.moveaxis(V / scale, 0, -1), np.moveaxis(G / scale, 0, -1)

    def _own_covariance(self, covariance: np.ndarray | None, q: Distribution) -> np.ndarray:
        """The family's own, (p, v, v); where a family of vectors does not say it, G V^+ G' with the
        variances on its diagonal.

        That is the covariance of the part of a value that is linear in t; what the true variance
        has beyond it stays on the diagonal.
        """
        if covariance is not None:
            shape = covariance.shape[-2:]
            own: np.ndarray = np.broadcast_to(covariance, self.block.plates + shape)
            return own.reshape(-1, *shape)
        variance = self._flat(q.sd, self.shape) ** 2
        inverse = np.linalg.pinv(self.V, hermitian=True)
        own = self.G @ inverse @ np.swapaxes(self.G, -1, -2)
        diagonal = np.arange(own.shape[-1])
        own[..., diagonal, diagonal] = variance
        return own

    def _shift(self, step: np.ndarray) -> Any:
        """eta with statistic i moved by step[:, i] in its i-th copy: fields (c, *plates, *event).

        A symmetric matrix is moved at (i, j) and (j, i) by half each.
        """
        shapes = self.block.family.stat_shapes
        moves = self._unflat(np.eye(step.shape[1])[:, None] * step, shapes)
        return self.block.family.Stats(
            *(
                field + (symmetric(m) if len(shape) == 2 and shape[0] == shape[1] else m)
                for field, m, shape in zip(self.eta, moves, shapes, strict=True)
            )
        )

    def moved_statistics(self) -> tuple[Any, np.ndarray]:
        """The expected statistics with each of them moved in turn, and by how much (p c,)."""
        shapes = self.block.family.stat_shapes
        reach = np.maximum(np.abs(self.means), self.sd)
        widths = [math.prod(shape) for shape in shapes]
        largest = [r.max() or 1.0 for r in np.split(reach, np.cumsum(widths)[:-1], axis=-1)]
        step = np.tile(np.repeat(largest, widths), len(reach))
        moves = self._unflat(np.diag(step).reshape(-1, *reach.shape), shapes)
        return self.block.family.Stats(*map(np.add, self.t, moves)), step

    def conditional(self, t: dict[str, Any], copies: int | None = None) -> np.ndarray:
        """The complete conditional's natural parameters, (p c,), or (copies, p c) at as many t."""
        lead = () if copies is None else (copies,)
        eta = self.block.complete_conditional(t)
        return self._flat(eta, self.block.family.stat_shapes, lead).reshape(*lead, -1)

    def _flat(self, fields: Any, shapes: Any, lead: tuple[int, ...] = ()) -> np.ndarray:
        """Statistics or values as one array (*lead, p, c)."""
        if not isinstance(fields, tuple):
            fields, shapes = (fields,), (shapes,)
        plates = self.block.plates
        return np.concatenate(
            [
                np.broadcast_to(f, lead + plates + s).reshape(*lead, self.block.size, -1)
                for f, s in zip(fields, shapes, strict=True)
            ],
            axis=-1,
        )

    def _unflat(self, flat: np.ndarray, shapes: Any) -> list[np.ndarray]:
        """An array (*lead, p, c) as the statistics or values that `_flat` made one of."""
        cuts = np.cumsum([math.prod(shape) for shape in shapes])[:-1]
        lead = flat.shape[:-2] + self.block.plates
        pieces = zip(np.split(flat, cuts, axis=-1), shapes, strict=True)
        return [piece.reshape(lead + shape) for piece, shape in pieces]

    def as_value(self, flat: np.ndarray) -> Any:
        """Reals of the coordinates (p v,) in the shape of the block's value."""
        flat, pair = flat.reshape(self.block.size, -1), getattr(self.shape, "_fields", None)
        if pair is None:
            return self._unflat(flat, (self.shape,))[0]
        return type(self.shape)(*self._unflat(flat, self.shape))


def block_diagonal(*matrices: np.ndarray) -> np.ndarray:
    """Matrices along the diagonal of one, 0 elsewhere."""
    full = np.zeros(np.sum([matrix.shape for matrix in matrices], axis=0))
    row = column = 0
    for matrix in matrices:
        full[row : row + len(matrix), column : column + matrix.shape[1]] = matrix
        row, column = row + len(matrix), column + matrix.shape[1]
    return full
