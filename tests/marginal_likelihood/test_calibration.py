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


@pytest.mark.skipif(not calibration.PAGE.exists(), reason="`make calibration` has not been run")
def test_the_committed_table_is_within_the_limits():
    """Outside brackets at least 90 %; more than 99 where an error is stated too large."""
    page = (ROOT / "docs/calibration.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")][1:]
    assert [row.split(" | ")[0].strip("| ") for row in rows] == list(calibration.PROBLEMS)
    bare = [float(n) for row in rows for n in re.findall(r"(?<=\| )([\d.]+) %", row)]
    assert len(bare) > 30
    assert min(bare) >= 90.0
