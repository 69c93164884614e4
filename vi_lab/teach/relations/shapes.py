"""A wrong shape that holds the right numbers: an axis too many, too few, or turned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from vi_lab.teach.relations.cases import Case, holds, holds_after

Fold = Callable[[np.ndarray], Any]


def log_sum_exp(a: np.ndarray, axis: int | None = None) -> Any:
    """The logarithm of the sum of exponentials."""
    peak = np.max(a)
    return peak + np.log(np.sum(np.exp(a - peak), axis=axis))


LEFT_OVER: dict[str, Callable[..., Any]] = {
    "summed": np.sum,
    "averaged": np.mean,
    "with log-sum-exp": log_sum_exp,
    "with the root of the sum of squares": np.linalg.norm,
}


def relate_shapes(cases: Sequence[Case], rtol: float) -> str | None:
    """The sentence for a relation between the shapes, or None."""
    if all(case.got.shape == case.want.shape for case in cases):
        return "The right numbers, transposed." if holds_after(cases, np.transpose, rtol) else None
    copies = "The right number, copied to every entry."
    if holds(cases, lambda case: np.broadcast_to(case.want, case.got.shape), rtol):
        return copies
    for sentence, fold in folds(max(case.want.ndim for case in cases)):
        if holds_after(cases, fold, rtol):
            return sentence
    return left_over(cases, rtol)


def folds(ndim: int) -> Iterator[tuple[str, Fold]]:
    """What may have happened to the right numbers."""
    yield "The right numbers, transposed.", np.transpose
    yield "The right numbers as one column.", lambda want: want.reshape(-1, 1)
    yield "The right numbers as one row.", lambda want: want.reshape(1, -1)
    yield "The right numbers in one long row.", np.ravel
    yield "The sum of the right numbers.", np.sum
    yield "The average of the right numbers.", np.mean
    yield "The product of the right numbers.", np.prod
    yield "The largest of the right numbers alone.", np.max
    yield "The logarithm of the sum of exponentials of the right numbers.", log_sum_exp
    yield "The sum of the exponentials of the right numbers.", lambda want: np.sum(np.exp(want))
    yield "The root of the sum of the squares of the right numbers.", np.linalg.norm
    yield "The diagonal of the right numbers alone.", np.diag
    for axis in range(ndim):
        yield f"An axis too many is summed: axis {axis}.", partial(np.sum, axis=axis)
        yield f"An axis too many is averaged: axis {axis}.", partial(np.mean, axis=axis)
        yield (
            f"Only the first along axis {axis} comes back.",
            partial(np.take, indices=0, axis=axis),
        )
        yield (
            f"Only the last along axis {axis} comes back.",
            partial(np.take, indices=-1, axis=axis),
        )
    yield "Every second one of the right numbers alone.", lambda want: want[::2]
    yield "The first entry is missing.", lambda want: want[1:]
    yield "The last entry is missing.", lambda want: want[:-1]


def left_over(cases: Sequence[Case], rtol: float) -> str | None:
    """The sentence for an axis that should have been summed or averaged over, or cut; or None."""
    swapped = [Case(case.arguments, case.want, case.got) for case in cases]
    for axis in range(max(case.got.ndim for case in cases)):
        for verb, fold in LEFT_OVER.items():
            if holds_after(swapped, partial(fold, axis=axis), rtol):
                return f"Axis {axis} is left over: {verb} over it, your numbers are right."
        for place, index in (("first", 0), ("last", -1)):
            if holds_after(swapped, partial(np.take, indices=index, axis=axis), rtol):
                return f"Axis {axis} is left over: the {place} along it is right."
    return None
