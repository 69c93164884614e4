"""`vi-lab trial`: diagnostics as detectors; `vi-lab trial --report DIR` says what the fits say."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from vi_lab.comparison.layout import read_width
from vi_lab.errors import InputError
from vi_lab.results import tables
from vi_lab.runtime import storage
from vi_lab.runtime.exit_codes import DONE, INTERRUPTED
from vi_lab.runtime.messages import results_alone
from vi_lab.studies.trial.charges import CHARGES
from vi_lab.studies.trial.trial import Trial, read_trial, trial
from vi_lab.studies.trial.verdicts import GALLERIES, list_findings


def add_command(command: Any, jobs: Any) -> None:
    """Hang `trial` into the parser; `command` makes a subcommand."""
    sub = command(
        "trial",
        _trial,
        "Try the diagnostics of approximate inference as detectors of wrong fits, over hundreds of "
        "fits whose truth is known.",
    )
    sub.add_argument("--quick", action="store_true", help="530 fits instead of 3,200")
    sub.add_argument("--out", type=Path, metavar="DIR", help="where the fits are kept; it resumes")
    sub.add_argument("--report", type=Path, metavar="DIR", help="what those of a folder say")
    sub.add_argument("--jobs", **jobs)
    sub.add_argument("--cluster", metavar="ADDRESS", help="of a Dask scheduler")


def _trial(options: argparse.Namespace) -> int:
    if (options.out is None) == (options.report is None):
        raise InputError("trial: needs --out DIR or --report DIR")
    if options.report is not None:
        made = read_trial(options.report)
    else:
        with results_alone():
            made = trial(
                out=options.out, quick=options.quick, jobs=options.jobs, cluster=options.cluster
            )
    if options.format == "json":
        drawn = {"drawn": list_findings(made.findings()) if made.rows else []}
        named = {"named": list_findings(made.findings(drawn=False)) if made.rows else []}
        print(storage.to_json({"fits": len(made.rows), **drawn, **named}), end="")
    else:
        print(made.text(read_width(None)))
    if options.report is not None and options.format != "json":
        for score, charge in GALLERIES:
            worst = made.worst(score, charge)
            if worst:
                print(f"\nThe worst mistakes of {score} about {charge}")
                print(tables.text(worst, read_width(None)))
        for path in save_pictures(made):
            print(f"Picture  {path}")
    return INTERRUPTED if made.interrupted else DONE


def save_pictures(made: Trial) -> list[Path]:
    """A picture of the ROC curves of each charge, in the folder of the trial."""
    from vi_lab.plots import alt_text, detectors, png_bytes  # matplotlib: where wanted

    findings, paths = made.findings(), []
    for charge in CHARGES:
        curves = [
            (f"{f.score} {f.roc.auc:.2f}", f.roc.false_alarms, f.roc.detected)
            for f in sorted(findings, key=lambda f: -f.roc.auc)
            if f.charge == charge
        ]
        if curves:
            ax: Any = detectors.roc(curves, charge)
            path = made.folder / f"roc-{charge}.png"
            paths.append(storage.write_bytes(path, png_bytes(ax.figure, alt_text(ax))))
    return paths
