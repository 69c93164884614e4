"""The trial itself: fits by the hundred, kept in a folder, and what they say."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.datasets import files
from vi_lab.errors import refuse_if
from vi_lab.results import tables
from vi_lab.studies.cases import base_of, is_drawn
from vi_lab.studies.store import DONE, Answer
from vi_lab.studies.study import read_study, study
from vi_lab.studies.trial.published import read_published
from vi_lab.studies.trial.trial_measure import RANKS, TRIAL
from vi_lab.studies.trial.verdicts import Finding, judge_scores, list_findings, list_worst

MODELS = ("newcomb", "coal", "clutter", "bioassay", "eight-schools", "tiny-mixture")
DATA_SETS, FEW = 53, 8  # drawn from each model's prior predictive; of a quick trial


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
    def findings(
        self, drawn: bool = True, *, fit: str | None = None, model: str | None = None
    ) -> list[Finding]:
        """Every diagnostic against every charge, over fits of drawn data, or of the named problems'
        real data, which were chosen: they are apart.

        Parameters
        ----------
        drawn : bool
        fit : str, optional
            One way to fit alone, such as "laplace".
        model : str, optional
            Data of one model alone.
        """
        rows = self._fits(checks.boolean("drawn", drawn))
        if fit is not None:
            name = checks.one_of("fit", fit, TRIAL.methods)
            rows = [row for row in rows if row["method"] == name]
        if model is not None:
            name = checks.one_of("model", model, MODELS)
            rows = [row for row in rows if base_of(row["problem"]) == name]
        return judge_scores(rows)

    @public
    def worst(self, score: str, charge: str) -> list[dict[str, Any]]:
        """The ten worst "it is good" and ten worst "it is not" of a diagnostic, of drawn data."""
        score = checks.one_of("score", score, [n for n in TRIAL.columns if n != RANKS])
        charges = [n.removeprefix("guilty_") for n in TRIAL.columns if n.startswith("guilty_")]
        return list_worst(self._fits(), score, checks.one_of("charge", charge, charges))

    @public
    def text(self, width: int | None = None) -> str:
        """The findings as plain text, drawn data first."""
        lines = []
        for title, drawn in (("Drawn data", True), ("Named problems", False)):
            fits = self._fits(drawn)
            sets = len({row["problem"] for row in fits})
            lines.append(f"{title}: {len(fits):,} fits of {sets} data sets")
            found = list_findings(self.findings(drawn)) if fits else []
            lines.append(tables.text(found, width) if found else "too few for a verdict")
            lines.append("")
        return "\n".join(lines).rstrip()

    def _fits(self, drawn: bool = True) -> list[dict[str, Any]]:
        """Those of drawn data, or of the named problems' real data."""
        return [row for row in self.rows if is_drawn(row["problem"]) == drawn]

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
        8 data sets of each model (about 530 fits) instead of 53 (about 3,200).
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
def read_trial(folder: str | os.PathLike[str] | None = None) -> Trial:
    """The trial of a folder; by default the one of docs/trial.md, whose rows come with vi_lab."""
    if folder is None:
        rows = tuple(row for row in read_published() if row["status"] == DONE)
        return Trial(files.folder(), rows)
    return _collect(checks.path("folder", folder), False)


def _collect(folder: Path, interrupted: bool) -> Trial:
    rows = tuple(row for row in read_study(folder, TRIAL.name).rows() if row["status"] == DONE)
    refuse_if(not rows and not interrupted, f"folder: {folder} holds no fit that came to an end")
    return Trial(folder, rows, interrupted)
