"""The table of `make calibration`: what counts as covered, and what the committed page says."""

import re

import numpy as np
import pytest

from tests.console import ROOT
from tools import calibration
from vi_lab import EvidenceEstimate, problem


def estimate(value, error, notes=()):
    return EvidenceEstimate(problem("coin"), value, error, "", None, 1, 0.0, "prior", notes=notes)


def test_coverage_is_that_of_intervals_of_the_stated_error():
    rng = np.random.default_rng(0)
    right = [estimate(0.1 * z, 0.1) for z in rng.standard_normal(2000)]
    coverage, share, count = calibration.cover(right, 0.0)
    assert coverage == pytest.approx(0.95, abs=0.02) and share == 0.0 and count == 2000
    bold = [estimate(0.1 * z, 0.05) for z in rng.standard_normal(2000)]
    assert not calibration.fits(calibration.cover(bold, 0.0), 200)
    warned = [estimate(0.1, 0.01, ("k-hat 0.9 is above 0.7",))] * 20
    assert calibration.fits(calibration.cover(warned, 0.0), 200)
    assert calibration.cover(["it does not apply"], 0.0) is None


# whose weights have no finite variance, as the page says
TOO_BOLD = {("clutter", "importance")}


def test_the_committed_table_is_within_the_limits():
    """Outside brackets 90 to 99 %; Chib's method of one block is exact."""
    page = (ROOT / "docs/calibration.md").read_text(encoding="utf-8")
    head, _, *rows = (line.strip("| ").split(" | ") for line in page.splitlines() if "|" in line)
    assert [row[0] for row in rows] == list(calibration.PROBLEMS)
    bare = {(row[0], method): cell for row in rows for method, cell in zip(head, row, strict=True)}
    found = {w: float(c[:-2]) for w, c in bare.items() if re.fullmatch(r"[\d.]+ %", c)}
    outside = {w for w, n in found.items() if not 90.0 <= n <= 99.0}
    assert len(found) > 40 and outside == TOO_BOLD | {("coin", "chib")}
