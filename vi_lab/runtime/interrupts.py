"""Ctrl-C: a method that is run by itself ends its iteration and keeps what it has.

On the command line `kill`, a terminal that is closed and what else ends a program do the same.
Inside a larger job (a comparison, a test of a sampler) a part of a run would be taken for the whole
of it; there Ctrl-C ends the job, which keeps what it has finished.

That is a rule of this package's own, in a few lines over `signal`; no library has it.
"""

from __future__ import annotations

import _thread
import contextlib
import signal
import sys
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
        with _heard_in_destructors():
            yield
    finally:
        _jobs.pop()


# What else ends a program in peace, where the system has it: `kill`, a closed terminal, a limit of
# processor time, the signals and clocks by which a batch system says that time is up, a power cut,
# the closed window of Windows, and those that have no name but a number.
OTHERS = [
    int(signal.Signals[name])
    for name in ("SIGTERM", "SIGHUP", "SIGXCPU", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM",
                 "SIGPROF", "SIGIO", "SIGPWR", "SIGSTKFLT", "SIGBREAK")
    if name in signal.Signals.__members__
]  # fmt: skip
if sys.platform == "linux":
    OTHERS += range(signal.SIGRTMIN, signal.SIGRTMAX + 1)

AGAIN_SECONDS = 0.01  # until a signal that came in a destructor is sent once more

Handler = Callable[[int, FrameType | None], Any]

_heard: list[int] = []  # the signals that a program was ended by
_over = False  # whether its work has ended, so that nothing is left to interrupt
_unheard: set[int] = set()  # signals that came in a destructor, and will be sent once more
_coming: list[threading.Timer] = []  # which send them


@contextlib.contextmanager
def end_by_signals() -> Iterator[list[int]]:
    """A context, of a whole program, in which the OTHERS do what Ctrl-C does.

    What it gives is the list of those that came. One that is ignored (nohup) stays so.
    """
    global _over
    _over = False
    _heard.clear()
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for number in OTHERS:
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, _end)
    try:
        with _heard_in_destructors():
            yield _heard
    finally:
        _over = True
        while _coming:
            _coming.pop().cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


def is_interrupt(error: BaseException | None) -> bool:
    """Whether an error is a signal's, or was raised of one: a module in C that is imported when it
    comes says that it cannot be initialised."""
    seen: set[int] = set()  # one may lead back to itself
    while error is not None and id(error) not in seen and not isinstance(error, KeyboardInterrupt):
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return isinstance(error, KeyboardInterrupt)


def _end(number: int, frame: FrameType | None) -> None:
    _heard.append(number)
    if not _over:
        raise KeyboardInterrupt(number)


@contextlib.contextmanager
def _heard_in_destructors() -> Iterator[None]:
    """A context in which a signal is obeyed also where it comes in the middle of a destructor.

    Of what is raised in there, in the callback of a weak reference or in one that C calls, Python
    says that it was ignored, and goes on (`sys.unraisablehook`). So the signal is sent once more,
    a moment later, until it comes elsewhere.
    """
    if threading.current_thread() is not threading.main_thread():  # where no signal comes
        yield
        return
    before = sys.unraisablehook

    def hear(ignored: Any) -> None:
        if not isinstance(ignored.exc_value, KeyboardInterrupt):
            before(ignored)
            return
        try:
            number, *_ = ignored.exc_value.args or (int(signal.SIGINT),)
            _unheard.add(number)
            again = threading.Timer(AGAIN_SECONDS, _send, (number,))
            again.daemon = True
            _coming.append(again)
            again.start()
        except KeyboardInterrupt:  # and here comes the next
            hear(ignored)

    sys.unraisablehook = hear
    try:
        yield
    finally:
        sys.unraisablehook = before


def _send(number: int) -> None:
    """Send a signal to the main thread; on Windows, which cannot, as if it had come."""
    if sys.platform == "win32":
        _thread.interrupt_main(signal.Signals(number))
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, number)


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
    rules, first = _rules(), True
    _unheard.clear()

    def press(number: int, frame: FrameType | None) -> None:
        nonlocal first
        if first or number in _unheard:
            first = False
            _unheard.discard(number)
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
