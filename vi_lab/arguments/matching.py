"""Arguments whose sizes must match each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.errors import InputError


def design(X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    """A design matrix (n, P) and its responses (n,), checked."""
    X, y = checks.observations("X", X, ndim=2), checks.observations("y", y)
    if len(X) != len(y):
        raise InputError(f"X: needs one row for each of the {len(y)} values of y, got {X.shape}")
    return X, y
