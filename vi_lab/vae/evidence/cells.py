"""Adaptive integration over a box: cells that are halved where the integral is in doubt.

A rule gives the integral over each cell, and a bound on what hides between its nodes. A cell's
integral and the sum over its 2^d halves are two opinions without a node in common; their
difference is the error, and to it comes what may hide. The cells with the largest errors are halved
until the rest amounts to less than the tolerance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from vi_lab.vae.evidence.convergence import product

MOST_SWEEPS = 60
STRETCH = 4


class Looked(NamedTuple):
    """What a rule saw in m cells, all in units of e^scale.

    Attributes
    ----------
    sums : array (m, k)
        Integrals over each cell, of which the first counts.
    log_scale : array (m,)
    log_hidden : array (m,)
        The log of what may hide between the nodes, of the first integral (not in units of scale).
    """

    sums: np.ndarray
    log_scale: np.ndarray
    log_hidden: np.ndarray


class Integral(NamedTuple):
    """The sum over all cells in units of e^log_scale (k,); its error, of the first; the cells."""

    sums: np.ndarray
    log_scale: float
    error: float
    corners: np.ndarray
    sides: np.ndarray
    shares: np.ndarray


Rule = Callable[[np.ndarray, np.ndarray], Looked]


def integrate(
    rule: Rule,
    low: np.ndarray,
    high: np.ndarray,
    *,
    cells: int,
    tolerance: float,
    usable: float,
    relative: bool,
    most: int,
) -> Integral:
    """Halve cells until the errors add up to the tolerance, or there are `most` cells; beyond these
    until they add up to `usable`, or there are STRETCH times as many.

    Parameters
    ----------
    rule : callable
        Corners (m, d) and sides (m, d) -> Looked.
    low, high : array (d,)
    cells : int
        Along an axis, at first.
    tolerance, usable : float
        Of the first integral: of its size where `relative`, else as they stand.
    """
    d = len(low)
    shifts = product(np.arange(2.0), d)
    sides = np.broadcast_to((high - low) / cells, (cells**d, d))
    corners = low + product(np.arange(float(cells)), d) * sides
    seen, log_change = rule(corners, sides), np.full(len(corners), np.inf)
    for _ in range(MOST_SWEEPS):
        log_scale = float(seen.log_scale.max())
        shares = np.exp(seen.log_scale - log_scale)[:, None] * seen.sums
        total = shares.sum(0)
        log_error = np.logaddexp(log_change, seen.log_hidden) - log_scale
        errors = np.exp(np.minimum(log_error, 700.0))
        stretched = len(corners) + len(shifts) > most
        allowed = (usable if stretched else tolerance) * (abs(total[0]) if relative else 1.0)
        allowed += 1e-15 * np.abs(shares[:, 0]).sum()
        order = np.argsort(errors)
        split = order[np.cumsum(errors[order]) > 0.5 * allowed]
        room = (most * (STRETCH if stretched else 1) - len(corners)) // (len(shifts) - 1)
        split = split[max(len(split) - max(room, 0), 0) :]
        if not errors.sum() > allowed or not len(split):
            break
        kept = np.ones(len(corners), bool)
        kept[split] = False
        # the halves, and how far their sum is from what the whole had given
        half = np.repeat(0.5 * sides[split], len(shifts), axis=0)
        new = (
            np.repeat(corners[split], len(shifts), axis=0) + np.tile(shifts, (len(split), 1)) * half
        )
        found = rule(new, half)
        of_halves = np.exp(found.log_scale - log_scale) * found.sums[:, 0]
        with np.errstate(divide="ignore"):
            change = np.log(np.abs(of_halves.reshape(-1, len(shifts)).sum(1) - shares[split, 0]))
        change = np.repeat(change + log_scale - np.log(len(shifts)), len(shifts))
        corners = np.concatenate([corners[kept], new])
        sides = np.concatenate([sides[kept], half])
        log_change = np.concatenate([log_change[kept], change])
        seen = Looked(
            *(np.concatenate([old[kept], fresh]) for old, fresh in zip(seen, found, strict=True))
        )
    return Integral(total, log_scale, float(errors.sum()), corners, sides, shares[:, 0])
