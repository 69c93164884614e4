"""Ctrl-C: a method that is run by itself ends its iteration and keeps what it has.

On the command line `kill`, a terminal that is closed and what else ends a program do the same.
Inside a larger job (a comparison, a test of a sampler) a part of a run would be taken for the whole
of it; there Ctrl-C ends the job, which keeps what it has finished.

That is a rule of this package's own, in a few lines over `signal`; no library has it.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import FrameType
from typing import Any

_jobs: list[None] = []  # an entry for each larger job that is under way


@contextlib.contextmanager
def run_as_one_job() -> Iterator[None]:
    """A context, or a decorator, in which no run of a method ends early: Ctrl-C interrupts."""
    _jobs.append(None)
    try:
        yield
    finally:
        _jobs.pop()


# What else ends a program in peace, where the system has it: `kill`, a closed terminal, a limit of
# processor time, the signals and clocks by which a batch system says that time is up, a power cut.
OTHERS = [
    signal.Signals[name]
    for name in ("SIGTERM", "SIGHUP", "SIGXCPU", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM",
                 "SIGPROF", "SIGIO", "SIGPWR")
    if name in signal.Signals.__members__
]  # fmt: skip

Handler = Callable[[int, FrameType | None], Any]

_heard: list[int] = []  # the signals that a program was ended by


@contextlib.contextmanager
def end_by_signals() -> Iterator[list[int]]:
    """A context, of a whole program, in which the OTHERS do what Ctrl-C does.

    What it gives is the list of those that came. One that is ignored (nohup) stays so.
    """
    _heard.clear()
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for number in map(int, OTHERS):
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, _end)
    try:
        yield _heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> None:
    _heard.append(number)
    raise KeyboardInterrupt


def _rules() -> dict[int, Handler]:
    """What each signal does now that means Ctrl-C: in the main thread, which alone hears of it.

    It may be ignored, as in a job of a shell's background, or deadly; then it is not in here.
    """
    if threading.current_thread() is not threading.main_thread():
        return {}
    rules: dict[int, Handler] = {}
    ctrl_c = signal.getsignal(signal.SIGINT)
    if callable(ctrl_c):
        rules[signal.SIGINT] = ctrl_c
    for other in OTHERS:
        if signal.getsignal(other) is _end:
            rules[other] = _end
    return rules


@contextlib.contextmanager
def _ruled_by(press: Handler, rules: Mapping[int, Handler]) -> Iterator[None]:
    """A context in which the signals of these rules call `press`."""
    for number in rules:
        signal.signal(number, press)
    try:
        yield
    finally:
        _put_back(rules)


def _put_back(rules: Mapping[int, Handler]) -> None:
    for number, rule in rules.items():
        signal.signal(number, rule)


@contextlib.contextmanager
def hold_ctrl_c() -> Iterator[None]:
    """A context that Ctrl-C reaches at its end: what it does is done wholly or not begun."""
    waiting: list[tuple[int, FrameType | None]] = []
    rules = _rules()
    with _ruled_by(lambda number, frame: waiting.append((number, frame)), rules):
        yield
    for number, frame in waiting:
        rules[number](number, frame)


@contextlib.contextmanager
def stop_once() -> Iterator[None]:
    """A context that the first Ctrl-C interrupts, and no other: it ends what it began in peace."""
    rules = _rules()

    def press(number: int, frame: FrameType | None) -> None:
        for each in rules:
            signal.signal(each, lambda *_: None)
        rules[number](number, frame)

    with _ruled_by(press, rules):
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
        self._before: dict[int, Handler] = {}

    def until_pressed(self, items: Iterable[Any]) -> Iterator[Any]:
        """The items, until Ctrl-C was pressed during one of them."""
        for item in items:
            yield item
            self.done += 1
            if self.pressed:
                return

    def _press(self, number: int, frame: FrameType | None) -> None:
        self.pressed = True
        if number != signal.SIGINT:
            _heard.append(number)
        _put_back(self._before)

    def __enter__(self) -> CtrlC:
        self._before = {} if _jobs else _rules()
        for number in self._before:
            signal.signal(number, self._press)
        return self

    def __exit__(self, *exception: Any) -> None:
        _put_back(self._before)
