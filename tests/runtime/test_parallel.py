"""Jobs in many processes: each done once, whoever is killed and whenever Ctrl-C comes."""

import os
import platform
import signal
import sys

import pytest

from tests.forks import outcome, start
from tests.runtime import jobs
from tests.thinning import mostly_slow
from tests.waiting import ended, running, until, workers
from vi_lab.runtime import parallel
from vi_lab.runtime.parallel import START_SECONDS, count_waiting, processes, run_jobs

HERE = os.getpid()
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
UNIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


def found(function, tasks, processes=2):
    """The answers by number; each may come once."""
    answers = {}

    def done(number, answer):
        assert number not in answers and os.getpid() == HERE
        answers[number] = answer

    run_jobs(function, tasks, processes, done)
    return answers


@pytest.mark.parametrize("count", mostly_slow([2, 3]))
def test_every_job_is_done_once_and_the_workers_share_them(tmp_path, count):
    answers = found(jobs.with_others, [(i, tmp_path, count) for i in range(12)], count)
    assert sorted(answers) == list(range(12))
    assert all(number == asked for asked, (number, _) in answers.items())
    pids = {pid for _, pid in answers.values()}
    assert len(pids) == count and HERE not in pids
    assert count_waiting() == count  # for more
    again = found(jobs.here, [(i,) for i in range(4)], count_waiting())
    assert {pid for _, pid in again.values()} <= pids


@pytest.mark.parametrize("count", [0, 1, 2, 100])
@pytest.mark.parametrize("workers", [1, 2])
def test_any_number_of_jobs(count, workers):
    answers = found(jobs.tenth, [(i,) for i in range(count)], workers)
    assert answers == {i: i * 0.1 for i in range(count)}


def test_a_worker_is_in_the_folder_in_which_its_parent_is_now(tmp_path, monkeypatch):
    """Also one that was started elsewhere."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        assert set(found(jobs.folder, [(0,), (1,)]).values()) == {os.getcwd()}


def test_with_one_process_nothing_leaves_this_one():
    """Not even what cannot be sent; and in the order in which it was asked for."""
    answers = found(lambda n: (n, os.getpid()), [(i,) for i in range(3)], 1)
    assert list(answers.items()) == [(i, (i, HERE)) for i in range(3)]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator")
def test_a_worker_keeps_the_memory_of_its_arrays():
    """Of 30 rounds of 6,144 pages each it is given those of one; all of them came to 90,000."""
    before = dict(os.environ)
    assert max(found(jobs.page_faults, [(30,), (30,)]).values()) < 15_000
    assert os.environ == before


def test_a_worker_has_one_thread_hears_no_ctrl_c_and_shares_nothing_out():
    for answer in found(jobs.surroundings, [(), ()]).values():
        assert answer == {
            "threads": {"1"},
            "Ctrl-C": signal.SIG_IGN,
            "new objects": parallel.NEW_OBJECTS,
            "processes": 1,
        }


@pytest.mark.parametrize("bad", mostly_slow([1, 0, 5]))
def test_a_job_that_fails_in_a_worker_fails_here_too(bad):
    with pytest.raises(ValueError, match="no picture"):
        found(jobs.bad_one, [(i, bad) for i in range(6)])


def test_what_cannot_be_sent_is_done_here():
    assert len(found(jobs.not_to_be_sent, [(i,) for i in range(4)])) == 4
    lock = jobs.not_to_be_sent(0)
    answers = found(lambda number, _: (number, os.getpid()), [(i, lock) for i in range(4)])
    assert answers == {i: (i, HERE) for i in range(4)}


def test_an_error_of_the_receiver_ends_the_workers():
    def refuse(number, answer):
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        run_jobs(jobs.tenth, [(i,) for i in range(6)], 2, refuse)
    assert count_waiting() == 0
    assert found(jobs.tenth, [(1,), (2,)]) == {0: 0.1, 1: 0.2}


@UNIX
@pytest.mark.parametrize("times", mostly_slow([2, 1]))
def test_after_kill_9_of_a_worker_the_rest_is_done_once_more_then_here(tmp_path, times):
    """As the kernel does where memory is short."""
    answers = found(jobs.killed, [(i, HERE, tmp_path, times) for i in range(8)])
    assert {number for number, _ in answers.values()} == set(range(8))
    assert len(list(tmp_path.iterdir())) == times
    assert (answers[3][1] == HERE) == (times == 2)


def test_a_run_cheaper_than_starting_workers_stays_here(monkeypatch):
    monkeypatch.setattr("joblib.cpu_count", lambda: 4)
    assert processes(None, []) == processes(None, [1.0]) == processes(None, [1e9]) == 1
    assert processes(None, [START_SECONDS / 3] * 3) == 1
    assert processes(None, [START_SECONDS] * 8) == 4
    assert processes(None, [START_SECONDS] * 3) == 3
    assert processes(None, [100 * START_SECONDS, START_SECONDS / 2]) == 1  # one job is nearly all
    # who asks for them gets them
    assert processes(3, [0.01] * 8) == 3 and processes(3, [0.01] * 2) == 2
    assert processes(1, [100.0] * 8) == processes(5, [100.0]) == processes(5, []) == 1
    monkeypatch.setattr("joblib.cpu_count", lambda: 1)
    assert processes(None, [100.0] * 8) == 1


@pytest.mark.parametrize(
    "absent",
    mostly_slow([{"NO_SEMAPHORES": "1"}, {"JOBLIB_MULTIPROCESSING": "0"}]),
    ids=lambda v: next(iter(v)),
)
def test_where_there_are_no_processes_the_jobs_are_done_here(tmp_path, absent):
    """As in a browser."""
    code = """
