"""Calibration of a variational posterior: VSBC and the coverage of its intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from vi_lab import checks
from vi_lab.interrupts import larger_job
from vi_lab.progress import progress
from vi_lab.testing import limits
from vi_lab.testing.joint import Columns, Joint, walked
from vi_lab.testing.rank import rank
from vi_lab.testing.report import CurveReport

Approximate = Callable[[np.random.Generator, Any, int], Sequence[Any]]
LEVELS = (0.5, 0.9)  # of the central intervals
PLAIN = 3.0  # standard errors beyond which a direction is put into words


@checks.clear_keywords
@larger_job()
def vsbc(
    joint: Joint,
    approximate: Approximate,
    *,
    exact: bool = False,
    replicates: int = 1000,
    draws: int = 99,
    rng: Any = None,
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

    where spread = sqrt(12 var u), which is 1 for uniform u. A central interval of level c covers
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
    replicates = checks.integer("replicates", replicates, 1)
    draws = checks.integer("draws", draws, 1)
    alpha = limits.rate(alpha)
    generator = checks.generator(rng)
    columns = Columns()

    def drawn(rng: np.random.Generator, _: Any, data: Any, count: int) -> Sequence[Any]:
        return approximate(rng, data, count)

    for _ in progress(range(replicates), "vsbc", replicates):
        theta, data = joint.draw(generator)
        states = walked(drawn, generator, theta, data, draws)
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
    n, shift, spread = len(u), u.mean() - 0.5, np.sqrt(12.0 * ((u - 0.5) ** 2).mean())
    # uniform u has variance 1/12, and (u - 1/2)**2 has variance 1/180
    shift_error, square_error = np.sqrt(1.0 / (12.0 * n)), 12.0 * np.sqrt(1.0 / (180.0 * n))
    words = []
    if abs(shift) > PLAIN * shift_error:
        words.append("too low" if shift > 0 else "too high")
    if abs(spread**2 - 1.0) > PLAIN * square_error:
        words.append("too narrow" if spread > 1.0 else "too wide")
    return {
        "quantity": quantity,
        "distance": limits.from_uniform(u),
        "limit": limit,
        "mean of u": float(u.mean()),
        "spread": float(spread),
        **{f"{level:.0%} holds": float((np.abs(u - 0.5) < 0.5 * level).mean()) for level in LEVELS},
        "q is": " and ".join(words) or "calibrated",
    }
