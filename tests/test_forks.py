"""A fork of tests/fork_server.py is as good as `python -c`: how it ends, and what it is given."""

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.forks import outcome, start
from tests.places import ROOT, environment
from tests.waiting import ended, running, until

pytestmark = pytest.mark.skipif(os.name == "nt", reason="forks and signals as Unix has them")

ENDS = {
    "import sys; sys.exit(3)": (3, "", ""),
    "import sys; sys.exit('no')": (1, "", "no\n"),
    "raise ValueError('no')": (1, "", "ValueError: no\n"),
    "raise KeyboardInterrupt": (-signal.SIGINT, "", "KeyboardInterrupt\n"),
    "import atexit; atexit.register(print, 'last'); print('first')": (0, "first\nlast\n", ""),
    "import os; os.kill(os.getpid(), 9)": (-signal.SIGKILL, "", ""),
    "import os, sys; print('held'); os.dup2(os.open('/dev/full', 1), 1)": (120, "", "device\n"),
}


@pytest.mark.parametrize("code", ENDS)
def test_it_ends_as_python_does(code, tmp_path):
    ended, out, err = outcome(
        f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {code}",
        cwd=tmp_path,
    )
    expected, said, last = ENDS[code]
    assert (ended, out) == (expected, said), err
    assert err.endswith(last) and bool(err) == bool(last)


def test_it_has_words_a_folder_an_environment_and_streams_of_its_own(tmp_path):
    code = """
import json, os, sys
print(json.dumps([sys.argv, os.getcwd(), dict(os.environ), sys.stdin.read(), sys.stderr is None,
                  os.getpgrp() == os.getpid(), sorted(globals()), "matplotlib" in sys.modules]))
"""
    with start(code, "a", 1, cwd=tmp_path, closed=["stderr"], MINE="µ") as fork:
        fork.stdin.write("written")
        fork.stdin.close()
        found = json.loads(fork.stdout.read())
    names = ["__builtins__", "__name__", "json", "os", "sys"]
    given = {**environment(MINE="µ"), "LC_CTYPE": found[2].get("LC_CTYPE")}
    assert found[2] == {key: value for key, value in given.items() if value is not None}
    del found[2]
    assert found == [["-c", "a", "1"], str(tmp_path), "written", True, True, names, False]


# A test run with its server and a fork that never ends.
RUN = """
import sys
from tests.forks import server, start
fork = start("import threading; threading.Event().wait()", cwd=".")
print(fork.pid, server().process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.slow  # two more processes that import vi_lab
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_of_a_test_run_that_is_killed_none_is_left():
    with subprocess.Popen(
        [sys.executable, "-c", RUN], cwd=ROOT, env=environment(PYTHONPATH=str(ROOT)),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
    ) as run:  # fmt: skip
        pids = [int(word) for word in run.stdout.readline().split()]
        assert len(pids) == 2 and all(map(running, pids))
        run.kill()
    until(lambda: ended(pids), what="their end")
