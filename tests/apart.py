"""Tests that press Ctrl-C in their own process, which is then not the one that runs all others.

All such tests of a file run in one process of pytest's own; here each is what it was there.
"""

import functools
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.places import ROOT

INSIDE = "VI_LAB_TESTS_APART"  # set in that process


def run_apart(item):
    """Whether the test is one of these; fails if it failed there."""
    if item.get_closest_marker("apart") is None or INSIDE in os.environ:
        return None
    outcomes, said = outcomes_of(item.path)
    if item.name not in outcomes:
        pytest.fail(f"{item.name} did not run:\n{said}", pytrace=False)
    if outcomes[item.name] is not None:
        pytest.fail(outcomes[item.name], pytrace=False)
    return True


@functools.cache
def outcomes_of(path):
    """Of each such test of a file: None, or why it failed; and what that process printed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", "-q", "-m", "apart", "-p", "no:cacheprovider",
                   "-p", "no:xdist", f"--junitxml={report}", str(path)]  # fmt: skip
        own = {key: value for key, value in os.environ.items() if key != "PYTEST_ADDOPTS"}
        done = subprocess.run(
            command, cwd=ROOT, env={**own, INSIDE: "1"}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
            timeout=280,
        )  # fmt: skip
        if not report.exists():
            return {}, done.stdout
        cases = ElementTree.parse(report).iter("testcase")
        return {case.get("name"): problem_of(case) for case in cases}, done.stdout


def problem_of(case):
    """Why a test failed, in pytest's words, or None."""
    for outcome in ("failure", "error"):
        found = case.find(outcome)
        if found is not None:
            return found.text or found.get("message")
    return None
