"""The test run reaches no network, and so shows that nothing here needs one."""

import os
import socket
import subprocess
import sys

import pytest

from tests.console import environment, run

ADDRESS = ("192.0.2.1", 80)  # of the block that is kept for examples
TRY = f"""
import socket
try:
    socket.create_connection({ADDRESS}, timeout=1)
except Exception as error:
    print(type(error).__name__)
"""


@pytest.mark.parametrize(
    "reach",
    [
        lambda s: s.connect(ADDRESS),
        lambda s: s.connect_ex(ADDRESS),
        lambda s: socket.getaddrinfo("example.org", 80),
        lambda s: socket.gethostbyname("example.org"),
        lambda s: socket.create_connection(("example.org", 443)),
    ],
)
def test_no_test_reaches_the_network(reach):
    # a process that a test run started has the hook twice, from either name of its module
    with socket.socket() as one, pytest.raises(RuntimeError, match="no test may reach"):
        reach(one)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        with pytest.raises(RuntimeError, match="no test may reach"):
            one.sendto(b"", ADDRESS)


def test_nor_does_any_process_it_starts(tmp_path):
    for variables in (environment(), dict(os.environ)):
        done = subprocess.run(
            [sys.executable, "-c", TRY], env=variables, capture_output=True, text=True, check=True
        )
        assert done.stdout == "NoNetwork\n"
    assert run(sys.executable, "-c", TRY, cwd=tmp_path)[0] == "NoNetwork\n"


def test_this_machine_may_speak_to_itself():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with socket.create_connection(server.getsockname()):
            pass
