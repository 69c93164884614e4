"""The order of judgement of a function, from "not attempted" to "wrong"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.teach.calling import Outcome, call, describe_error, value_of
from vi_lab.teach.exercise import Exercise
from vi_lab.teach.reading import Arrays, alike, all_close, parts_of
from vi_lab.teach.relating import relate
from vi_lab.teach.wording import (
    Inputs,
    argument_names,
    cause,
    example,
    sentence_case,
    short,
    where_of,
)

Judgement = tuple[str, str]  # status and message


def judge_function(exercise: Exercise, answer: Callable[..., Any], inputs: Inputs) -> Judgement:
    """Call the answer on every input and judge what comes back.

    The truth is tried first, so that a right answer cannot be given the name of a mistake.
    """
    results = [value_of(exercise.right, arguments) for arguments in inputs]
    outcomes: list[Outcome] = []
    for arguments, result in zip(inputs, results, strict=True):
        outcomes.append(call(answer, arguments, result))
        if isinstance(outcomes[-1].error, KeyboardInterrupt | NotImplementedError):
            break  # the next one would not end either, or is not written either
    fault = failed(exercise, inputs, outcomes)
    if fault is not None and fault[0] == "raised":
        fault = named_though_raised(exercise, inputs, outcomes) or fault
    if fault is None:
        again = [call(answer, *pair) for pair in zip(inputs, results, strict=True)]
        fault = changing(exercise, inputs, outcomes, again)
    if fault is not None:
        return fault
    wants = [parts_of(result) for result in results]
    return judge_numbers(exercise, answer, inputs, outcomes, wants)


def failed(exercise: Exercise, inputs: Inputs, outcomes: list[Outcome]) -> Judgement | None:
    """The judgement of an answer that gives nothing, raises, or writes where it must not."""
    last, readings = outcomes[-1], [outcome.reading for outcome in outcomes]
    if isinstance(last.error, NotImplementedError) or all(r.ellipsis for r in readings):
        return "not attempted", "Not attempted yet."
    where = where_of(exercise, inputs, len(outcomes) - 1)
    if isinstance(last.error, KeyboardInterrupt):
        return "raised", f"Stopped: your function did not return for {where}."
    nothing = [i for i, reading in enumerate(readings) if reading.nothing and not outcomes[i].error]
    if len(nothing) == len(outcomes):
        if any(outcome.printed.strip() for outcome in outcomes):
            return "wrong", "The result is printed, not returned: end with `return`."
        return "not attempted", "Nothing comes back yet. (Is the `return` missing?)"
    if raised := [i for i, outcome in enumerate(outcomes) if outcome.error is not None]:
        error = describe_error(outcomes[raised[0]].error or Exception(), "Your function")
        where = where_of(exercise, inputs, raised[0])
        return "raised", f"{error}. It was called with {where}."
    if nothing:
        where = where_of(exercise, inputs, nothing[0])
        return "partial", f"Nothing comes back for {where}: is a `return` missing in a branch?"
    for outcome in outcomes:
        if outcome.wrote:
            name = argument_names(exercise)[outcome.wrote[0]]
            return "wrote", f"Your function changes its argument {name}: work on a copy."
    return None


def changing(
    exercise: Exercise, inputs: Inputs, first: list[Outcome], again: list[Outcome]
) -> Judgement | None:
    """The judgement of an answer that gives other numbers when it is called again."""
    for i, (one, other) in enumerate(zip(first, again, strict=True)):
        if one.reading.parts is None and other.error is None:
            continue
        same = other.reading.parts is not None and all_close(
            other.reading.parts, one.reading.parts or (), exercise.rtol, one.reading.narrow
        )
        if not same:
            where = where_of(exercise, inputs, i)
            return "wrote", (
                f"Called twice with the same arguments, your function gives two results ({where}). "
                "It must not draw noise of its own nor remember earlier calls."
            )
    return None


def judge_numbers(
    exercise: Exercise,
    answer: Callable[..., Any],
    inputs: Inputs,
    outcomes: list[Outcome],
    wants: list[Arrays],
) -> Judgement:
    """Right; a named mistake; a relation; right but for an input; wrong."""
    readings = [outcome.reading for outcome in outcomes]
    good = [
        r.parts is not None and all_close(r.parts, want, exercise.rtol, r.narrow)
        for r, want in zip(readings, wants, strict=True)
    ]
    if all(good):
        return "right", "Right."
    gots = [reading.parts for reading in readings]
    named = names_of(exercise, inputs, outcomes)
    if len(named) == 1:
        return "named", named[0]
    if sentence := named_where_finite(exercise, inputs, outcomes, wants, good):
        return "named", sentence
    if unread := [i for i, got in enumerate(gots) if got is None]:
        where = "" if len(unread) == len(gots) else f" for {where_of(exercise, inputs, unread[0])}"
        one_part = len({reading.part for reading in readings}) == 1 and readings[0].part > 0
        status = "related" if one_part else "shape"
        return status, f"{sentence_case(readings[unread[0]].says)} came back{where}."
    related = relate(exercise, answer, inputs, [got or () for got in gots], wants, good)
    if related is not None:
        return "related", related
    return describe(exercise, inputs, outcomes, wants, good)


def names_of(exercise: Exercise, inputs: Inputs, outcomes: list[Outcome]) -> list[str]:
    """The sentences of the mistakes that give what the answer gives on every input."""
    return [
        sentence
        for sentence, wrong in exercise.mistakes.items()
        if len(outcomes) == len(inputs)
        and all(
            agrees(exercise, wrong, arguments, outcome)
            for arguments, outcome in zip(inputs, outcomes, strict=True)
        )
    ]


def named_where_finite(
    exercise: Exercise,
    inputs: Inputs,
    outcomes: list[Outcome],
    wants: list[Arrays],
    good: list[bool],
) -> str | None:
    """The one mistake of an answer that overflows besides: judged where its numbers are finite.

    On half of the inputs at least they have to be: on one alone a mistake may fit by chance.
    """
    worst = [
        not_finite(outcome.reading.parts or (), want)
        for outcome, want in zip(outcomes, wants, strict=True)
    ]
    finite = [i for i, value in enumerate(worst) if value is None]
    enough = len(worst) / 2 <= len(finite) < len(worst)
    if not enough or all(good[i] for i in finite):
        return None
    named = names_of(exercise, [inputs[i] for i in finite], [outcomes[i] for i in finite])
    if len(named) != 1:
        return None
    place, value = next((i, value) for i, value in enumerate(worst) if value is not None)
    return f"{named[0]} Besides, on input {place + 1} {value} comes back: {cause(value)}."


def not_finite(got: Arrays, want: Arrays) -> float | None:
    """The first nan or infinity where a number is right, or None."""
    for ours, right in zip(got, want, strict=False):
        if alike(ours, right):
            bad = ~np.isfinite(ours.ravel()) & np.isfinite(right.ravel())
            if np.any(bad):
                return float(ours.ravel()[bad][0])
    return None


def agrees(
    exercise: Exercise, wrong: Callable[..., Any], arguments: tuple[Any, ...], outcome: Outcome
) -> bool:
    """Whether a mistake gives the answer's numbers on an input.

    Where the answer raises, anything agrees: a mistake may be defined on some shapes only.
    """
    if outcome.error is not None:
        return True
    try:
        want = parts_of(value_of(wrong, arguments))
    except (ArithmeticError, IndexError, TypeError, ValueError):
        return False  # the mistake itself is not defined here, the answer is
    got = outcome.reading.parts
    return got is not None and all_close(got, want, exercise.rtol, outcome.reading.narrow)


def named_though_raised(
    exercise: Exercise, inputs: Inputs, outcomes: list[Outcome]
) -> Judgement | None:
    """The one mistake that fits an answer that raises on some inputs, but not on all."""
    if all(outcome.error is not None for outcome in outcomes):
        return None
    named = names_of(exercise, inputs, outcomes)
    return ("named", named[0]) if len(named) == 1 else None


def describe(
    exercise: Exercise,
    inputs: Inputs,
    outcomes: list[Outcome],
    wants: list[Arrays],
    good: list[bool],
) -> Judgement:
    """Where no name and no relation fits: the first input that differs, and in what."""
    first = good.index(False)
    got, want = outcomes[first].reading.parts or (), wants[first]
    where = where_of(exercise, inputs, first)
    if bad := [(g, w) for g, w in zip(got, want, strict=True) if not alike(g, w)]:
        status = "shape"
        text = f"the shape is {bad[0][0].shape} instead of {bad[0][1].shape} for {where}"
    elif (worst := not_finite(got, want)) is not None:
        right = ", ".join(map(short, want))
        status = "not finite"
        text = f"where {right} is right, {worst} comes back, for {where}: {cause(worst)}"
    else:
        status, text = (
            "wrong",
            example(exercise, inputs, [o.reading.parts or () for o in outcomes], wants, first),
        )
    if any(good):
        others = [number for number, fine in enumerate(good, 1) if not fine]
        count = f"{good.count(True)} of {len(good)} inputs"
        text = f"right on {count}, but not on input {others[0]}: {text}"
        status = "partial"
    return status, f"{sentence_case(text)}."
