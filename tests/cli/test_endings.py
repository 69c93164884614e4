"""How a command ends: by a signal, without streams, with files that cannot be written."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import vi_lab
from tests.console import call, environment, run
from tests.faults import PLAIN, contents, plainly, strict
from tests.forks import outcome, start
from tests.tables import table
from tests.thinning import mostly_slow
from tests.vae.data import blobs
from tests.waiting import until
from vi_lab.cli import main as cli
from vi_lab.errors import printable
from vi_lab.runtime import interrupts
from vi_lab.runtime.exit_codes import CRASHED
from vi_lab.testing import __main__ as battery
from vi_lab.vae import Amortised

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and streams as Unix has them")

# A process that sends itself a signal in the middle of CAVI, when one row is finished.
AT_CAVI = """
import os, signal
from dataclasses import replace
from vi_lab.comparison import jobs
def ended(run):
    def cavi(*arguments):
        os.kill(os.getpid(), {number})
        return run(*arguments)
    return cavi
jobs.METHODS = tuple(replace(m, run=ended(m.run)) if m.name == "cavi" else m for m in jobs.METHODS)
sys.exit(main(["compare", "newcomb", "--methods", "exact,cavi", "--out", "results", "--format",
               "json"]))
"""


def child(code, cwd, hangup="SIG_DFL", before=PLAIN):
    """A process of its own, which may end itself; exit code, stdout, stderr.

    `hangup` is what SIGHUP does in it: these tests may themselves run under nohup.
    """
    first = f"import signal; signal.signal(signal.SIGHUP, signal.{hangup})\n"
    return outcome(first + before + code, cwd=cwd)


ENDING = ("SIGTERM", "SIGHUP", "SIGXCPU", "SIGUSR1", "SIGUSR2", "SIGVTALRM", "SIGPROF", "SIGPWR",
          "SIGSTKFLT", "SIGRTMIN", "SIGRTMAX")  # fmt: skip


def test_every_signal_that_ends_a_program_is_heard():
    """But those that no program hears, what says that it is broken, SIGQUIT, and SIGPIPE, which
    Python ignores: a write says it."""
    known = {s.name for s in signal.Signals}
    broken = {"SIGILL", "SIGTRAP", "SIGABRT", "SIGIOT", "SIGBUS", "SIGFPE", "SIGSEGV", "SIGSYS"}
    unheard = {"SIGKILL", "SIGSTOP", "SIGQUIT", "SIGPIPE", "SIGXFSZ", "SIGINT"}
    harmless = {
        "SIGCHLD",
        "SIGCLD",
        "SIGCONT",
        "SIGTSTP",
        "SIGTTIN",
        "SIGTTOU",
        "SIGURG",
        "SIGWINCH",
    }
    deadly = {
        int(signal.Signals[name]) for name in known - broken - unheard - harmless - {"SIGINFO"}
    }
    if sys.platform == "linux":
        deadly |= set(range(signal.SIGRTMIN, signal.SIGRTMAX))
    assert deadly and deadly <= set(interrupts.OTHERS)


@pytest.mark.parametrize("name", mostly_slow(ENDING))
def test_a_signal_that_ends_a_comparison_keeps_what_is_finished(name, tmp_path):
    number = int(getattr(signal, name))
    code, out, err = child(AT_CAVI.format(number=number), tmp_path)
    assert code == 128 + number, err
    assert "Traceback" not in err and "interrupted; 1 rows were finished" in err
    for document in (strict(out), strict((tmp_path / "results" / "compare.json").read_text())):
        assert document["interrupted"] is True
        assert [row["method"] for row in document["rows"]] == ["exact"]
    assert vi_lab.load(tmp_path / "results" / "newcomb" / "exact", "newcomb").log_evidence < 0


def test_what_ignores_a_closed_terminal_runs_on(tmp_path):
    """As nohup starts it."""
    code, out, err = child(AT_CAVI.format(number=int(signal.SIGHUP)), tmp_path, "SIG_IGN")
    assert code == 0, err
    assert len(strict(out)["rows"]) == 2


def test_kill_during_a_training_keeps_the_state(tmp_path):
    np.savez(tmp_path / "my.npz", x=blobs())
    command = ["vae", "train", "--data", "my.npz", "--hidden", "5", "--out", "run", "--epochs"]
    code, out, err = child(
        f"""
