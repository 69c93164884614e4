"""Numbers that are not the right ones, told plainly: unreadable, not finite, wrong."""

from __future__ import annotations

import numpy as np

from vi_lab.teach.answers.reading import Arrays, alike
from vi_lab.teach.answers.trial import Trial
from vi_lab.teach.answers.wording import cause, example, sentence_case, short, where_of
from vi_lab.teach.exercise import Judgement


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
