"""Ctrl-C: a method that is run by itself ends its iteration and keeps what it has.

Inside a larger job (a comparison, a test of a sampler) a part of a run would be taken for the whole
of it; there Ctrl-C ends the job, which keeps what it has finished.

That is a rule of this package's own, in a few lines over `signal`; no library has it.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Any

_jobs: list[None] = []  # an entry for each larger job that is under way


@contextlib.contextmanager
def larger_job() -> Iterator[None]:
    """A context, or a decorator, in which no run of a method ends early: Ctrl-C interrupts."""
    _jobs.append(None)
    try:
        yield
    finally:
        _jobs.pop()


def _rule() -> Any:
    """What Ctrl-C does now; None where it is ignored, as in a job of a shell's background, or
    deadly, and outside the main thread, which alone hears of it."""
    rule = signal.getsignal(signal.SIGINT)
    main = threading.current_thread() is threading.main_thread()
    return rule if callable(rule) and main else None


@contextlib.contextmanager
def _ruled_by(press: Callable[[int, FrameType | None], Any]) -> Iterator[None]:
    """A context in which Ctrl-C calls `press`, if it did anything before."""
    before = _rule()
    if before is not None:
        signal.signal(signal.SIGINT, press)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def held() -> Iterator[None]:
    """A context that Ctrl-C reaches at its end: what it does is done wholly or not begun."""
    waiting: list[tuple[int, FrameType | None]] = []
    before = _rule()
    with _ruled_by(lambda number, frame: waiting.append((number, frame))):
        yield
    for number, frame in waiting:
        before(number, frame)


@contextlib.contextmanager
def stopped_once() -> Iterator[None]:
    """A context that the first Ctrl-C interrupts, and no other: it ends what it began in peace."""
    before = _rule()

    def press(number: int, frame: FrameType | None) -> None:
        signal.signal(number, lambda *_: None)
        before(number, frame)

    with _ruled_by(press):
        yield


class CtrlC:
    """A context in which the first Ctrl-C sets `pressed` and the second one interrupts.

    So no iteration is cut in two. Signals reach the main thread alone; elsewhere, in a larger job,
    and where Ctrl-C is ignored or handled by somebody else's rules, this does nothing.

    Attributes
    ----------
    pressed : bool
    done : int
        Iterations that `until_pressed` has seen to their end.
    """

    def __init__(self) -> None:
        self.pressed, self.done = False, 0
        self._before: Any = None

    def until_pressed(self, items: Iterable[Any]) -> Iterator[Any]:
        """The items, until Ctrl-C was pressed during one of them."""
        for item in items:
            yield item
            self.done += 1
            if self.pressed:
                return

    def _press(self, number: int, frame: FrameType | None) -> None:
        self.pressed = True
        signal.signal(signal.SIGINT, self._before)

    def __enter__(self) -> CtrlC:
        self._before = None if _jobs else _rule()
        if self._before is not None:
            signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(self, *exception: Any) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
