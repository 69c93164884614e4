"""A chain of steps from its even and its odd ones, counted from 0."""

from __future__ import annotations

from typing import Any

import numpy as np

EVEN, ODD = slice(0, None, 2), slice(1, None, 2)


def interleave(even: Any, odd: Any, event: int = 0) -> np.ndarray:
    """(*batch, E, *event) and (*batch, O, *event), whose last `event` axes are one step's, as
    (*batch, E + O, *event); batches broadcast."""
    axis = -1 - event
    even, odd = np.asarray(even), np.asarray(odd)
    lead = np.broadcast_shapes(even.shape[:axis], odd.shape[:axis])
    own = even.shape[even.ndim - event :]
    size = even.shape[axis] + odd.shape[axis]
    whole = np.empty((*lead, size, *own), np.result_type(even, odd))
    every: Any = (slice(None),) * event
    whole[(..., EVEN, *every)], whole[(..., ODD, *every)] = even, odd
    return whole