import os, sys
for name in [name for name in sys.modules if name.startswith(("joblib", "multiprocessing"))]:
    del sys.modules[name]
if "NO_SEMAPHORES" in os.environ:
    sys.modules["_multiprocessing"] = None
from vi_lab.runtime.parallel import run_jobs
run_jobs(lambda n: os.getpid() == here, [(i,) for i in range(3)], 2, lambda n, a: print(n, a))
""".replace("import os", "import os; here = os.getpid(); import os", 1)
    assert outcome(code, cwd=tmp_path, **absent) == (0, "0 True\n1 True\n2 True\n", "")


# Signals, to a process of its own. Its jobs from the fourth on never end.

CHILD = """
import os, signal, sys, threading
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a job of a shell's background
from vi_lab.runtime.parallel import run_jobs
def job(number):
    if number >= 3:
        open(f"at {number}", "w").close()
        threading.Event().wait()
    return number
found = []
print("start", flush=True)
def done(number, answer):
    found.append(answer)
    if len(found) == 3:
        open("at the end of three", "w").close()
try:
    run_jobs(job, [(i,) for i in range(8)], 2, done)
except KeyboardInterrupt:
    print("stopped", sorted(found), flush=True)
"""


@pytest.fixture
def child(tmp_path):
    with start(CHILD, cwd=tmp_path) as process:
        yield process
        process.kill()


def at_work(child, folder):
    """Its workers, once both are at a job that does not end, and what they did before is there."""
    until(lambda: len(list(folder.glob("at *"))) == 3, child, "the jobs")
    return workers(child.pid)


@LINUX
@pytest.mark.parametrize("whom", mostly_slow(["the group", "the parent", "the group, twice"]))
def test_ctrl_c_keeps_what_is_finished_and_ends_the_workers(child, tmp_path, whom):
    """The terminal sends it to all processes; whoever else may send it to one."""
    pids = at_work(child, tmp_path)
    assert len(pids) == 2
    send = os.kill if whom == "the parent" else os.killpg
    send(child.pid, signal.SIGINT)
    if whom.endswith("twice"):
        send(child.pid, signal.SIGINT)
    out, err = child.communicate()
    assert (child.returncode, out) == (0, "start\nstopped [0, 1, 2]\n"), err
    assert err == ""
    assert ended(pids)


@LINUX
def test_ctrl_c_while_the_workers_start_is_no_noise(child):
    assert child.stdout.readline() == "start\n"
    until(lambda: workers(child.pid), child, "the workers")
    os.killpg(child.pid, signal.SIGINT)
    out, err = child.communicate()
    assert (child.returncode, err) == (0, "")
    assert out.startswith("stopped [")


SLOW_FEEDER = """
import threading
from joblib.externals.loky.backend import queues, resource_tracker
feed, unregister = queues.Queue._feed, resource_tracker.unregister
linger = threading.Event().wait  # so many seconds: nobody sets it
def feed_and_linger(*words):
    feed(*words)
    linger(0.05)  # until nobody else holds its semaphores
def unregister_late(name, kind):
    if threading.current_thread().name == "QueueFeederThread":
        open("late", "w").close()
        linger(0.5)  # the name is off, and the keeper has not been told
    unregister(name, kind)
queues.Queue._feed = staticmethod(feed_and_linger)
resource_tracker.unregister = unregister_late
"""


@LINUX
def test_no_thread_is_stopped_between_a_semaphore_and_its_keeper(tmp_path):
    """Which had been seen once in some hundred runs: "No such file or directory", on stderr."""
    with start(SLOW_FEEDER + CHILD + "linger(0.2)\n", cwd=tmp_path) as process:
        at_work(process, tmp_path)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate()
    assert (tmp_path / "late").exists()
    assert (process.returncode, out, err) == (0, "start\nstopped [0, 1, 2]\n", "")


@LINUX
def test_no_worker_outlives_the_parent(child, tmp_path):
    """kill -9 leaves nobody behind who would go on writing into the folder."""
    pids = at_work(child, tmp_path)
    assert len(pids) == 2 and all(map(running, pids))
    child.kill()
    child.wait()
    until(lambda: ended(pids), what="the workers' end")
    assert parallel.WATCH_SECONDS <= 1  # so that it takes no five seconds
