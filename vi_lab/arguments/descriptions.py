"""What a user's model says of itself beside its density, and what each of these needs to be.

They are looked at once, where a model comes in: a method that meets a number in place of names, in
the middle of its work, could not say whose it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from vi_lab.arguments.axes import refuse_shared_coordinates
from vi_lab.arguments.checks import is_whole
from vi_lab.arguments.ownership import is_ours
from vi_lab.arguments.public import require, short_repr
from vi_lab.arguments.user_models import explain, is_real, read_reason
from vi_lab.errors import InputError, refuse_if

MOST = 2**31  # rows, or classes of a label
Fits = Callable[[Any], bool]


def refuse_odd_descriptions(model: Any) -> None:
    """InputError where one of DESCRIPTIONS is of another kind, as a method is where a property is
    meant, or raises."""
    for name in model.blocks:
        require(_is_name(name), "model: names of blocks need to be text", name, InputError)
    asked = DESCRIPTIONS if model.blocks else {**DESCRIPTIONS, **OF_A_DENSITY}
    for name, (needed, fits) in asked.items():
        try:
            value = getattr(model, name, ())
            fitting = fits(value)
        except Exception as error:
            raise explain(f"its {name}", error) from error
        require(fitting, f"model: {name} needs to be {needed}", value, InputError)
    read_reason(model, "why_not_conjugate", "Gibbs")
    if model.blocks:
        for name, block in model.blocks.items():
            _refuse_odd_block(name, block)
        refuse_shared_coordinates("model", _shapes(model.blocks))
        _refuse_strange_blocks(model)


def _refuse_odd_block(name: str, block: Any) -> None:
    """InputError where a block's plates, or what its family says of itself, are of another kind."""
    fits = _is_shape(block.plates)
    require(fits, f"model: plates of block {name!r} need to be a tuple", block.plates, InputError)
    what, family = f"the family of block {name!r}", block.family
    made = not isinstance(family, type) and callable(getattr(family, "stats", None))
    require(made, f"model: {what} needs to be a family, as Normal()", family, InputError)
    for attribute, (needed, fits_family) in OF_A_FAMILY.items():
        try:
            value = getattr(family, attribute)
            fitting = fits_family(value)
            if attribute == "stat_shapes":
                fitting = fitting and len(value) == len(family.Stats._fields)
        except Exception as error:
            raise explain(f"{attribute} of {what}", error) from error
        require(fitting, f"model: {attribute} of {what} needs to be {needed}", value, InputError)
    if family.discrete and not is_ours(family):
        _refuse_odd_support(family, what)


def _refuse_odd_support(family: Any, what: str) -> None:
    """InputError where the values of a user's discrete family are no list of different ones."""
    try:
        support = family.support
    except Exception as error:
        raise explain(f"support of {what}", error) from error
    event = family.event_shape
    listed = isinstance(support, np.ndarray) and is_real(support) and support.ndim > 0
    shaped = listed and support.shape[1:] == event and len(support) > 0
    once = shaped and len(np.unique(support, axis=0)) == len(support)
    shape = ", ".join(["values", *map(str, event)])
    needed = f"needs to be an array of all its values, each once, ({shape}), or None"
    fits = support is None or once
    require(fits, f"model: support of {what} {needed}", support, InputError)


def _shapes(blocks: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Of a value of each block, of those whose values are one array."""
    one = {name: b for name, b in blocks.items() if _is_shape(b.family.event_shape)}
    return {name: (*block.plates, *block.family.event_shape) for name, block in one.items()}


def _refuse_strange_blocks(model: Any) -> None:
    """InputError where a description is of blocks that there are not."""
    named = {"row_blocks": model.row_blocks, "moving": getattr(model, "moving", ())}
    named |= {f"sources of {short_repr(z)}": names for z, names in model.sources.items()}
    for what, names in named.items():
        for name in names:
            blocks = ", ".join(model.blocks)
            refuse_if(name not in model.blocks, f"model: {what} names {name!r}; blocks: {blocks}")


def _is_name(value: Any) -> bool:
    return isinstance(value, str)


def _is_sentence(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_true_or_false(value: Any) -> bool:
    return isinstance(value, bool | np.bool_)


def _is_count(value: Any) -> bool:
    return is_whole(value) and 1 <= value <= MOST


def _is_count_or_none(value: Any) -> bool:
    return value is None or _is_count(value)


def _is_shape(value: Any) -> bool:
    """A tuple of sizes."""
    return isinstance(value, tuple) and all(is_whole(size) and size >= 0 for size in value)


def _are_shapes(value: Any) -> bool:
    return isinstance(value, tuple) and all(map(_is_shape, value))


def _is_event(value: Any) -> bool:
    """One shape, or a named tuple of them where a value is several arrays."""
    return _is_shape(value) if getattr(value, "_fields", None) is None else _are_shapes(value)


def _is_named_tuple(value: Any) -> bool:
    return (
        isinstance(value, type) and issubclass(value, tuple) and bool(getattr(value, "_fields", ()))
    )


def _is_dtype(value: Any) -> bool:
    return np.dtype(value).kind in "biuf"


def _are_names(value: Any) -> bool:
    return (
        isinstance(value, Collection) and not isinstance(value, str) and all(map(_is_name, value))
    )


def _is_axes(value: Any) -> bool:
    """Axis names, each with what stands along it, or None where that is counted."""
    return isinstance(value, Mapping) and all(map(_is_name, value))


def _is_parameterisation(value: Any) -> bool:
    return all(callable(getattr(value, name, None)) for name in ("forward", "inverse"))


def _by_name(fits: Fits) -> Fits:
    """A dict by names, of which each value fits."""

    def fit(value: Any) -> bool:
        named = isinstance(value, Mapping) and all(map(_is_name, value))
        return named and all(fits(value[name]) for name, _ in value.items())

    return fit


# By name: what it needs to be, and whether it is.
DESCRIPTIONS: dict[str, tuple[str, Fits]] = {
    **dict.fromkeys(
        ("auxiliary", "named_labels", "data_names", "row_blocks", "moving"),
        ("a tuple of names", _are_names),
    ),
    **dict.fromkeys(
        ("no_exact_because", "no_expansion_because", "no_collapse_because", "no_sites_because",
         "no_rows_because", "no_log_prior_because"),
        ("a sentence or None", _is_sentence),
    ),
    **dict.fromkeys(
        ("generative", "latents_fit_fresh_data", "costly"), ("True or False", _is_true_or_false)
    ),
    "no_conditional_because": ("a dict of a sentence by method", _by_name(_is_name)),
    "sources": ("a dict of a tuple of blocks by latent", _by_name(_are_names)),
    "nominal": ("a dict of a number of classes by latent", _by_name(_is_count)),
    "axes": ("a dict of a dict of axes by latent", _by_name(_is_axes)),
    "parameterisations": ("a dict of a Parameterisation by name", _by_name(_is_parameterisation)),
    "independent_rows": ("a whole number from 1, or None", _is_count_or_none),
}  # fmt: skip
OF_A_DENSITY = {"dimension": ("a whole number from 1", _is_count)}
OF_A_FAMILY: dict[str, tuple[str, Fits]] = {
    "Stats": ("a NamedTuple", _is_named_tuple),
    "stat_shapes": ("a tuple of a shape for each statistic", _are_shapes),
    "event_shape": ("a tuple of sizes, or a NamedTuple of such", _is_event),
    "real_shape": ("a tuple of sizes", _is_shape),
    "discrete": ("True or False", _is_true_or_false),
    "own_measure": ("True or False", _is_true_or_false),
    "dtype": ("a type of numbers", _is_dtype),
}
