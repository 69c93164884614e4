"""Many jobs on all cores, in processes that joblib keeps (loky); or one after the other, here.

A job is a function that another process can import, with plain arguments: both are pickled. Its
answer comes back the same way, as soon as it is there. Here as there BLAS has one thread meanwhile:
the last digits of a long sum depend on how many add it up, and must not on where it is done.

What joblib leaves to its user stands here: the jobs that a killed worker takes with it are done
again, Ctrl-C reaches this process alone, and no worker outlives it.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from typing import Any

from vi_lab.runtime.held import HELD, hold_alike
from vi_lab.runtime.interrupts import stop_once
from vi_lab.runtime.progress import be_silent

# Until a worker has imported what a comparison needs: measured, on two cores that had nothing else
# to do, 1.3 s, and 2.4 s with matplotlib.
START_SECONDS = 2.0
POOLS = 2  # the second where a worker of the first was killed
WATCH_SECONDS = 1.0  # between two looks of a worker at whether its parent lives
FEEDER = "QueueFeederThread"  # joblib's name of a thread that hands jobs to workers
FEEDER_SECONDS = 5.0  # that its end is waited for, which takes a thousandth of one

# Bytes that a worker keeps once they are free, of which its next arrays are made (glibc reads them
# as a process starts; others pay no heed). By default it hands them back at once and is given them
# anew, page by page: half the time that a comparison spent in the kernel, and 3 % of its own.
MEMORY_KEPT = {"MALLOC_TRIM_THRESHOLD_": 2**27, "MALLOC_MMAP_THRESHOLD_": 2**25}

# So many new objects are made in a worker between two looks for circles of them that nobody uses;
# Python's own 700 cost a comparison with its pictures 5 % of its time, these half of that, and no
# more memory.
NEW_OBJECTS = 10_000

_worker = False  # whether this process is one
_waiting = 0  # workers that the last jobs have left, with all that these have imported


def processes(jobs: int | None, seconds: Sequence[float]) -> int:
    """How many processes to use.

    Parameters
    ----------
    jobs : int, optional
        As many as the user asked for. By default the cores there are, if starting workers takes
        less time than they save.
    seconds : sequence of float
        About how long each job takes.
    """
    if _worker:  # its own jobs are not shared out again
        return 1
    if jobs is not None:
        return max(1, min(jobs, len(seconds)))
    if sum(seconds) <= START_SECONDS:  # joblib need not be imported
        return 1
    from joblib import cpu_count

    workers = max(1, min(cpu_count(), len(seconds)))
    shared = max(max(seconds), sum(seconds) / workers)
    return workers if shared + START_SECONDS < sum(seconds) else 1


def count_waiting() -> int:
    """Workers that wait for more jobs, and need no time to start."""
    return _waiting


def run_jobs(
    function: Callable[..., Any],
    jobs: Sequence[tuple[Any, ...]],
    workers: int,
    done: Callable[[int, Any], None],
) -> None:
    """Call done(i, function(*jobs[i])) for each job, in the order in which they end.

    Parameters
    ----------
    function : callable
        Where it fails in a worker, or cannot be sent to one, it is called here, where its error can
        be seen.
    jobs : sequence of tuple
        Arguments of `function`. The first are begun first.
    workers : int
        Processes; with 1 everything is done in this one.
    done : callable (int, answer)
        Called in this process.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C; the workers have ended then. `done` has had what was finished.
    """
    missing = dict(enumerate(jobs))
    if workers > 1 and _has_processes():
        for _ in range(POOLS):
            if not missing or not _lost_some(function, missing, workers, done):
                break
    for number in list(missing):
        done(number, _do_here(function, missing.pop(number)))


def _do_here(function: Callable[..., Any], job: tuple[Any, ...]) -> Any:
    """A job in this process."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):
        return function(*job)


