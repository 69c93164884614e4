"""Waiting for another process: by looking, with a deadline, never for a fixed time."""

import os
import time

import pytest

DEADLINE = 120  # seconds, after which something hangs; on a busy machine too


def until(true, process=None, what="it"):
    """Look until true() is; what it returned. A process that ends meanwhile is a failure."""
    end = time.monotonic() + DEADLINE
    while not (found := true()):
        if process is not None and process.poll() is not None:
            pytest.fail(f"the process ended before {what} came: {process.communicate()}")
        if time.monotonic() > end:
            pytest.fail(f"{what} did not come")
        time.sleep(0.005)
    return found


def children(pid):
    """Of a process, by what the kernel says."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def running(pid):
    """Whether a process is there, and no zombie that only waits to be counted."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def workers(pid):
    """The workers of a process, which beside them may have a tracker of resources."""

    def is_worker(child):
        try:
            with open(f"/proc/{child}/cmdline", "rb") as file:
                return b"LokyProcess" in file.read()
        except (FileNotFoundError, ProcessLookupError):
            return False

    return [child for child in children(pid) if is_worker(child)]


def ended(pids):
    """Whether none of them is there any more."""
    return not any(map(running, pids))


def wait_for_ever():
    """In a process that will be killed."""
    import threading

    threading.Event().wait()


def mark(path):
    """Make a file, whole as soon as it can be seen, with this process's id."""
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "w", encoding="ascii") as file:
        file.write(str(os.getpid()))
    os.replace(temporary, path)
