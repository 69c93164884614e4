"""Random numbers drawn many sweeps at a time.

A call for four normals costs little more than a call for a thousand: what it costs is the call.
`BufferedNoise` stands in for a Generator inside a sampler's loop and hands out rows of a block.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

ROWS_AT_ONCE = 256  # rows drawn at a time, fewer where a row is large
NUMBERS_AT_ONCE = 2**16  # numbers in a block


class BufferedNoise:
    """The Generator methods that families use, served from blocks.

    Each row is handed out once, so the caller may write into it.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._normals: dict[Any, Iterator[np.ndarray]] = {}
        self._uniforms: dict[Any, Iterator[np.ndarray]] = {}
        self._gammas: dict[Any, dict[Any, Iterator[np.ndarray]]] = defaultdict(dict)

    # The hot path is the `return next(...)`: an exception only where a block is used up.

    def standard_normal(self, shape: tuple[int, ...]) -> np.ndarray:
        try:
            return next(self._normals[shape])
        except (KeyError, StopIteration):
            rows = self._normals[shape] = _rows(self._rng.standard_normal, shape)
            return next(rows)

    def random(self, shape: tuple[int, ...]) -> np.ndarray:
        try:
            return next(self._uniforms[shape])
        except (KeyError, StopIteration):
            rows = self._uniforms[shape] = _rows(self._rng.random, shape)
            return next(rows)

    def multinomial(self, n: Any, p: Any, size: tuple[int, ...]) -> np.ndarray:
        return self._rng.multinomial(n, p, size=size)

    def standard_gamma(self, a: Any, shape: tuple[int, ...]) -> np.ndarray:
        if isinstance(a, np.ndarray):  # a shape parameter that changes from sweep to sweep
            return self._rng.standard_gamma(a, shape)
        try:
            return next(self._gammas[shape][a])
        except (KeyError, StopIteration):
            rows = _rows(lambda size: self._rng.standard_gamma(a, size), shape)
            self._gammas[shape][a] = rows
            return next(rows)

    # Of shapes that change from call to call, no block is worth keeping.

    def standard_exponential(self, shape: tuple[int, ...]) -> np.ndarray:
        return self._rng.standard_exponential(shape)

    def wald(self, mean: Any, scale: float) -> np.ndarray:
        return self._rng.wald(mean, scale)


def _rows(draw: Callable[[Any], np.ndarray], shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    count = max(1, min(ROWS_AT_ONCE, NUMBERS_AT_ONCE // max(1, int(np.prod(shape)))))
    return iter(draw((count, *shape)))
