"""What a call may do: give finite numbers, or raise a ViLabError with a message. Nothing else."""

import time
import warnings
from contextlib import contextmanager

import numpy as np

from vi_lab import ViLabError
from vi_lab.errors import ResultFileError

SLOW = 60  # seconds of this process; the slowest calls take two or three
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
    """AssertionError where it took more than SLOW seconds. What never ends is pytest's to stop."""
    begun = time.process_time()
    yield
    took = time.process_time() - begun
    assert took < SLOW, f"it took {took:.0f} seconds"
