"""Which tests run which line, and how long each takes: one run of the suite under coverage."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from coverage import CoverageData

SETTINGS = "[run]\nrelative_files = True\nsource = vi_lab\ndata_file = {}\n"
# Of what is made as a file is imported, of which they run no line: defaults, constants, settings.
BY_IMPORT = ("tests/arguments/test_defaults.py", "tests/numerics/test_constants.py",
             "tests/teach/test_recorded.py::test_every_task_",
             "tests/teach/test_bank.py::test_hints_")  # fmt: skip
BUDGET = 60.0  # seconds of tests for one mutant, as they were recorded


def record(repository: Path, folder: Path, tests: Sequence[str]) -> None:
    """Run the tests once, in two processes, and keep in `folder` what they ran and took."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "settings"
    settings.write_text(SETTINGS.format(folder / "coverage"), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--cov",
               f"--cov-config={settings}", "--cov-context=test", "--cov-report=",
               f"--junitxml={folder / 'times.xml'}", "-n", "2", "--dist", "loadfile",
               *tests]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(repository)}
    done = subprocess.run(command, cwd=repository, env=environment)
    if done.returncode not in (0, 1):  # a test that fails without a mistake is left out
        raise RuntimeError(f"the tests could not be recorded: pytest ended with {done.returncode}")


class Records:
    """The tests to try on a mutant, of those that run its line: first those that mirror its file by
    name; and of every test first its quickest parameters, so that no test crowds out another."""

    def __init__(self, folder: Path) -> None:
        self.lines = CoverageData(str(folder / "coverage"))
        self.lines.read()
        self.seconds: dict[str, float] = {}
        for report in folder.glob("*.xml"):
            self.seconds.update(_read_times(report))

    def choose(self, file: str, line: int) -> list[str]:
        """The names of the tests, as pytest takes them."""
        contexts = self.lines.contexts_by_lineno(file)
        room, stem = Path(file).parts[1], Path(file).stem
        running = {name.rpartition("|")[0] for name in contexts.get(line, ())}
        if not running or "" in running:  # it also runs as this file, or a test's, is imported
            running = {name.rpartition("|")[0] for names in contexts.values() for name in names}
            if running <= {""}:  # a file that has no other lines
                running = {name for name in self.seconds if name.startswith(f"tests/{room}/")}
            running |= {name for name in self.seconds if name.startswith(BY_IMPORT)}
        known = sorted(running & self.seconds.keys(), key=lambda name: (self.seconds[name], name))
        turns: Counter[str] = Counter()
        turn = {}
        for name in known:
            turn[name] = turns[function := name.partition("[")[0]]
            turns[function] += 1
        ordered = sorted(
            known,
            key=lambda name: (
                not name.startswith((f"tests/{room}/test_{stem}", *BY_IMPORT)),
                turn[name],
                not name.startswith(f"tests/{room}/"),
                self.seconds[name],
            ),
        )
        chosen: list[str] = []
        total = 0.0
        for name in ordered:
            total += self.seconds[name]
            if total > BUDGET and chosen:
                break
            chosen.append(name)
        return chosen


def _read_times(report: Path) -> dict[str, float]:
    """The seconds of every test that passed."""
    return {
        f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}": float(
            case.get("time", "0")
        )
        for case in ElementTree.parse(report).iter("testcase")
        if not list(case.iter("failure")) + list(case.iter("error")) + list(case.iter("skipped"))
    }