import itertools, os, signal
from vi_lab.vae.training_state import Run
steps, advance = itertools.count(), Run.advance
def killed(self, rows):
    if next(steps) == 20:
        os.kill(os.getpid(), signal.SIGTERM)
    advance(self, rows)
Run.advance = killed
sys.exit(main({[*command, "100"]}))
""",
        tmp_path,
    )
    assert code == 143 and "Traceback" not in err, err
    assert "the same command resumes it" in err and "interrupted" in out
    done = len(Amortised.load(tmp_path / "run" / "fit").trace.elbo)
    _, err = plainly(*command, str(done + 1), cwd=tmp_path)
    assert "resuming" in err


# The tests of samplers as a program: one report is finished when the signal comes.
AT_A_REPORT = """
import os
from vi_lab.testing import __main__ as battery
def ended(work, tasks, workers, keep):
    keep(0, dict(problem="coin", test="rank", verdict="passed", worst=0.1, limit=0.2, alpha=1e-9))
    os.kill(os.getpid(), {number})
battery.run_jobs = ended
sys.exit(battery.main(["coin", "--replicates", "24", "--seed", "1"]))
"""


@pytest.mark.parametrize("name", mostly_slow(["SIGTERM", "SIGHUP"]))
def test_a_signal_that_ends_the_tests_of_samplers_keeps_what_is_finished(name, tmp_path):
    number = int(getattr(signal, name))
    code, out, err = child(AT_A_REPORT.format(number=number), tmp_path)
    assert code == 128 + number, err
    assert "Traceback" not in err and "1 reports, 0 failed" in out


def test_the_tests_of_samplers_end_as_commands_do(monkeypatch, capsys):
    """A fault of the program has a code that no verdict has; a full disk is no failed test."""
    for fault, code, words in (
        (RuntimeError("planted"), CRASHED, "this is a fault of vi_lab itself"),
        (OSError(28, "No space left on device"), 2, "error: [Errno 28] No space left on device"),
    ):

        def fail(*arguments, fault=fault):
            raise fault

        monkeypatch.setattr(battery, "list_tests", fail)
        monkeypatch.setattr("vi_lab.runtime.program.silence", lambda stream: None)
        assert battery.main(["coin", "--replicates", "24"]) == code
        assert words in capsys.readouterr().err


# A command whose process sends itself a signal at the third call of a function.
AT_A_CALL = """
import itertools, os, sys
import {module}
from vi_lab.cli.main import main
calls, function = itertools.count(1), {module}.{name}
def ended(*arguments, **more):
    if next(calls) == 3:
        os.kill(os.getpid(), {number})
    return function(*arguments, **more)
{module}.{name} = ended
sys.exit(main({command}))
"""
OTHERS = {
    "replay": ("vi_lab.replays.replay", "_describe_run", ["coin", "--out", "made"]),
    "trial": ("vi_lab.studies.running", "compute", ["--quick", "--jobs", "1", "--out", "made"]),
    "report": ("vi_lab.comparison.jobs", "measure", ["coin", "--jobs", "1", "--out", "made"]),
}


@pytest.mark.parametrize("signal_name", mostly_slow(["SIGTERM", "SIGHUP"]))
@pytest.mark.parametrize("command", mostly_slow(OTHERS))
def test_a_signal_ends_the_other_commands_too(command, signal_name, tmp_path):
    """What was finished is kept: rows of a trial, a report of them; half a replay is none."""
    module, name, words = OTHERS[command]
    number = int(getattr(signal, signal_name))
    code, out, err = child(
        AT_A_CALL.format(module=module, name=name, number=number, command=[command, *words]),
        tmp_path,
        before="",
    )
    assert code == 128 + number and "Traceback" not in err, err
    if command == "trial":
        assert len(vi_lab.read_trial(tmp_path / "made").rows) == 2 and "2 fits" in out
    elif command == "report":
        assert "Stopped early: 2 results were finished" in (tmp_path / "made").read_text()
    else:
        assert "interrupted" in err and not list(tmp_path.iterdir())


# A command that is sent a signal where Python forgets what is raised; 30 s are longer than a test.
WHERE_NOBODY_HEARS = """
import ctypes, os, signal, sys, time, weakref
signal.signal(signal.SIGINT, signal.default_int_handler)
from vi_lab.cli import check
from vi_lab.cli.main import main
class Sends:
    def __del__(self):
        send()
