"""Nothing but this machine can be reached, in this process or in any that it starts.

Python imports a module of this name when it starts; tests/conftest.py puts this folder on the path
of every child of a test run. An audit hook sees every socket, whoever opens it, and stays.
"""

import sys

HERE = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "", None)
REACHING = ("socket.connect", "socket.sendto", "socket.sendmsg")
NAMING = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")


class NoNetwork(RuntimeError):
    """Something tried to leave this machine."""


def refuse(event, arguments):
    if event in REACHING:
        address = arguments[1]  # of a Unix socket a path; none where it is connected already
        host = address[0] if isinstance(address, tuple) else None
    elif event in NAMING:
        host = arguments[0]
    else:
        return
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host not in HERE:
        raise NoNetwork(f"{event}: no test may reach {host}")


sys.addaudithook(refuse)
