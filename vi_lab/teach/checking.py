"""`check`: the judgement of an answer, in order from "not attempted" to "wrong"."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.teach.answers.calling import describe_error
from vi_lab.teach.answers.differences import describe, named_where_finite, unread
from vi_lab.teach.answers.faults import changing, failed, fails_beyond
from vi_lab.teach.answers.trial import Trial, attempt, key_of
from vi_lab.teach.bank import find, unknown
from vi_lab.teach.exercise import Choice, Exercise, Judgement, Prediction, Verdict
from vi_lab.teach.memory import keep
from vi_lab.teach.relations.guarded import mistake_elsewhere_guarded
from vi_lab.teach.relations.relating import relate


def check(identity: str, answer: Any = ..., seed: int = 0) -> Verdict:
    """Judge an answer: the function itself, not its value. Nothing is raised.

    Parameters
    ----------
    identity : str
        "03.2".
    answer : callable
        The learner's function; for a few exercises a model or a q.
    seed : int
        Of the random inputs.
    """
    exercise = find(identity)
    if isinstance(exercise, Choice):
        text = f'This is a question with choices: choose("{identity}", ...).'
        return Verdict("not attempted", text, exercise.id)
    if isinstance(exercise, Prediction):
        text = f'This is a prediction: predict("{identity}", ...).'
        return Verdict("not attempted", text, exercise.id)
    if not isinstance(exercise, Exercise):
        return Verdict("not attempted", unknown(identity), str(identity))
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            status, message = judge(exercise, answer, seed)
    except KeyboardInterrupt:
        status, message = "raised", "Stopped: your answer did not come to an end."
    except BaseException as error:
        status, message = "raised", f"{describe_error(error, 'Your answer')}."
    return keep(Verdict(status, message, exercise.id), answer)


def judge(exercise: Exercise, answer: Any, seed: int) -> Judgement:
    """Status and message: by the exercise's own judge where it has one."""
    if answer is ... or answer is None:
        return "not attempted", "Not attempted yet."
    if exercise.judge is not None and (judged := exercise.judge(answer)) is not None:
        return judged
    if not callable(answer):
        name = getattr(exercise.right, "__name__", "f")
        return "wrong", (
            f"This is a {type(answer).__name__}. Hand over the function itself: "
            f'check("{exercise.id}", {name}), without brackets behind {name}.'
        )
    return judge_function(exercise, answer, seed)


def judge_function(exercise: Exercise, answer: Callable[..., Any], seed: int) -> Judgement:
    """Call the answer on every input and judge what comes back.

    The truth is tried first, so that a right answer cannot be given the name of a mistake.
    """
    trial = attempt(key_of(exercise, seed), answer)
    return failed(trial) or changing(trial) or judge_numbers(trial)


def judge_numbers(trial: Trial) -> Judgement:
    """Right; a named mistake; a relation; right but for an input; wrong."""
    if all(trial.good):
        return "right", f"Right. {fails_beyond(trial)}".rstrip()
    named = trial.names(range(len(trial.outcomes)))
    if len(named) == 1:
        return "named", named[0]
    if sentence := named_where_finite(trial):
        return "named", sentence
    if unreadable := unread(trial):
        return unreadable
    if sentence := relate(trial) or mistake_elsewhere_guarded(trial):
        return "related", sentence
    return describe(trial)
