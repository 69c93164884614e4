"""Models in which squares of distances from one centre would cancel where q is far from it.

With d = x - c and m = mu - c, a quadratic in x - mu is written as d'd - 2 d'm + m'm, which is one
matrix product for all components and points; but where m is 1e8 sds, 1e16 is taken from 1e16. So
where a mean strays from the centre of its statistics, these are taken about the mean itself.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from copy import copy
from typing import Any, Self

import numpy as np

from vi_lab.arguments.axes import name_axes
from vi_lab.model import ModelWithPriors, Statistics
from vi_lab.numerics.arithmetic import times
from vi_lab.numerics.own_axes import turn_difference, turn_matrix

NEARER = 10.0  # times as near as a point a prior's mean is a centre: it has no data about it


def find_nearest(
    means: np.ndarray, x: np.ndarray, m0: np.ndarray, cov: np.ndarray, turn: Any, lengths: Any
) -> np.ndarray:
    """Of points x (n, D) the one nearest to each mean (*batch, K, D) in units of a covariance
    (D, D), or m0 (D,) where this is NEARER; the same shape as the means.

    Where components have axes of their own, `turn`, it is in units of their lengths along these:
    theirs are `cov` and more, though of what lies across a line no digit may be left.
    """
    white, places = np.linalg.inv(np.linalg.cholesky(cov)), np.concatenate([x, m0[None]])
    if turn is None:
        d = (means[..., None, :] - places) @ white.T
    else:
        least = np.diagonal(turn_matrix(turn, cov), axis1=-2, axis2=-1)
        units = np.maximum(lengths, np.sqrt(least))[..., None, :]
        d = turn_difference(turn[..., None, :, :], means[..., None, :], places) / units
    distances = (d**2).sum(-1)
    distances[..., -1] *= NEARER**2
    nearest: np.ndarray = places[distances.argmin(-1)]
    return nearest


def reach(
    x: np.ndarray, m0: np.ndarray, centres: np.ndarray, turn: np.ndarray | None = None
) -> np.ndarray:
    """How far from a centre a mean of points x (n, D) and of a prior at m0 (D,) can be, coordinate
    by coordinate: as centres, (D,) or (*batch, K, D); or along the axes `turn` (*batch, K, D, D).
    """
    ends = np.concatenate([x, m0[None]])
    if turn is not None:
        d = turn_difference(turn[..., None, :, :], ends, centres[..., None, :])
        longest: np.ndarray = np.abs(d).max(-2)
        return longest
    farthest: np.ndarray = np.maximum(ends.max(0) - centres, centres - ends.min(0))
    return farthest


class MovingCentres(ModelWithPriors):
    """A model whose one `moving` block has statistics about a centre that can be moved."""

    centre: np.ndarray
    turn: np.ndarray | None = None  # axes of each component's own, where its family has them,
    lengths: np.ndarray | None = None  # and how long it is along them
    x: np.ndarray
    n: int
    axes = name_axes(
        z="observation",
        weights="component",
        theta="coordinate",
        mu="component",
        means="component coordinate",
        precisions="component row column",
    )

    @abstractmethod
    def _take_statistics_about(self, centre: np.ndarray) -> None:
        """Makes the blocks, and all that is known of the data, for statistics about this centre."""

    def log_prior_given(self, stats: Statistics) -> Any:
        """log p(z | weights)"""
        counts = stats["z"].indicator.sum(-2)
        return times(counts, self._log_pi(stats)).sum(-1)

    def _log_pi(self, stats: Statistics) -> Any:
        """The log probability of each label, (..., K)."""
        return stats["weights"].log

    @property
    def rows(self) -> int:
        """Points, of which each has its label."""
        return int(self.n)

    def take_rows(self, rows: np.ndarray) -> Self:
        """The same components of some of the points x, with statistics about the same centre."""
        part = copy(self)
        part.x, part.n = self.x[rows], len(rows)
        part._take_statistics_about(self.centre)
        return part

    def about(self, means: Mapping[str, Any]) -> Self:
        there, (mean,) = copy(self), (means[name] for name in self.moving)
        vars(there).pop("_log_priors", None)  # about the centre of before
        there.turn, there.lengths = (getattr(mean, key, None) for key in ("turn", "lengths"))
        mean = np.asarray(mean[0] if isinstance(mean, tuple) else mean)
        there._take_statistics_about(self._choose_centre(mean))
        return there

    def _choose_centre(self, mean: np.ndarray) -> np.ndarray:
        """Where squares of distances from the points and from this mean are small."""
        return mean

    def _would_move(self, mean: np.ndarray) -> bool:
        """Whether statistics about this mean have another centre than today's: where no point is
        nearer than the centre is, a mean is far from it come what may."""
        return bool((self._choose_centre(mean) != self.centre).any())
