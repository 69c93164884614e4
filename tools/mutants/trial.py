"""One mutant in a copy of the repository, and the tests that are to notice it.

Each trial is a fork of a process that has numpy, scipy and pytest, but not vi_lab, at hand: to
start these costs as much as many a test. Commands that tests start in processes of their own use
the installed package, without the mistake.
"""

from __future__ import annotations

import compileall
import contextlib
import multiprocessing
import os
import py_compile
import resource
import shutil
import signal
import sys
from pathlib import Path

import pytest

from tools.mutants.generator import Mutant

PRELOAD = ["numpy", "scipy.special", "scipy.stats", "scipy.integrate", "scipy.optimize", "mpmath",
           "matplotlib.pyplot", "hypothesis", "pytest"]  # fmt: skip
LEFT_BEHIND = (".git", ".venv", ".mutants", "results", "site", "dist", "build")
ANYWHERE = ("node_modules", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache")
MOST = 100  # seconds of processor time, whatever else is running: a mistake may make a loop endless
PATIENCE = 1800.0  # seconds by the clock: or make a test wait for ever
UNIMPORTABLE = ("found no collectors", "while loading conftest")  # of a file of tests: caught
CAUGHT, SURVIVED, UNTRIED = "caught", "survived", "no test runs it"


def copy_repository(root: Path, copy: Path) -> Path:
    """A copy of what the tests need, compiled: what is compiled is held against the source's hash,
    so that a mistake of the same length in the same second is seen."""

    def leave_behind(folder: str, names: list[str]) -> set[str]:
        return set(names) & {*ANYWHERE, *(LEFT_BEHIND if Path(folder) == root else ())}

    shutil.copytree(root, copy, ignore=leave_behind, symlinks=True)
    by_hash = py_compile.PycInvalidationMode.CHECKED_HASH
    compileall.compile_dir(str(copy), quiet=2, invalidation_mode=by_hash)
    return copy


def try_mutant(copy: Path, mutant: Mutant, tests: list[str]) -> tuple[str, str]:
    """Plant a mutant, run the tests until one fails, take it out: the outcome, and its last words.

    A mutant whose tests never end is caught. One may also give the parameters of a test other
    names: then all of them are run.
    """
    if not tests:
        return UNTRIED, ""
    planted = copy / mutant.file
    planted.write_text(mutant.after, encoding="utf-8")
    try:
        code, words = _fork(copy, tests)
        if code == pytest.ExitCode.USAGE_ERROR and (gone := _list_gone(copy, words)):
            whole = {test: test.partition("[")[0] for test in tests}
            asked = [whole[test] if whole[test] in gone else test for test in tests]
            code, words = _fork(copy, list(dict.fromkeys(asked)))
    finally:
        planted.write_text(mutant.before, encoding="utf-8")
    if code in (None, -signal.SIGXCPU, -signal.SIGKILL):
        return CAUGHT, "the tests did not end"
    if code == pytest.ExitCode.USAGE_ERROR:
        if _list_gone(copy, words):
            raise RuntimeError("the record names tests that are gone: " + words[-1])
        if not any(sign in word for word in words for sign in UNIMPORTABLE):
            raise RuntimeError("pytest refused its arguments: " + " ".join(words[-3:]))
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        return UNTRIED, ""
    failed = [word for word in words if word.startswith(("FAILED", "ERROR", "E  "))]
    outcome = SURVIVED if code == 0 else CAUGHT
    return outcome, failed[-1] if failed else ""


def _fork(copy: Path, tests: list[str]) -> tuple[int | None, list[str]]:
    """The exit code of pytest, None where it never ended, and the lines that it wrote."""
    log = copy / "trial.log"
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    process = context.Process(target=_run_tests, args=(str(copy), tests, str(log), MOST))
    process.start()
    process.join(PATIENCE)
    if process.is_alive():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid or 0, signal.SIGKILL)
        process.join()
        return None, []
    return process.exitcode, log.read_text(encoding="utf-8", errors="replace").strip().splitlines()


def _list_gone(copy: Path, words: list[str]) -> set[str]:
    """The tests that pytest says are not in their files, without their parameters."""
    said = f"ERROR: not found: {copy}{os.sep}"
    return {word.removeprefix(said) for word in words if word.startswith(said)}


def _run_tests(copy: str, tests: list[str], log: str, most: int) -> None:
    """In the fork: a group of its own, the copy's vi_lab, pytest's words into the log."""
    os.setpgrp()
    resource.setrlimit(resource.RLIMIT_CPU, (most, most + 5))
    os.chdir(copy)
    sys.path.insert(0, copy)
    sys.dont_write_bytecode = True
    os.environ["PYTHONPATH"] = copy
    os.environ.pop("PYTEST_ADDOPTS", None)  # `make slow` asks there for plugins that are off here
    for name in [name for name in sys.modules if name.split(".")[0] in ("tools", "tests")]:
        del sys.modules[name]
    with open(log, "w", encoding="utf-8") as words:
        os.dup2(words.fileno(), 1)
        os.dup2(words.fileno(), 2)
        code = pytest.main(["-x", "-q", "--tb=line", "-p", "no:cacheprovider", "-p", "no:xdist",
                            "-p", "no:cov", "-W", "ignore::pytest.PytestAssertRewriteWarning",
                            *tests])  # fmt: skip
    os._exit(code)
