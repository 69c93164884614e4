"""What several problems need: columns side by side, standardised, and the model behind them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.problems.problem import Problem, make_model

Builders = tuple[Callable[..., Problem], ...]  # of problems, by the names of the functions


def stack(data: Any, columns: tuple[str, ...]) -> np.ndarray:
    return np.stack([data[column] for column in columns], axis=-1)


def standardise(data: Any, columns: tuple[str, ...]) -> np.ndarray:
    """Mean 0 and sd 1 a column, the sd with divisor N."""
    x = stack(data, columns)
    return (x - x.mean(0)) / x.std(0)


def make_problem(
    name: str,
    kind: Callable[..., Any],
    arguments: dict[str, Any],
    *,
    n: int | None = None,
    **told: Any,
) -> Problem:
    """The problem of a model made of these arguments, with as many observations as it has."""
    model = make_model(kind, arguments, told.get("axes", {}))
    n = model.n if n is None else n
    return Problem(name, n=n, model=model, arguments=arguments, **told)
