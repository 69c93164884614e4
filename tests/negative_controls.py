"""Which test of the battery catches which planted mistake: docs/negative_controls.md.

python -m tests.negative_controls        writes the page anew, in some twenty minutes
"""

import re
import sys
import zlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.planted.controls import CONTROLS
from vi_lab.testing.standard_battery import list_tests, run_test

# Where the subject is the check, and which it is.
BY_ITSELF = {"gradient": "gradient", "Gaussian q": "ledger of a Gaussian q"}
PAGE = Path(__file__).parent.parent / "docs" / "negative_controls.md"
HEADER = """\
# Negative controls

A test that fails on nothing is no test. Each mistake below is patched into the real code, one at a
time, and the battery of `vi_lab.testing` is run on a small model with 400 replicates (more for a
few) in place of 4,000. The table says which of its tests reject, the clearest first. With the code
as it is, all of them pass.

The mistakes are in `tests/planted/controls.py`. `make test` plants each that is found in a fifth of
a second or so and runs the first test named beside it, with shorter chains and most with half the
replicates; `make slow` plants them all and runs all that are named, in full. This page is written
by `python -m tests.negative_controls`.

| where | mistake | caught by |
|---|---|---|
"""


@contextmanager
def planted(control):
    """The mistake, in the code for a while."""
    patch = pytest.MonkeyPatch()
    try:
        for owner, name, wrong in control.patches:
            patch.setattr(owner, name, wrong)
        yield
    finally:
        patch.undo()


def checks_of(control):
    """The tests that apply to what the control is planted in, by name; to be called planted."""
    if control.where in BY_ITSELF:
        return {BY_ITSELF[control.where]: lambda rng: control.subject()}
    return list_tests(control.subject(), control.replicates)


def report_on(check, name):
    """The report of one test, with a seed of its own."""
    with np.errstate(all="ignore"):  # a wrong sampler may run away
        return run_test(name, check, np.random.default_rng(zlib.crc32(name.encode())))


def catchers(control, names=None):
    """Of these tests, or of all, the names of those that reject; the clearest first."""
    with planted(control):
        found = {}
        checks = checks_of(control)
        for name, check in ((name, checks[name]) for name in names or checks):
            report = report_on(check, name)
            if report.passed is False:
                found[name] = report.statistic / report.limit if report.limit else np.inf
    return sorted(found, key=lambda name: (-min(found[name], 1e3), name))


def written():
    """The table of the page: mistake -> (where, tests)."""
    rows = re.findall(r"^\| (.*?) \| (.*?) \| (.*?) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return {what: (where, by.split(", ")) for where, what, by in rows if where != "where"}


def main(part=""):
    table = written() if PAGE.exists() else {}
    for what, control in CONTROLS.items():
        if part in what:
            table[what] = control.where, catchers(control) or ["**nothing**"]
            print(what, *table[what], sep=" | ", flush=True)
            rows = [
                f"| {table[name][0]} | {name} | {', '.join(table[name][1])} |"
                for name in CONTROLS
                if name in table
            ]
            PAGE.write_text(HEADER + "\n".join(rows) + "\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
