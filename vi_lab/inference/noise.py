"""Random numbers drawn many sweeps at a time.

A call for four normals costs little more than a call for a thousand: what it costs is the call.
`BufferedNoise` stands in for a Generator inside a sampler's loop and hands out rows of a block.
"""

from __future__ import annotations

from typing import Any

import numpy as np

SWEEPS = 256  # rows drawn at a time, fewer where a row is large
LARGEST = 2**16  # numbers in a block


class BufferedNoise:
    """The Generator methods that families use, served from blocks; each row is handed out once."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._rows: dict[Any, Any] = {}

    def standard_normal(self, shape: tuple[int, ...]) -> np.ndarray:
        return self._next(shape, shape, self._rng.standard_normal)

    def random(self, shape: tuple[int, ...]) -> np.ndarray:
        return self._next((shape,), shape, self._rng.random)

    def standard_gamma(self, a: Any, shape: tuple[int, ...]) -> np.ndarray:
        if isinstance(a, np.ndarray):  # a shape parameter that changes from sweep to sweep
            return self._rng.standard_gamma(a, shape)
        return self._next((a, shape), shape, lambda size: self._rng.standard_gamma(a, size))

    def _next(self, key: Any, shape: tuple[int, ...], draw: Any) -> np.ndarray:
        row = next(self._rows.get(key, iter(())), None)
        if row is not None:
            return row
        count = max(1, min(SWEEPS, LARGEST // max(1, int(np.prod(shape)))))
        rows = self._rows[key] = iter(draw((count, *shape)))
        return next(rows)
