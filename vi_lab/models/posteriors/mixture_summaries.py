"""What can be compared when the names of the components mean nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

PAIRS_UP_TO = 12  # points for which every pair's co-assignment is a summary of its own


def of_labels(z: Any) -> dict[str, Any]:
    """Label-invariant summaries of labels z (*batch, N).

    `occupied`: the number of components with any point; `co_assignment`: whether two points share
    a component, (*batch, N (N-1)/2), where the points are few enough to look at every pair.
    """
    z = np.asarray(z)
    in_order = np.sort(z, axis=-1)
    found: dict[str, Any] = {"occupied": 1.0 + (np.diff(in_order, axis=-1) != 0).sum(-1)}
    if z.shape[-1] <= PAIRS_UP_TO:
        i, j = np.triu_indices(z.shape[-1], 1)
        found["co_assignment"] = (z[..., i] == z[..., j]).astype(np.float64)
    return found
