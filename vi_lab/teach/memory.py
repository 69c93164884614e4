"""What a learner has done since the kernel started. Nothing is written to a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vi_lab.teach.bank import find, of_lesson
from vi_lab.teach.exercise import Choice, Exercise, Prediction, Verdict

VERDICTS: dict[str, Verdict] = {}  # the best verdict of each exercise
FUNCTIONS: dict[str, Callable[..., Any]] = {}  # the learner's functions that passed
PREDICTIONS: dict[str, Any] = {}  # what was predicted


def keep(verdict: Verdict, answer: Any = None) -> Verdict:
    """The verdict, kept for the card; an answer that is right stays right."""
    before = VERDICTS.get(verdict.exercise)
    if verdict.passed or before is None or not before.passed:
        VERDICTS[verdict.exercise] = verdict
    if verdict.passed and callable(answer):
        FUNCTIONS[verdict.exercise] = answer
    return verdict


def ready(identity: str, mine: Any = None) -> Any:
    """The learner's own function if it has passed its check, the package's until then.

    Cells behind an exercise call it, so that a lesson runs on past an exercise left open.
    """
    exercise = find(identity)
    if not isinstance(exercise, Exercise):
        raise KeyError(identity)
    passed = FUNCTIONS.get(identity)
    return mine if mine is not None and mine is passed else exercise.right


class Card(str):
    """A text that is shown as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def card(lesson: str) -> Card:
    """One line for each exercise and prediction of a lesson: done or not. For pasting elsewhere.

    Parameters
    ----------
    lesson : str
        "01".
    """
    lines = [f"vi_lab, lesson {lesson}"]
    for identity, task in of_lesson(str(lesson)).items():
        if isinstance(task, Prediction):
            guess = PREDICTIONS.get(identity)
            lines.append(f"{identity:6} {'predicted ' + str(guess) if guess is not None else '-'}")
        elif isinstance(task, Exercise | Choice):
            verdict = VERDICTS.get(identity)
            status = "not attempted" if verdict is None else verdict.status
            star = " ★" if task.star else ""
            lines.append(
                f"{identity:6} {'✓' if status == 'right' else '·'} {task.title}{star}: {status}"
            )
    return Card("\n".join(lines))
