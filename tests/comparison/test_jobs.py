"""A comparison, a check and pictures in several processes: the same as in one."""

import json
import os
import signal
import sys
from dataclasses import asdict, replace

import numpy as np
import pytest

from tests.faults import PLAIN
from tests.forks import start
from tests.users import Unsolved
from tests.vae.test_decoder_model import linear
from tests.waiting import ended, until, workers
from vi_lab import ViLabError, check, compare, ledger, problem
from vi_lab.comparison import jobs
from vi_lab.comparison.jobs import Journal, Work, gather
from vi_lab.comparison.row import Row

NAMES = ["coin", "newcomb"]
METHODS = ["exact", "gibbs", "cavi", "amortised"]


def timeless(rows):
    return [asdict(replace(row, seconds=None)) for row in rows]


def test_rows_and_results_are_the_same():
    seen = []
    options = dict(methods=METHODS, rng=3)
    model, _, _ = linear(n=2)
    here = compare([*NAMES, model], jobs=1, **options)
    there = compare([*NAMES, model], jobs=2, on_row=lambda row, _: seen.append(row), **options)
    assert timeless(here.rows) == timeless(there.rows)
    assert {(row.problem, row.method) for row in seen} == {
        (row.problem, row.method) for row in here.rows
    }
    assert here.verdicts == there.verdicts and not there.interrupted
    assert here.results.keys() == there.results.keys()
    for key, result in here.results.items():
        for name in result.names:
            np.testing.assert_array_equal(result.mean(name), there.results[key].mean(name))
    assert ledger(problem("newcomb"), there.results["newcomb", "cavi"]).holds


def test_ledgers_are_the_same():
    here, there = (check(NAMES, steps=True, jobs=jobs) for jobs in (1, 2))
    assert [entry.to_dict() for entry in here] == [entry.to_dict() for entry in there]


def test_the_results_of_a_model_of_ones_own_hold_that_very_object():
    models = [Unsolved(x, 0.0, 1.0, 2.0, 2.0) for x in ([1.0, 2.5, 2.0], [0.0, 1.0, 0.5])]
    found = compare(models, methods="cavi", rng=0, jobs=2)
    assert [result.model for result in found.results.values()] == models


def test_each_file_that_cannot_be_written_is_told_and_costs_no_row():
    """What the system said of it, of a row's and of what is made of all of them."""

    def save(row, result):
        if row.method == "cavi":
            raise OSError(28, "No space left on device", "cavi.npz")

    def finish(problems, rows, results):
        assert [row.method for row in rows] == ["exact", "cavi"] and len(results) == 2
        raise OSError("no place for a picture")

    here = []
    work = Work(["exact", "cavi"], "quick", 0, save, finish)
    ending = gather([[problem("coin")]], work, 1, lambda row, result: here.append(row.method))
    assert here == ["exact", "cavi"] and not ending.interrupted
    said, other = ending.unwritten
    assert "No space left on device" in said and "cavi.npz" in said
    assert other == "no place for a picture"


def test_what_takes_longest_begins_first(monkeypatch):
    """By data and latents, what is not known first; a group is as large as all of its problems."""
    begun = []

    def run(function, tasks, workers, done):
        begun.extend([item.name for item in group] for group, *_ in tasks)

    monkeypatch.setattr(jobs, "run_jobs", run)
    named = {name: problem(name) for name in ("coin", "newcomb", "eight-schools")}
    unknown = replace(problem("coal"), n=0, name="unknown")
    sizes = {name: jobs._size(item) for name, item in named.items()}
    latents = {"coin": 1, "newcomb": 2, "eight-schools": 11}
    assert sizes == {name: item.n + latents[name] for name, item in named.items()}
    assert jobs._size(unknown) == np.inf
    groups = [[named["coin"]], [named["eight-schools"]], [unknown], [named["newcomb"]],
              [named["newcomb"], named["coin"]]]  # fmt: skip
    gather(groups, Work(["exact"], "quick", 0), 2, lambda row, result: None)
    assert begun == [["unknown"], ["newcomb", "coin"], ["newcomb"], ["coin"], ["eight-schools"]]


@pytest.mark.parametrize("run", [compare, check])
@pytest.mark.parametrize("bad", [0, -1, 1.5, "2"])
def test_a_number_of_processes_is_a_whole_number_from_1(run, bad):
    with pytest.raises(ViLabError, match="jobs"):
        run("coin", jobs=bad)


