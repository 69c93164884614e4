"""Calibration of a variational posterior: VSBC and the coverage of its intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.numerics import special
from vi_lab.runtime.interrupts import run_as_one_job
from vi_lab.runtime.progress import progress
from vi_lab.testing import limits
from vi_lab.testing.joint import Columns, Joint, open_test, walk
from vi_lab.testing.rank import rank
from vi_lab.testing.report import CurveReport

Approximate = Callable[[np.random.Generator, Any, int], Sequence[Any]]
LEVELS = (0.5, 0.9)  # of the central intervals
PLAIN = 3.0  # standard normal deviates beyond which a direction is put into words
EDGE = 1e-16  # within which u is kept of 0 and 1, so that its normal score is finite


@public
@run_as_one_job()
def vsbc(
    joint: Joint,
    approximate: Approximate,
    *,
    exact: bool = False,
    replicates: int = 1000,
    draws: int = 99,
    rng: Rng = None,
    alpha: float = limits.ALPHA,
    name: str = "q",
) -> CurveReport:
    """Where does the truth fall in q, and how often do q's intervals hold it?

    Variational simulation-based calibration (Yao, Vehtari, Simpson & Gelman 2018, section 3.2).
    theta comes from the prior, data given theta, and q is fitted to the data. For each quantity, u
    is the probability under q of less than the true value, by the rank among draws of q with ties
    broken at random. Were q the posterior, u would be uniform; it need not be, and how it differs
    is the finding:

        mean of u below 1/2   q lies too high (the truth is in its lower half), above 1/2 too low
        spread above 1        q is too narrow: the truth is too often in its tails; below 1 too wide

    where spread is the standard deviation of the normal scores s = Phi^-1(u) about their own mean.
    Where q and the posterior are normal, of sds w and 1 and d apart, s = (z - d) / w with z
    standard normal: d moves the mean alone, and the spread is 1 / w. (About
    u = 1/2 a q that is only shifted would look narrow, and by the variance of u wide. Beyond a
    shift of about 2 sds u presses against 1 / (draws + 1) or its complement, and the spread
    shrinks: raise draws.)

    A direction is put into words where it is beyond what a calibrated q gives in 0.27% of cases.
    For uniform u the mean of n has variance 1 / 12n, whence 3 standard errors of it; s is then
    standard normal and (n - 1) spread**2 chi-squared with n - 1 degrees of freedom, whence its
    quantiles at 0.135% and 99.865%. A central interval of level c covers
    the truth where |u - 1/2| < c/2; its coverage should be c. Uniform u is necessary for q to be
    the posterior, not sufficient: a q that cuts a correlation may have exact margins.

    Parameters
    ----------
    joint : Joint
    approximate : callable
        (rng, data, draws) -> that many draws of the q fitted to the data, as a list of thetas.
    exact : bool
        Whether q is meant to be exact: then u is held to be uniform, as in `rank_test`. Otherwise
        `passed` is None.
    replicates, draws : int
    rng : int, SeedSequence or Generator, optional
    alpha : float
        The rate of false alarms where it is judged.
    name : str

    Returns
    -------
    CurveReport
        A row for each quantity: distance, mean of u, spread, coverage of the 50% and 90% intervals,
        the direction in words.
    """
    replicates, alpha, generator = open_test(
        joint, replicates, alpha, rng, int(bool(exact)), approximate=approximate
    )
    draws = checks.integer("draws", draws, 1)
    require_memory("draws", "the draws of a q", draws)
    columns = Columns()

    def drawn(rng: np.random.Generator, _: Any, data: Any, count: int) -> Sequence[Any]:
        return approximate(rng, data, count)

    for _ in progress(range(replicates), "vsbc", replicates):
        theta, data = joint.draw(generator)
        states = walk(drawn, generator, theta, data, draws, "approximate")
        for quantity, values in joint.look([theta, *states], data).items():
            columns.add(quantity, (rank(generator, values) + generator.random()) / (draws + 1))
    u = columns.arrays(replicates)
    limit = limits.one_sample(replicates, alpha, len(u))
    rows = tuple(_row(quantity, values, limit) for quantity, values in u.items())
    worst = max(rows, key=lambda row: row["distance"])
    passed = bool(worst["distance"] <= limit) if exact else None
    meant = "should be uniform" if exact else "need not be uniform"
    sentence = (
        f"The worst of {len(rows)} quantities, {worst['quantity']}, is {worst['distance']:.3f} "
        f"from uniform (limit {limit:.3f}); q is {worst['q is']}, and its 90% interval holds the "
        f"truth in {worst['90% holds']:.0%} of replicates. {name} {meant}."
    )
    return CurveReport(
        f"calibration of {name}",
        passed,
        worst["distance"],
        limit,
        sentence,
        alpha if exact else 0.0,
        rows,
        {quantity: limits.curve_from_uniform(values) for quantity, values in u.items()},
    )


def _row(quantity: str, u: np.ndarray, limit: float) -> dict[str, Any]:
    n, shift = len(u), u.mean() - 0.5
    scores = special.ndtri(np.clip(u, EDGE, 1.0 - EDGE))
    spread = float(scores.std(ddof=1)) if n > 1 else 1.0
    words = []
    if abs(shift) > PLAIN * np.sqrt(1.0 / (12.0 * n)):
        words.append("too low" if shift > 0 else "too high")
    if n > 1:
        low, high = special.ndtr(-PLAIN), special.ndtr(PLAIN)
        square, freedom = (n - 1) * spread**2, 0.5 * (n - 1)
        if square > 2.0 * special.gammaincinv(freedom, high):
            words.append("too narrow")
        elif square < 2.0 * special.gammaincinv(freedom, low):
            words.append("too wide")
    return {
        "quantity": quantity,
        "distance": limits.from_uniform(u),
        "limit": limit,
        "mean of u": float(u.mean()),
        "spread": spread,
        **{f"{level:.0%} holds": float((np.abs(u - 0.5) < 0.5 * level).mean()) for level in LEVELS},
        "q is": " and ".join(words) or "calibrated",
    }