def send(*arguments):
    os.kill(os.getpid(), {number})
def in_a_destructor():
    Sends()
def in_a_callback():
    kept = type("Kept", (), dict())()
    weakref.finalize(kept, send)
def in_code_of_c():
    ctypes.CFUNCTYPE(None)(send)()
def asked(options):
    {where}()
    end = time.monotonic() + 30
    while time.monotonic() < end:
        pass
check._check = asked
sys.exit(main(["check", "coin"]))
"""
NOBODY_HEARS = ["in_a_destructor", "in_a_callback", "in_code_of_c"]


@table("where", NOBODY_HEARS)
def test_a_signal_is_obeyed_where_python_forgets_what_is_raised(where, tmp_path_factory):
    for number in (signal.SIGINT, signal.SIGTERM):
        code, out, err = outcome(
            WHERE_NOBODY_HEARS.format(number=int(number), where=where),
            cwd=tmp_path_factory.mktemp(where),
        )
        assert (code, out, err) == (128 + number, "", "vi-lab: interrupted\n")


def test_what_was_raised_of_a_signal_is_no_fault_of_the_program(monkeypatch, capsys):
    """A module in C that is being imported makes another error of it."""

    def load(options):
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as error:
            raise ImportError("initialization failed") from error

    monkeypatch.setattr(cli.check, "_check", load)
    assert cli.main(["check", "coin"]) == 130
    assert capsys.readouterr().err == "vi-lab: interrupted\n"
    one, other = RuntimeError("one"), RuntimeError("other")
    one.__cause__, other.__context__ = other, one  # of such a circle there is an end
    assert not interrupts.is_interrupt(one)


def test_signals_that_come_while_a_program_ends_change_nothing(tmp_path):
    """One while it is said that one came, and one when all is done."""
    code = """
