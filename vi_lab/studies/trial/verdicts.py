"""What the rows of a trial say: a ROC for each diagnostic and charge, and what thresholds cost."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from vi_lab.numerics import special
from vi_lab.studies.cases import base_of
from vi_lab.studies.trial.charges import CHARGES
from vi_lab.studies.trial.roc import Roc, find_roc
from vi_lab.studies.trial.trial_measure import RANKED, RANKS, SCORES

# Scores of which a small one is the suspicious one.
GOOD_IF_LARGE = ("weight_ess", "ess_bulk", "ess_tail")
VSBC = "vsbc"
# Where the line is drawn, fixed before the trial.
THRESHOLDS = {
    "khat_1000": 2.0 / 3.0, "khat_4000": 0.7, "khat_100000": 0.7,  # Vehtari et al. 2024, 3.2.4
    "rhat": 1.01, "ess_bulk": 400.0, "ess_tail": 400.0,  # Vehtari et al. 2021
    "plateau_relative": 0.01, "plateau_median": 0.01,  # tol_rel_obj of Stan's ADVI
    "plateau_last": 0.01,  # a tenth of the KL that is a charge
    "log_weight_sd": 1.0, "weight_ess": 0.1,
    "restarts_apart": 0.0,  # any
    "response": math.log(1.25),  # the sd ratio that is a charge
    "classifier": 0.537,  # of 500 held-out draws, what one of twenty samples that are alike exceeds
    VSBC: 2.0,  # standard errors
}  # fmt: skip
MODE = "mode"
GALLERIES = (("khat_4000", "kl"), ("rhat", "mean"))  # of the worst mistakes that are shown


class Finding(NamedTuple):
    """One diagnostic against one charge, over the fits that have both."""

    score: str
    charge: str
    roc: Roc
    threshold: float | None = None
    detected: float | None = None  # of the guilty, at the usual threshold
    false_alarms: float | None = None  # of the innocent


def judge_scores(rows: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """Every diagnostic against every charge, over some rows; the seed of the bootstrap is 0.

    A fit that misses a mode is charged with that alone: weights and gradients that have never been
    near the other mode are not blamed for being silent about it five times.
    """
    found = []
    names = [row["problem"] for row in rows]
    scores = {name: _numbers(rows, name) for name in SCORES} | {VSBC: score_vsbc(rows)}
    missed = _numbers(rows, f"guilty_{MODE}") == 1.0
    for charge in CHARGES:
        told = _numbers(rows, f"guilty_{charge}")
        if charge != MODE:
            told[missed] = np.nan
        for name, score in scores.items():
            suspicion = -score if name in GOOD_IF_LARGE else score
            suspicion = np.where(np.isnan(told), np.nan, suspicion)
            roc = find_roc(suspicion, told == 1.0, names, np.random.default_rng(0))
            if roc is not None:
                found.append(_draw_line(name, charge, roc, suspicion, told == 1.0))
    return found


def _draw_line(
    name: str, charge: str, roc: Roc, suspicion: np.ndarray, guilty: np.ndarray
) -> Finding:
    usual = THRESHOLDS.get(name)
    if usual is None:
        return Finding(name, charge, roc)
    known = ~np.isnan(suspicion)
    alarm = suspicion[known] > (-usual if name in GOOD_IF_LARGE else usual)
    guilty = guilty[known]
    return Finding(
        name, charge, roc, usual, float(alarm[guilty].mean()), float(alarm[~guilty].mean())
    )


def score_vsbc(rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Variational simulation-based calibration as a score of each fit, (rows,).

    Of one method on data drawn from one model, the ranks u of the true latents among draws of the
    fits; of all data sets but the fit's own, the largest over coordinates of |mean of u - 1/2| in
    standard errors and |log spread of normal scores| in its own (Yao et al. 2018, section 3.2). It
    judges a method on a model, not one fit: nan where fewer than 8 data sets are left.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    for place, row in enumerate(rows):
        if row[RANKS] is not None:
            groups.setdefault((base_of(row["problem"]), row["method"]), []).append(place)
    found = np.full(len(rows), np.nan)
    for places in groups.values():
        u = (np.array([json.loads(rows[p][RANKS]) for p in places]) + 0.5) / (RANKED + 1)
        for number, place in enumerate(places):
            others = np.delete(u, number, axis=0)
            if len(others) >= 8:
                found[place] = _find_bias(others)
    return found


def _find_bias(u: np.ndarray) -> float:
    """The largest z-score of a shift or a spread, of u (n, P)."""
    n = len(u)
    shift = np.abs(u.mean(0) - 0.5) * np.sqrt(12.0 * n)
    spread = np.abs(np.log(special.ndtri(u).std(0, ddof=1))) * np.sqrt(2.0 * n)
    return float(max(shift.max(), spread.max()))


def _numbers(rows: Sequence[Mapping[str, Any]], name: str) -> np.ndarray:
    return np.array([np.nan if row[name] is None else float(row[name]) for row in rows])


def list_findings(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """A line for each finding, the best detector of each charge first."""
    ranked = sorted(findings, key=lambda f: (CHARGES.index(f.charge), -f.roc.auc))
    return [
        {
            "charge": f.charge,
            "diagnostic": f.score,
            "AUC": f"{f.roc.auc:.2f}",
            "95 %": f"{f.roc.low:.2f}–{f.roc.high:.2f}",
            "guilty": f.roc.guilty,
            "innocent": f.roc.innocent,
            "usual line": None if f.threshold is None else f"{f.threshold:.3g}",
            "found": None if f.detected is None else f"{f.detected:.0%}",
            "false alarms": None if f.false_alarms is None else f"{f.false_alarms:.0%}",
        }
        for f in ranked
    ]


def list_worst(rows: Sequence[Mapping[str, Any]], score: str, charge: str, count: int = 10) -> Any:
    """The ten most confident mistakes of a diagnostic: guilty fits that it let go, and innocent
    ones that it accused; a line each, the worst first. Fits that miss a mode are left out, as in
    `judge_scores`."""
    signed = -1.0 if score in GOOD_IF_LARGE else 1.0
    tried = [row for row in rows if charge == MODE or not row[f"guilty_{MODE}"]]
    known = [row for row in tried if row[score] is not None and row[f"guilty_{charge}"] is not None]
    ranked = sorted(known, key=lambda row: signed * row[score])
    let_go = [row for row in ranked if row[f"guilty_{charge}"]][:count]
    accused = [row for row in reversed(ranked) if not row[f"guilty_{charge}"]][:count]
    return [
        {
            "said": "yes, it is good" if row in let_go else "no, it is not",
            "problem": row["problem"],
            "method": row["method"],
            score: row[score],
            "KL": row["kl"],
            "mean error, sd": row["mean_error"],
            "sd ratio": f"{row['sd_ratio_min']:.2f}–{row['sd_ratio_max']:.2f}",
        }
        for row in [*let_go, *accused]
    ]
