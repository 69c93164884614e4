"""What a command says on stderr, beside its result."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Iterator
from typing import Any


def say(text: str) -> None:
    """One line, with the name of the program before it."""
    print(f"vi-lab: {text}", file=sys.stderr)


@contextlib.contextmanager
def results_alone() -> Iterator[None]:
    """What a model of a user's own prints meanwhile goes to stderr: stdout has results alone."""
    with contextlib.redirect_stdout(sys.stderr):
        yield


@contextlib.contextmanager
def plain_warnings() -> Iterator[None]:
    """Warnings as one line on stderr, without the place in the code."""

    def show(message: Any, *rest: Any, **more: Any) -> None:
        print(f"vi-lab: warning: {message}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show
        yield
