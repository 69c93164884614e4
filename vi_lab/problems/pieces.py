"""What several problems need: columns side by side, standardised, and names of variants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.problems.problem import Problem

Builders = tuple[Callable[..., Problem], ...]  # of problems, by the names of the functions


def stack(data: Any, columns: tuple[str, ...]) -> np.ndarray:
    return np.stack([data[column] for column in columns], axis=-1)


def standardise(data: Any, columns: tuple[str, ...]) -> np.ndarray:
    """Mean 0 and sd 1 a column, the sd with divisor N."""
    x = stack(data, columns)
    return (x - x.mean(0)) / x.std(0)


def variant(name: str, **parameters: tuple[Any, Any]) -> str:
    """The name with every parameter, (value, default), that is not at its default."""
    other = [f"{key}={value:g}" for key, (value, default) in parameters.items() if value != default]
    return " ".join([name, *other])


def name_problem(name: str, *, model: Any, **told: Any) -> Problem:
    """The problem with as many observations as its model has."""
    return Problem(name, n=model.n, model=model, **told)
