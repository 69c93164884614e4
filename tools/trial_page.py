"""Write the rows, tables and pictures of docs/trial.md from the folder of a trial.

    vi-lab trial --out trial
    python -m tools.trial_page trial

Without a folder the tables are those of the rows that are there.
"""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tools.pages import fill, save_picture, write_short
from vi_lab import read_study, read_trial
from vi_lab.plots import alt_text, detectors, panels
from vi_lab.results import tables
from vi_lab.studies.cases import is_drawn
from vi_lab.studies.store import DONE
from vi_lab.studies.trial.charges import CHARGES
from vi_lab.studies.trial.published import FILE, read_published, write_rows
from vi_lab.studies.trial.trial import MODELS
from vi_lab.studies.trial.trial_measure import SCORES, TRIAL
from vi_lab.studies.trial.verdicts import GALLERIES, GOOD_IF_LARGE, VSBC

ROOT = Path(__file__).resolve().parents[1]
PAGE, PICTURE = ROOT / "docs" / "trial.md", ROOT / "docs" / "images" / "trial-roc.png"
DENSITIES = ("cavi", "cavi-2-sweeps", "laplace", "gaussian-mean-field", "gaussian-full-rank")
OF_WEIGHTS = ("khat_1000", "khat_4000", "khat_100000", "log_weight_sd", "weight_ess")
# What a line is priced for: the charge that the diagnostic is mostly used about.
ABOUT = dict.fromkeys(SCORES, "kl") | {
    "rhat": "mean", "ess_bulk": "mean", "ess_tail": "sd", "response": "sd", VSBC: "sd",
    "restarts_apart": "mode", "weight_ess": "evidence",
}  # fmt: skip
SHOWN = 7  # curves of a charge in the picture


def list_counts(made):
    """Fits of each kind, and how many of them are guilty of what."""
    drawn = [row for row in made.rows if is_drawn(row["problem"])]
    lines = []
    for method in TRIAL.methods:
        rows = [row for row in drawn if row["method"] == method]
        line: dict[str, Any] = {"fit": method, "fits": len(rows)}
        for charge in CHARGES:
            guilty = [row[f"guilty_{charge}"] for row in rows]
            line[charge] = sum(map(bool, guilty)) if None not in guilty else None
        lines.append(line)
    return lines


def write_area(roc):
    """An AUC and its interval."""
    return f"{roc.auc:.2f} ({roc.low:.2f}–{roc.high:.2f})"


def list_areas(findings):
    """A line for each diagnostic: its AUC about each charge, with the interval."""
    found = {(f.score, f.charge): f.roc for f in findings}
    lines = []
    for score in (*SCORES, VSBC):
        line: dict[str, Any] = {"diagnostic": score}
        for charge in CHARGES:
            roc = found.get((score, charge))
            line[charge] = roc and write_area(roc)
        lines.append(line)
    return lines


def list_prices(findings):
    """A line for each diagnostic: what its line costs, and the one that would have been best."""
    found = {(f.score, f.charge): f for f in findings}
    lines = []
    for score in (*SCORES, VSBC):
        f = found.get((score, ABOUT[score]))
        if f is None:
            continue
        best = f.roc.best
        sign = -1.0 if score in GOOD_IF_LARGE else 1.0
        lines.append(
            {
                "diagnostic": score,
                "about": f.charge,
                "line": None if f.threshold is None else f"{f.threshold:.3g}",
                "found": None if f.detected is None else f"{f.detected:.0%}",
                "false alarms": None if f.false_alarms is None else f"{f.false_alarms:.0%}",
                "best line": f"{sign * f.roc.thresholds[best]:.3g}",
                "found there": f"{f.roc.detected[best]:.0%}",
                "false alarms there": f"{f.roc.false_alarms[best]:.0%}",
            }
        )
    return lines


def list_weights(made):
    """The AUC of what is read off importance weights about KL, by how the fit was made."""
    lines = []
    for fit in DENSITIES:
        areas = {f.score: f.roc for f in made.findings(fit=fit) if f.charge == "kl"}
        line: dict[str, Any] = {"fit": fit}
        for score in OF_WEIGHTS:
            roc = areas.get(score)
            line[score] = roc and write_area(roc)
        lines.append(line)
    return lines


def list_models(made):
    """The AUC of a few diagnostics, by the model that the data are drawn from."""
    few = (("khat_100000", "kl"), ("log_weight_sd", "kl"), ("rhat", "mean"), ("ess_bulk", "mean"))
    lines = []
    for model in MODELS:
        areas = {(f.score, f.charge): f.roc for f in made.findings(model=model)}
        line: dict[str, Any] = {"model": model}
        for pair in few:
            line[" about ".join(pair)] = areas.get(pair) and f"{areas[pair].auc:.2f}"
        lines.append(line)
    return lines


def list_named(made):
    """The AUC over the models' own data, which were chosen."""
    return [line for line in list_areas(made.findings(drawn=False)) if any(list(line.values())[1:])]


def list_gallery(made, score, charge):
    """The ten worst yes and no, with few digits."""
    return write_short(made.worst(score, charge))


def list_endings(rows):
    """How the rows ended, in words."""
    ended = Counter((row["status"], row["method"], row["error"]) for row in rows)
    lines = [f"{sum(n for (s, *_), n in ended.items() if s == DONE):,} rows done."]
    kinds: Counter[tuple[str, str, str]] = Counter()
    for (status, method, error), count in ended.items():
        if status != DONE:
            kinds[status, method, (error or "").split(":")[0].split(",")[0]] += count
    lines += [f"{n} × {method} {status}: {why}." for (status, method, why), n in kinds.items()]
    return "\n".join(f"- {line}" for line in lines)


def draw(findings):
    """The ROC curves of each charge, the best few of each, in one picture."""
    figure, axes = panels(2, 3, size=(12.0, 8.0))
    texts = []
    for ax, charge in zip(axes.flat, CHARGES, strict=False):
        ranked = sorted((f for f in findings if f.charge == charge), key=lambda f: -f.roc.auc)
        curves = [(f"{f.score} {f.roc.auc:.2f}", f.roc.false_alarms, f.roc.detected)
                  for f in ranked[:SHOWN]]  # fmt: skip
        texts.append(alt_text(detectors.roc(curves, charge, ax=ax)))
    axes.flat[-1].set_axis_off()
    save_picture(figure, texts, PICTURE)


def make_tables(made, rows):
    """Every table of the page by name."""
    findings = made.findings()
    return {
        "endings": list_endings(rows),
        "counts": tables.markdown(list_counts(made)),
        "areas": tables.markdown(list_areas(findings)),
        "prices": tables.markdown(list_prices(findings)),
        "weights": tables.markdown(list_weights(made)),
        "models": tables.markdown(list_models(made)),
        "named": tables.markdown(list_named(made)),
        **{f"{s}": tables.markdown(list_gallery(made, s, c)) for s, c in GALLERIES},
    }


def main():
    """Rows from the folder that is given, then the page."""
    if len(sys.argv) == 2:
        rows = list(read_study(sys.argv[1]).rows())
        (ROOT / "data" / FILE).write_bytes(write_rows(rows))
    made = read_trial()
    draw(made.findings())
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8"), make_tables(made, read_published())))


if __name__ == "__main__":
    main()
