"""Commands run as a user runs them: in a process of their own, far from the checkout."""

import contextlib
import io
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.places import environment
from vi_lab.cli import main as cli

SCRIPT = Path(sysconfig.get_path("scripts"), "vi-lab" + (".exe" if os.name == "nt" else ""))
MODULE = (sys.executable, "-m", "vi_lab")


def run(*command, cwd, code=0, **changes):
    """Run a command; check its exit code; give back stdout and stderr."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment(**changes),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=280,
    )
    assert done.returncode == code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout, done.stderr


def call(*words, cwd=".", code=0):
    """Run a vi-lab command in this process; check its exit code; give back stdout and stderr.

    It spares the second that a process takes to start, where nothing hangs on one.
    """
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            found = cli.main([str(word) for word in words])
        except SystemExit as end:  # argparse's own
            found = end.code
    assert found == code, f"exit code {found}\n{out.getvalue()}\n{err.getvalue()}"
    return out.getvalue(), err.getvalue()
