"""Wrong numbers that are the right ones transformed, shifted or scaled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from vi_lab.teach.answers.reading import close
from vi_lab.teach.relations.cases import Case, agree, holds_after

TRANSFORMS: dict[str, Callable[[np.ndarray], Any]] = {
    "the exponential of the right ones": np.exp,
    "the logarithm of the right ones": np.log,
    "the square root of the right ones": np.sqrt,
    "the right ones squared": np.square,
    "one over the right ones": np.reciprocal,
    "one over the square root of the right ones": lambda x: 1 / np.sqrt(x),
    "the right ones without their signs": np.abs,
    "one minus the right ones": lambda x: 1 - x,
    "the logarithms of one minus the right ones": lambda x: np.log1p(-x),
    "the odds of the right ones": lambda x: x / (1 - x),
    "the right ones, cut off at zero from below": lambda x: np.maximum(x, 0),
    "the right ones, cut off at zero from above": lambda x: np.minimum(x, 0),
    "the right ones, cut off at one": lambda x: np.minimum(x, 1),
    "rounded": np.round,
}
SEVERAL: dict[str, Callable[[np.ndarray], Any]] = {
    "the right ones, cumulated": lambda x: np.cumsum(x, axis=-1),
    "the right ones, sorted": lambda x: np.sort(x, axis=-1),
    "the right ones, in reversed order": lambda x: x[..., ::-1],
    "the right ones, moved on by one place": lambda x: np.roll(x, 1, axis=-1),
    "the right ones, moved back by one place": lambda x: np.roll(x, -1, axis=-1),
    "the right ones divided by their sum": lambda x: x / x.sum(),
    "the square roots of the right ones divided by their sum": lambda x: (
        np.sqrt(x) / np.sqrt(x).sum()
    ),
    "the squares of the right ones divided by their sum": lambda x: x**2 / (x**2).sum(),
    "the right ones divided by the sum along the last axis": lambda x: (
        x / x.sum(axis=-1, keepdims=True)
    ),
    "the right ones divided by the sum along the first axis": lambda x: x / x.sum(axis=0),
    "the right ones divided by the largest": lambda x: x / x.max(),
    "the right ones, less their largest": lambda x: x - x.max(),
    "the right ones, less their average": lambda x: x - x.mean(),
    "a softmax of the right ones": lambda x: np.exp(x - x.max()) / np.exp(x - x.max()).sum(),
}  # of more than one number
LOG_2PI = np.log(2 * np.pi)
CONSTANTS = {
    "½": 0.5,
    "¼": 0.25,
    "2": 2.0,
    "3": 3.0,
    "4": 4.0,
    "1": 1.0,
    "log 2": np.log(2),
    "1/log 2 (bits for nats)": 1 / np.log(2),
    "log 10": np.log(10),
    "1/log 10 (log10 for log)": 1 / np.log(10),
    "log 2π": LOG_2PI,
    "½ log 2π": LOG_2PI / 2,
    "π": np.pi,
    "2π": 2 * np.pi,
    "√2π": np.sqrt(2 * np.pi),
    "√2": np.sqrt(2),
    "e": np.e,
}


def relate_values(cases: Sequence[Case], rtol: float) -> str | None:
    """The sentence for numbers that are transformed, or off by a constant; or None."""
    if not same_shape(cases):
        return None
    if sentence := off_by_a_constant(cases, rtol):
        return sentence
    minus = [Case(case.arguments, -case.got, case.want) for case in cases]
    many = any(case.want.size > 1 for case in cases)
    for words, transform in {**TRANSFORMS, **(SEVERAL if many else {})}.items():
        if holds_after(cases, transform, rtol):
            return f"Your numbers are {words}."
        if holds_after(minus, transform, rtol):
            return f"Your numbers are {words}, with the other sign."
    return None


def relate_up_to_one_number(cases: Sequence[Case], rtol: float) -> str | None:
    """The sentence for numbers that are right but for a factor, or a shift, of each input or row.

    At least three numbers have to agree beyond those that fix the factors.
    """
    if not same_shape(cases) or any(case.want.ndim == 0 or not case.want.size for case in cases):
        return None
    if sum(case.want.size - case.want[..., 0].size for case in cases) < 3:
        return None
    each = "row" if any(case.want.ndim > 1 for case in cases) else "input"
    own = f"each {each} has one of its own"
    if all(close(rescaled(case.got, case.want), case.want, rtol) for case in cases):
        return f"Your numbers are the right ones but for a factor, and {own}: are they normalised?"
    if all(close(shifted(case.got, case.want), case.want, rtol) for case in cases):
        return f"Your numbers are the right ones but for a shift, and {own}."
    logs = [np.log(case.want) for case in cases if np.all(case.want > 0)]
    if len(logs) == len(cases) and all(
        close(shifted(case.got, log), log, rtol) for case, log in zip(cases, logs, strict=True)
    ):
        return f"Your numbers are the logarithms of the right ones but for a shift, and {own}."
    return None


def rescaled(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    """What came, by row, with the sum that is right."""
    scaled: np.ndarray = got * (want.sum(-1, keepdims=True) / got.sum(-1, keepdims=True))
    return scaled


def shifted(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    """What came, by row, with the mean that is right."""
    moved: np.ndarray = got + (want - got).mean(-1, keepdims=True)
    return moved


def off_by_a_constant(cases: Sequence[Case], rtol: float) -> str | None:
    """ "Always too large by log 2π", "always ½ of the right ones", or None."""
    if sum(case.want.size for case in cases) < 2:
        return None
    shift = np.concatenate([(case.got - case.want).ravel() for case in cases])
    c = float(np.median(shift))
    if c and agree(cases, [case.want + c for case in cases], rtol):
        size = "large" if c > 0 else "small"
        return f"Your numbers are always too {size} by {name_constant(abs(c))}."
    ratio = constant_ratio(cases)
    if ratio is not None and agree(cases, [ratio * case.want for case in cases], rtol):
        if np.isclose(ratio, -1):
            return "The sign: your numbers are minus the right ones."
        return f"Your numbers are always {name_constant(ratio)} times the right ones."
    return None


def constant_ratio(cases: Sequence[Case]) -> float | None:
    """The median ratio of got to want, where every one is finite and the median is not 1."""
    got, want = (np.concatenate([getattr(c, k).ravel() for c in cases]) for k in ("got", "want"))
    if np.any(want == 0) or not np.all(np.isfinite(got / want)):
        return None
    c = float(np.median(got / want))
    return None if c == 0 or np.isclose(c, 1) else c


def same_shape(cases: Sequence[Case]) -> bool:
    """Whether every result has the right shape and finite numbers only."""
    return all(
        case.got.shape == case.want.shape
        and np.isfinite(case.want).all()
        and np.isfinite(case.got).all()
        for case in cases
    )


def name_constant(c: float) -> str:
    """A constant by its name where it has one, else by four digits."""
    for name, value in CONSTANTS.items():
        if np.isclose(abs(c), value, rtol=1e-6):
            return name if c > 0 else f"−{name}"
    return f"{c:.4g}"
