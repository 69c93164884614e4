"""A finding of `validate`: one part of a model held against another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from vi_lab.errors import error_text

RELATIVE = 1e-9  # of the numbers that are subtracted: what rounding may do


class Finding(NamedTuple):
    """One part held against another: how far apart, and how far is allowed.

    `check` and `block` say which; `find` fills them in.
    """

    off: float
    allowed: float
    words: str = ""
    check: str = ""
    block: str = ""

    @property
    def limits(self) -> float:
        """How many times what is allowed; nan and no number at all are infinitely many."""
        if self.off == 0.0:
            return 0.0
        usable = np.isfinite(self.off) and self.allowed > 0.0
        return float(self.off / self.allowed) if usable else np.inf


def title(finding: Finding) -> str:
    return finding.check + (f" of {finding.block!r}" if finding.block else "")


def find(check: str, block: str, run: Callable[[], Finding]) -> Finding:
    """A finding, or that there is none because the model raised."""
    try:
        found = run()
    except Exception as error:
        found = fail(f"{type(error).__name__}: {error_text(error)}")
    return found._replace(check=check, block=block)


def fail(words: str) -> Finding:
    """What no number measures: it is wrong altogether."""
    return Finding(np.inf, 0.0, words)


def find_worst(off: Any, one: Any, two: Any, words: str) -> Finding:
    """The largest difference in units of what rounding may do to the two numbers it is of."""
    off = np.where(np.isnan(off), np.inf, off)
    allowed = RELATIVE * (1.0 + np.abs(one) + np.abs(two))
    worst = int(np.argmax(np.where(np.isinf(off), np.inf, off / allowed)))
    words = f"{words}, off by {off[worst]:.4g} nats at the worst" if off[worst] > 0 else ""
    return Finding(float(off[worst]), float(allowed[worst]), words)
