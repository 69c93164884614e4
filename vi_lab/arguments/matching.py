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


def binomial_counts(successes: Any, trials: Any, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Successes (rows,) and trials (rows,) of a binomial, checked; one number of trials may do."""
    successes = checks.counts("successes", successes)
    if len(successes) != rows:
        raise InputError(
            f"successes: needs one count for each of the {rows} rows of X, got {len(successes)}"
        )
    trials = checks.counts("trials", checks.vector("trials", trials, rows))
    few = trials < np.maximum(successes, 1.0)
    if few.any():
        i = int(np.argmax(few))
        raise InputError(
            f"trials: needs at least 1, and as many as the successes, got {trials[i]:g} "
            f"for {successes[i]:g} at index {i}"
        )
    return successes, trials
