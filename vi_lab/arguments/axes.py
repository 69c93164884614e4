"""What the axes of latents are called."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

# latent name -> axis name -> what stands along it, or None where that is counted
Axes = Mapping[str, Mapping[str, Any]]


def name_axes(**latents: str) -> Axes:
    """The axes of latents by name, counted: name_axes(z="observation factor")."""
    return MappingProxyType({z: dict.fromkeys(names.split()) for z, names in latents.items()})
