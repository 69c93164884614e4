"""Jobs shared by two processes: each done once, stopped in time, and a failure is never silent."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.console import environment
from vi_lab.runtime import parallel as workers
from vi_lab.runtime.parallel import Stopped, shared

BOTH = sys.platform == "linux" and (os.cpu_count() or 1) > 1


@pytest.fixture
def together(tmp_path):
    """A call that returns once it was made in this process and in the copy, where there is one."""

    def met(place):
        (tmp_path / f"{place} {os.getpid()}").touch()
        deadline = time.monotonic() + 60
        while BOTH and len(list(tmp_path.glob(f"{place} *"))) < 2 and time.monotonic() < deadline:
            time.sleep(0.005)

    return met


def test_every_job_is_done_once_by_one_of_two(together):
    def slow(job):
        together("start")
        return [job, os.getpid()]

    found, stopped = shared(12, slow)
    assert list(found) == list(range(12)) and not stopped
    assert all(answer[0] == job for job, answer in found.items())
    assert len({pid for _, pid in found.values()}) == (2 if BOTH else 1)


@pytest.mark.parametrize("count", [0, 1, 2, 400])
def test_any_number_of_jobs(count):
    found, stopped = shared(count, lambda job: job * 0.1)
    assert found == {job: job * 0.1 for job in range(count)} and not stopped


def test_a_machine_with_one_core_does_them_in_turn(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    found, _ = shared(3, lambda job: [job, os.getpid()])
    assert {pid for _, pid in found.values()} == {os.getpid()}


@pytest.mark.parametrize("bad", [0, 1, 5])
def test_a_job_that_fails_in_the_copy_fails_here_too(bad):
    def run(job):
        time.sleep(0.02)
        if job == bad:
            raise ValueError("no picture")
        return job

    with pytest.raises(ValueError, match="no picture"):
        shared(6, run)


def test_what_the_copy_could_not_do_is_done_here(together):
    here = os.getpid()

    def run(job):
        together("start")
        if os.getpid() != here:
            os._exit(9)  # as the kernel does where memory is short
        return job

    assert shared(6, run) == ({job: job for job in range(6)}, False)


def test_an_interrupted_job_ends_the_others(together):
    here = os.getpid()

    def run(job):
        try:
            if job >= 3:  # the two of them are at such a job
                together("late")
                if os.getpid() == here:  # reaches this process alone: it tells the copy
                    signal.raise_signal(signal.SIGALRM)
                time.sleep(600)
            return [job]
        except KeyboardInterrupt:
            raise Stopped([job, "half"]) from None

    def interrupt(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        found, stopped = shared(8, run)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert stopped
    assert {job: found[job] for job in range(3)} == {job: [job] for job in range(3)}
    halves = [job for job, answer in found.items() if answer == [job, "half"]]
    assert len(halves) == (2 if BOTH else 1) and max(found) < 6


def test_a_copy_that_was_interrupted_is_noticed(together):
    here = os.getpid()

    def run(job):
        together("start")
        if os.getpid() != here:
            raise Stopped([job, "half"])
        return [job]

    found, stopped = shared(50, run)
    assert stopped is BOTH
    assert sum(answer[1:] == ["half"] for answer in found.values()) == BOTH


def test_ctrl_c_while_the_copy_is_at_its_last_job_loses_nothing(tmp_path):
    """This process has no job left and waits; the copy is told to stop, both keep what is done."""
    here = os.getpid()

    def run(job):
        if os.getpid() == here:
            while BOTH and not (tmp_path / "taken").exists():  # the copy has a job
                time.sleep(0.01)
            return [job]
        (tmp_path / "taken").touch()
        try:
            time.sleep(600)
        except KeyboardInterrupt:
            raise Stopped([job, "half"]) from None

    def interrupt(*_):
        raise KeyboardInterrupt

    def waited(child, wait=workers._waited):
        signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        return wait(child)

    before = signal.getsignal(signal.SIGALRM)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "_waited", waited)
        try:
            found, stopped = shared(3, run)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
    assert stopped is BOTH
    assert sorted(len(answer) for answer in found.values()) == ([1, 1, 2] if BOTH else [1, 1, 1])


@pytest.mark.skipif(not BOTH, reason="there is no copy")
def test_the_copy_dies_with_the_process_that_made_it(tmp_path):
    """kill -9 leaves nobody behind who would go on writing into the folder."""
    code = f"""
import os, time
from vi_lab.runtime.parallel import shared
here = os.getpid()
def run(job):
    if os.getpid() != here:
        with open({str(tmp_path / "pid")!r}, "w") as file:
            file.write(str(os.getpid()) + chr(10))
    time.sleep(600)
shared(2, run)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], env=environment())
    deadline = time.monotonic() + 60
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().endswith("\n"):
        assert parent.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    copy = int((tmp_path / "pid").read_text())
    parent.kill()
    parent.wait()
    while running(copy):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def running(pid):
    """Whether a process is there and no zombie that only waits to be counted."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.skipif(not BOTH, reason="there is no copy")
def test_an_answer_that_was_cut_off_is_worked_out_again(monkeypatch, together):
    """As where the disk is full: half a line of what the copy found is no answer."""

    def run(job):
        together("start")
        return [job]

    class Answers:
        def __init__(self, file):
            self.file = file

        def writelines(self, lines):
            self.file.write("".join(lines)[:-2])
            self.file.flush()
            raise OSError(28, "No space left on device")

        def __getattr__(self, name):
            return getattr(self.file, name)

        def __iter__(self):
            return iter(self.file)

        def __enter__(self):
            return self

        def __exit__(self, *rest):
            self.file.close()

    make = workers.tempfile.TemporaryFile
    monkeypatch.setattr(workers.tempfile, "TemporaryFile", lambda *a, **k: Answers(make(*a, **k)))
    found, stopped = shared(12, run)
    assert list(found) == list(range(12)) and not stopped
    assert all(answer[0] == job for job, answer in found.items())
