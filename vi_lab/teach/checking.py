"""`check`: the judgement of an answer, whatever the answer does."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from vi_lab.teach.bank import find, unknown
from vi_lab.teach.calling import describe_error
from vi_lab.teach.exercise import Choice, Exercise, Prediction, Verdict
from vi_lab.teach.judging import judge_function
from vi_lab.teach.memory import keep


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


def judge(exercise: Exercise, answer: Any, seed: int) -> tuple[str, str]:
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
