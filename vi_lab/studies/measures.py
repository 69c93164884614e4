"""The measures by name."""

from __future__ import annotations

from vi_lab.studies.comparison_measure import COMPARISON
from vi_lab.studies.measure import Measure

MEASURES: dict[str, Measure] = {measure.name: measure for measure in (COMPARISON,)}
