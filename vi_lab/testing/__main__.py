"""python -m vi_lab.testing [PROBLEM ...]: the battery on named problems, on all cores."""

from __future__ import annotations

import sys
import time
from functools import partial
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.problems.named import problem
from vi_lab.results import tables
from vi_lab.runtime.exit_codes import DONE, INTERRUPTED, WRONG
from vi_lab.runtime.messages import say
from vi_lab.runtime.parallel import processes, run_jobs
from vi_lab.runtime.program import Parser, ready_streams, run_program
from vi_lab.testing.report import name_verdict
from vi_lab.testing.standard_battery import list_left_out, list_tests, run_test

# Between them: a mean, a precision, a probability, correlated coefficients. tiny-mixture, which has
# labels, takes as long as these together: ask for it by name. The slowest leads, so that the
# processes end together.
PROBLEMS = ("cars", "newcomb", "coin")
TEST_SECONDS = 8.0  # about how long one takes with 4,000 replicates


def main(arguments: list[str] | None = None) -> int:
    """0 where every report passed, 1 where one did not; else as `vi-lab` ends, 2 for a bad
    argument and 128 with the number of a signal, after what was finished is printed."""
    ready_streams()
    parser = Parser(prog="python -m vi_lab.testing", description=__doc__)
    parser.add_argument("problems", nargs="*", metavar="PROBLEM", help=" ".join(PROBLEMS))
    parser.add_argument("--replicates", type=int, default=4000, metavar="R", help="4000")
    parser.add_argument("--seed", type=int, metavar="N", help="a fresh one")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes: the cores there are")

    def work() -> int:
        options = parser.parse_args(arguments)
        names = options.problems or PROBLEMS
        return _run(names, options.replicates, options.seed, options.jobs)

    return run_program(work, partial(say, before=""))


def _run(names: Any, replicates: int, seed: int | None, jobs: int | None) -> int:
    jobs = None if jobs is None else checks.integer("jobs", jobs, 1)
    replicates = checks.integer("replicates", replicates, 4)
    if seed is None:
        seed = int(np.random.SeedSequence().generate_state(1)[0])
    generator = checks.generator(seed)
    tests = [(name, test) for name in names for test in list_tests(problem(name).model, replicates)]
    seeds = generator.spawn(len(tests))
    started = time.perf_counter()
    found: dict[int, dict[str, Any]] = {}
    tasks = [(*test, replicates, seed) for test, seed in zip(tests, seeds, strict=True)]
    workers = processes(jobs, [TEST_SECONDS * replicates / 4000] * len(tasks))
    stopped = False
    try:
        run_jobs(report_row, tasks, workers, found.__setitem__)
    except KeyboardInterrupt:
        stopped = True
    rows = [found[number] for number in sorted(found)]
    print(tables.text(rows))
    failed = sum(row["verdict"] == name_verdict(False) for row in rows)
    print(
        f"\n{len(rows)} reports, {failed} failed, {replicates} replicates, seed {seed}, "
        f"{time.perf_counter() - started:.0f} s; if all is right, one of them fails in "
        f"{sum(row['alpha'] for row in rows):.1e} of all runs (nominally, as to agreement)."
    )
    for name in names:
        for what, why in list_left_out(problem(name).model).items():
            print(f"{name}: left out: {what}: {why}")
    return INTERRUPTED if stopped else WRONG if failed else DONE


def report_row(name: str, test: str, replicates: int, rng: np.random.Generator) -> dict[str, Any]:
    """One test of the battery of a named problem, as a row of the table."""
    report = run_test(test, list_tests(problem(name).model, replicates)[test], rng)
    return {
        "problem": name,
        "test": report.test,
        "verdict": name_verdict(report.passed),
        "worst": float(report.statistic),
        "limit": float(report.limit),
        "alpha": report.alpha,
    }


if __name__ == "__main__":
    sys.exit(main())
