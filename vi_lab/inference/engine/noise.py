"""Random numbers drawn many sweeps at a time.

A call for four normals costs little more than a call for a thousand: what it costs is the call.
`BufferedNoise` stands in for a Generator inside a sampler's loop and hands out rows of a block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, repeat
from typing import Any

import numpy as np

ROWS_AT_ONCE = 256  # rows drawn at a time, fewer where a row is large
NUMBERS_AT_ONCE = 2**16  # numbers in a block


class BufferedNoise:
    """The Generator methods that families use, served from blocks.

    Each row is handed out once, so the caller may write into it. What is asked for by a count, or
    one at a time, is drawn then: of a tail there are as many each time as lie there.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        # rows by their shape, and of a gamma by its shape parameter first
        self._normals = _MadeOnce(partial(_rows, rng.standard_normal))
        self._uniforms = _MadeOnce(partial(_rows, rng.random))
        self._gammas = _MadeOnce(
            lambda a: _MadeOnce(partial(_rows, partial(rng.standard_gamma, a)))
        )
        # of shapes that change from call to call no block is worth keeping
        self.standard_exponential, self.wald = rng.standard_exponential, rng.wald
        self.multinomial, self.binomial = rng.multinomial, rng.binomial

    def standard_normal(self, size: Any = None) -> Any:
        if not isinstance(size, tuple):
            return self._rng.standard_normal(size)
        return next(self._normals[size])

    def random(self, size: Any = None) -> Any:
        if not isinstance(size, tuple):
            return self._rng.random(size)
        return next(self._uniforms[size])

    def standard_gamma(self, shape: Any, size: Any = None) -> Any:
        # a shape parameter may change from sweep to sweep
        if isinstance(shape, np.ndarray) or not isinstance(size, tuple):
            return self._rng.standard_gamma(shape, size)
        return next(self._gammas[shape][size])


class _MadeOnce(dict[Any, Any]):
    """A dict whose values are made of their keys when they are first asked for."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self._make = make

    def __missing__(self, key: Any) -> Any:
        made = self[key] = self._make(key)
        return made


def _rows(draw: Callable[[Any], Any], shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Rows of this shape without an end; the next block is drawn when one is used up."""
    count = max(1, min(ROWS_AT_ONCE, NUMBERS_AT_ONCE // max(1, int(np.prod(shape)))))
    return chain.from_iterable(map(draw, repeat((count, *shape))))
