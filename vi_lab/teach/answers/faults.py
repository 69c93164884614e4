"""What is wrong with an answer before its numbers are looked at."""

from __future__ import annotations

from vi_lab.teach.answers.calling import call, describe_error, value_of
from vi_lab.teach.answers.reading import all_close, parts_of
from vi_lab.teach.answers.trial import Trial
from vi_lab.teach.answers.wording import argument_names, where_of
from vi_lab.teach.exercise import Judgement


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
    if named := named_though_raised(trial):
        return "named", named
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


def named_though_raised(trial: Trial) -> str | None:
    """The one mistake that fits an answer that raises on some inputs, but not on all."""
    raised = [outcome.error is not None for outcome in trial.outcomes]
    if not any(raised) or all(raised):
        return None
    named = trial.names(range(len(raised)))
    return named[0] if len(named) == 1 else None


def fails_beyond(trial: Trial) -> str:
    """What is said of a right answer that fails on arguments larger than any input; or "" """
    exercise = trial.key.exercise
    if exercise.beyond is None:
        return ""
    arguments, sentence = exercise.beyond
    want = value_of(exercise.right, arguments)
    got = call(trial.answer, arguments, want).reading.parts
    fine = got is not None and all_close(got, parts_of(want), exercise.rtol)
    return "" if fine else sentence


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
