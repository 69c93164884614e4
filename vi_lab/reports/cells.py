"""What a cell of the matrix says: a state, a number, a sign, and the same in words.

The tint follows the verdict, not the number: a sampler that agrees with the truth within Monte
Carlo noise is never tinted, whatever its distance.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from vi_lab.comparison.row import RESPONSES, Row, judge_gap
from vi_lab.comparison.summary import is_broken, is_unmixed
from vi_lab.comparison.verdict import NOISE, WIDE
from vi_lab.numerics.agreement import AGREES, CANNOT_BE_TOLD
from vi_lab.reports.words import write_amount, write_sds

STEPS = (0.2, 0.5)  # posterior sds, above which a tint is darker
NEARLY = 0.005  # of an sd ratio of linear response, within which it is right
GAUSSIAN = math.sqrt(2 / math.pi)  # W1 of N(0, 1) and N(0, r^2), in units of |1 - r|

SIGNS = {
    "agrees": "",
    "differs": "",
    "not-mixed": "~",
    "not-converged": "…",
    "cannot-be-told": "?",
    "no-truth": "○",
    "long-run": "≈",
    "does-not-apply": "—",
    "not-run": "",
    "failed": "x",
}
LEGEND = {
    "agrees": "agrees within its error",
    "differs": "differs: the darker, the farther",
    "not-mixed": "not mixed",
    "not-converged": "stopped before it converged",
    "cannot-be-told": "cannot be told",
    "no-truth": "no exact answer is known",
    "long-run": "held against a long run",
    "does-not-apply": "does not apply",
    "failed": "failed",
}


class Cell(NamedTuple):
    """One method on one problem.

    Attributes
    ----------
    state : str
        A key of SIGNS.
    number : str
        The worst error in posterior sds; empty where there is none.
    words : str
        What is read aloud.
    error : float
        The same as a number; nan where there is none.
    tint : int
        0 for none, up to 3.
    long_run : bool
        Whether it is held against a long run.
    """

    state: str
    number: str
    words: str
    error: float
    tint: int = 0
    long_run: bool = False

    @property
    def sign(self) -> str:
        """What stands beside the number."""
        return SIGNS[self.state] or (SIGNS["long-run"] if self.long_run else "")

    @property
    def bar(self) -> float:
        """The length of the bar, from 0 to 1."""
        return min(self.error, 1.0) if self.tint else 0.0


def distance(row: Row) -> float:
    """The worst Wasserstein-1 distance of a summary in posterior sds; nan where there is none.

    Linear response has two moments and no density: of two centred Gaussians with sds 1 and r the
    distance is E|X| |1 - r| = sqrt(2/pi) |1 - r|.
    """
    if row.method in RESPONSES and row.sd_ratio_min is not None:
        high = row.sd_ratio_max if row.sd_ratio_max is not None else row.sd_ratio_min
        return GAUSSIAN * max(abs(1 - row.sd_ratio_min), abs(1 - high))
    return math.nan if row.wasserstein is None else row.wasserstein


def make_cell(row: Row | None) -> Cell:
    """The cell of a row; of None, what was not run."""
    if row is None:
        return Cell("not-run", "", "not run", math.nan)
    if not row.applies:
        return Cell("does-not-apply", "", f"does not apply: {row.reason}", math.nan)
    if is_broken(row):
        return Cell("failed", "", f"failed: {row.reason}", math.nan)
    error = distance(row)
    number = "" if math.isnan(error) else write_sds(error)
    long_run = row.reference == "long run"
    against = " from a long Gibbs run, not an exact answer" if long_run else " off"
    far = f"{number} posterior sds{against}" if number else ""
    state, words = _judge(row, error)
    if state in ("agrees", "differs") and row.method in RESPONSES:
        far += ", sds only"
    tinted = state in ("differs", "not-converged") and number
    tint = 1 + sum(error > step for step in STEPS) if tinted else 0
    return Cell(state, number, "; ".join(filter(None, (far, words))), error, tint, long_run)


def _judge(row: Row, error: float) -> tuple[str, str]:
    """A state and what it is in words."""
    if is_unmixed(row):
        size = "" if row.ess is None else f", ESS {row.ess:.0f}"
        rhat = "" if row.rhat is None else f": R-hat {row.rhat:.3f}"
        return "not-mixed", f"not mixed{rhat}{size}"
    if row.converged is False:
        return "not-converged", "stopped before it converged"
    if row.estimates_evidence and row.gap is not None:
        agrees = judge_gap(row).word == AGREES
        far = f"{write_amount(abs(row.gap))} nats off, of an estimate of log p(x)"
        return ("agrees", "agrees within its error") if agrees else ("differs", far)
    if row.gap is not None and judge_gap(row).word == CANNOT_BE_TOLD:
        return "cannot-be-told", f"cannot be told: {row.lost_digits or judge_gap(row).reason}"
    if math.isnan(error):
        if row.lost_digits:
            return "cannot-be-told", f"cannot be told: {row.lost_digits}"
        if row.reference is None:
            return "no-truth", "no exact answer is known"
        return "cannot-be-told", "cannot be told: no summary has a finite sd"
    return ("agrees", "agrees within its error") if _agrees(row, error) else ("differs", "")


def _agrees(row: Row, error: float) -> bool:
    """Whether the verdict on this row is that it agrees."""
    if row.method in RESPONSES:
        return error <= GAUSSIAN * NEARLY
    if row.gap is not None:
        return judge_gap(row).word == AGREES
    if row.mean_error_z is not None:
        low, high = row.sd_ratio_min, row.sd_ratio_max
        wide = low is not None and high is not None and (low < 1 / WIDE or high > WIDE)
        return row.mean_error_z <= NOISE and (not wide or row.method == "exact-draws")
    return row.method == "exact"
