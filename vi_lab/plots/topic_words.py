"""Topics as pictures, a tile each, in the order of those they are matched with."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.comparison.topics import matched_topics
from vi_lab.plots.style import axes_level
from vi_lab.plots.tiles import picture_shape, tiles

FOUND = 0.3  # total variation below which a topic is taken for the one it is matched with


@axes_level(size=(8.4, 1.2))
def topics(found: Any, truth: Any, *, shape: Any, label: str = "topics", ax: Any = None) -> str:
    """Topics, each below the true one that it is matched with: their names mean nothing.

    Parameters
    ----------
    found : array (K, V)
        Probabilities of words in each topic: a posterior mean, of draws that of one chain.
    truth : array (K, V)
        What they are matched with; its darkest word is black.
    shape : (int, int)
        Height and width of the picture that the V words are.
    label : str
        Whose topics they are.
    """
    found, truth = checks.real_array("found", found, 2), checks.real_array("truth", truth, 2)
    shape = picture_shape(shape, truth.shape[1])
    matched = found[matched_topics(found, truth)]
    tiles(ax, matched[None], shape, 0.0, float(truth.max()))
    apart = total_variation(found, truth)
    return (
        f"{label}: {len(truth)} pictures, the words of each topic; total variation from the true "
        f"topic matched with it {', '.join(f'{d:.2f}' for d in apart)}."
    )


def total_variation(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Half the sum of absolute differences, of each true topic from the one matched with it."""
    distance: np.ndarray = 0.5 * np.abs(found[matched_topics(found, truth)] - truth).sum(-1)
    return distance
