"""Exact sums over all labellings of a few items, with the cost said before it is paid."""

from __future__ import annotations

import sys

import numpy as np

from vi_lab.errors import NumericalError

MOST_LABELLINGS = 2**20
ANNOUNCED = 2**16  # labellings beyond which the cost is said before it is paid


def refusal(items: int, classes: int) -> str | None:
    """Why K**N labellings are too many to visit, or None."""
    if items * np.log2(classes) <= np.log2(MOST_LABELLINGS):
        return None
    exponent = items * np.log10(classes)
    return (
        f"it would visit all {classes}^{items} = 10^{exponent:.0f} labellings, above the limit of "
        f"{MOST_LABELLINGS:,}; Metropolis-Hastings, Gibbs and CAVI still apply"
    )


def cost(items: int, classes: int) -> str:
    """What enumeration will visit, in words."""
    return f"enumeration of {classes**items:,} labellings"


def announce(items: int, classes: int) -> None:
    """Say on stderr what enumeration will cost, where it is more than a moment."""
    visits = classes**items
    if visits > ANNOUNCED:
        seconds = visits * items * 2e-7
        print(f"vi_lab: enumerating {visits:,} labellings, about {seconds:.1f} s", file=sys.stderr)


def labellings(items: int, classes: int) -> np.ndarray:
    """All labellings, shape (classes**items, items), the last item's label changing fastest."""
    powers = classes ** np.arange(items - 1, -1, -1, dtype=np.int64)
    index = np.arange(classes**items, dtype=np.int64)
    return ((index[:, None] // powers) % classes).astype(np.min_scalar_type(classes))


def visit_labellings(items: int, classes: int) -> np.ndarray:
    """`labellings`, of which each is about to be visited: the cost is said first."""
    announce(items, classes)
    return labellings(items, classes)


def draw_rows(rng: np.random.Generator, probabilities: np.ndarray, count: int) -> np.ndarray:
    """Rows of a table of probabilities at random; NumericalError where they lost their digits."""
    total = probabilities.sum()
    if not abs(total - 1.0) < 1e-8:
        raise NumericalError(
            f"the probabilities of all labellings sum to {total:.6g}, not 1: their logarithms are "
            "too large for their digits; rescale the data and hyperparameters"
        )
    return rng.choice(len(probabilities), size=count, p=probabilities)


def find_rows(labels: np.ndarray, classes: int) -> np.ndarray:
    """The row of each labelling (..., items) in `labellings`."""
    powers = classes ** np.arange(labels.shape[-1] - 1, -1, -1, dtype=np.int64)
    return (labels.astype(np.int64) * powers).sum(-1)
