"""Whether chains run away, as where a density cannot be normalised.

Under any density that falls off on all sides, for every direction v and centre c,

    E[ v'(y - c) v' grad log p(y) ] = -v'v

(integrate by parts: Stein's identity; in physics the virial theorem). Where a density is flat, or
rises, along v, the average is 0 or above, however far the chains have come. It is asked of chains
alone that have spread out from their starts by far: those that are not settled yet may fail it too.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

POINTS = 64  # of each chain
FAR = 100.0  # times the spread of the starts
UNFELT, ERRORS = -0.5, 5.0  # of an average that should be -1, by so many standard errors


def find_unbounded(
    start: np.ndarray, path: np.ndarray, gradient: Callable[[np.ndarray], np.ndarray]
) -> int | None:
    """The coordinate along which chains that began at `start` (chains, D) run away on their path
    (steps, chains, D), if they do."""
    y = path[:: max(1, len(path) // POINTS)].reshape(-1, start.shape[1])
    spread = np.where(np.ptp(start, axis=0) > 0, start.std(0), 1.0)
    largest = np.abs(y - start.mean(0)).max(0, initial=0.0)
    if not (largest > FAR * spread).any():
        return None
    u = (y - y.mean(0)) / np.where(largest > 0, largest, 1.0)
    widest = np.linalg.eigh(u.T @ u)[1][:, -1:]
    along = np.concatenate([np.eye(len(spread)), widest], axis=1)
    pull = gradient(y) * largest
    each = (u @ along) * ((pull - pull.mean(0)) @ along)
    felt = each.mean(0) - ERRORS * each.std(0) / np.sqrt(len(each))
    unfelt = (largest @ np.abs(along) > FAR * (spread @ np.abs(along))) & ~(felt < UNFELT)
    if not unfelt.any():
        return None
    return int(np.argmax(np.abs(along[:, np.argmax(unfelt)] * largest)))
