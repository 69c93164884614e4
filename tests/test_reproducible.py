"""Same machine, versions and threads: the same bytes. Otherwise: the same to 1e-9, or in law."""

import contextlib
import io
import json
import os
import sys

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from tests.console import call, run
from tests.faults import timeless
from tests.forks import outcome
from tests.thinning import mostly_slow
from vi_lab.cli import compare

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
# a thread that waits for work sleeps at once: on a busy machine it would spin for seconds
NO_SPINNING = {"OPENBLAS_THREAD_TIMEOUT": "4", "OMP_WAIT_POLICY": "passive"}


def by_workers(command, folder):
    """What a comparison leaves, in other processes with other seeds of hashes: what a set holds
    comes in another order."""
    code = """
import sys
import joblib
from vi_lab.cli import compare
from vi_lab.cli.main import main
from vi_lab.runtime import parallel
compare.is_brief = lambda groups, budget: True  # a picture of each kind
joblib.cpu_count = lambda: 2
parallel.START_SECONDS = 0  # as if it were a long run
sys.exit(main())
"""
    ended, _, err = outcome(code, *command, cwd=folder, PYTHONHASHSEED="5")
    assert ended == 0, err
    return timeless(folder)


def in_this_process(command, folder, patch):
    """The same with one core, as `make test` has it with one thread."""
    patch.setattr(compare, "is_brief", lambda groups, budget: True)
    patch.setattr("joblib.cpu_count", lambda: 1)
    patch.setattr(sys, "argv", ["-c", *command])  # as the record of the run quotes it
    call(*command, cwd=folder)
    return timeless(folder)


ASKED = [(["sprinkler"], ["gibbs"]), (["coin", "sprinkler"], ["gibbs", "cavi"])]


@pytest.mark.parametrize(("problems", "methods"), mostly_slow(ASKED, rows=True))
def test_a_comparison_leaves_the_same_bytes_whoever_does_the_work(
    problems, methods, tmp_path, monkeypatch
):
    command = ("compare", *problems, "--methods", *methods, "--out", "results")
    for name in ("first", "again"):
        (tmp_path / name).mkdir()
    first = by_workers(command, tmp_path / "first")
    again = in_this_process(command, tmp_path / "again", monkeypatch)
    pictures = {path for path in first if "figures" in path.parts}
    assert {path.suffix for path in pictures} == {".png", ".svg"}
    kinds = {path.suffix for path in first.keys() - pictures}
    assert kinds == {".json", ".csv", ".txt", ".npz", ".html", ".gz"}
    assert len(first.keys() - pictures) == len(problems) * (2 * len(methods) + 1) + 5
    assert first.keys() == again.keys()
    assert [path for path in first if first[path] != again[path]] == []


NUMBERS = """
import json, sys
import numpy as np
from threadpoolctl import threadpool_info
import vi_lab
from vi_lab.vae.runs.pretrained import load_pretrained, load_held_out_digits
threads = {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}
a = np.random.default_rng(0).standard_normal((600, 600))
numbers = {"a product large enough to be shared": float((a @ a).sum())}
for name in ("kidiq", "nile", "challenger"):
    q = vi_lab.cavi(vi_lab.problem(name), rng=0)
    numbers[name + " ELBO"] = q.elbo
    numbers |= {f"{name} {n} {i}": float(v) for n in q.names
                for i, v in enumerate(np.ravel(q.mean(n))[:9])}
for name in ("kidiq", "nile", "challenger"):
    numbers[name + " log p(x)"] = vi_lab.exact(vi_lab.problem(name)).log_evidence
fit = load_pretrained()
numbers |= {f"VAE bound {i}": float(v) for i, v in
            enumerate(np.ravel(fit.log_evidence(load_held_out_digits().x[:5]).value))}
draws = vi_lab.gibbs(vi_lab.problem("kidiq"), rng=0, draws=300)
means = {n: (np.ravel(draws.mean(n)).tolist(), np.ravel(draws.sd(n)).tolist())
         for n in draws.names}
print(json.dumps([sorted(threads), numbers, means]))
"""


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core has one thread")
def test_another_number_of_blas_threads_changes_no_digit_that_is_promised(tmp_path):
    with threadpool_limits(1), contextlib.redirect_stdout(io.StringIO()) as here:
        exec(NUMBERS, {})
    variables = dict.fromkeys(THREADS, "2") | NO_SPINNING
    there, _ = run(sys.executable, "-c", NUMBERS, cwd=tmp_path, **variables)
    (used, one, sampled), (others, two, resampled) = map(json.loads, (here.getvalue(), there))
    assert (used, others) == ([1], [2])
    assert len(one) > 20
    for name, value in one.items():
        assert two[name] == pytest.approx(value, rel=1e-9), name
    for name, (mean, sd) in sampled.items():  # 1,200 draws; of an ESS of 100 or more
        apart = np.abs(np.subtract(resampled[name][0], mean)) / np.asarray(sd)
        assert apart.max() < 6 * np.sqrt(2 / 100), name
