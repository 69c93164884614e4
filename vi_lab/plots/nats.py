"""What pictures of nats have in common: words, heights, and the feet of bars that are cut off."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from vi_lab.numerics.agreement import STATED, judge
from vi_lab.numerics.rounding import Estimate

EVIDENCE, KL = "log p(x)", "KL(q || p(z|x))"
STATED_DIGITS = 1e-6  # nats: the digits of a log p(x) that is handed in


def find_mistake(what: str, gaps: Any, error: Any = STATED_DIGITS, route: str = STATED) -> str:
    """'a KL below 0: a mistake' where one of some numbers that cannot be negative is, by more than
    its error; else nothing."""
    judged = judge(gaps, {what: Estimate(gaps, error, route)})
    return f"{what} below 0: a mistake" if judged.impossible else ""


def room_between(low: float, high: float) -> float:
    """The height of a picture in nats; where all is equal but for rounding, one nat or more."""
    scale = 1e-9 * max(abs(low), abs(high))
    return high - low if high - low > max(1e-6, 1e-3 * scale) else max(1.0, scale)


def tear(ax: Axes, at: np.ndarray, half: float, floor: float, height: float) -> None:
    """A torn strip across the bars: their feet, far below, are not drawn."""
    for x in at:
        across = np.linspace(x - half, x + half, 60)
        wave = floor + height * (0.052 + 0.017 * np.sin((across - x) * 2 * np.pi / 0.18))
        strip = 0.012 * height
        ax.fill_between(across, wave - strip, wave + strip, color="white", linewidth=0)