import os, signal, sys
from vi_lab.runtime import interrupts, program
def say(text):
    print(text, file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
def work():
    os.kill(os.getpid(), signal.SIGHUP)
    print("not reached")
put = signal.signal
def put_back(number, handler):
    if handler is signal.SIG_DFL and number == signal.SIGTERM:
        os.kill(os.getpid(), signal.SIGTERM)
    return put(number, handler)
signal.signal = put_back
put(signal.SIGHUP, signal.SIG_DFL)
sys.exit(program.run_program(work, say))
"""
    assert outcome(code, cwd=tmp_path) == (129, "", "interrupted\n")


# A command that says when its signals are heard; one comes at any moment from then on.
AT_ANY_MOMENT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from vi_lab.cli import main as cli
def run(work, run=cli.run_program):
    def told():
        print("begun", file=sys.stderr, flush=True)
        return work()
    return run(told)
cli.run_program = run
sys.exit(cli.main(sys.argv[1:]))
"""
MOMENTS = {
    "replay": (["coin", "--out", "made/it.html"], 1.0),
    "study": (["study.toml", "--jobs", "1", "--out", "made"], 1.0),
    "trial": (["--quick", "--jobs", "1", "--out", "made"], 4.0),
    "report": (["coin", "--jobs", "1", "--out", "made/it.html"], 4.0),
}


@pytest.mark.slow
@pytest.mark.parametrize("command", MOMENTS)
@pytest.mark.parametrize("signal_name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_at_any_moment_loses_nothing(command, signal_name, tmp_path):
    """What is in the folder is whole, nothing is left of what was being written, and the exit code
    is that of the signal, or of a command that had done all before it came."""
    words, longest = MOMENTS[command]
    number = int(getattr(signal, signal_name))
    for moment in np.random.default_rng(number).uniform(0, longest, 3):
        (cwd := tmp_path / f"{moment}").mkdir()
        (cwd / "study.toml").write_text(
            '[study]\nproblems = ["newcomb"]\nmethods = ["exact", "cavi", "gibbs"]\nseeds = 9\n'
        )
        process = start(AT_ANY_MOMENT, command, *words, cwd=cwd)
        assert process.stderr.readline() == "begun\n"
        at = time.monotonic() + moment
        until(lambda process=process, at=at: process.poll() is not None or time.monotonic() > at)
        process.send_signal(number)
        out, err = process.communicate()
        done = process.returncode == -number and "made" in out  # and Python itself was ending
        assert process.returncode in (0, 128 + number) or done, err
        assert "Traceback" not in err and "fault of vi_lab" not in err
        assert not [path for path in cwd.rglob("*") if path.name.endswith(".part")]
        whole = cwd / "made"
        if command in ("replay", "report"):
            (file := whole / "it.html").exists() and strict_html(file)
            assert file.exists() or process.returncode, out
        elif (whole / "study.sqlite").exists():
            read = vi_lab.read_study if command == "study" else vi_lab.read_trial
            rows = read(whole).rows
            assert len(list(rows() if callable(rows) else rows)) or process.returncode, out


def strict_html(file):
    assert file.read_text(encoding="utf-8").rstrip().endswith("</html>")


# Streams

CLOSED = {
    "stdout": ">&-",
    "stderr": "2>&-",
    "all": "<&- >&- 2>&-",
    "stdout to a full disk": ">/dev/full",
    "stderr to a full disk": "2>/dev/full",
}


def shell(command, cwd):
    """What a shell says of a vi-lab command: exit code, stdout, stderr."""
    done = subprocess.run(
        ["sh", "-c", f"{command}"], cwd=cwd, env=environment(), capture_output=True,
        encoding="utf-8", timeout=280,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


VI_LAB = f"'{sys.executable}' -m vi_lab"
MAIN = "import sys; from vi_lab.cli.main import main; sys.exit(main())"
COIN = ("compare", "coin", "--methods", "exact", "--format", "json")
# The same, done by a process itself before anything else, and the streams that it is not given.
FULL = "import os; os.dup2(os.open('/dev/full', os.O_WRONLY), {})\n"
INSIDE = {
    "stdout": ("", ["stdout"]),
    "stderr": ("", ["stderr"]),
    "all": ("", ["stdin", "stdout", "stderr"]),
    "stdout to a full disk": (FULL.format(1), []),
    "stderr to a full disk": (FULL.format(2), []),
}


def in_a_fork(how, cwd):
    before, closed = INSIDE[how]
    return outcome(before + MAIN, *COIN, cwd=cwd, closed=closed)


def in_a_shell(how, cwd):
    return shell(f"{VI_LAB} {' '.join(COIN)} {CLOSED[how]}", cwd)


@pytest.mark.parametrize("how", mostly_slow(CLOSED, ("stdout to a full disk", "stderr")))
@pytest.mark.parametrize("started", mostly_slow([in_a_fork, in_a_shell]))
def test_a_command_runs_without_its_streams(started, how, tmp_path):
    """A full disk under stdout is an error, which no closed stream is."""
    full = how == "stdout to a full disk"
    if "full" in how and not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    code, out, err = started(how, tmp_path)
    assert code == (2 if full else 0), err
    assert "Traceback" not in err
    assert err == ("vi-lab: error: [Errno 28] No space left on device\n" if full else "")
    assert "stdout" in how or how == "all" or len(strict(out)["rows"]) == 1


def test_without_streams_files_are_written_and_errors_counted(tmp_path):
    """What is opened later must not get the number of a stream, nor what is printed with it."""
    plain = f"'{sys.executable}' -c '{PLAIN}sys.exit(main())'"
    code, _, _ = shell(f"{plain} compare coin --methods exact --out r <&- >&- 2>&-", tmp_path)
    assert code == 0
    document = strict((tmp_path / "r" / "compare.json").read_text())
    assert [row["method"] for row in document["rows"]] == ["exact"]
    assert outcome(MAIN, "compare", "coinn", cwd=tmp_path, closed=["stderr"]) == (2, "", "")


def test_a_method_runs_without_stderr(tmp_path):
    code = (
        "import vi_lab, sys; assert sys.stderr is None; vi_lab.cavi('coal', rng=0);"
        "vi_lab.gibbs('coal', rng=0, draws=9); "
        "vi_lab.metropolis_hastings('coal', rng=0, draws=9, warmup=9); print('done')"
    )
    assert outcome(code, cwd=tmp_path, closed=["stderr"]) == (0, "done\n", "")


@pytest.mark.parametrize(("bound", "code"), [("0", 1), ("-1000", 0)])
def test_a_reader_that_left_changes_no_exit_code(bound, code, tmp_path):
    """Of `| head` on a wrong claim it is not said that all is well."""
    left = "import os; reads, writes = os.pipe(); os.close(reads); os.dup2(writes, 1)\n"
    found = outcome(left + MAIN, "audit", "coin", "--bound", bound, cwd=tmp_path)
    assert found == (code, "", "")


def test_a_fault_of_the_program_has_a_code_of_its_own(monkeypatch, capsys):
    def broken(options):
        raise AttributeError("'NoneType' object has no attribute 'x'")

    monkeypatch.setattr(cli.problems, "_problems", broken, raising=False)
    monkeypatch.setattr(cli.check, "_check", broken)
    assert cli.main(["check", "coin"]) == CRASHED == 70
    err = capsys.readouterr().err
    assert "Traceback" in err and err.endswith("nothing is said by it about your model\n")


# Files


def test_a_picture_that_cannot_be_written_costs_no_row(tmp_path):
    """Its folder is a file."""
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "figures").write_text("mine")
    command = ("compare", "coin", "--methods", "exact", "--out", "results", "--format", "json")
    out, err = call(*command, cwd=tmp_path, code=2)
    assert [row["method"] for row in strict(out)["rows"]] == ["exact"]
    assert err.count("vi-lab: error: ") == 1 and "figures" in err and "Traceback" not in err
    written = strict((tmp_path / "results" / "compare.json").read_text())
    assert written["rows"][0]["log_evidence"] == strict(out)["rows"][0]["log_evidence"]
    assert (tmp_path / "results" / "figures").read_text() == "mine"


@pytest.mark.parametrize("inner", ["coin", "figures"])
def test_no_folder_of_results_is_a_link_out_of_it(inner, tmp_path):
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / ".x.abcdefgh.part").write_text("another writer's")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / inner).symlink_to(victim)
    before = contents(victim)
    out, err = plainly("compare", "coin", "--out", "results", cwd=tmp_path, code=2)
    assert out == "" and err.endswith(f"results/{inner}: it is a link; remove it\n")
    assert contents(victim) == before


