"""What a command says on stderr, beside its result."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from vi_lab.errors import printable


def say(text: str, before: str = "vi-lab: ") -> None:
    """One line, with the name of the program before it; nobody may be there to read it."""
    with contextlib.suppress(OSError, ValueError):
        print(f"{before}{printable(text)}", file=sys.stderr, flush=True)


def open_closed_streams() -> None:
    """Where a stream was closed (`>&-`, a service), what is written to it goes nowhere.

    No file that is opened later may get the number of such a stream, and with it what is printed.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # the lowest number that is free; workers have it too
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w", encoding="utf-8", closefd=False))


def silence(stream: Any) -> None:
    """Nothing is written to this stream any more, not even what waits in it."""
    with contextlib.suppress(OSError, ValueError):  # a notebook's has no number
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class _ReadInPart:
    """stdout whose reader may leave, as `| head` does: what comes after is for nobody."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with self._ending():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with self._ending():
            self._stream.flush()

    @contextlib.contextmanager
    def _ending(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            silence(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def read_in_part() -> Iterator[None]:
    """A reader that leaves ends no command, whose exit code is that of all its work."""
    with contextlib.redirect_stdout(_ReadInPart(sys.stdout)):
        yield


@contextlib.contextmanager
def results_alone() -> Iterator[None]:
    """What a model of a user's own prints meanwhile goes to stderr: stdout has results alone."""
    with contextlib.redirect_stdout(sys.stderr):
        yield


@contextlib.contextmanager
def plain_warnings() -> Iterator[None]:
    """Warnings as one line on stderr, without the place in the code."""

    def show(message: Any, *rest: Any, **more: Any) -> None:
        say(f"warning: {message}")

    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show
        yield
