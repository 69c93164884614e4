"""One input on which an answer is wrong: what the relations look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.teach.answers.reading import close


@dataclass(frozen=True)
class Case:
    """One part of the result on one input.

    Attributes
    ----------
    arguments : tuple
    got, want : arrays
        The learner's numbers and the right ones.
    """

    arguments: tuple[Any, ...]
    got: np.ndarray
    want: np.ndarray


def agree(cases: Sequence[Case], values: Sequence[Any], rtol: float) -> bool:
    """Whether the learner's numbers are these values, one for each case, and not by chance.

    By chance: where the values are not finite, or are the right ones, everywhere.
    """
    telling = False
    for case, value in zip(cases, values, strict=True):
        if value.shape != case.got.shape or not close(case.got, value, rtol):
            return False
        wrong = np.isfinite(value)
        if value.shape == case.want.shape:
            wrong = wrong & ~np.isclose(value, case.want, rtol=1e-9, atol=1e-12)
        telling |= bool(np.any(wrong))
    return telling


def holds(cases: Sequence[Case], candidate: Callable[[Case], Any], rtol: float) -> bool:
    """Whether the learner's numbers are the candidate's, on every case and not by chance."""
    values = []
    for case in cases:
        try:
            values.append(np.asarray(candidate(case), dtype=float))
        except (ArithmeticError, AttributeError, IndexError, TypeError, ValueError):
            return False  # this candidate is not defined here: no relation
        if values[-1].shape != case.got.shape or not close(case.got, values[-1], rtol):
            return False
    return agree(cases, values, rtol)


def holds_after(cases: Sequence[Case], transform: Callable[[np.ndarray], Any], rtol: float) -> bool:
    """Whether the learner's numbers are the right ones after the transform."""
    return holds(cases, lambda case: transform(case.want), rtol)
