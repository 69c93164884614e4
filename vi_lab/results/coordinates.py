"""One number of a latent or summary by the name that tables write: "mu", "rates[0]", "w[2,1]"."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.axes import split_coordinate
from vi_lab.arguments.public import short_repr
from vi_lab.errors import InputError

NAMED = 8  # coordinates that a message names, at most


def write_coordinates(name: str, shape: tuple[int, ...]) -> list[str]:
    """All coordinates of a quantity of this shape; a lone one goes by the quantity's name."""
    if np.prod(shape, dtype=np.int64) == 1:
        return [name]
    return [name + str(list(i)).replace(" ", "") for i in np.ndindex(*shape)]


def locate_coordinate(
    text: str, shapes: Mapping[str, tuple[int, ...]]
) -> tuple[str, tuple[int, ...]]:
    """The name and index of a coordinate; InputError names what there is for an unknown one."""
    name, index = split_coordinate(checks.text("name", text), shapes)
    checks.one_of("name", name, shapes)
    shape = shapes[name]
    if index is None and math.prod(shape) == 1:
        return name, (0,) * len(shape)
    if index is None or len(index) != len(shape) or not all(map(int.__lt__, index, shape)):
        some = ", ".join(write_coordinates(name, shape)[:NAMED])
        needed = f"name: needs one coordinate of {name!r} ({some})"
        raise InputError(f"{needed}, got {short_repr(text)}")
    return name, index
