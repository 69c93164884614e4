"""What every benchmark does alike: one thread, runs in turn, ratios, a record of the machine.

Import this before numpy: it sets the threads.
"""

import importlib.util
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

RESULTS = Path(__file__).parent / "results"


def in_turn(repeats: int, jobs: dict[str, Callable[[], float | None]]) -> dict[str, list[float]]:
    """Run the jobs A B A B ..., so that a machine that drifts drifts for all.

    A job returns the seconds to count, or None for the processor time of the call. All run on one
    thread, so that on an idle machine processor time is wall time; on a busy one it leaves out what
    others used.
    """
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(repeats):
        for name, job in jobs.items():
            started = time.process_time()
            counted = job()
            seconds[name].append(time.process_time() - started if counted is None else counted)
    return seconds


def rate(amount: float, seconds: Iterable[float]) -> float:
    """Amount a second, in the fastest run: what else a machine does only ever adds."""
    return amount / min(seconds)


def ratio(ours: Iterable[float], theirs: Iterable[float]) -> float:
    """How many times faster we are: their fastest run by ours."""
    return min(theirs) / min(ours)


def module_is_absent(name: str, extra: str = "bench") -> bool:
    """Whether a peer that is a Python package is missing; says so, and which extra brings it."""
    missing = importlib.util.find_spec(name) is None
    if missing:
        print(f"  {name} is absent and left out; pip install -e '.[{extra}]' brings it")
    return missing


def command_is_absent(name: str) -> bool:
    """Whether a peer that is a command is missing; says so."""
    missing = shutil.which(name) is None
    if missing:
        print(f"  {name} is absent and left out; on Debian: apt-get install {name}")
    return missing


def report(name: str, rows: list[dict[str, Any]], peers: dict[str, str] | None = None) -> None:
    """Print the rows and keep them, with machine and versions, in results/<name>.json."""
    import vi_lab
    from vi_lab.results import tables

    print(tables.text(rows))
    versions = {package: version(package) for package in ("numpy", "scipy")}
    record = {
        "benchmark": name,
        "command": f"python benchmarks/{name}.py",
        "date": time.strftime("%Y-%m-%d"),
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "load average at the end": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
        },
        "threads": 1,
        "versions": {**versions, "vi_lab": vi_lab.__version__, **(peers or {})},
        "rows": rows,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def _processor() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()
