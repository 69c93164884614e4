"""A coin, a prior without conjugacy, straight lines, a polynomial, and clutter."""

from __future__ import annotations

import numpy as np

from vi_lab.datasets import load_newcomb
from vi_lab.entry import Problem
from vi_lab.models import BetaBernoulli, NormalSemiConjugate


def _coin() -> Problem:
    x = np.repeat([1, 0], [14, 6])
    return Problem(
        "coin",
        story="tosses of a coin whose probability of heads is unknown",
        data="14 heads and 6 tails, made up",
        n=len(x),
        model=BetaBernoulli(x, a=1, b=1),
    )


def _newcomb_independent() -> Problem:
    x = load_newcomb().data["deviation_ns"]
    return Problem(
        "newcomb-independent",
        story="passage times of light scatter about mu with precision tau, independent a priori",
        data="Newcomb 1882, 66 passage times minus 24,800 ns",
        n=len(x),
        model=NormalSemiConjugate(x, m0=20, s0=10, a0=2, b0=50),
    )


PROBLEMS = {
    "coin": _coin,
    "newcomb-independent": _newcomb_independent,
}
