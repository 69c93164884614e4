"""The measures by name."""

from __future__ import annotations

from vi_lab.studies.comparison_measure import COMPARISON
from vi_lab.studies.cost_measure import COST
from vi_lab.studies.measure import Measure
from vi_lab.studies.trial.trial_measure import TRIAL

MEASURES: dict[str, Measure] = {measure.name: measure for measure in (COMPARISON, COST, TRIAL)}
