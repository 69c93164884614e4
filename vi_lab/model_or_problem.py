"""What users hand in, models and problems, and why a method may not apply to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from vi_lab.arguments.public import brief
from vi_lab.density_model import DensityModel, DensityRows
from vi_lab.errors import InputError, InputTypeError, NotApplicable
from vi_lab.model import Block, Values

# What a model may define, by the names of earlier versions, and what each is called now.
FORMER_HOOKS = {
    "sample_starts": "sample_initial_values",
    "distinct": "named_labels",
    "large": "costly",
    "why_locked": "why_reducible",
}


@dataclass(frozen=True, eq=False)
class Problem:
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


def as_model(model: Any) -> Any:
    """The model itself, or a problem's.

    InputTypeError for anything else, InputError for a model that has a hook by a former name.
    """
    if isinstance(model, Problem):
        return as_model(model.model)
    if blocks_of(model) or isinstance(model, DensityModel | DensityRows):
        return _with_present_hooks(model)
    hint = (
        f"; vi_lab.problem({brief(model)}) gives the named problem"
        if isinstance(model, str)
        else ""
    )
    raise InputTypeError(f"model: needs a vi_lab model or problem, got {brief(model)}{hint}")


def _with_present_hooks(model: Any) -> Any:
    """The model; a hook by its former name would never be called, so it is refused."""
    for part in (model, *type(model).__mro__):
        for former in FORMER_HOOKS.keys() & getattr(part, "__dict__", {}).keys():
            raise InputError(
                f"model: {type(model).__name__} defines {former}, which is now called "
                f"{FORMER_HOOKS[former]}; rename it"
            )
    return model


def blocks_of(model: Any) -> dict[str, Block]:
    """The model's blocks; none for a model that offers a density alone."""
    blocks = getattr(model, "blocks", None)
    return blocks if isinstance(blocks, dict) else {}


def same_model(one: Any, two: Any) -> bool:
    """Whether two models are one: the same object, or two of vi_lab's own built from the same
    numbers, as problem("coal") asked for twice. Of a model of one's own only the object is known.
    """
    return one is two or (_own(one) and _alike(one, two))


def _own(thing: Any) -> bool:
    return type(thing).__module__.split(".")[0] == "vi_lab"


def _alike(one: Any, two: Any) -> bool:
    """Equal in all that was set at construction; what is computed from it on demand is left out,
    and functions are alike only where they are one."""
    if one is two:
        return True
    if type(one) is not type(two):
        return False
    if isinstance(one, np.ndarray):
        return np.array_equal(one, two, equal_nan=one.dtype.kind == "f")
    if isinstance(one, int | float | complex | str | bytes | np.generic):
        return bool(one == two)
    if isinstance(one, list | tuple | Mapping):
        keys = one.keys() if isinstance(one, Mapping) else range(len(one))
        if len(one) != len(two) or (isinstance(one, Mapping) and keys != two.keys()):
            return False
        return all(_alike(one[key], two[key]) for key in keys)
    if not _own(one):
        return False
    parts, others = vars(one), vars(two)
    later = {n for n in parts | others if isinstance(getattr(type(one), n, None), cached_property)}
    told = [n for n in parts.keys() | others.keys() if n not in later and n != "blocks"]
    return all(n in parts and n in others and _alike(parts[n], others[n]) for n in told)


def nominal_of(model: Any) -> dict[str, int]:
    """The model's nominal latents with their number of classes; none for a density alone."""
    return model.nominal if blocks_of(model) else {}


def summaries_of(model: Any, latents: Values) -> dict[str, Any]:
    """The quantities worth comparing; a model that offers a density alone has only z itself."""
    return model.summaries(latents) if blocks_of(model) else dict(latents)


def as_conjugate_model(model: Any, method: str) -> Any:
    """As `as_model`; refuses models that offer a density alone, with the reason."""
    model = as_model(model)
    reason = why_not_conjugate(model, method)
    if reason:
        raise NotApplicable(reason)
    return model


def why_not_conjugate(model: Any, method: str) -> str | None:
    """Why a method that needs complete conditionals does not apply, in one sentence, or None."""
    if blocks_of(model):
        return None
    if isinstance(model, DensityRows) and method in model.no_conditional_because:
        return f"{method} does not apply, because {model.no_conditional_because[method]}"
    return (
        f"{method} does not apply, because it needs each block's complete conditional in closed "
        "form and this model offers its log density alone"
    )


def why_no_exact(model: Any) -> str | None:
    """Why there is no exact posterior to compare with, in one sentence, or None where there is."""
    if blocks_of(model) or isinstance(model, DensityRows):
        return model.no_exact_because
    return "no exact answer is known: this model offers its log density alone"
