"""What the axes of latents are called, and each number along them: "mu", "rates[0]", "w[2,1]"."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from vi_lab.errors import refuse_if

# latent name -> axis name -> what stands along it, or None where that is counted
Axes = Mapping[str, Mapping[str, Any]]


def name_axes(**latents: str) -> Axes:
    """The axes of latents by name, counted: name_axes(z="observation factor")."""
    return MappingProxyType({z: dict.fromkeys(names.split()) for z, names in latents.items()})


def split_coordinate(
    text: str, shapes: Mapping[str, tuple[int, ...]]
) -> tuple[str, tuple[int, ...] | None]:
    """The name and index of which a coordinate is written, the latents' shapes being these.

    No index where it is written without one. A lone number goes by its name, in brackets or not.
    """
    match = re.fullmatch(r"(.+)\[([\d, ]+)\]", text, re.DOTALL)
    if match is None or math.prod(shapes.get(text, (0,))) == 1:
        return text, None
    name, inside = match.groups()
    return name, tuple(int(i) for i in inside.split(",") if i.strip())


def refuse_shared_coordinates(what: str, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """InputError where a lone number has the name that tables write for one of an array."""
    for text, shape in shapes.items():
        name, index = split_coordinate(text, {})
        among = shapes.get(name, ()) if index else ()
        inside = index and len(index) == len(among) and all(map(int.__lt__, index, among))
        shared = inside and math.prod(shape) == 1 and math.prod(among) > 1
        refuse_if(shared, f"{what}: {text!r} is what tables call a number of {name!r}; rename one")
