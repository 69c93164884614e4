"""Jobs shared by two processes: each done once, stopped in time, and a failure is never silent."""

import os
import signal
import sys
import time

import pytest

from vi_lab.workers import Stopped, shared

BOTH = sys.platform == "linux" and (os.cpu_count() or 1) > 1


def slow(job):
    time.sleep(0.02)
    return [job, os.getpid()]


def test_every_job_is_done_once_by_one_of_two():
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
    found, _ = shared(3, slow)
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


def test_what_the_copy_could_not_do_is_done_here():
    here = os.getpid()

    def run(job):
        time.sleep(0.02)
        if os.getpid() != here:
            os._exit(9)  # as the kernel does where memory is short
        return job

    assert shared(6, run) == ({job: job for job in range(6)}, False)


def test_an_interrupted_job_ends_the_others():
    def run(job):
        try:
            time.sleep(0.05 if job < 3 else 30)
            return [job]
        except KeyboardInterrupt:
            raise Stopped([job, "half"]) from None

    def interrupt(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 1.0)  # reaches this process alone: it tells the copy
    started = time.monotonic()
    try:
        found, stopped = shared(8, run)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert stopped and time.monotonic() - started < 10
    assert {job: found[job] for job in range(3)} == {job: [job] for job in range(3)}
    halves = [job for job, answer in found.items() if answer == [job, "half"]]
    assert len(halves) == (2 if BOTH else 1) and max(found) < 6


def test_a_copy_that_was_interrupted_is_noticed():
    here = os.getpid()

    def run(job):
        time.sleep(0.02)
        if os.getpid() != here:
            raise Stopped([job, "half"])
        return [job]

    found, stopped = shared(50, run)
    assert stopped is BOTH
    assert len(found) < 50 or not BOTH