PRIOR = [word for name in ("mu0", "kappa0", "a0", "b0") for word in ("--set", f"{name}=1")]
OWN = ("compare", "--model", "normal-gamma", *PRIOR, "--data")


@pytest.mark.parametrize(
    "command",
    [
        ("audit", "coin", "--posterior", "{}.npz"),
        ("audit", "coin", "--posterior", "{}.json"),
        (*OWN, "{}.csv"),
        (*OWN, "{}.npz"),
        ("compare", "{}.toml"),
        ("vae", "train", "--data", "{}.npz", "--out", "run"),
        ("vae", "train", "--data", "{}.idx", "--out", "run"),
    ],
)
@pytest.mark.parametrize("kind", ["device", "pipe", "folder", "circle of links"])
def test_what_is_no_regular_file_is_one_error(command, kind, tmp_path):
    """A device has no end, and a pipe that nobody writes into waits for ever."""
    for suffix in ("npz", "json", "csv", "toml", "idx"):
        path = tmp_path / f"it.{suffix}"
        if kind == "device":
            path.symlink_to("/dev/zero")
        elif kind == "circle of links":
            path.symlink_to(path.name)
        elif kind == "pipe":
            os.mkfifo(path)
        else:
            path.mkdir()
    words = [word.format("it") for word in command]
    out, err = plainly(*words, cwd=tmp_path, code=2)
    assert out == "" and err.count("error: ") == 1 and "Traceback" not in err
    assert "it." in err or "/dev/zero" in err


