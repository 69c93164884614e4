"""Arguments that hide mistakes: a test at a special point says little."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.teach.bank import find
from vi_lab.teach.exercise import Exercise


def invisible(identity: str, *arguments: Any) -> tuple[int, int]:
    """How many mistakes of an exercise are right at these arguments, and of how many."""
    exercise = find(identity)
    assert isinstance(exercise, Exercise)
    with np.errstate(all="ignore"):
        right = np.asarray(exercise.right(*arguments), float)
        given = [np.asarray(wrong(*arguments), float) for wrong in exercise.mistakes.values()]
    same = [g.shape == right.shape and np.allclose(g, right, rtol=1e-9) for g in given]
    return sum(same), len(same)
