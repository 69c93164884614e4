"""Ctrl-C: once, and what there is is kept and reported; twice, and it stops at once.

The real signal reaches a process of its own, which waits at a known place so that nothing hangs on
how fast the machine is.
"""

import itertools
import json
import os
import signal
import sys
import threading

import numpy as np
import pytest

import vi_lab
from tests.console import call
from tests.faults import PLAIN, strict
from tests.forks import outcome
from tests.forks import start as fork
from tests.thinning import mostly_slow
from tests.vae.data import blobs
from tests.vae.test_training import SETTINGS, VAE_6, same
from tests.waiting import ended, until, workers
from vi_lab import BetaBernoulli, cavi, compare, gibbs, metropolis_hastings, problem
from vi_lab.inference.collapsed_gibbs import collapsed_gibbs
from vi_lab.inference.parameter_expanded_gibbs import gibbs_expanded
from vi_lab.marginal_likelihood import weighing
from vi_lab.models import LatentDirichletAllocation
from vi_lab.runtime.interrupts import CtrlC, run_as_one_job
from vi_lab.vae import Amortised
from vi_lab.vae.training_state import Run

pytestmark = pytest.mark.skipif(
    os.name == "nt", reason="Windows has no SIGINT to send to another process"
)
SLOW = pytest.mark.slow  # a fault at one more place
LAST = 10**6  # draws or sweeps that no test lives to see

# A child says where it is, waits for a line, and says so again: `at` is called by a method in the
# middle of its run.
CHILD = """
import itertools, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a job of a shell's background
def at(place):
    for word in ("at", "still at"):
        print(word, place, file=sys.stderr, flush=True)
        sys.stdin.readline()
def slowed(items, label, total=None, wanted=("gibbs", "cavi", "metropolis")):
    for count, item in enumerate(items):
        if label in wanted and count == (0 if label == "metropolis" else 5):
            at(label)
        yield item
from vi_lab.inference.engine import climb, random_walk, record
for module in (climb, record, random_walk):
    module.progress = slowed
"""
RUNS = {
    "gibbs": f"gibbs(p, rng=0, draws={LAST}, warmup=3, keep=['s'])",
    "metropolis": f"metropolis_hastings(p, rng=0, draws={LAST}, warmup=100)",
    "cavi": f"cavi(p, rng=0, max_sweeps={LAST}, tol=0, restarts=2)",
}
ALONE = """
from vi_lab import cavi, gibbs, metropolis_hastings, problem
p = problem("coal")
result = {run}
result.save("result")
print(result._heading())
"""
TRAIN = """
from vi_lab.cli.main import main
from vi_lab.vae.training_state import Run
steps, advance = itertools.count(), Run.advance
def slow(self, rows):
    if next(steps) == 20:
        at("train")
    advance(self, rows)
Run.advance = slow
sys.exit(main(["vae", "train", "--data", "my.npz", "--hidden", "5", "--batch-size", "9",
               "--epochs", "1000", "--out", "run"]))
"""


