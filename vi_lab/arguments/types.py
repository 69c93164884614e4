"""What public functions take, as type checkers see it: they tell a string from a number.

Narrower than what the functions look at themselves, which is done when they are called.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np


class SupportsArray(Protocol):
    """An array of NumPy, or what becomes one: a column of pandas, a tensor."""

    def __array__(self) -> np.ndarray: ...


# A number, or an array of them; a list of lists is one, text is none.
Reals = float | SupportsArray | list[Any] | tuple[Any, ...] | range
# What `rng` may be: no entropy of its own, a seed, or a generator that moves on.
Rng = int | np.integer | np.random.SeedSequence | np.random.Generator | None
