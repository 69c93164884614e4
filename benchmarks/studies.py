"""What a study costs beside its rows: milliseconds a row, memory of many, what two workers save.

Rows that do nothing show the overhead; rows that wait 50 ms, and keep no core busy, what is lost
between two workers. The memory is the peak of a process that writes 100,000 rows and reports them.
"""

import resource
import subprocess
import sys
import tempfile
import threading
import time

import _common as common

from vi_lab.studies.measure import Measure
from vi_lab.studies.study import study

ROWS, MANY, WAITING = 2_000, 100_000, 600
ROW_SECONDS = 0.05


def nothing(key):
    """A row that is there at once."""
    return [{"number": key.seed}]


def wait(key):
    """A row that takes 50 ms."""
    threading.Event().wait(ROW_SECONDS)
    return nothing(key)


def run(parts, rows, jobs):
    """Seconds of a study of so many rows."""
    measure = Measure("bench", {"number": "the seed"}, parts, ("one",), ("one",), shown=("number",))
    with tempfile.TemporaryDirectory() as folder:
        started, cpu = time.perf_counter(), time.process_time()
        made = study(
            problems="coin", methods="one", seeds=rows, measure=measure, out=folder, jobs=jobs
        )
        made.text()
        return time.perf_counter() - started, time.process_time() - cpu


def main():
    """The three numbers with their targets."""
    print(__doc__.splitlines()[0])
    wall, cpu = run(nothing, ROWS, 1)
    one, _ = run(wait, WAITING, 1)
    two, _ = run(wait, WAITING, 2)
    command = [sys.executable, __file__, "many"]
    peak = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    common.report(
        "studies",
        [
            {"what": "overhead a row, ms", "value": round(1e3 * wall / ROWS, 2), "target": 5},
            {"what": "the same, processor ms", "value": round(1e3 * cpu / ROWS, 2), "target": 5},
            {"what": f"MB at {MANY:,} rows", "value": peak, "target": 500},
            {"what": "two workers, times one", "value": round(one / two, 2), "target": 1.8},
        ],
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["many"]:
        run(nothing, MANY, 1)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    else:
        main()
