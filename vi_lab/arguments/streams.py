"""Independent streams of random numbers for the parts of a run, whatever else is run."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from vi_lab.arguments import checks


def read_entropy(rng: Any) -> int:
    """The number from which all streams of a run are derived: the seed itself where it is one."""
    generator, seed = checks.generator(rng), checks.seed(rng)
    return int(generator.integers(2**63)) if seed is None else seed


def spawn_stream(entropy: int, *names: str) -> np.random.Generator:
    """A generator of its own for each combination of names, whatever else is run."""
    keys = tuple(zlib.crc32(name.encode()) for name in names)
    return np.random.default_rng(np.random.SeedSequence(entropy, spawn_key=keys))
