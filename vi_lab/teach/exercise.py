"""What a lesson asks: an exercise to write, a choice to make, a prediction to commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from numpy.random import Generator

Judgement = tuple[str, str]  # the status of a Verdict, and its message


@dataclass(frozen=True, eq=False)  # two are the same only if they are one
class Exercise:
    """A function to write. `check` compares it with `right` and with each of `mistakes`.

    Attributes
    ----------
    id, title, minutes, star
        "03.2", what it is about, how long it takes, and whether it lies beyond the core path.
    inputs : callable (generator, i) -> tuple
        The i-th random arguments: ties, one datum and an extreme are among the first ones.
    right : callable
        The right function. Its source is the solution that is shown.
    mistakes : mapping of str to callable
        The sentence that names a mistake, and the wrong function it names.
    samples : int
        How many inputs: 6, or 48 where the function branches.
    rtol : float
        A result is right within rtol · max(|want|, 0.001 · largest |want|) + 1e-12.
    hints : (str, str, str)
        Where to look; the formula; the first line.
    judge : callable (answer) -> (status, message) or None, optional
        Judges an answer that is no function of numbers: a model, a climb, a test. Where it
        returns None, the answer is judged by its numbers as ever.
    parts : tuple of str
        The names of the parts of a result of several ("mean", "sd"), for the messages.
    relations : bool
        Whether a wrong answer may be described by how it relates to the right one. False where
        the answers are booleans, counts or mostly zero, and such a sentence would be chance.
    beyond : (arguments, sentence), optional
        Arguments larger than any input, and what is said besides of a right answer that fails
        on them. It is right all the same.
    """

    id: str
    title: str
    minutes: int
    star: bool
    inputs: Callable[[Generator, int], tuple[Any, ...]]
    right: Callable[..., Any]
    mistakes: Mapping[str, Callable[..., Any]]
    samples: int = 6
    rtol: float = 1e-7
    hints: tuple[str, str, str] = ("", "", "")
    judge: Callable[[Any], tuple[str, str] | None] | None = None
    parts: tuple[str, ...] = ()
    relations: bool = True
    beyond: tuple[tuple[Any, ...], str] | None = None


@dataclass(frozen=True)
class Choice:
    """A question with choices, of one item or several. Each wrong choice has its own sentence.

    Attributes
    ----------
    id, title, minutes, star
        As of an Exercise.
    question : str
    answers : tuple of str
        The right choice of each item.
    wrong : tuple of mappings
        For each item: each wrong choice, and the sentence that says what is wrong with it.
    why : str
        What is said when every choice is right.
    items : tuple of str
        What each item is, where there are several.
    hints : tuple of str
    """

    id: str
    title: str
    minutes: int
    star: bool
    question: str
    answers: tuple[str, ...]
    wrong: tuple[Mapping[str, str], ...]
    why: str
    items: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def choices(self) -> tuple[tuple[str, ...], ...]:
        """The choices of each item in alphabetical order, which does not tell the answer."""
        both = zip(self.answers, self.wrong, strict=True)
        return tuple(tuple(sorted({answer, *wrong})) for answer, wrong in both)


@dataclass(frozen=True)
class Prediction:
    """A guess to commit before the next cell shows the truth.

    Attributes
    ----------
    id : str
        "01.a".
    question : str
    choices : tuple of str
        What may be predicted; empty for a number.
    within : float
        A predicted number counts as near when it is within this factor of the truth.
    """

    id: str
    question: str
    choices: tuple[str, ...] = ()
    within: float = 1.25


@dataclass(frozen=True)
class Verdict:
    """What `check` found, shown as its message.

    Attributes
    ----------
    status : str
        "right", "named", "related", "partial", "wrong", "shape", "not finite", "wrote", "raised"
        or "not attempted".
    message : str
        One or two sentences; for "named" the sentence of the mistake.
    exercise : str
    """

    status: str
    message: str
    exercise: str = field(default="")

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.status == "right"

    def __str__(self) -> str:
        return f"{self.exercise} {'✓' if self.passed else '·'} {self.message}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        colour = "#009E73" if self.passed else "#D55E00"
        mark = "✓" if self.passed else "·"
        style = f"border-left: 4px solid {colour}; padding: 0.3em 0.8em; white-space: pre-wrap"
        text = f"<b>{escape(self.exercise)} {mark}</b> {escape(self.message)}"
        return f'<div style="{style}">{text}</div>'
