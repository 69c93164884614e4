"""How often log p(x) lies in the 95 % intervals of the estimators: `make calibration`.

Writes docs/calibration.md: over 200 seeds on eight problems, fits of a tenth of a second. Ends with
1 where an estimator whose weights have a mean that can be relied on covers too little or too much.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vi_lab import EvidenceEstimate, exact, problem
from vi_lab.marginal_likelihood.estimators import ESTIMATORS
from vi_lab.marginal_likelihood.weighing import weigh_seed
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
PAGE = Path(__file__).parent.parent / "docs" / "calibration.md"
HEAD = """# Are the errors of estimates of log p(x) as large as they say?

How often the exact log p(x) lies within 1.96 of the errors that an estimate states, over {seeds}
seeds; 95 % were right. Each fit takes about a tenth of a second. `make calibration` makes this page
again. In brackets are estimates of which more than one in twenty say, in a note, that their error
is not to be trusted (k-hat, chains that have not mixed), with the share that do where it is not all
of them. The harmonic mean cannot know its error and states none.

On `clutter` and `challenger` the posterior has heavier tails than the Gaussian that importance
sampling draws from: above a k-hat of 0.5 the variance of the weights is infinite, and the error
stated, which is that of a finite one, is too small. `tails=5` gives the Gaussian the tails of a t.
Of `coin` Chib's method is exact: its one block has nothing to average over.

"""

Cell = tuple[float, float, int]  # coverage, share warned of, estimates


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
    wrong = [where for where, cell in cells.items() if cell and not fits(cell, options.seeds)]
    for problem_name, name in wrong:
        print(f"{problem_name} {name}: {cells[problem_name, name]}", file=sys.stderr)
    return 1 if wrong else 0


def cover(estimates: Sequence[EvidenceEstimate | str], truth: float) -> Cell | None:
    """How often the truth is covered, and how many say that they are not to be trusted."""
    good = [e for e in estimates if isinstance(e, EvidenceEstimate)]
    if not good:
        return None
    off = np.array([e.value - truth for e in good])
    errors = np.array([e.error for e in good])
    inside = np.abs(off) <= MASS * errors + 1e-9
    return float(inside.mean()), float(np.mean([warned(e) for e in good])), len(good)


def warned(estimate: EvidenceEstimate) -> bool:
    """Whether a note says that its error is not to be trusted."""
    return any(word in note for note in estimate.notes for word in ("k-hat", "have not mixed"))


def fits(cell: Cell, seeds: int) -> bool:
    """Within the limits, widened by two standard errors where there are fewer seeds."""
    coverage, share, _ = cell
    room = 2.0 * np.sqrt(0.05 * 0.95) * max(seeds**-0.5 - SEEDS**-0.5, 0.0)
    return share > 0.05 or LOW - room <= coverage <= HIGH + room


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
    coverage, share, _ = cell
    shown = f"{100 * coverage:.1f} %"
    if share <= 0.05:
        return shown
    return f"({shown})" if share > 0.95 else f"({shown}; {100 * share:.0f} %)"


if __name__ == "__main__":
    assert diagnostics.FEWEST_WEIGHTS < min(SIZES.values())
    sys.exit(main())
