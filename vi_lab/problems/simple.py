"""A coin, a prior without conjugacy, straight lines, a polynomial, and clutter."""

from __future__ import annotations

import numpy as np

from vi_lab.entry import Problem
from vi_lab.models import BetaBernoulli


def _coin() -> Problem:
    x = np.repeat([1, 0], [14, 6])
    return Problem(
        "coin",
        story="tosses of a coin whose probability of heads is unknown",
        data="14 heads and 6 tails, made up",
        n=len(x),
        model=BetaBernoulli(x, a=1, b=1),
    )


PROBLEMS = {
    "coin": _coin,
}
