"""Do two chains of one run know of each other?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public, short_repr
from vi_lab.arguments.types import Rng
from vi_lab.errors import InputError
from vi_lab.runtime.interrupts import run_as_one_job
from vi_lab.runtime.progress import progress
from vi_lab.testing import limits
from vi_lab.testing.joint import Columns, Joint, ask, open_test
from vi_lab.testing.report import CurveReport, report_two_samples

Pair = Callable[[np.random.Generator, Any, Any, int], tuple[Any, Any]]


@public
@run_as_one_job()
def chains_test(
    joint: Joint,
    pair: Pair,
    *,
    replicates: int = 1000,
    steps: int = 1,
    rng: Rng = None,
    alpha: float = limits.ALPHA,
    name: str = "the sampler",
) -> CurveReport:
    """Are two chains of one run independent given their common start?

    A draw that chains share leaves each of them right: no test of one chain sees it, and R-hat and
    the error bars built on independent chains are wrong. Two chains that start from the same theta
    and are run together end |f(a) - f(b)| apart; two chains of two separate runs are independent
    by construction. If the chains of one run are independent too, both distances have the same
    distribution, and 2 R independent replicates are compared as in `joint_test`.

    Parameters
    ----------
    joint : Joint
    pair : callable
        (rng, theta, data, steps) -> the last states of two chains that one run started at theta.
    replicates, steps : int
        After one step what the chains share is plainest: their noise, or whether they move at all.
    rng : int, SeedSequence or Generator, optional
    alpha : float
        The rate of false alarms of the whole report.
    name : str

    Returns
    -------
    CurveReport
    """
    replicates, alpha, generator = open_test(joint, replicates, alpha, rng, 2, pair=pair)
    steps = checks.integer("steps", steps, 1)
    together, apart = Columns(), Columns()
    for _ in progress(range(replicates), "chains test", replicates):
        theta, data = joint.draw(generator)
        _add(together, joint, _ends(pair, generator, theta, data, steps), data)
        theta, data = joint.draw(generator)
        ends = [_ends(pair, generator, theta, data, steps)[i] for i in (0, 1)]
        _add(apart, joint, ends, data)
    return report_two_samples(
        f"independence of the chains of {name}",
        together.arrays(replicates),
        apart.arrays(replicates),
        alpha,
        "chains of one run are as far apart as chains of two.",
        "chains of one run share their randomness.",
    )


def _ends(pair: Pair, rng: np.random.Generator, theta: Any, data: Any, steps: int) -> list[Any]:
    """The two states of a run, checked."""
    found = ask("pair", pair, rng, theta, data, steps)
    if not isinstance(found, tuple | list | np.ndarray) or len(found) != 2:
        raise InputError(f"pair: needs two states, got {short_repr(found)}")
    return list(found)


def _add(columns: Columns, joint: Joint, states: list[Any], data: Any) -> None:
    for quantity, (a, b) in joint.look(states, data).items():
        columns.add(quantity, 0.0 if a == b else abs(a - b))
