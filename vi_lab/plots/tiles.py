"""Small pictures side by side on one axes."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from vi_lab.arguments import checks
from vi_lab.arguments.public import short_repr
from vi_lab.errors import InputError

LARGE, SEAM = 56, 5  # dots along a picture at least, and between two pictures


def picture_shape(shape: Any, size: int) -> tuple[int, int]:
    """Height and width of a picture of `size` values."""
    pair = isinstance(shape, (tuple, list)) and len(shape) == 2
    checks.require(pair, "shape: needs height and width of a picture", shape)
    height, width = (checks.integer("shape", side, 1) for side in shape)
    if height * width != size:
        raise InputError(f"shape: needs height times width to be {size}, got {short_repr(shape)}")
    return height, width


def tiles(ax: Axes, pictures: np.ndarray, shape: tuple[int, int], low: float, high: float) -> None:
    """Pictures (rows, columns, values) side by side, a line between them; ink is high values.

    `shape` is the height and width of a picture, `low` and `high` what is white and what is black.
    """
    rows, columns = pictures.shape[:2]
    fold, seam = max(1, LARGE // max(shape)), SEAM  # small pictures are enlarged
    tall, wide = (fold * side + seam for side in shape)
    sheet = np.full((rows * tall, columns * wide), low + 0.15 * (high - low))
    for i, j in np.ndindex(rows, columns):
        inside = slice(i * tall, (i + 1) * tall - seam), slice(j * wide, (j + 1) * wide - seam)
        sheet[inside] = pictures[i, j].reshape(shape).repeat(fold, 0).repeat(fold, 1)
    place: Any = {"extent": (0.0, columns, rows, 0.0), "aspect": tall / wide}
    inks: Any = {"cmap": "gray_r", "vmin": low, "vmax": high, "interpolation": "nearest"}
    ax.imshow(sheet[:-seam, :-seam], **place, **inks)
    ax.grid(False)
    ax.set(xticks=[], yticks=[])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
