"""The trial itself: fits by the hundred, kept in a folder, and what they say."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.errors import refuse_if
from vi_lab.results import tables
from vi_lab.studies.store import DONE, Answer
from vi_lab.studies.study import read_study, study
from vi_lab.studies.trial.trial_measure import TRIAL
from vi_lab.studies.trial.verdicts import Finding, judge_scores, list_findings, list_worst

MODELS = ("newcomb", "coal", "clutter", "bioassay", "eight-schools", "tiny-mixture")
DATA_SETS, FEW = 64, 8  # drawn from each model's prior predictive; of a quick trial


@dataclass(frozen=True, repr=False)
class Trial:
    """The fits of a trial in a folder.

    Attributes
    ----------
    folder : Path
    rows : tuple of dict
        The fits that came to an end.
    interrupted : bool
    """

    folder: Path
    rows: tuple[dict[str, Any], ...]
    interrupted: bool = False

    @public
    def findings(self, drawn: bool = True) -> list[Finding]:
        """Every diagnostic against every charge, over fits of drawn data, or of the named problems'
        real data, which were chosen: they are apart."""
        drawn = checks.boolean("drawn", drawn)
        return judge_scores([row for row in self.rows if ("@" in row["problem"]) == drawn])

    @public
    def worst(self, score: str, charge: str) -> list[dict[str, Any]]:
        """The ten worst "it is good" and the ten worst "it is not" of a diagnostic."""
        score = checks.one_of("score", score, [n for n in TRIAL.columns if n != "ranks"])
        charges = [n.removeprefix("guilty_") for n in TRIAL.columns if n.startswith("guilty_")]
        return list_worst(self.rows, score, checks.one_of("charge", charge, charges))

    @public
    def text(self, width: int | None = None) -> str:
        """The findings as plain text, drawn data first."""
        lines = []
        for title, drawn in (("Drawn data", True), ("Named problems", False)):
            fits = [row for row in self.rows if ("@" in row["problem"]) == drawn]
            sets = len({row["problem"] for row in fits})
            lines.append(f"{title}: {len(fits):,} fits of {sets} data sets")
            found = list_findings(self.findings(drawn)) if fits else []
            lines.append(tables.text(found, width) if found else "too few for a verdict")
            lines.append("")
        return "\n".join(lines).rstrip()

    def __repr__(self) -> str:
        return (
            f"<Trial of {len(self.rows)} fits in {self.folder}{' (cut short)' * self.interrupted}>"
        )


@public
def trial(
    *,
    out: str | os.PathLike[str],
    quick: bool = False,
    jobs: int | None = None,
    cluster: str | None = None,
    on_row: Callable[[Answer], None] | None = None,
) -> Trial:
    """Try the diagnostics of approximate inference as detectors, where the truth is known.

    Data sets drawn from the prior predictive of six models, and the models' real ones apart, each
    with ten fits. A study: it resumes, and a quick trial can be grown into a whole one.

    Parameters
    ----------
    out : path
        A folder.
    quick : bool
        8 data sets of each model (about 530 fits) instead of 64 (about 3,800).
    jobs, cluster, on_row
        As of `study`.

    Returns
    -------
    Trial
    """
    count = FEW if checks.boolean("quick", quick) else DATA_SETS
    cases = [*MODELS, *(f"{name}@{k}" for k in range(count) for name in MODELS)]
    made = study(
        problems=cases,
        methods=TRIAL.methods,
        seeds=1,
        measure=TRIAL,
        out=out,
        jobs=jobs,
        cluster=cluster,
        on_row=on_row,
    )
    return _collect(made.folder, made.interrupted)


@public
def read_trial(folder: str | os.PathLike[str]) -> Trial:
    """The trial of a folder."""
    return _collect(checks.path("folder", folder), False)


def _collect(folder: Path, interrupted: bool) -> Trial:
    rows = tuple(row for row in read_study(folder, TRIAL.name).rows() if row["status"] == DONE)
    refuse_if(not rows and not interrupted, f"folder: {folder} holds no fit that came to an end")
    return Trial(folder, rows, interrupted)
