"""The judgement of an answer: right, a named mistake, or wrong and by how much."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.teach.bank import find, unknown
from vi_lab.teach.exercise import Exercise, Verdict
from vi_lab.teach.memory import keep


def check(identity: str, answer: Any = ..., seed: int = 0) -> Verdict:
    """Judge an answer: the function itself, not its value.

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
    if not isinstance(exercise, Exercise):
        return Verdict("wrong", unknown(identity), str(identity))
    if answer is ... or answer is None:
        return keep(Verdict("not attempted", "Not attempted yet.", identity))
    if exercise.judge is not None:
        return keep(Verdict(*exercise.judge(answer), identity), answer)
    generator = np.random.default_rng([seed, *map(ord, identity)])
    inputs = [exercise.inputs(generator, i) for i in range(exercise.samples)]
    results = [answer(*arguments) for arguments in inputs]
    if same_everywhere(exercise, exercise.right, inputs, results):
        return keep(Verdict("right", "Right.", identity), answer)
    names = [
        sentence
        for sentence, wrong in exercise.mistakes.items()
        if same_everywhere(exercise, wrong, inputs, results)
    ]
    if len(names) == 1:
        return keep(Verdict("named", names[0], identity))
    return keep(Verdict("wrong", "Not the right numbers.", identity))


def same_everywhere(exercise: Exercise, function: Any, inputs: Any, results: Any) -> bool:
    """Whether a function of the bank gives the learner's results on every input."""
    for arguments, got in zip(inputs, results, strict=True):
        with np.errstate(all="ignore"):
            want = np.concatenate([np.ravel(part) for part in parts_of(function(*arguments))])
        got = np.concatenate([np.ravel(part) for part in parts_of(got)]).astype(float)
        scale = np.nanmax(np.abs(want[np.isfinite(want)]), initial=0.0)
        room = exercise.rtol * np.maximum(np.abs(want), 0.001 * scale) + 1e-12
        if got.shape != want.shape or not np.all(
            (got == want) | (np.abs(got - want) <= room) | (np.isnan(got) & np.isnan(want))
        ):
            return False
    return True


def parts_of(result: Any) -> tuple[Any, ...]:
    """The parts of a result."""
    return result if isinstance(result, tuple) else (result,)
