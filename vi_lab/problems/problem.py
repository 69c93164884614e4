"""A model with its real data and its priors, under a short name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vi_lab.model_or_problem import HoldsModel


@dataclass(frozen=True, eq=False)
class Problem(HoldsModel):
    """A model with its real data and priors under a short name; accepted wherever a model is.

    Attributes
    ----------
    name : str
    story : str
        The generative story in one line.
    data : str
        What was observed, and where it comes from.
    n : int
        The number of observations.
    model : Model or DensityModel
    sweep : (str, tuple), optional
        A parameter of the problem and the values at which the methods are worth watching.
    held_out : array, optional
        Of topics, the words (D, V) of the same documents that are kept from the model: a comparison
        scores every method on them.
    """

    name: str
    story: str
    data: str
    n: int
    model: Any
    sweep: tuple[str, tuple[Any, ...]] | None = None
    held_out: Any = None

    def __repr__(self) -> str:
        return f"Problem({self.name!r}: {self.story}; {self.data})"
