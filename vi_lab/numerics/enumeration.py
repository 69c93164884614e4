"""Exact sums over all labellings of a few items, with the cost said before it is paid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from vi_lab.errors import NumericalError
from vi_lab.numerics.positive_definite import take_in_row
from vi_lab.numerics.rounding import EPS
from vi_lab.runtime import progress

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
        progress.announce(f"enumerating {visits:,} labellings, about {seconds:.1f} s")


def labellings(items: int, classes: int) -> np.ndarray:
    """All labellings, shape (classes**items, items), the last item's label changing fastest."""
    powers = classes ** np.arange(items - 1, -1, -1, dtype=np.int64)
    index = np.arange(classes**items, dtype=np.int64)
    return ((index[:, None] // powers) % classes).astype(np.min_scalar_type(classes))


def visit_labellings(items: int, classes: int) -> np.ndarray:
    """`labellings`, of which each is about to be visited: the cost is said first."""
    announce(items, classes)
    return labellings(items, classes)


class Split(NamedTuple):
    """The points of each component in each of M labellings: what its mean and scatter are.

    The mean is anchors + shifts: an anchor is a point of the component, or the origin where it has
    none, so that a mean far out keeps the digits of its distance from the points about it.
    """

    counts: np.ndarray  # (M, K)
    anchors: np.ndarray  # (M, K, D)
    shifts: np.ndarray  # (M, K, D)
    scatters: np.ndarray  # (M, K, D, D), about the means; or the roots of as much


def split_by_label(x: np.ndarray, classes: int) -> Split:
    """Every labelling of the points x (N, D) into so many components, in the order of `labellings`.

    A point at a distance d from the mean of n others adds n d d'/(n + 1) to their scatter.
    """
    scatters = np.zeros((1, classes, x.shape[1], x.shape[1]))
    for step in _take_in_points(x, classes):
        scatters = np.repeat(scatters, classes, 0)
        scatters[step.at] += (step.share * step.d)[:, :, None] * step.d[:, None, :]
    return Split(step.counts, step.anchors, step.shifts, scatters)


def split_roots(
    x: np.ndarray, classes: int, root0: np.ndarray
) -> tuple[Split, np.ndarray, np.ndarray]:
    """As `split_by_label`, but with upper triangular roots R of R0'R0 + S, (M, K, D, D), in the
    place of the scatters S; the squares of what rounding has moved their entries by; and what
    log|R'R| has grown by from R0, (M, K)."""
    roots, growth = np.tile(root0, (1, classes, 1, 1)), np.zeros((1, classes))
    blur = np.zeros_like(roots)
    for step in _take_in_points(x, classes):
        roots, blur, growth = (np.repeat(a, classes, 0) for a in (roots, blur, growth))
        row, moved = np.sqrt(step.share) * step.d, step.share * EPS**2 * step.squares
        roots[step.at], blur[step.at], grown = take_in_row(
            roots[step.at], blur[step.at], row, moved
        )
        growth[step.at] += grown
    return Split(step.counts, step.anchors, step.shifts, roots), blur, growth


class _Step(NamedTuple):
    """A point that has been taken in."""

    counts: np.ndarray
    anchors: np.ndarray
    shifts: np.ndarray  # as in `Split`
    at: tuple[np.ndarray, np.ndarray]  # the component that it went into
    share: np.ndarray  # n/(n + 1) of n others, (M, 1)
    d: np.ndarray  # how far it was from their mean, (M, D)
    squares: np.ndarray  # of what d is the difference of


def _take_in_points(x: np.ndarray, classes: int) -> Iterator[_Step]:
    """Points are taken in one after another, each into every component of all that was there, by
    the steps of Welford (1962): nothing is squared before it is subtracted."""
    counts, anchors = np.zeros((1, classes)), np.zeros((1, classes, x.shape[1]))
    shifts = np.zeros_like(anchors)
    for point in x:
        counts, anchors, shifts = (np.repeat(a, classes, 0) for a in (counts, anchors, shifts))
        at = np.arange(len(counts)), np.arange(len(counts)) % classes
        n = counts[at][:, None]
        anchors[at] = np.where(n == 0, point, anchors[at])
        gap, shift = point - anchors[at], shifts[at]
        d = gap - shift
        shifts[at] += d / (n + 1.0)
        counts[at] += 1.0
        yield _Step(counts, anchors, shifts, at, n / (n + 1.0), d, gap**2 + shift**2)


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
