"""Jobs shared by two processes, where the platform makes that easy; one after the other elsewhere.

The second process is a forked copy of this one: it sees all that is in memory without having it
sent. Jobs wait in a pipe, from which either process takes the next when it is free; what the copy
finds comes back as JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

MOST = 4096  # jobs that fit into a pipe without anybody reading
STOPPED = 3  # exit code of a copy that was told to stop
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


class Stopped(Exception):
    """Raised by a job that was interrupted, with what it has: no further job is begun."""

    def __init__(self, found: Any = None) -> None:
        super().__init__("interrupted")
        self.found = found


def shared(count: int, run: Callable[[int], Any]) -> tuple[dict[int, Any], bool]:
    """run(0), ..., run(count - 1), each once, on two cores.

    Parameters
    ----------
    count : int
        At most 4,096.
    run : callable (int) -> anything JSON can hold
        A job; raises Stopped where it was interrupted.

    Returns
    -------
    found : dict of int to what the job returned
        Should the copy fail at a job, it is run again here, where its error can be seen.
    stopped : bool
        Whether a job was interrupted; the jobs after it are missing then. A second Ctrl-C, while
        the copy ends its job, is raised.
    """
    found: dict[int, Any] = {}
    if sys.platform != "linux" or (os.cpu_count() or 1) < 2 or not 1 < count <= MOST:
        return found, _worked(iter(range(count)), run, found)
    queue = _filled(count)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as answers:
        child = _forked(queue, run, answers)
        status, stopped = 1, True
        try:
            stopped = _worked(_taken(queue), run, found)
            if not stopped:
                status = _waited(child)
        except KeyboardInterrupt:  # while the copy is at its last job
            stopped = True
        finally:
            if stopped:  # by Ctrl-C or an error: nobody takes another job
                list(_taken(queue))
                status = _ended(child)
            os.close(queue)
        answers.seek(0)
        for line in answers:
            if line.endswith("\n"):  # the disk may have been full
                job, answer = json.loads(line)
                found[job] = answer
    stopped = stopped or status == STOPPED
    missing = [] if stopped else [job for job in range(count) if job not in found]
    stopped = _worked(iter(missing), run, found) or stopped
    return dict(sorted(found.items())), stopped


def _worked(jobs: Iterator[int], run: Callable[[int], Any], found: dict[int, Any]) -> bool:
    """Run jobs, putting what each found into `found`; whether one was interrupted."""
    try:
        for job in jobs:
            found[job] = run(job)
    except Stopped as stop:
        if stop.found is not None:
            found[job] = stop.found
        return True
    except KeyboardInterrupt:  # between two jobs
        return True
    return False


def _forked(queue: int, run: Callable[[int], Any], answers: Any) -> int:
    """Start the copy; its process id. No signal reaches it before it knows what to do with one."""
    import ctypes  # no module has prctl

    libc, parent = ctypes.CDLL(None), os.getpid()
    signals = {signal.SIGINT, signal.SIGUSR1}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        with warnings.catch_warnings():
            # Python warns of forking beside threads; the only others are BLAS's, which survive it
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            libc.prctl(DIE_WITH_PARENT, signal.SIGKILL)
            if os.getppid() != parent:  # it has died since
                os._exit(1)
            _copy(queue, run, answers, before)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return child


def _copy(queue: int, run: Callable[[int], Any], answers: Any, mask: Iterable[int]) -> None:
    """The life of the copy: it takes jobs, writes down what it found and ends.

    Ctrl-C in a terminal reaches it too, but it stops when the parent says so, and is interrupted
    once: what it found is written whatever comes after.
    """
    code, found, interruptible = 1, dict[int, Any](), [True]

    def interrupt(*_: Any) -> None:
        if interruptible:
            interruptible.clear()
            raise KeyboardInterrupt

    try:
        try:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGUSR1, interrupt)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            code = STOPPED if _worked(_taken(queue), run, found) else 0
            interruptible.clear()
        except KeyboardInterrupt:
            code = STOPPED
        finally:
            if code:
                list(_taken(queue))
            answers.writelines(json.dumps(item) + "\n" for item in found.items())
            answers.flush()
    finally:
        os._exit(code)  # no handlers, no flushing: those are the parent's


def _waited(child: int) -> int:
    """Wait for the copy to end by itself; its exit code."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _ended(child: int) -> int:
    """Tell the copy to stop and wait; its exit code. A second Ctrl-C kills it."""
    try:
        os.kill(child, signal.SIGUSR1)
        return _waited(child)
    except (ProcessLookupError, ChildProcessError):  # it had ended when Ctrl-C was pressed
        return STOPPED
    except KeyboardInterrupt:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        raise


def _filled(count: int) -> int:
    """The reading end of a pipe that holds the numbers of the jobs, two bytes each."""
    queue, fill = os.pipe()
    os.write(fill, b"".join(job.to_bytes(2, "big") for job in range(count)))
    os.close(fill)
    return queue


def _taken(queue: int) -> Iterator[int]:
    """Jobs until there are none; a read of two bytes from a pipe is all or nothing."""
    while taken := os.read(queue, 2):
        yield int.from_bytes(taken, "big")
