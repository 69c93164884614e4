"""The order of judgement of a function, from "not attempted" to "wrong"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.teach.calling import call, describe_error
from vi_lab.teach.exercise import Exercise
from vi_lab.teach.reading import Arrays, alike, all_close
from vi_lab.teach.relating import relate
from vi_lab.teach.trial import Trial, attempt, key_of
from vi_lab.teach.wording import argument_names, cause, example, sentence_case, short, where_of

Judgement = tuple[str, str]  # status and message


def judge_function(exercise: Exercise, answer: Callable[..., Any], seed: int) -> Judgement:
    """Call the answer on every input and judge what comes back.

    The truth is tried first, so that a right answer cannot be given the name of a mistake.
    """
    trial = attempt(key_of(exercise, seed), answer)
    fault = failed(trial)
    if fault is not None and fault[0] == "raised":
        return named_though_raised(trial) or fault
    return fault or changing(trial) or judge_numbers(trial)


def failed(trial: Trial) -> Judgement | None:
    """The judgement of an answer that gives nothing, raises, or writes where it must not."""
    outcomes, exercise, inputs = trial.outcomes, trial.key.exercise, trial.key.inputs
    last, readings = outcomes[-1], [outcome.reading for outcome in outcomes]
    if isinstance(last.error, NotImplementedError) or all(r.ellipsis for r in readings):
        return "not attempted", "Not attempted yet."
    if isinstance(last.error, KeyboardInterrupt):
        where = where_of(exercise, inputs, len(outcomes) - 1)
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


def named_though_raised(trial: Trial) -> Judgement | None:
    """The one mistake that fits an answer that raises on some inputs, but not on all."""
    outcomes = trial.outcomes
    stopped = len(outcomes) < len(trial.key.inputs)
    if stopped or all(outcome.error is not None for outcome in outcomes):
        return None
    named = trial.names(range(len(outcomes)))
    return ("named", named[0]) if len(named) == 1 else None


def changing(trial: Trial) -> Judgement | None:
    """The judgement of an answer that gives other numbers when it is called again."""
    key = trial.key
    for i, one in enumerate(trial.outcomes):
        other = call(trial.answer, key.inputs[i], key.results[i])
        if one.reading.parts is None and other.error is None:
            continue
        same = other.reading.parts is not None and all_close(
            other.reading.parts, one.reading.parts or (), key.exercise.rtol, one.reading.narrow
        )
        if not same:
            return "wrote", (
                "Called twice with the same arguments, your function gives two results "
                f"({where_of(key.exercise, key.inputs, i)}). "
                "It must not draw noise of its own nor remember earlier calls."
            )
    return None


def judge_numbers(trial: Trial) -> Judgement:
    """Right; a named mistake; a relation; right but for an input; wrong."""
    if all(trial.good):
        return "right", "Right."
    named = trial.names(range(len(trial.outcomes)))
    if len(named) == 1:
        return "named", named[0]
    if sentence := named_where_finite(trial):
        return "named", sentence
    return unread(trial) or related(trial) or describe(trial)


def unread(trial: Trial) -> Judgement | None:
    """The judgement of what could not be read as the numbers that are wanted."""
    readings = [outcome.reading for outcome in trial.outcomes]
    if not (bad := [i for i, reading in enumerate(readings) if reading.parts is None]):
        return None
    where = where_of(trial.key.exercise, trial.key.inputs, bad[0])
    where = "" if len(bad) == len(readings) else f" for {where}"
    one_part = len({reading.part for reading in readings}) == 1 and readings[0].part > 0
    status = "related" if one_part else "shape"
    return status, f"{sentence_case(readings[bad[0]].says)} came back{where}."


def related(trial: Trial) -> Judgement | None:
    """How the numbers are related to the right ones."""
    sentence = relate(trial)
    return None if sentence is None else ("related", sentence)


def named_where_finite(trial: Trial) -> str | None:
    """The one mistake of an answer that overflows besides: judged where its numbers are finite.

    On half of the inputs at least they have to be: on one alone a mistake may fit by chance.
    """
    worst = [not_finite(got, want) for got, want in zip(trial.gots, trial.key.wants, strict=True)]
    finite = [i for i, value in enumerate(worst) if value is None]
    enough = len(worst) / 2 <= len(finite) < len(worst)
    if not enough or all(trial.good[i] for i in finite):
        return None
    named = trial.names(finite)
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


def describe(trial: Trial) -> Judgement:
    """Where no name and no relation fits: the first input that differs, and in what."""
    key, good = trial.key, trial.good
    first = good.index(False)
    got, want = trial.gots[first], key.wants[first]
    where = where_of(key.exercise, key.inputs, first)
    if bad := [(g, w) for g, w in zip(got, want, strict=True) if not alike(g, w)]:
        status = "shape"
        text = f"the shape is {bad[0][0].shape} instead of {bad[0][1].shape} for {where}"
    elif (worst := not_finite(got, want)) is not None:
        right = ", ".join(map(short, want))
        status = "not finite"
        text = f"where {right} is right, {worst} comes back, for {where}: {cause(worst)}"
    else:
        status = "wrong"
        text = example(key.exercise, key.inputs, trial.gots, key.wants, first)
    if any(good):
        others = [number for number, fine in enumerate(good, 1) if not fine]
        count = f"{good.count(True)} of {len(good)} inputs"
        text = f"right on {count}, but not on input {others[0]}: {text}"
        status = "partial"
    return status, f"{sentence_case(text)}."
