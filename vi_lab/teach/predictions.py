"""A prediction is committed before the truth is shown; that is what makes a surprise stay."""

from __future__ import annotations

from typing import Any

from vi_lab.teach.answers.reading import as_number
from vi_lab.teach.bank import find, unknown
from vi_lab.teach.exercise import Prediction, Verdict
from vi_lab.teach.memory import PREDICTIONS


def predict(identity: str, guess: Any = ...) -> Verdict:
    """Commit a guess. `reveal` puts the truth beside it.

    Parameters
    ----------
    identity : str
        "01.a".
    guess : str or number
        One of the choices, or a number.
    """
    prediction = find(identity)
    if not isinstance(prediction, Prediction):
        return Verdict("wrong", unknown(identity), str(identity))
    ask = prediction.question
    if prediction.choices:
        ask += f" One of: {', '.join(prediction.choices)}."
    if guess is ... or guess is None:
        return Verdict("not attempted", f"Nothing predicted yet. {ask}", identity)
    if prediction.choices and guess not in prediction.choices:
        return Verdict("wrong", f"{guess!r} is none of the choices. {ask}", identity)
    if not prediction.choices and as_number(guess) is None:
        return Verdict("wrong", f"{guess!r} is no number. {ask}", identity)
    PREDICTIONS[identity] = guess
    return Verdict("right", f"Predicted: {guess}.", identity)


def reveal(identity: str, truth: Any) -> Verdict:
    """Put the truth beside the guess.

    Parameters
    ----------
    identity : str
        "01.a".
    truth : str or number
        What a cell has just computed.
    """
    prediction = find(identity)
    if not isinstance(prediction, Prediction):
        return Verdict("wrong", unknown(identity), str(identity))
    number = as_number(truth)
    shown = f'"{truth}"' if number is None else f"{number:.4g}"
    if identity not in PREDICTIONS:
        return Verdict("not attempted", f"It is {shown}. You had predicted nothing.", identity)
    guess = PREDICTIONS[identity]
    guessed = as_number(guess)
    if number is None or guessed is None:
        met = str(guess) == str(truth)
    else:
        low, high = sorted([number / prediction.within, number * prediction.within])
        met = low <= guessed <= high
    said = f"It is {shown}, as you predicted." if met else f"It is {shown}; you predicted {guess}."
    return Verdict("right" if met else "wrong", said, identity)