def test_the_journal_of_a_job_that_was_begun_twice_or_cut_off(tmp_path):
    journal = Journal(tmp_path / "0")
    assert journal.rows() == []
    rows = [Row("coin", name, True, "") for name in ("exact", "gibbs", "cavi")]
    for row in (*rows, *rows[:2]):
        journal.note(row, None)
    with journal.path.open("a") as file:
        file.write('{"problem": "coin", "met')
    assert journal.rows() == rows
    Journal(tmp_path / "no such folder" / "0").note(rows[0], None)  # as where the disk is full


def stopped(group, rows, results):
    raise KeyboardInterrupt


def test_a_job_that_is_stopped_here_keeps_its_rows():
    rows = []
    work = Work(["exact", "cavi"], "quick", 0, finish=stopped)
    groups = [[problem("coin")], [problem("newcomb")]]
    ending = gather(groups, work, 1, lambda row, result: rows.append((row.method, result)))
    assert ending.interrupted and not ending.unwritten
    assert [method for method, _ in rows] == ["exact", "cavi"]
    assert all(result is not None for _, result in rows)


# kill -9, of a worker and of their parent, while both workers are at Gibbs: slow, for
# runtime/test_parallel.py holds the same of cheaper jobs.

CHILD = f"""{PLAIN}
import os, threading
from dataclasses import replace
from vi_lab.comparison import jobs
jobs.measured = jobs.measure_group
here = os.getpid()
def slowly(group, work, note):
    from vi_lab.comparison import jobs
    from vi_lab.problems import methods
    def slow(model, budget, rng):
        if os.getpid() != here and os.path.exists("slow"):
            open(f"at work {{os.getpid()}}", "w").close()
            threading.Event().wait()
        return run(model, budget, rng)
    (run,) = (m.run for m in methods.METHODS if m.name == "gibbs")
    before = jobs.METHODS
    jobs.METHODS = tuple(replace(m, run=slow) if m.name == "gibbs" else m for m in before)
    try:
        return getattr(jobs, "measured", jobs.measure_group)(group, work, note)
    finally:
        jobs.METHODS = before
jobs.measure_group = slowly  # sent to workers as it stands here
sys.exit(main(["compare", "newcomb", "coal", "--methods", "exact,gibbs,cavi", "--out", "results",
               "--format", "json", "--jobs", "2"]))
"""


@pytest.fixture
def child(tmp_path):
    (tmp_path / "slow").touch()
    with start(CHILD, cwd=tmp_path) as process:
        until(lambda: len(list(tmp_path.glob("at work *"))) == 2, process, "the methods")
        (tmp_path / "slow").unlink()
        yield process
        process.kill()


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
@pytest.mark.parametrize("killed", [1, 2])
def test_after_kill_9_of_workers_the_comparison_is_whole(child, tmp_path, killed):
    for pid in workers(child.pid)[:killed]:
        os.kill(pid, signal.SIGKILL)
    out, err = child.communicate()
    assert child.returncode == 0, err
    document = json.loads(out)
    whole = compare(["newcomb", "coal"], methods="exact,gibbs,cavi", rng=0, jobs=1)
    for row, same in zip(document["rows"], whole.to_dict()["rows"], strict=True):
        assert row | {"seconds": 0} == json.loads(json.dumps(same)) | {"seconds": 0}
    assert not list((tmp_path / "results").rglob("*.part"))


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_after_kill_9_of_their_parent_no_worker_is_left(child, tmp_path):
    pids = workers(child.pid)
    assert len(pids) == 2
    child.kill()
    child.wait()
    until(lambda: ended(pids), what="the workers' end")
    saved = [path.parent.name for path in (tmp_path / "results").rglob("exact.json")]
    assert sorted(saved) == ["coal", "newcomb"]


@pytest.mark.parametrize("count", [1, 2])
def test_how_all_jobs_ended(count, monkeypatch):
    """By Ctrl-C or not, and what could not be written, however many processes there are."""
    stop = []

    def run_jobs(function, tasks, workers, done):
        assert workers == count
        if stop:
            raise KeyboardInterrupt
        done(0, jobs.Measured([], ["a picture"]))

    monkeypatch.setattr(jobs, "_processes", lambda tasks, asked: count)
    monkeypatch.setattr(jobs, "run_jobs", run_jobs)
    tasks = [([problem("coin")], Work((), "quick", 0), lambda row, result: None)]
    assert jobs.gather_tasks(tasks, None) == jobs.Ending(False, ["a picture"])
    stop.append(True)
    assert jobs.gather_tasks(tasks, None) == jobs.Ending(True, [])
