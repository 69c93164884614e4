"""Processes of code that spare the half second in which Python and vi_lab start.

One server (tests/fork_server.py) of each test run forks them; they are otherwise what
`python -c CODE WORDS` is, in an environment as tests/console.py has it.
"""

import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.places import environment
from tests.waiting import until

SOURCE = Path(__file__).with_name("fork_server.py")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
STREAMS = ("stdin", "stdout", "stderr")


class Server:
    """The process that forks; it ends with the test run, and so do the forks that are left."""

    def __init__(self):
        self.socket, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            self.process = subprocess.Popen(
                [sys.executable, "-c", SOURCE.read_text(encoding="utf-8"), str(number)],
                cwd=tempfile.gettempdir(), env=environment(**dict.fromkeys(THREADS, "1")),
                stdin=subprocess.DEVNULL, pass_fds=[number], start_new_session=True,
            )  # fmt: skip

    def ask(self, request, streams=()):
        socket.send_fds(self.socket, [json.dumps(request).encode() + b"\n"], streams)
        return json.loads(self.socket.recv(100))

    def end(self):
        self.socket.close()
        self.process.wait()


@functools.cache
def server():
    return Server()


def end_server():
    """And count what it and its forks have used as this process's."""
    if server.cache_info().currsize:
        server().end()
        server.cache_clear()


class Fork:
    """A process that runs code: of subprocess.Popen, with three pipes, what tests use."""

    def __init__(self, request):
        self.returncode, theirs = None, []
        for name in STREAMS:
            if name in request["closed"]:
                setattr(self, name, None)
                continue
            reads, writes = os.pipe()
            mine, its = (writes, reads) if name == "stdin" else (reads, writes)
            setattr(self, name, open(mine, "w" if name == "stdin" else "r", encoding="utf-8"))
            theirs.append(its)
        self.pid = server().ask(request, theirs)
        for number in theirs:
            os.close(number)

    def poll(self):
        """Its exit code, or None."""
        if self.returncode is None:
            self.returncode = server().ask({"poll": self.pid})
        return self.returncode

    def wait(self):
        until(lambda: self.poll() is not None, what="the end of a process")
        return self.returncode

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def communicate(self):
        """The rest of stdout and stderr, once it has ended; nobody writes to it any more."""
        if self.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.stdin.close()
        with ThreadPoolExecutor(2) as pool:
            found = tuple(pool.map(rest_of, (self.stdout, self.stderr)))
        self.wait()
        return found

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self.communicate()


def rest_of(stream):
    if stream is None or stream.closed:
        return ""
    with stream:
        return stream.read()


def start(code, *words, cwd, closed=(), **changes):
    """A process of this code, as `python -c` has it; `closed` are streams that it is not given."""
    request = {
        "code": code,
        "words": list(map(str, words)),
        "cwd": str(cwd),
        "closed": list(closed),
        "variables": environment(**changes),
    }
    if hasattr(os, "fork"):
        return Fork(request)
    return subprocess.Popen(
        [sys.executable, "-c", code, *request["words"]], cwd=cwd, env=request["variables"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip


def outcome(code, *words, cwd, **more):
    """Exit code, stdout and stderr of such a process."""
    process = start(code, *words, cwd=cwd, **more)
    out, err = process.communicate()
    return process.returncode, out, err
