"""Draws from the prior of what a picture shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def sample_prior(model: Any, rng: np.random.Generator, n: int) -> Mapping[str, Any]:
    """Block values from the prior, without auxiliary ones, which may be dear to draw, where the
    others have priors of their own."""
    shown = {name: block for name, block in model.blocks.items() if not block.auxiliary}
    if model.auxiliary and all(block.prior is not None for block in shown.values()):
        return {name: block.sample_prior(rng, (n,)) for name, block in shown.items()}
    return model.sample_latents(rng, (n,))
