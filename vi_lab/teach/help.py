"""Hints in three steps, and the solution: the source of the right function."""

from __future__ import annotations

import inspect
import textwrap

from vi_lab.teach.bank import find, unknown
from vi_lab.teach.exercise import Choice, Exercise, Verdict

GIVEN: dict[str, int] = {}  # how many hints of each exercise were shown


def hint(identity: str, step: int | None = None) -> Verdict:
    """The next hint of three: where to look, the formula, the first line.

    Parameters
    ----------
    identity : str
        "03.2".
    step : int, optional
        1, 2 or 3; without it the one after the last that was shown.
    """
    task = find(identity)
    if not isinstance(task, Exercise | Choice):
        return Verdict("not attempted", unknown(identity), str(identity))
    hints = [text for text in task.hints if text]
    if not hints:
        return Verdict("not attempted", "There is no hint; the wrong choices explain.", identity)
    number = GIVEN.get(identity, 0) + 1 if step is None else step
    number = min(max(number, 1), len(hints))
    GIVEN[identity] = number
    more = "" if number < len(hints) else " (That was the last hint.)"
    text = f"Hint {number} of {len(hints)}: {hints[number - 1]}{more}"
    return Verdict("not attempted", text, identity)


def solution(identity: str) -> Verdict:
    """The source of the right function, or the right choices."""
    task = find(identity)
    if isinstance(task, Exercise):
        return Verdict("not attempted", "\n" + source_of(task), identity)
    if isinstance(task, Choice):
        right = "; ".join(task.answers)
        return Verdict("not attempted", f"{right}. {task.why}", identity)
    return Verdict("not attempted", unknown(identity), str(identity))


def source_of(exercise: Exercise) -> str:
    """The source text of the right function."""
    return textwrap.dedent(inspect.getsource(exercise.right)).strip()
