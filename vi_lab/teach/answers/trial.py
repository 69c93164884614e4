"""An answer on its inputs, beside what the bank's own functions return there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from vi_lab.teach.answers.calling import Outcome, call, value_of
from vi_lab.teach.answers.reading import Arrays, all_close, parts_of
from vi_lab.teach.answers.wording import Inputs
from vi_lab.teach.exercise import Exercise

UNDEFINED = (ArithmeticError, IndexError, TypeError, ValueError)


class Key:
    """The inputs of an exercise, what is right on each, and what each mistake gives there.

    Attributes
    ----------
    exercise : Exercise
    inputs : list of tuple
    results : list
        What `right` returns on each input, as it returns it.
    wants : list of tuple of arrays
        The same, in parts.
    """

    def __init__(self, exercise: Exercise, seed: int) -> None:
        generator = np.random.default_rng([seed, *map(ord, exercise.id)])
        self.exercise = exercise
        self.inputs: Inputs = [exercise.inputs(generator, i) for i in range(exercise.samples)]
        self.results = [value_of(exercise.right, arguments) for arguments in self.inputs]
        self.wants = [parts_of(result) for result in self.results]
        self.slipped: dict[Any, Arrays | None] = {}  # what each slip gives on the first input
        self._given: dict[tuple[str, int], Arrays | None] = {}

    def mistake(self, sentence: str, i: int) -> Arrays | None:
        """What a mistake gives on an input, computed once; None where it is not defined."""
        if (sentence, i) not in self._given:
            wrong = self.exercise.mistakes[sentence]
            try:
                given = parts_of(value_of(wrong, self.inputs[i]))
            except UNDEFINED:
                given = None
            self._given[sentence, i] = given
        return self._given[sentence, i]

    def mistaken(self, sentence: str) -> Iterator[Arrays | None]:
        """What a mistake gives on one input after another."""
        return (self.mistake(sentence, i) for i in range(len(self.inputs)))


@lru_cache(maxsize=8)
def key_of(exercise: Exercise, seed: int) -> Key:
    """The key of an exercise: who checks again is not kept waiting again."""
    return Key(exercise, seed)


@dataclass(frozen=True)
class Trial:
    """An answer, and what came of it on every input it was called on.

    Attributes
    ----------
    key : Key
    answer : callable
    outcomes : list of Outcome
    """

    key: Key
    answer: Callable[..., Any]
    outcomes: list[Outcome]

    @cached_property
    def gots(self) -> list[Arrays]:
        """What came back, in parts; nothing where it could not be read."""
        return [outcome.reading.parts or () for outcome in self.outcomes]

    @cached_property
    def good(self) -> list[bool]:
        """Whether it is right, for each input."""
        return [self.is_close(i, want) for i, want in enumerate(self.key.wants)]

    def is_close(self, i: int, value: Arrays) -> bool:
        """Whether what came back on an input is this."""
        reading = self.outcomes[i].reading
        rtol = self.key.exercise.rtol
        return reading.parts is not None and all_close(reading.parts, value, rtol, reading.narrow)

    def names(self, among: Sequence[int]) -> list[str]:
        """The sentences of the mistakes that give what the answer gives on these inputs.

        Where the answer raises, anything agrees: a mistake may be defined on some shapes only.
        """
        return [
            sentence
            for sentence in self.key.exercise.mistakes
            if all(
                self.outcomes[i].error is not None
                or (
                    (given := self.key.mistake(sentence, i)) is not None and self.is_close(i, given)
                )
                for i in among
            )
        ]


def attempt(key: Key, answer: Callable[..., Any]) -> Trial:
    """Call an answer on every input; the rest are left where one did not end or is not written."""
    outcomes: list[Outcome] = []
    for arguments, result in zip(key.inputs, key.results, strict=True):
        outcomes.append(call(answer, arguments, result))
        if isinstance(outcomes[-1].error, KeyboardInterrupt | NotImplementedError):
            break
    return Trial(key, answer, outcomes)