class Child:
    """A process, the places it says it is at, and Ctrl-C as a terminal sends it: to the group."""

    def __init__(self, code, cwd, *arguments):
        self.process = fork(CHILD + code, *arguments, cwd=cwd)

    def reads(self):
        return self.process.stderr.readline().strip()

    def press(self):
        os.killpg(self.process.pid, signal.SIGINT)

    def goes_on(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def ends(self):
        """Exit code, stdout and stderr."""
        out, err = self.process.communicate()
        return self.process.returncode, out, err


@pytest.fixture
def start(tmp_path):
    children = []

    def started(code, *arguments):
        children.append(Child(code, tmp_path, *arguments))
        return children[-1]

    yield started
    for child in children:
        child.process.kill()
        child.process.communicate()


@pytest.mark.parametrize("method", mostly_slow(RUNS, ("gibbs", "cavi")))
def test_ctrl_c_once_finishes_the_iteration_and_keeps_what_there_is(method, start, tmp_path):
    child = start(ALONE.format(run=RUNS[method]))
    assert child.reads() == f"at {method}"
    child.press()
    child.goes_on()
    assert child.reads() == f"still at {method}"
    child.goes_on()
    code, out, err = child.ends()
    assert (code, err) == (0, "")
    assert out.endswith(", interrupted\n")
    kept = vi_lab.load(tmp_path / "result", problem("coal"))
    assert kept.interrupted
    if method == "cavi":
        whole = cavi(problem("coal"), rng=0, restarts=2)
        np.testing.assert_array_equal(kept.elbo_trace, whole.elbo_trace[:6])
        assert not kept.converged
    elif method == "gibbs":
        whole = gibbs(problem("coal"), rng=0, draws=20, warmup=3)
        np.testing.assert_array_equal(kept.values["s"], whole.values["s"][:, :3])
    else:
        assert kept.values["s"].shape == kept.values["rates"].shape[:2] == (4, 1)
        assert set(kept.acceptance_rate) <= {0.0, 1.0}


@pytest.mark.parametrize(
    "method", [*(pytest.param(m, marks=SLOW) for m in RUNS if m != "cavi"), "cavi"]
)
def test_ctrl_c_twice_stops_at_once(method, start, tmp_path):
    child = start(ALONE.format(run=RUNS[method]))
    assert child.reads() == f"at {method}"
    child.press()
    child.goes_on()
    assert child.reads() == f"still at {method}"
    child.press()  # and it is not told to go on
    code, out, err = child.ends()
    assert code == -signal.SIGINT and err.endswith("KeyboardInterrupt\n") and out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("times", mostly_slow([1, 2]))
def test_ctrl_c_while_a_vae_is_trained(times, start, tmp_path):
    np.savez(tmp_path / "my.npz", x=blobs())
    child = start(TRAIN)
    assert "training in run" in child.reads()
    assert child.reads() == "at train"
    child.press()
    child.goes_on()
    assert child.reads() == "still at train"
    if times == 2:
        child.press()
    else:
        child.goes_on()
    code, out, err = child.ends()
    assert code == 130, err
    assert "Traceback" not in err
    if times == 1:
        fit = Amortised.load(tmp_path / "run" / "fit")
        assert fit.interrupted and "interrupted" in out.splitlines()[0]
        assert "the state is kept in run" in err
    else:
        assert err == "vi-lab: interrupted\n" and out == ""
        assert not (tmp_path / "run" / "fit.json").exists()
    assert list((tmp_path / "run" / "checkpoints").glob("*.npz"))


STUCK = """
import os, threading
from vi_lab.cli.main import main
from dataclasses import replace
from vi_lab.comparison import jobs
here = os.getpid()
jobs.measured = jobs.measure_group
def slow(model, budget, rng):
    if os.getpid() == here:
        at("gibbs")
    with open("at work " + str(os.getpid()), "w"):
        pass
    threading.Event().wait()
def slowly(group, work, note):
    from vi_lab.comparison import jobs
    jobs.METHODS = tuple(replace(m, run=slow) if m.name == "gibbs" else m for m in jobs.METHODS)
    return getattr(jobs, "measured", jobs.measure_group)(group, work, note)
jobs.measure_group = slowly  # sent to workers as it stands here
sys.exit(main(["compare", "newcomb", "coal", "--methods", "exact,gibbs,cavi", "--out", "results",
               "--format", "json", "--jobs", sys.argv[1]]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(
    ("times", "processes"),
    mostly_slow([(1, 2), (1, 1), (2, 1), (2, 2)], rows=True),
)
def test_ctrl_c_among_the_rows_of_a_comparison(times, processes, start, tmp_path):
    """All processes are in the middle of a method; one row of each problem is finished.

    The report of them is drawn where there is one process; tests/cli/test_main.py reads one too.
    """
    child = start(STUCK if processes == 1 else PLAIN + STUCK, str(processes))
    if processes == 1:
        assert child.reads() == "at gibbs"
    else:
        until(lambda: len(list(tmp_path.glob("at work *"))) == 2, child.process, "the methods")
    pids = workers(child.process.pid)
    assert len(pids) == (processes if processes > 1 else 0)
    for _ in range(times):
        child.press()
    code, out, err = child.ends()
    assert code == 130, err
    assert "Traceback" not in err
    assert ended(pids)
    folder = tmp_path / "results"
    if out:  # the second may come while the first is heard, and then it is as good as one
        document = json.loads(out)
        assert document["interrupted"] is True
        rows = [(row["problem"], row["method"]) for row in document["rows"]]
        assert rows == [("newcomb", "exact"), ("coal", "exact")][:processes]
        assert f"interrupted; {processes} rows were finished" in err or times == 2
        assert (folder / "compare.json").read_text(encoding="utf-8") == out
        if (
            times == processes == 1
        ):  # the report too has what is finished, and says that it is not all
            page = (folder / "index.html").read_text(encoding="utf-8")
            assert "Stopped early: 1 of 6 results were finished" in page
            assert 'id="newcomb"' in page and 'id="coal"' not in page
    else:
        assert times == 2 and err == "vi-lab: interrupted\n"
    for path in folder.rglob("exact.json"):
        assert vi_lab.load(path, problem(path.parent.name)).log_evidence < 0
    assert len(list(folder.rglob("exact.json"))) == processes
    assert not list(folder.rglob("*.part"))


# In a process of these tests' own


def pressing(monkeypatch, module, at):
    """Ctrl-C in so many iterations of a method."""

    def pressed(items, label, total=None):
        for count, item in enumerate(items):
            if count in at:
                signal.raise_signal(signal.SIGINT)
            yield item

    monkeypatch.setattr(sys.modules[module], "progress", pressed)


@pytest.mark.apart
def test_ctrl_c_during_warmup_has_nothing_to_keep(monkeypatch, default_ctrl_c):
    for module, run in (
        ("vi_lab.inference.engine.record", gibbs),
        ("vi_lab.inference.engine.random_walk", metropolis_hastings),
    ):
        pressing(monkeypatch, module, {0})
        with pytest.raises(KeyboardInterrupt):
            run(problem("coal"), rng=0, draws=50, warmup=50)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


SHORT = dict(rng=0, draws=12, warmup=2)
TOPICS = LatentDirichletAllocation([[1, 2, 0], [3, 0, 1]], 2, 1.0, 1.0)
# each with the iteration in which Ctrl-C comes, and the draws that there are then
CUT = {
    "in the last iteration": (lambda: gibbs(problem("newcomb"), **SHORT), 13, 12),
    "blocks that hold a pair": (lambda: gibbs(problem("old-faithful"), **SHORT), 8, 7),
    "collapsed": (lambda: collapsed_gibbs(TOPICS, **SHORT, chains=1), 4, 3),
    "expanded": (lambda: gibbs_expanded(problem("eight-schools"), **SHORT, chains=2), 8, 7),
}


@pytest.mark.apart
@pytest.mark.parametrize("case", CUT)
def test_ctrl_c_cuts_every_latent_where_the_run_was(case, monkeypatch, default_ctrl_c):
    run, at, kept = CUT[case]
    whole = run()
    pressing(monkeypatch, "vi_lab.inference.engine.record", {at})
    stopped = run()
    assert stopped.interrupted and not whole.interrupted
    for name, values in whole.values.items():
        np.testing.assert_array_equal(stopped.values[name], values[:, :kept])
    assert (stopped.cost == whole.cost) == (kept == 12)


@pytest.mark.apart
def test_in_a_larger_job_no_run_ends_early(monkeypatch, default_ctrl_c):
    """A part of a run is never measured as if it were the whole."""
    pressing(monkeypatch, "vi_lab.inference.engine.record", {800})
    with pytest.raises(KeyboardInterrupt), run_as_one_job():
        gibbs(problem("newcomb"), rng=0)
    found = compare("newcomb", methods="exact,gibbs,cavi", rng=0)
    assert found.interrupted and [row.method for row in found.rows] == ["exact"]
    assert gibbs(problem("newcomb"), rng=0).interrupted


@pytest.mark.apart
def test_other_threads_and_other_rules_are_left_alone(default_ctrl_c):
    found = []

    def elsewhere():
        with CtrlC() as ctrl_c:
            found.append(list(ctrl_c.until_pressed(range(3))))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert found == [[0, 1, 2]]
    for rule in (signal.SIG_IGN, signal.SIG_DFL):
        signal.signal(signal.SIGINT, rule)
        with CtrlC():
            assert signal.getsignal(signal.SIGINT) is rule
        assert signal.getsignal(signal.SIGINT) is rule


@pytest.mark.apart
def test_a_row_that_is_being_saved_is_kept(default_ctrl_c):
    """Ctrl-C while a row is handed on reaches the comparison when that is done."""
    seen = []

    def pressed(row, result):
        signal.raise_signal(signal.SIGINT)
        seen.append(row.method)

    stopped = compare("newcomb", methods=["exact", "cavi"], rng=0, on_row=pressed)
    assert stopped.interrupted and seen == [row.method for row in stopped.rows] == ["exact"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.apart
def test_ctrl_c_among_the_seeds_of_estimates(monkeypatch, default_ctrl_c):
    """It comes near the end of the third seed's draws: most of them would pass for all."""
    evaluations = []  # of each seed
    drawn, density = weighing.draw_posterior, BetaBernoulli.log_likelihood

    def draw_posterior(model, draws, rng):
        evaluations.append(0)
        return drawn(model, draws, rng)

    def log_likelihood(self, stats):
        if evaluations:
            evaluations[-1] += 1
            if len(evaluations) == 3 and evaluations[2] == evaluations[0] * 9 // 10:
                signal.raise_signal(signal.SIGINT)
        return density(self, stats)

    monkeypatch.setattr(weighing, "draw_posterior", draw_posterior)
    monkeypatch.setattr(BetaBernoulli, "log_likelihood", log_likelihood)
    words = ("evidence", "coin", "coal", "--methods", "bridge", "--seeds", "20", "--jobs", "1")
    out, err = call(*words, "--format", "json", code=130)
    (row,) = strict(out)
    assert (row["problem"], row["seeds"]) == ("coin", 2)
    assert "the seeds that were finished are above" in err


def press_in_step(patch, step, times=1):
    """Ctrl-C in the middle of a step of a VAE's training, so many times."""
    advance, steps_begun = Run.advance, itertools.count(1)

    def pressed(self, rows):
        for _ in range(times if next(steps_begun) == step else 0):
            signal.raise_signal(signal.SIGINT)
        advance(self, rows)

    patch.setattr(Run, "advance", pressed)


@pytest.mark.apart
@pytest.mark.parametrize("step", [1, 2, 4, 6, 24])
def test_ctrl_c_ends_training_after_the_step_and_it_can_go_on(
    tmp_path, monkeypatch, step, default_ctrl_c
):
    whole = VAE_6.fit(blobs(), **SETTINGS)  # four steps an epoch
    with monkeypatch.context() as patch:
        press_in_step(patch, step)
        stopped = VAE_6.fit(blobs(), **SETTINGS, checkpoint=tmp_path, checkpoint_seconds=1000)
    assert stopped.interrupted == (step < 24)
    assert len(stopped.trace.elbo) == step // 4
    assert ("interrupted" in repr(stopped)) == stopped.interrupted
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    same(whole, VAE_6.fit(blobs(), **SETTINGS, checkpoint=tmp_path))


@pytest.mark.apart
def test_a_second_ctrl_c_interrupts_training_at_once(monkeypatch, default_ctrl_c):
    press_in_step(monkeypatch, 1, times=2)
    with pytest.raises(KeyboardInterrupt):
        VAE_6.fit(blobs(), **SETTINGS)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


IN_A_DESTRUCTOR = """
import os, signal, sys, time
from vi_lab.runtime.interrupts import {context}, run_as_one_job
signal.signal(signal.SIGINT, signal.default_int_handler)
class Presses:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
before = sys.unraisablehook
try:
    with run_as_one_job(), {context}():
        Presses()
        end = time.monotonic() + 30
        while time.monotonic() < end:
            pass
except KeyboardInterrupt:
    print("heard", sys.unraisablehook is before)
"""


@pytest.mark.parametrize("context", ["run_as_one_job", "stop_once"])
def test_ctrl_c_in_a_destructor_ends_a_job_in_python_too(context, tmp_path):
    """Among workers as well, where only the first is to be heard."""
    code = IN_A_DESTRUCTOR.format(context=context)
    assert outcome(code, cwd=tmp_path) == (0, "heard True\n", "")
