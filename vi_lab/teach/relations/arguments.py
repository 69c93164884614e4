"""Wrong numbers that would be right for other arguments, or that leave an argument out."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from vi_lab.teach.answers.calling import call, value_of
from vi_lab.teach.answers.reading import all_close, parts_of
from vi_lab.teach.relations.cases import Case, holds

CHANGES: dict[str, Callable[[Any], Any]] = {
    "{0}²": np.square,
    "√{0}": np.sqrt,
    "1/{0}": lambda a: 1 / a,
    "1/{0}²": lambda a: 1 / a**2,
    "1/√{0}": lambda a: 1 / np.sqrt(a),
    "−{0}": lambda a: -a,
    "2 {0}": lambda a: 2 * a,
    "{0}/2": lambda a: a / 2,
    "log {0}": np.log,
    "exp({0})": np.exp,
    "{0} + 1": lambda a: a + 1,
    "{0} − 1": lambda a: a - 1,
    "1 − {0}": lambda a: 1 - a,
    "0 for {0}": lambda a: 0 * a,
    "1 for {0}": lambda a: 0 * a + 1,
    "the mean of {0} for each": lambda a: 0 * a + np.mean(a),
    "{0} in reversed order": lambda a: a[::-1],
    "{0} transposed": lambda a: a.T,
    "{0} less its mean": lambda a: a - np.mean(a),
    "{0} without its first entry": lambda a: a[1:],
    "{0} without its last entry": lambda a: a[:-1],
    "{0}'s first entry alone": lambda a: a[:1],
    "{0}'s last entry alone": lambda a: a[-1:],
    "{0} moved on by one place": lambda a: np.roll(a, 1, axis=0),
    "{0} moved back by one place": lambda a: np.roll(a, -1, axis=0),
    "the sum of {0}": np.sum,
    "the mean of {0}": np.mean,
    "the inverse of {0}": np.linalg.inv,
}

COMBINED: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "−": operator.sub,
    "·": operator.mul,
    "/": operator.truediv,
}


def is_numeric(argument: Any) -> bool:
    """Whether an argument is a number or an array of numbers."""
    if isinstance(argument, np.ndarray):
        return argument.dtype.kind in "if"
    return isinstance(argument, int | float | np.number) and not isinstance(argument, bool)


def relate_arguments(
    cases: Sequence[Case], right: Callable[..., Any], part: int, names: Sequence[str], rtol: float
) -> str | None:
    """The sentence for the right function of changed arguments, or None."""

    numeric = [i for i in range(len(names)) if all(is_numeric(case.arguments[i]) for case in cases)]
    for i, j in itertools.combinations(numeric, 2):
        if holds(cases, after(right, part, partial(exchanged, i=i, j=j)), rtol):
            return f"Your numbers are those for {names[i]} and {names[j]} exchanged."
    for i in numeric:
        for form, change in CHANGES.items():
            if holds(cases, after(right, part, partial(changed, i=i, change=change)), rtol):
                return f"Your numbers are those for {names[i]} → {form.format(names[i])}."
    for i, j in itertools.permutations(numeric, 2):
        for sign, combine in COMBINED.items():
            if holds(cases, after(right, part, partial(combined, i=i, j=j, combine=combine)), rtol):
                return f"Your numbers are those for {names[i]} → {names[i]} {sign} {names[j]}."
    return None


def after(
    right: Callable[..., Any], part: int, change: Callable[[list[Any]], list[Any]]
) -> Callable[[Case], Any]:
    """The part of the right result on a case after a change of its arguments."""
    return lambda case: parts_of(value_of(right, tuple(change(list(case.arguments)))))[part]


def exchanged(given: list[Any], i: int, j: int) -> list[Any]:
    """The arguments with two of them exchanged."""
    given[i], given[j] = given[j], given[i]
    return given


def combined(given: list[Any], i: int, j: int, combine: Callable[[Any, Any], Any]) -> list[Any]:
    """The arguments with the i-th combined with the j-th."""
    given[i] = combine(given[i], given[j])
    return given


def changed(given: list[Any], i: int, change: Callable[[Any], Any]) -> list[Any]:
    """The arguments with one of them changed."""
    given[i] = change(given[i])
    return given


def idle_arguments(
    answer: Callable[..., Any],
    right: Callable[..., Any],
    inputs: Sequence[tuple[Any, ...]],
    names: Sequence[str],
) -> list[str]:
    """Arguments that change the right result and never the learner's."""
    idle = []
    for i, name in enumerate(names):
        if not all(is_numeric(arguments[i]) for arguments in inputs):
            continue
        matters = False
        for arguments, moved in moves(inputs, i):
            try:
                before, after = value_of(right, arguments), value_of(right, moved)
            except (ArithmeticError, IndexError, TypeError, ValueError):
                continue
            mine, mine_after = call(answer, arguments, before), call(answer, moved, before)
            if mine.reading.parts is None or mine_after.reading.parts is None:
                break
            if not all_close(mine_after.reading.parts, mine.reading.parts, 1e-12):
                break
            matters |= not all_close(parts_of(after), parts_of(before), 1e-6)
        else:
            if matters:
                idle.append(name)
    return idle


def moves(
    inputs: Sequence[tuple[Any, ...]], i: int
) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """Arguments before and after the i-th of them alone is moved: a little, and to another input's.

    A small move alone does not show that a condition, or a rounded number, depends on it.
    """
    for k, arguments in enumerate(inputs):
        yield arguments, tuple(changed(list(arguments), i, more))
        other = inputs[k - 1][i]
        if np.shape(other) == np.shape(arguments[i]):
            yield arguments, (*arguments[:i], other, *arguments[i + 1 :])


def more(argument: Any) -> Any:
    """A number a little larger; a whole number larger by one; an array in every second entry."""
    if isinstance(argument, np.ndarray):
        step = 1 if argument.dtype.kind == "i" else argument / 8 + 1e-3
        where = np.arange(argument.size).reshape(argument.shape) % 2 == 0
        return np.where(where, argument + step, argument)
    return argument + (1 if isinstance(argument, int | np.integer) else argument / 8 + 1e-3)
