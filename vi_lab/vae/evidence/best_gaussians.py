"""The Gaussian q of highest ELBO for each datum: climbed to on few nodes, then polished on as many
as it takes, from every start; the best end at full precision."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from vi_lab.vae.evidence import gaussian_rows
from vi_lab.vae.evidence.convergence import AGREE
from vi_lab.vae.evidence.expectations import REACH, expected_elbo, find_doubtful_rows, trapezoid
from vi_lab.vae.evidence.gaps import Climb, climb
from vi_lab.vae.evidence.polish import polish
from vi_lab.vae.evidence.rows import Rows

CLIMB = {1: 24, 2: 10}  # nodes along an axis while a q is climbed to
CLIMB_FINELY = {1: 192, 2: 40}  # where more than CLIMB_HIDDEN nats may hide between those
CLIMB_HIDDEN = 0.1
CLIMB_REACH = 4.5  # standard deviations of q that they cover
CLIMB_FLAT = 1e-4  # nats per unit of a coordinate: near enough for Newton's method
SAME = 1e-2  # sds, or parts of an sd, within which two rough ends are one
WIDEST = 10.0  # log variance that a climb begins at: 148 sds of the prior, far above any best one


def climb_roughly(data: Rows, q: np.ndarray) -> Climb:
    """A good Gaussian above each q: to about 1e-3 nats, more where there are kinks."""
    d, end, evaluations = data.dimension, q.copy(), 0
    # the nodes that would stand as close if they covered REACH
    as_close = np.full(len(q), round((CLIMB[d] - 1) * REACH / CLIMB_REACH) + 1)
    fine = np.isin(np.arange(len(q)), find_doubtful_rows(data, q, as_close, CLIMB_HIDDEN))
    for nodes, rows in ((CLIMB[d], np.flatnonzero(~fine)), (CLIMB_FINELY[d], np.flatnonzero(fine))):
        if len(rows):
            eps, weights = trapezoid(nodes, d, CLIMB_REACH)
            end[rows], count = climb(data[rows], q[rows], eps[:, None], weights, CLIMB_FLAT)
            evaluations += count
    return Climb(end, evaluations)


def best_gaussians(
    data: Rows, starts: Iterable[np.ndarray], full_rank: bool = False, agree: float = AGREE
) -> Climb:
    """The best of the ends that these starts (n, 2 d) lead to, for each datum.

    Every start adds an end to choose from and takes none away: more starts are never worse. The
    full-rank climb of each begins where its mean-field one ended, and none wider than WIDEST: an
    encoder may give variances whose exponential is infinite. `agree` is how closely two rules for
    the ELBO of an end are to agree when the best is chosen.
    """
    ends: list[tuple[np.ndarray, np.ndarray]] = []  # rows and their q
    seen: list[np.ndarray] = []
    evaluations = 0
    for start in starts:
        mean, log_variance = np.split(start, 2, axis=1)
        narrow = np.concatenate([mean, np.minimum(log_variance, WIDEST)], axis=1)
        end, count = climb_roughly(data, narrow)
        new = np.ones(len(data), bool)
        for other in seen:
            new &= ~_same(end, other, data.dimension)
        seen.append(end)
        evaluations += count
        if new.any():
            q, count = _finish(data[new], end[new], full_rank)
            ends.append((np.flatnonzero(new), q))
            evaluations += count
    (_, best), *others = ends
    contested = np.unique(np.concatenate([rows for rows, _ in others] or [np.arange(0)]))
    if len(contested):
        bound = np.full(len(data), -np.inf)
        bound[contested] = _bound(data[contested], best[contested], agree)
        for rows, q in others:
            found = _bound(data[rows], q, agree)
            better = found > bound[rows]
            best[rows[better]], bound[rows[better]] = q[better], found[better]
    return Climb(best, evaluations)


def _finish(data: Rows, q: np.ndarray, full_rank: bool) -> Climb:
    """From the rough end of a mean-field climb to the best Gaussian."""
    count = 0
    if full_rank:
        q, count = climb_roughly(data, gaussian_rows.to_full_rank(q, data.dimension))
    q, more = polish(data, q)
    return Climb(q, count + more)


def _bound(data: Rows, q: np.ndarray, agree: float) -> np.ndarray:
    """The ELBO of each q, -inf where floating point has none."""
    return np.nan_to_num(expected_elbo(data, q, agree).value, nan=-np.inf)


def _same(one: np.ndarray, other: np.ndarray, d: int) -> np.ndarray:
    """Whether two mean-field rows are the same Gaussian, for all that a rough climb can tell."""
    far = np.abs(one[:, :d] - other[:, :d]) * np.exp(-0.5 * other[:, d:])
    wide = 0.5 * np.abs(one[:, d:] - other[:, d:])
    return np.maximum(far, wide).max(1) <= SAME
