"""Two jobs side by side: both done, in one process or two, and a failure is never silent."""

import os
import sys

import pytest

from vi_lab.workers import side_by_side


def test_both_jobs_are_done(tmp_path):
    side_by_side(
        lambda: (tmp_path / "one").write_text(str(os.getpid())),
        lambda: (tmp_path / "two").write_text(str(os.getpid())),
    )
    pids = {(tmp_path / name).read_text() for name in ("one", "two")}
    assert len(pids) == (2 if sys.platform == "linux" and (os.cpu_count() or 1) > 1 else 1)


def test_a_machine_with_one_core_does_them_in_turn(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    done = []
    side_by_side(lambda: done.append(1), lambda: done.append(2))
    assert done == [1, 2]


def test_a_job_that_fails_in_the_copy_fails_here_too():
    def fail():
        raise ValueError("no picture")

    with pytest.raises(ValueError, match="no picture"):
        side_by_side(lambda: None, fail)


def test_the_second_job_is_waited_for_when_the_first_fails(tmp_path):
    def fail():
        raise ValueError("first")

    with pytest.raises(ValueError, match="first"):
        side_by_side(fail, lambda: (tmp_path / "two").write_text("done"))
    if sys.platform == "linux" and (os.cpu_count() or 1) > 1:
        assert (tmp_path / "two").read_text() == "done"
