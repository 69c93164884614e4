"""python -m vi_lab.testing [PROBLEM ...]: the battery on named problems, on both cores."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.errors import ViLabError
from vi_lab.problems.named import problem
from vi_lab.results import tables
from vi_lab.runtime.parallel import Stopped, shared
from vi_lab.testing.report import name_verdict
from vi_lab.testing.standard_battery import list_tests, run_test

# Between them: a mean, a precision, a probability, correlated coefficients. tiny-mixture, which has
# labels, takes as long as these together: ask for it by name. The slowest leads, so that the two
# processes end together.
PROBLEMS = ("cars", "newcomb", "coin")
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """0 where every report passed, 1 where one did not, 2 for a bad argument."""
    parser = argparse.ArgumentParser(prog="python -m vi_lab.testing", description=__doc__)
    parser.add_argument("problems", nargs="*", metavar="PROBLEM", help=" ".join(PROBLEMS))
    parser.add_argument("--replicates", type=int, default=4000, metavar="R", help="4000")
    parser.add_argument("--seed", type=int, metavar="N", help="a fresh one")
    options = parser.parse_args(arguments)
    try:
        return _run(options.problems or PROBLEMS, options.replicates, options.seed)
    except ViLabError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _run(names: Any, replicates: int, seed: int | None) -> int:
    replicates = checks.integer("replicates", replicates, 4)
    if seed is None:
        seed = int(np.random.SeedSequence().generate_state(1)[0])
    generator = checks.generator(seed)
    tests = [
        (name, test, run)
        for name in names
        for test, run in list_tests(problem(name).model, replicates).items()
    ]
    seeds = generator.spawn(len(tests))
    started = time.perf_counter()

    def job(number: int) -> dict[str, Any]:
        name, test, run = tests[number]
        try:
            report = run_test(test, run, seeds[number])
        except KeyboardInterrupt:
            raise Stopped from None
        return {
            "problem": name,
            "test": report.test,
            "verdict": name_verdict(report.passed),
            "worst": float(report.statistic),
            "limit": float(report.limit),
            "alpha": report.alpha,
        }

    found, stopped = shared(len(tests), job)
    rows = list(found.values())
    print(tables.text(rows))
    failed = sum(row["verdict"] == name_verdict(False) for row in rows)
    print(
        f"\n{len(rows)} reports, {failed} failed, {replicates} replicates, seed {seed}, "
        f"{time.perf_counter() - started:.0f} s; if all is right, one of them fails in "
        f"{sum(row['alpha'] for row in rows):.1e} of all runs (nominally, as to agreement)."
    )
    return INTERRUPTED if stopped else int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
