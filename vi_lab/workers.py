"""Two jobs on two cores, where the platform makes that easy; one after the other elsewhere."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable


def side_by_side(first: Callable[[], object], second: Callable[[], object]) -> None:
    """Run both jobs, which leave files behind and return nothing.

    On Linux with two cores the second runs in a forked copy of this process, which sees all that is
    in memory without having it sent. Should the copy fail, the job is run again here, where its
    error can be seen.
    """
    if sys.platform != "linux" or (os.cpu_count() or 1) < 2:
        first()
        second()
        return
    with warnings.catch_warnings():
        # Python warns of forking beside threads; the only others are BLAS's, which survive it
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        failed = True
        try:
            second()
            failed = False
        finally:
            os._exit(int(failed))  # no handlers, no flushing: those are the parent's
    try:
        first()
    finally:
        _, status = os.waitpid(child, 0)
    if status:
        second()
