"""What a call may do: give finite numbers, or raise a ViLabError with a message. Nothing else."""

import signal
import threading
import warnings
from contextlib import contextmanager

import numpy as np

from vi_lab import ViLabError
from vi_lab.errors import ResultFileError

HANGS = 60  # seconds; the slowest calls take two or three
LONGEST = 300  # characters of a message


def number(*values):
    for value in values:
        assert isinstance(value, float), f"{value!r} is no float"
        assert np.isfinite(value), f"{value!r} is not finite"


def finite(*values):
    for value in values:
        if isinstance(value, dict) or hasattr(value, "items"):
            finite(*value.values())
        elif isinstance(value, (tuple, list)):
            finite(*value)
        else:
            array = np.asarray(value)
            assert array.dtype.kind in "biuf", f"dtype {array.dtype}"
            assert np.isfinite(array).all(), f"not finite: {array.ravel()[:5]}"


def tried(run):
    """Run it; whether it answered. Anything but an answer or a ViLabError is a failure."""
    try:
        with warnings.catch_warnings(), limited():
            warnings.simplefilter("error")
            run()
        return True
    except ViLabError as error:
        message = str(error)
        assert message, f"{type(error).__name__} says nothing"
        assert len(message) <= LONGEST or isinstance(error, ResultFileError), message
        assert "object at 0x" not in message or "<" in message
        return False


@contextmanager
def limited():
    """AssertionError after HANGS seconds, where there are alarms and this is the main thread."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        yield
        return

    def late(*_):
        raise AssertionError(f"no answer after {HANGS} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(HANGS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
