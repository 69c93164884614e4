"""Measures for tests of studies: what another process can import."""

import os
import signal
import sys
import threading
from functools import partial
from pathlib import Path

from vi_lab.errors import NotApplicable
from vi_lab.studies.measure import Measure
from vi_lab.studies.study import study

METHODS, BUDGETS = ("double", "nothing", "broken"), ("small", "large")


def double(key):
    if key.method == "nothing":
        raise NotApplicable("nothing is done")
    if key.method == "broken":
        raise ValueError("a row\nof two lines")
    return [{"twice": 2 * key.seed, "word": key.problem}, {"twice": float("nan")}]


def noted(folder, killer, key):
    """Notes in a folder that it was begun, once for each time; row 3 may kill its process."""
    begun = Path(folder, f"{key.seed}")
    with begun.open("a") as file:
        file.write("x")
    if killer and key.seed == 3 and begun.stat().st_size == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return double(key)


def located(key):
    """In which process it is computed."""
    return [{"twice": os.getpid()}]


def waiting(seconds, key):
    """So long, and then the row."""
    threading.Event().wait(seconds)
    return double(key)


def measure_of(parts, name="twice", **more):
    return Measure(
        name, {"twice": "two seeds", "word": "of the problem"}, parts, METHODS, BUDGETS, **more
    )


if __name__ == "__main__":  # folder of the store, folder of notes, seeds
    out, notes, seeds = sys.argv[1:]
    found = study(
        problems="coal",
        methods="double",
        seeds=int(seeds),
        measure=measure_of(partial(noted, notes, True)),
        out=out,
        jobs=1,
    )
