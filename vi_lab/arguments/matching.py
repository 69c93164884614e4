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
    count, needed = len(successes), f"successes: needs one count for each of the {rows} rows of X"
    checks.require(count == rows, needed, count, InputError)
    trials = checks.counts("trials", checks.vector("trials", trials, rows))
    few = trials < np.maximum(successes, 1.0)
    if few.any():
        i = int(np.argmax(few))
        came = f"{trials[i]:g} for {successes[i]:g} at index {i}"
        raise InputError(f"trials: needs at least 1, and as many as the successes, got {came}")
    return successes, trials


def row_values(name: str, values: np.ndarray, rows: int) -> np.ndarray:
    """Values, checked, of which each row of X has one."""
    needed = f"{name}: needs one value for each of the {rows} rows of X"
    checks.require(len(values) == rows, needed, len(values), InputError)
    return values


def row_of_probabilities(name: str, value: Any, size: int) -> np.ndarray:
    """`size` probabilities, which sum to one."""
    p = checks.probabilities(name, value)
    checks.require(len(p) == size, f"{name}: needs {size} probabilities", len(p), InputError)
    return p


def transition_matrix(name: str, value: Any, size: int) -> np.ndarray:
    """Probabilities (size, size), each row of which sums to one."""
    matrix = checks.real_array(name, value, 2)
    if matrix.shape != (size, size):
        raise InputError(f"{name}: needs shape ({size}, {size}), got {matrix.shape}")
    for i, row in enumerate(matrix):
        checks.probabilities(f"{name}, row {i}", row)
    return matrix


def positive_entries(name: str, value: Any, size: int) -> np.ndarray:
    """A number above zero, or `size` of them, as an array of shape (size,)."""
    return checks.positives(name, checks.vector(name, value, size))


def mixture_weights(concentration: Any, weights: Any, points: int) -> tuple[Any, Any, int]:
    """The Dirichlet parameters of a mixture's weights, or its weights, and how many they are.

    Exactly one of the two must be given, and no more of them than there are points.
    """
    if (concentration is None) == (weights is None):
        raise InputError("concentration, weights: needs exactly one of the two")
    if weights is None:
        name, given = "concentration", checks.positive_vector("concentration", concentration)
        concentration = given
    else:
        name, given = "weights", checks.probabilities("weights", weights)
        weights = given
    count, needed = len(given), f"{name}: needs at most one component for each of the"
    checks.require(count <= points, f"{needed} {points} points", count, InputError)
    return concentration, weights, count


def component_count(n_components: Any, points: int) -> int:
    """The number of components of a mixture, at most that of its points."""
    count = checks.integer("n_components", n_components, 1)
    needed = f"n_components: needs at most one for each of the {points} points"
    checks.require(count <= points, needed, count, InputError)
    return count


def degrees_of_freedom(name: str, value: Any, size: int) -> float:
    """Of a Wishart distribution in `size` dimensions."""
    number = checks.real(name, value)
    if number <= size - 1:
        raise InputError(f"{name}: needs a number above D - 1 = {size - 1}, got {number:g}")
    return number
