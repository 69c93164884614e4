"""Exact tests for samplers and variational methods, yours or vi_lab's.

>>> import vi_lab
>>> from vi_lab.testing import battery, false_alarms
>>> reports = battery(vi_lab.NormalGamma([1.0, 2.0], 0.0, 0.5, 3.0, 2.0), replicates=24, rng=0)
>>> all(report.passed for report in reports if report.passed is not None)
True
>>> false_alarms(reports) < 1e-6
True

`fixtures()` are targets with their truth for any library that takes a log density.

A sampler of your own is a plain function; see `rank_test`. Every report has `.passed`,
`.statistic`, `.limit`, `.sentence`, `.alpha` (its rate of false alarms), `.rows` and `.plot()`.
"""

from vi_lab.testing.bounds import ledger, monotone
from vi_lab.testing.calibration import vsbc
from vi_lab.testing.derivative import gradient
from vi_lab.testing.fixture import Fixture
from vi_lab.testing.fixture_list import fixtures
from vi_lab.testing.frozen_steps import HamiltonianSteps, MetropolisSteps
from vi_lab.testing.invariance import joint_test
from vi_lab.testing.joint import Joint, repeated
from vi_lab.testing.moment_agreement import agreement
from vi_lab.testing.of_models import (
    cavi_draws,
    exact_steps,
    gibbs_pair,
    gibbs_steps,
    gibbs_steps_back,
    joint_of,
)
from vi_lab.testing.rank import rank_test
from vi_lab.testing.report import CurveReport, PointReport, Report, false_alarms
from vi_lab.testing.standard_battery import battery
from vi_lab.testing.together import chains_test
from vi_lab.testing.validation import validate

__all__ = [
    "CurveReport",
    "Fixture",
    "HamiltonianSteps",
    "Joint",
    "MetropolisSteps",
    "PointReport",
    "Report",
    "agreement",
    "battery",
    "cavi_draws",
    "chains_test",
    "exact_steps",
    "false_alarms",
    "fixtures",
    "gibbs_pair",
    "gibbs_steps",
    "gibbs_steps_back",
    "gradient",
    "joint_of",
    "joint_test",
    "ledger",
    "monotone",
    "rank_test",
    "repeated",
    "validate",
    "vsbc",
]
