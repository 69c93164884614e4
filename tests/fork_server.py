"""A process that has imported what commands import, and in a fork becomes what it is asked to be.

tests/forks.py starts it by `python -c`, with the number of a socket. A fork is what
`python -c CODE WORDS` is, but for the second of imports (of nothing that draws): the code is the
last line of this script, so that it ends as Python ends a process, whatever happens in it.
"""

import gc
import json
import os
import signal
import socket
import sys

import joblib.parallel  # noqa: F401
import numpy as np
import scipy.stats  # noqa: F401

import vi_lab.cli.main  # noqa: F401
from vi_lab.results import diagnostics

# Each with how Python opens it.
STREAMS = {
    "stdin": {"mode": "r", "errors": "surrogateescape"},
    "stdout": {"mode": "w", "errors": "surrogateescape"},
    "stderr": {"mode": "w", "errors": "backslashreplace", "buffering": 1},
}


def serve(client):
    """Fork, and tell of forks, until nobody asks any more; in a fork, what it is to be."""
    forks = set()
    while request := receive(client):
        asked, streams = request
        if "poll" in asked:
            pid, status = os.waitpid(asked["poll"], os.WNOHANG)
            forks.discard(pid)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        else:
            answer = os.fork()
            if answer == 0:
                client.close()
                return asked, streams
            forks.add(answer)
        for number in streams:
            os.close(number)
        client.sendall(json.dumps(answer).encode() + b"\n")
    for pid in forks:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    client.close()
    sys.exit()


def receive(client):
    """A request, which is one line, and the streams that came with it; None at the end."""
    line, streams, _, _ = socket.recv_fds(client, 2**20, len(STREAMS))
    while line and not line.endswith(b"\n"):
        line += client.recv(2**20)
    return (json.loads(line), streams) if line else None


def become(streams, closed, words, cwd, variables):
    """In a fork: a group, streams, words, a folder and an environment of its own."""
    os.setsid()
    given = iter(streams)
    for number, (name, how) in enumerate(STREAMS.items()):
        if name in closed:
            os.close(number)
            setattr(sys, name, None)
        else:
            stream = next(given)
            os.dup2(stream, number)
            os.close(stream)
            setattr(sys, name, open(number, **how, encoding="utf-8", closefd=False))
    sys.argv[1:] = words
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(variables)


diagnostics.rhat(np.eye(4))  # which imports arviz-stats, and of it no more than is needed
gc.collect()
gc.freeze()
request, given = serve(socket.socket(fileno=int(sys.argv[1])))
become(given, request["closed"], request["words"], request["cwd"], request["variables"])
exec(compile(request["code"], "<string>", "exec"), {"__name__": "__main__"})
