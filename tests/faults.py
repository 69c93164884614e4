"""Processes that are stopped at a known place, and folders as they were."""

import csv
import io
import json
import re
import signal

import pytest

from tests.console import call
from tests.forks import start

# vi-lab without its pictures and its report, which take longer than all else
PLAIN = """
import sys, types
pictures = types.ModuleType("vi_lab.figures.comparison")
pictures.save_problem_figures = pictures.save_overall_figures = lambda *arguments: []
pictures.list_views = lambda results: {}
sys.modules["vi_lab.figures.comparison"] = pictures
from vi_lab.cli import report
from vi_lab.cli.main import main
report.keep_sections = lambda *arguments: None
report.write_after_run = lambda out, *more: (str(out / "index.html"), True)
"""
VI_LAB = PLAIN + "sys.exit(main())"


def unwritten(out, *more):
    """What is said of a report that is not drawn."""
    return str(out / "index.html"), True


def plainly(*words, **more):
    """The same in this process, by `call`."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("save_problem_figures", "save_overall_figures"):
            patch.setattr(f"vi_lab.figures.comparison.{name}", lambda *arguments: [])
        patch.setattr("vi_lab.cli.report.keep_sections", lambda *arguments: None)
        patch.setattr("vi_lab.cli.report.write_after_run", unwritten)
        return call(*words, **more)


# A child's n-th call of a function of os says where it is and waits for a line: there it is killed.
HOLD = """
import itertools, os
def hold(name, number, calls=itertools.count(1)):
    call = getattr(os, name)
    def held(*arguments, **more):
        if next(calls) == number:
            print("held", file=sys.stderr, flush=True)
            sys.stdin.readline()
        return call(*arguments, **more)
    setattr(os, name, held)
"""


def held(name, number, *command, cwd, before=""):
    """A vi-lab command that waits at the number-th call of os.<name>; `before` is code."""
    code = (
        f"{PLAIN}{before}{HOLD}hold({name!r}, {number})\nsys.exit(main({list(map(str, command))}))"
    )
    process = start(code, cwd=cwd)
    lines = []
    for line in process.stderr:
        if line == "held\n":
            return process
        lines.append(line)
    raise AssertionError("".join(lines))


def killed(name, number, *command, cwd, before=""):
    """The same command, and kill -9 there."""
    process = held(name, number, *command, cwd=cwd, before=before)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def contents(folder):
    """Every file below a folder, with its bytes."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def leftovers(folder):
    """What killed writers left: parts of files, locks."""
    return [p.name for p in folder.rglob(".*") if p.name.endswith((".part", ".lock"))]


def strict(text):
    """JSON as the standard has it."""

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


def timeless(folder):
    """Every file below a folder by its path in it, as it is but for the seconds a run took."""
    found = {}
    for path, content in contents(folder).items():
        name = path.relative_to(folder)
        if path.suffix == ".json":
            content = without_seconds(strict(content))
            if path.name == "manifest.json":  # sizes and sums of files that hold seconds
                content = re.sub(r"'(bytes|sha256)', [^)]*", "", str(content))
        elif path.suffix == ".csv":
            rows = list(csv.DictReader(io.StringIO(content.decode())))
            content = [{k: v for k, v in row.items() if k != "seconds"} for row in rows]
        elif path.name == "compare.txt":
            lines = content.decode().split("\n")
            content = [re.sub(r" +\d+\.\d+$|-+$", "", line) for line in lines]
        found[name] = content
    return found


def without_seconds(value):
    if isinstance(value, dict):
        return [(k, without_seconds(v)) for k, v in value.items() if k != "seconds"]
    return [without_seconds(v) for v in value] if isinstance(value, list) else value
