"""The points of an axis: an even grid over most of a posterior, or its whole numbers."""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakKeyDictionary

import numpy as np

from vi_lab.plots.view import View

TAIL = 1e-3  # probability left outside a picture on each side
HAIR = 1e-9  # above zero, in shares of the other end
FINE, COARSE = 300, 121  # points across a marginal, and across a side of a joint density

_ends: WeakKeyDictionary[View, dict[str, tuple[float, float, float]]] = WeakKeyDictionary()


def component_labels(views: Iterable[View], text: str) -> np.ndarray:
    """The whole numbers that are probable under any result, and one more on each side; no and yes
    have no sides."""
    views = list(views)
    if all(((v.draws(text) == 0) | (v.draws(text) == 1)).all() for v in views):
        return np.arange(2)
    ends = np.array([np.quantile(v.draws(text), [2 * TAIL, 1 - 2 * TAIL]) for v in views])
    return np.arange(int(ends[:, 0].min()) - 1, int(ends[:, 1].max()) + 2)


def spread(views: Iterable[View], text: str, points: int = FINE) -> np.ndarray:
    """An even grid over all but the far tails of one coordinate under every result."""
    ends = [_find_ends(view, text) for view in views]
    low, high = min(low for low, _, _ in ends), max(high for _, high, _ in ends)
    margin = 0.05 * (high - low) or max(abs(high), 1.0)
    # where nothing is below zero, zero is an end and not a place to smear into, and just above it
    # a density has its limit
    positive = all(least >= 0 for _, _, least in ends)
    first = max(low - margin, HAIR * high) if positive else low - margin
    return np.linspace(first, high + margin, points)


def _find_ends(view: View, text: str) -> tuple[float, float, float]:
    """Between which two numbers all but the far tails of one coordinate lie, and its least draw;
    looked for once, and used by every picture of the coordinate."""
    known = _ends.setdefault(view, {})
    if text not in known:
        draws = view.draws(text)
        low, high = np.quantile(draws, [TAIL, 1 - TAIL])
        known[text] = (low, high, draws.min())
    return known[text]
