"""Jobs for tests of processes: what another process can import."""

import gc
import os
import signal
import threading
from pathlib import Path

import numpy as np

from vi_lab.runtime.parallel import processes


def here(number):
    return number, os.getpid()


def folder(number):
    return os.getcwd()


def tenth(number):
    return number * 0.1


def with_others(number, folder, count):
    """Ends when so many processes have begun such a job."""
    Path(folder, str(os.getpid())).touch()
    while len(list(Path(folder).iterdir())) < count:
        threading.Event().wait(0.005)
    return here(number)


def bad_one(number, bad):
    if number == bad:
        raise ValueError("no picture")
    return number


def page_faults(rounds):
    """What it costs to make and drop six arrays of 4 MiB, so many times."""
    import resource  # Windows has none

    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(rounds):
        [np.ones(2**19) for _ in range(6)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def not_to_be_sent(number):
    return threading.Lock()


def killed(number, parent, folder, times):
    """kill -9 of the process that does job 3, unless it is the parent: so many times."""
    if number == 3 and os.getpid() != parent:
        before = len(list(Path(folder).iterdir()))
        if before < times:
            Path(folder, str(before)).touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return here(number)


def surroundings():
    """What a job finds in its process."""
    return {
        "threads": {os.environ.get(f"{name}_NUM_THREADS") for name in ("OMP", "OPENBLAS", "MKL")},
        "Ctrl-C": signal.getsignal(signal.SIGINT),
        "new objects": gc.get_threshold()[0],
        "processes": processes(8, [100.0] * 8),
    }
