"""Every command without its streams, and on a full disk, in forks of this process.

A fork has no file descriptor of what is closed and no stream over it, as Python has when it is
started so; it spares the second that a start takes.
"""

import contextlib
import os
import sys
import traceback

import numpy as np
import pytest

from tests.console import call
from tests.thinning import mostly_slow
from tests.vae.data import blobs
from vi_lab.cli import main as cli
from vi_lab.studies import running
from vi_lab.studies.store import DONE, Answer
from vi_lab.studies.trial import trial as trials
from vi_lab.testing import __main__ as battery

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="streams and forks as Unix has them"),
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
]

STREAMS = ("stdin", "stdout", "stderr")
CLOSED = {"all": STREAMS, "stdin": ["stdin"], "stdout": ["stdout"], "stderr": ["stderr"]}
BROKE_DOWN, LEFT_OPEN = 98, 99  # codes that no command has


def fork(main, words, cwd, closed=(), full=()):
    """The exit code of a command in a fork, with what it wrote to the streams that it has."""
    child = os.fork()
    if child == 0:
        code = BROKE_DOWN
        try:
            os.chdir(cwd)
            for number, name in enumerate(STREAMS):
                _put(number, name, closed, full)
            code = main(words)
            with contextlib.suppress(OSError):  # the disk that is full
                sys.stdout.flush()
            if any(
                os.fstat(STREAMS.index(n)).st_rdev != os.stat(os.devnull).st_rdev for n in closed
            ):
                code = LEFT_OPEN  # a file that was opened has the number of a stream
        except SystemExit as end:
            code = end.code
        except BaseException:
            traceback.print_exc(file=open("stderr", "a"))
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    said = {name: (cwd / name).read_text() for name in STREAMS if (cwd / name).exists()}
    return code, said.get("stdout", ""), said.get("stderr", "")


def _put(number, name, closed, full):
    """In the fork: nothing, a full disk or a file where a stream is."""
    if name in closed:
        os.close(number)
        setattr(sys, name, None)
        return
    place = "/dev/full" if name in full else os.devnull if name == "stdin" else name
    opened = os.open(place, os.O_RDWR | os.O_CREAT)
    os.dup2(opened, number)
    os.close(opened)
    setattr(sys, name, open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """What the commands below are given; the fits of a trial take no time."""
    (tmp_path / "small.toml").write_text(
        '[study]\nproblems = ["newcomb"]\nmethods = ["exact"]\nseeds = 1\nout = "in"\n'
    )
    monkeypatch.setattr(trials, "MODELS", ("newcomb",))
    monkeypatch.setattr(trials, "FEW", 1)
    computed, found = running.compute, {"kl": 0.5, "guilty_kl": 1, "khat_4000": 0.9}

    def compute(measure, key):
        trial = measure.name == "trial"
        return Answer(key, DONE, None, 0.0, (found,)) if trial else computed(measure, key)

    monkeypatch.setattr(running, "compute", compute)
    return tmp_path


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder in which a VAE was trained."""
    path = tmp_path_factory.mktemp("trained")
    np.savez(path / "my.npz", x=blobs())
    words = ("--hidden", "3", "--epochs", "1", "--out", "run")
    call("vae", "train", "--data", "my.npz", *words, cwd=path)
    return path


COMMANDS = {
    "compare": (0, "compare coin --methods exact,cavi --jobs 1"),
    "check": (0, "check coin --jobs 1"),
    "audit": (1, "audit coin --bound 0"),
    "validate": (0, "validate coin"),
    "evidence": (0, "evidence coin --jobs 1"),
    "atlas": (0, "atlas coin"),
    "report": (0, "report coin --out made.html --jobs 1"),
    "problems": (0, "problems newcomb"),
    "notebooks": (0, "notebooks made"),
    "replay": (0, "replay coin --out made.html"),
    "study": (0, "study small.toml --jobs 1"),
    "trial": (0, "trial --quick --out made --jobs 1"),
    "no study": (2, "study report none"),
    "no trial": (2, "trial --report none"),
    "version": (0, "--version"),
    "help": (0, "--help"),
    "no command": (2, ""),
}
SLOW = ("report", "replay", "compare", "evidence", "study", "problems", "check", "validate")
QUICK = [name for name in COMMANDS if name not in SLOW]


@pytest.mark.parametrize("how", mostly_slow(CLOSED))
@pytest.mark.parametrize("command", mostly_slow(COMMANDS, QUICK))
def test_every_command_runs_without_its_streams(command, how, folder):
    expected, words = COMMANDS[command]
    code, out, err = fork(cli.main, words.split(), folder, closed=CLOSED[how])
    assert code == expected, err
    assert "Traceback" not in err
    if how == "stderr" and code != 2:
        assert out


@pytest.mark.parametrize("how", mostly_slow(CLOSED))
@pytest.mark.parametrize("action", mostly_slow(["train", "evaluate", "gaps", "plot"], 2))
def test_every_command_of_a_vae_runs_without_its_streams(action, how, trained, tmp_path):
    words = {
        "train": f"train --data {trained}/my.npz --hidden 3 --epochs 1 --out run",
        "evaluate": f"evaluate {trained}/run --n 2 --draws 2 --importance 2",
        "gaps": f"gaps {trained}/run --n 1",
        "plot": f"plot {trained}/run --n 2 --out made",
    }[action]
    code, _, err = fork(cli.main, ["vae", *words.split()], tmp_path, closed=CLOSED[how])
    assert code == 0 and "Traceback" not in err, err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
@pytest.mark.parametrize("command", mostly_slow(COMMANDS, ("atlas", "trial", "version", "help")))
def test_of_a_full_disk_under_stdout_every_command_tells(command, folder):
    """What is printed on stderr alone, an error of bad input, has its code as ever."""
    expected, words = COMMANDS[command]
    code, _, err = fork(cli.main, words.split(), folder, full=["stdout"])
    assert code == 2, err
    assert err.count("error: ") == 1 and "Traceback" not in err
    assert expected == 2 or "No space left on device" in err


def test_so_do_the_tests_of_samplers(tmp_path):
    assert fork(battery.main, ["--help"], tmp_path, closed=STREAMS)[0] == 0
    code, _, err = fork(battery.main, ["--jobs", "no"], tmp_path, closed=["stdout"])
    assert code == 2 and err.count("error: ") == 1


def test_a_word_of_thousands_of_letters_is_not_repeated(tmp_path):
    code, _, err = fork(
        cli.main, ["compare", "coin", "--methods=exact", "--", "9" * 4000, "-x"], tmp_path
    )
    assert code == 2 and len(err) < 300
    code, _, err = fork(cli.main, ["atlas", "--nothing" + "9" * 4000], tmp_path)
    assert code == 2 and len(err) < 300 and err.endswith("(vi-lab --help)\n")
