"""How often log p(x) lies in the 95 % intervals of the estimators: `make calibration`.

Writes docs/calibration.md: over 200 seeds on eight problems, fits of a tenth of a second. Ends with
1 where estimates that do not warn of their error cover too little or too much.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vi_lab import EvidenceEstimate, exact, problem
from vi_lab.marginal_likelihood.estimators import ESTIMATORS
from vi_lab.marginal_likelihood.weighing import weigh_seed
from vi_lab.marginal_likelihood.weights import ROUNDING
from vi_lab.results import diagnostics
from vi_lab.runtime.parallel import processes, run_jobs

PROBLEMS = (
    "newcomb", "newcomb-independent", "coal", "coin", "clutter", "challenger", "bioassay", "cars",
)  # fmt: skip
SIZES = {
    "importance": 2000, "bridge": 1000, "chib": 1000, "smc": 300, "ais": 100, "prior": 2000,
    "reciprocal": 1000, "harmonic": 1000,
}  # fmt: skip
SEEDS, SECONDS = 200, 0.5
LOW, HIGH, MASS = 0.90, 0.99, 1.96
FEW, MOST = 0.05, 0.9  # shares of estimates that warn: hardly any, nearly all
PAGE = Path(__file__).parent.parent / "docs" / "calibration.md"
HEAD = """# Are the errors of estimates of log p(x) as large as they say?

How often the exact log p(x) lies within 1.96 of the errors that an estimate states, over {seeds}
seeds; 95 % were right. Each fit takes about a tenth of a second. `make calibration` makes this page
again, and ends with 1 where a number outside brackets is not between 90 and 99 %.

An estimate may say, in a note, that its error is not to be trusted (k-hat, chains that have not
mixed). Where nearly all of a cell do, its number is in brackets; where some do it is that of the
others, with the share of those in brackets behind it. Of `coin` Chib's method is exact: its one
block has nothing to average over. The harmonic mean cannot know its error and states none.

On `clutter` and `challenger` the posterior has heavier tails than the Gaussian that importance
sampling draws from. The error of the weights alone covered 87.5 % and 79.5 % there, with k-hats
that look no worse than elsewhere: what has not been drawn is in no weight. It is measured with a
few draws of heavier tails, and part of the error.

"""


class Cell(NamedTuple):
    """One estimator on one problem.

    Attributes
    ----------
    coverage : float
        Of the estimates that do not warn; where nearly all do or hardly any, of all.
    warned : float
        The share that says its error is not to be trusted.
    judged : int
        Estimates that `coverage` is of.
    exact : bool
        Whether none states an error beyond rounding, and all are right.
    """

    coverage: float
    warned: float
    judged: int
    exact: bool


def main(words: Sequence[str] | None = None) -> int:
    """Run all and write the page; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--out", type=Path, default=PAGE)
    options = parser.parse_args(words)
    names = [name for name in ESTIMATORS if name != "harmonic"]
    items = [problem(name) for name in PROBLEMS]
    tasks = [(item, names, seed, 1, SIZES) for item in items for seed in range(options.seeds)]
    found: dict[int, dict[str, EvidenceEstimate | str]] = {}
    run_jobs(weigh_seed, tasks, processes(options.jobs, [SECONDS] * len(tasks)), found.__setitem__)
    cells: dict[tuple[str, str], Cell | None] = {}
    for place, item in enumerate(items):
        truth = exact(item).log_evidence
        mine = [found[place * options.seeds + seed] for seed in range(options.seeds)]
        for name in names:
            cells[item.name, name] = cover([each[name] for each in mine], truth)
    options.out.write_text(write_page(cells, names, options.seeds), encoding="utf-8")
    wrong = {where: cell for where, cell in cells.items() if cell and not fits(cell)}
    for (problem_name, name), cell in wrong.items():
        print(f"{problem_name} {name}: {cell}", file=sys.stderr)
    return 1 if wrong else 0


def cover(estimates: Sequence[EvidenceEstimate | str], truth: float) -> Cell | None:
    """How often the truth is covered, and how many say that they are not to be trusted."""
    good = [e for e in estimates if isinstance(e, EvidenceEstimate)]
    if not good:
        return None
    off, errors = np.array([[e.value - truth, e.error] for e in good]).T
    inside = np.abs(off) <= MASS * errors + ROUNDING
    warned = np.array([warns(e) for e in good])
    judged = inside[~warned] if FEW < warned.mean() <= MOST else inside
    exact = bool((errors < ROUNDING).all() and inside.all())
    return Cell(float(judged.mean()), float(warned.mean()), len(judged), exact)


def warns(estimate: EvidenceEstimate) -> bool:
    """Whether a note says that its error is not to be trusted."""
    return any(word in note for note in estimate.notes for word in ("k-hat", "have not mixed"))


def fits(cell: Cell) -> bool:
    """Within the limits, widened by two standard errors where fewer seeds are judged."""
    room = 2.0 * np.sqrt(0.05 * 0.95) * max(cell.judged**-0.5 - SEEDS**-0.5, 0.0)
    return cell.exact or cell.warned > MOST or LOW - room <= cell.coverage <= HIGH + room


def write_page(cells: dict[tuple[str, str], Cell | None], names: Sequence[str], seeds: int) -> str:
    """The table in Markdown."""
    lines = [f"| problem | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for item in PROBLEMS:
        row = [_write_cell(cells[item, name]) for name in names]
        lines.append(f"| {item} | {' | '.join(row)} |")
    return HEAD.format(seeds=seeds) + "\n".join(lines) + "\n"


def _write_cell(cell: Cell | None) -> str:
    if cell is None:
        return "–"
    if cell.exact:
        return "exact"
    shown = f"{100 * cell.coverage:.1f} %"
    if cell.warned > MOST:
        return f"({shown})"
    return shown if cell.warned <= FEW else f"{shown} ({100 * cell.warned:.0f} %)"


if __name__ == "__main__":
    assert diagnostics.FEWEST_WEIGHTS < min(SIZES.values())
    sys.exit(main())