INTO = {
    "compare": ["coin", "--methods", "exact"],
    "trial": ["--quick"],
    "study": ["study.toml"],
    "report": ["coin"],
    "replay": ["coin"],
    "vae": ["train", "--data", "it.npz", "--epochs", "1"],
}


@table("command", INTO)
def test_a_place_that_is_none_is_told_before_the_work(command, tmp_path_factory, monkeypatch):
    """A circle of links, below it, and below a file."""
    tmp_path = tmp_path_factory.mktemp(command)
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "study.toml").write_text('[study]\nproblems = ["coin"]\nmethods = ["exact"]\n')
    np.savez(tmp_path / "it.npz", x=blobs())
    before = contents(tmp_path)
    for work in ("vi_lab.cli.report.compare", "vi_lab.cli.replay.replay"):
        monkeypatch.setattr(work, lambda *asked, **more: pytest.fail("it was begun"))
    for place in ("circle", "circle/made", "file/made"):
        if place == "circle" and command in ("report", "replay"):  # of which it takes the place
            continue
        words = [command, *INTO[command], "--out", place]
        out, err = plainly(*words, cwd=tmp_path, code=2)
        assert out == "" and err.count("error: ") == 1 and "Traceback" not in err
        assert f"cannot write {place.split('/')[0]}" in err.replace(f"{tmp_path}/", "")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("jobs", mostly_slow([1, 2]))
def test_no_place_for_temporary_files_is_needed(jobs, tmp_path, monkeypatch):
    """What needs no file writes none, with workers neither."""

    def nowhere(*arguments, **keywords):
        raise FileNotFoundError(2, "No usable temporary directory found in [...]")

    for place in ("tempfile.TemporaryDirectory", "tempfile.gettempdir", "tempfile.mkdtemp",
                  "vi_lab.comparison.jobs.TemporaryDirectory"):  # fmt: skip
        monkeypatch.setattr(place, nowhere)
    words = ("compare", "coin", "newcomb", "--methods", "exact", "--jobs", jobs)
    out, _ = call(*words, "--format", "json", cwd=tmp_path)
    assert len(strict(out)["rows"]) == 2


@pytest.mark.slow  # for -OO Python compiles all that is imported anew
def test_without_docstrings_it_is_said_what_is_missing(tmp_path):
    command = (sys.executable, "-OO", "-m", "vi_lab", "compare", "coin", "--methods", "gibbs")
    out, err = run(*command, cwd=tmp_path, code=2)
    assert out == "" and err.count("\n") == 1 and "-OO" in err


def test_names_move_no_cursor(tmp_path):
    evil = "a\x1b[31m\x1b]0;title\x07\u202eb"
    assert printable(evil) == "a\\x1b[31m\\x1b]0;title\\x07\\u202eb"
    assert printable("né 日本\nline") == "né 日本\nline"
    path = tmp_path / f"{evil}.json"
    path.write_text("{")
    shutil.copy(path, tmp_path / "plain.json")
    _, err = plainly("audit", "coin", "--posterior", path, cwd=tmp_path, code=2)
    assert "\x1b" not in err and "\\x1b[31m" in err
    with pytest.raises(vi_lab.ResultFileError) as caught:
        vi_lab.load(tmp_path / evil)
    assert "\x1b" not in str(caught.value)
    draws = {evil: [[0.0, 1.0, 2.0, 3.0]]}
    record = _record(vi_lab.gibbs("coin", rng=0, draws=4, chains=1), tmp_path, draws)
    found = vi_lab.load(tmp_path / "mine")
    assert record and "\x1b" not in repr(found) + found._repr_html_() + str(found.summary())


def _record(result, folder, values):
    """Save a result, then give it other draws; what its JSON holds."""
    from vi_lab.results import Draws

    made = Draws(
        None, "gibbs", {n: np.array(v) for n, v in values.items()}, np.ones(1), result.cost, 0.1,
        nominal={}, auxiliary=(),
    )  # fmt: skip
    made.save(folder / "mine")
    return json.loads((folder / "mine.json").read_text())
