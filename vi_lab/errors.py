"""Every error vi_lab raises on purpose: one tree, each also the built-in a caller would expect.

ViLabError
    InputError (ValueError)
        NotApplicable
            NoMode (and NumericalError)
    InputTypeError (TypeError)
    NumericalError (FloatingPointError)
        LostDigits
    ResultFileError (OSError)
    ClusterError (ConnectionError)
    ConvergenceWarning (UserWarning)
"""

from __future__ import annotations

import unicodedata
from typing import Any


def printable(value: Any) -> str:
    """A text as a terminal may have it: what would move its cursor or turn its letters round is
    written out, "\\x1b" for the escape character; lines are broken as they are."""
    return "".join(
        letter.encode("unicode_escape").decode()
        if letter not in "\n\t" and is_command(letter)
        else letter
        for letter in str(value)
    )


def is_command(letter: str) -> bool:
    """Whether a letter tells a terminal what to do, or is half of one, and has no shape itself; but
    those that join letters, or keep them apart, belong to words."""
    return unicodedata.category(letter) in ("Cc", "Cf", "Cs") and letter not in "\u200c\u200d"


def error_text(error: BaseException) -> str:
    """What an error says, on one line and short enough for a message."""
    try:
        text = " ".join(str(error).split())
    except Exception as failed:  # an error of somebody's own that cannot be shown
        text = f"<{type(failed).__name__}>"
    return text if len(text) <= 150 else f"{text[:147]}..."


class ViLabError(Exception):
    """Base of everything vi_lab raises on purpose.

    Attributes
    ----------
    draws : Draws or None
        What a sampler had drawn before it broke down, where that was at least one draw a chain.
    """

    draws: Any = None

    def __str__(self) -> str:
        return printable(super().__str__())


class InputError(ViLabError, ValueError):
    """An argument has the right type and a value that cannot be used."""


class NotApplicable(InputError):
    """The method cannot answer for this model; the message says why in a sentence."""


class InputTypeError(ViLabError, TypeError):
    """An argument has the wrong type, or a name no parameter has."""


class NumericalError(ViLabError, FloatingPointError):
    """A computation left the numbers it is defined on (a precision that is not positive, ...)."""


class LostDigits(NumericalError):
    """Rounding has taken all that a number was made of, as of a matrix that is nearly singular."""


class NoMode(NotApplicable, NumericalError):
    """A density has no top that a search has reached: it rises without end, or is flat there."""


class ResultFileError(ViLabError, OSError):
    """A result file is missing, truncated, corrupt or not ours."""


class ClusterError(ViLabError, ConnectionError):
    """A cluster cannot be reached, or went away in the middle."""


class ConvergenceWarning(ViLabError, UserWarning):
    """An optimisation stopped at its limit of iterations before it had converged.

    A warning, so that `warnings.filterwarnings("error", category=ConvergenceWarning)` turns it into
    an error, which is then one of vi_lab's.
    """


def refuse_if(unusable: Any, message: str, error: type[ViLabError] = InputError) -> None:
    """Raise the error with this message where the condition, of any truth value, holds."""
    if unusable:
        raise error(message)
