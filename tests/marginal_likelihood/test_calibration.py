"""The table of `make calibration`: what counts as covered, and what the committed page says."""

import re

import numpy as np
import pytest

from tests.places import ROOT
from tools import calibration
from vi_lab import EvidenceEstimate, problem

COIN = problem("coin")


def estimate(value, error, notes=()):
    return EvidenceEstimate(COIN, value, error, "", None, 1, 0.0, "prior", notes=notes)


def test_coverage_is_that_of_intervals_of_the_stated_error():
    rng = np.random.default_rng(0)
    right = [estimate(0.1 * z, 0.1) for z in rng.standard_normal(2000)]
    cell = calibration.cover(right, 0.0)
    assert cell.coverage == pytest.approx(0.95, abs=0.02)
    assert cell.warned == 0.0 and cell.judged == 2000 and not cell.exact
    bold = [estimate(0.1 * z, 0.05) for z in rng.standard_normal(2000)]
    assert not calibration.fits(calibration.cover(bold, 0.0))
    warned = [estimate(0.1, 0.01, ("k-hat 0.9 is above 0.7",))] * 20
    assert calibration.fits(calibration.cover(warned, 0.0))
    some = calibration.cover(warned + bold[:80], 0.0)  # of which others are no better
    assert some.judged == 80 and some.warned == 0.2 and not calibration.fits(some)
    exact = calibration.cover([estimate(1e-12, 0.0)] * 20, 0.0)
    assert exact.exact and calibration.fits(exact)
    assert not calibration.cover([estimate(1e-3, 0.0)] * 20, 0.0).exact
    assert calibration.cover(["it does not apply"], 0.0) is None


def test_the_committed_table_is_within_the_limits():
    """Outside brackets 90 to 99 %; Chib's method of one block is exact."""
    page = (ROOT / "docs/calibration.md").read_text(encoding="utf-8")
    head, _, *rows = (line.strip("| ").split(" | ") for line in page.splitlines() if "|" in line)
    assert [row[0] for row in rows] == list(calibration.PROBLEMS)
    bare = {(row[0], method): cell for row in rows for method, cell in zip(head, row, strict=True)}
    found = {w: re.match(r"([\d.]+) %", cell) for w, cell in bare.items()}
    judged = {w: float(match[1]) for w, match in found.items() if match}
    assert len(judged) > 40 and all(90.0 <= n <= 99.0 for n in judged.values())
    assert [w for w, cell in bare.items() if cell == "exact"] == [("coin", "chib")]
