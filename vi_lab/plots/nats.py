"""What pictures of nats have in common: words, heights, and the feet of bars that are cut off."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

EVIDENCE, KL = "log p(x)", "KL(q || p(z|x))"


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