def _has_processes() -> bool:
    """Not in a browser, nor where the system has no semaphores: joblib says so."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that it will work serially
        from joblib.parallel import BACKENDS
    return "loky" in BACKENDS


def _lost_some(
    function: Callable[..., Any],
    missing: dict[int, tuple[Any, ...]],
    workers: int,
    done: Callable[[int, Any], None],
) -> bool:
    """Have workers do what is missing, and take it off; whether one of them was killed.

    joblib drops the jobs left then; of those that had ended some may be missing too.
    """
    from joblib import Parallel, delayed, parallel_config

    global _waiting
    _waiting = 0  # should it be ended
    _wait_for_feeders_at_the_end(os.getpid())
    settings: dict[str, Any] = dict(
        n_jobs=workers,
        inner_max_num_threads=1,
        max_nbytes=None,  # arrays are sent, not put into files that are shared
        initializer=_begin,
        initargs=(os.getpid(),),
    )
    tasks = [delayed(_attempt)(_find_place(), function, *job) for job in missing.items()]
    answers: Any = None
    with stop_once(), _no_word_of_jobs_given_up(), parallel_config("loky", **settings):
        try:
            with _deaf_children(), _children_keep_memory():
                answers = Parallel(return_as="generator_unordered", batch_size=1)(tasks)
            while missing:
                try:
                    number, whole, answer = next(answers)
                except (BrokenExecutor, StopIteration):
                    return True
                except Exception:  # a job, or an answer, that cannot be pickled
                    return False
                if not whole:
                    answer = _do_here(function, missing[number])
                del missing[number]
                done(number, answer)
            _waiting = workers
            return False
        finally:
            if answers is not None:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", UserWarning)  # that jobs are given up
                    answers.close()


@functools.cache
def _wait_for_feeders_at_the_end(pid: int) -> None:
    """Let joblib's threads come to their end before this process does.

    One that feeds workers may be the last to hold a semaphore: it takes the name off, and then says
    so to the process that keeps the list. It is a daemon, which Python stops wherever it is; were
    that between the two, the keeper would say on stderr that a semaphore is missing. At priority
    -10 all queues have told theirs to end, so this waits for none that goes on.
    """
    from multiprocessing.util import Finalize

    Finalize(None, _wait_for_feeders, exitpriority=-10)


def _wait_for_feeders() -> None:
    for thread in threading.enumerate():
        if thread.name == FEEDER:
            thread.join(FEEDER_SECONDS)


@contextlib.contextmanager
def _no_word_of_jobs_given_up() -> Iterator[None]:
    """joblib's own thread may look for a job that Ctrl-C has just given up: a KeyError that nobody
    waits for, and that Python would print."""
    before = threading.excepthook

    def tell(told: Any) -> None:
        manager = told.thread is not None and told.thread.name.startswith("ExecutorManager")
        if not (manager and told.exc_type is KeyError):
            before(told)

    threading.excepthook = tell
    try:
        yield
    finally:
        threading.excepthook = before


def _find_place() -> tuple[str | None, dict[Any, Any]]:
    """Where this process is, None if somebody has removed that folder; the folders it holds."""
    try:
        return os.getcwd(), dict(HELD)
    except FileNotFoundError:
        return None, dict(HELD)


def _attempt(
    where: tuple[str | None, Any], function: Callable[..., Any], number: int, job: tuple[Any, ...]
) -> Any:
    """In a worker: the number of the job, whether it came to its end, and its answer.

    A worker that was started for earlier jobs goes `where` its parent is now, for a job may hold a
    relative path, and writes into the folders that its parent holds.
    """
    folder, held = where
    try:
        hold_alike(held)
        if folder is not None:
            os.chdir(folder)
        return number, True, function(*job)
    except Exception:
        return number, False, None


def _begin(parent: int) -> None:
    """The first thing a worker does."""
    global _worker
    _worker = True
    gc.set_threshold(NEW_OBJECTS)
    be_silent()
    sys.stdout = sys.stderr  # results are printed by its parent alone
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of its parent it hears when to stop
    threading.Thread(target=_die_with, args=(parent,), daemon=True).start()


def _die_with(parent: int) -> None:
    """End this process when its parent has ended, however that came."""
    if sys.platform == "win32":
        import multiprocessing

        process = multiprocessing.parent_process()
        if process is not None:
            process.join()
    else:
        while os.getppid() == parent:
            time.sleep(WATCH_SECONDS)
    os._exit(1)


@contextlib.contextmanager
def _deaf_children() -> Iterator[None]:
    """Processes started in here never hear of Ctrl-C, which a terminal sends to them too.

    Until `_begin` has said so, that is: they inherit that it is held back. On Windows, which has no
    such thing, Ctrl-C while they start makes them say so on stderr as they end.
    """
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker

    from joblib.externals.loky.backend import resource_tracker as of_loky

    for tracker in (resource_tracker, of_loky):  # which, as it starts, lets it through again
        tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _children_keep_memory() -> Iterator[None]:
    """Processes started in here keep memory, unless the user has said how much."""
    added = {name: str(size) for name, size in MEMORY_KEPT.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]
