"""Which two coordinates are worth a picture of both."""

from __future__ import annotations

import numpy as np

from vi_lab.plots import View

PAIRS = {"eight-schools": ("theta[0]", "tau")}  # the funnel, which no correlation shows
COORDINATES_LOOKED_AT = 6  # coordinates among which to look


def choose_pair(name: str, view: View) -> list[str]:
    """The two that teach most: those a problem names, else those that hang together most."""
    named = PAIRS.get(name.split()[0], ())
    if named and set(named) <= set(view.coordinates):
        return list(named)
    real = [c for c in view.coordinates if not view.is_whole(c)][:COORDINATES_LOOKED_AT]
    if len(real) < 2:
        return []
    with np.errstate(divide="ignore", invalid="ignore"):
        linked = np.nan_to_num(np.abs(np.corrcoef([view.draws(c) for c in real])))
    # of equals the first: rounded, so that noise does not choose
    i, j = np.unravel_index(np.argmax(np.triu(linked.round(1), 1)), linked.shape)
    return [real[i], real[j]] if i < j else real[:2]
