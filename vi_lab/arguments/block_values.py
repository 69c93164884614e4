"""Block values, and data, that a model gives: looked at once, as each run of a method begins.

Of a user's own model the hooks that they go into are looked at too: a method that met something
else in the middle of its work could not say whose it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.model_hooks import look_at_model, shape_of_z, take
from vi_lab.arguments.ownership import is_ours
from vi_lab.arguments.public import require, short_repr
from vi_lab.arguments.user_models import broadcasts, explain, is_array, is_real, read_reason
from vi_lab.errors import InputError, NotApplicable


def initial_values(model: Any, rng: np.random.Generator, count: int) -> Any:
    """Where `count` chains or restarts begin; a model need not say more than `sample_latents`.

    Raises InputError where a start is missing, has another shape or lies outside its support.
    """
    return _look_at_values(model, lambda: model.sample_initial_values(rng, (count,)), count)


def prior_values(model: Any, rng: np.random.Generator, count: int) -> Any:
    """`count` draws of the prior, looked at as starts are."""
    return _look_at_values(model, lambda: model.sample_latents(rng, (count,)), count)


def _look_at_values(model: Any, draw: Callable[[], Any], count: int) -> Any:
    """Block values that a model gives; of a user's model the hooks that they go into too."""
    try:
        values = draw()
        if isinstance(values, Mapping):
            given = {name: values[name] for name in model.blocks if name in values}
    except Exception as error:
        raise explain("drawing the starts", error) from error
    if not isinstance(values, Mapping):
        hook = "sample_latents (or the model's own sample_initial_values)"
        needed = "a dict with the value of every latent"
        raise InputError(f"{hook}: needs {needed}, gave {short_repr(values)}")
    for name, block in model.blocks.items():
        require(name in given, f"starts: needs a value for block {name!r}", values, InputError)
        _fits(name, block, given[name], count)
    if not is_ours(getattr(model, "given", model)):  # what a look-alike stands for
        look_at_model(model, values, count)
    return values


def draw_data(
    model: Any, draw_values: Callable[[], Mapping[str, Any]], n: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """n data sets of a model, one given each of n block values: by name, (n, *shape of the data).

    NotApplicable where it has none to draw, InputError where its own code raises.
    """
    try:
        if reason := read_reason(model, "why_no_data"):
            raise NotApplicable(reason)
        size = sum(np.size(value) for value in _read_data(model, model).values())
        require_memory("n", f"{n} data sets", n * size)
        values = draw_values()
        drawn = [
            _read_data(model, model.sample_data(rng, {k: take(v, i) for k, v in values.items()}))
            for i in range(n)
        ]
        return {name: np.stack([one[name] for one in drawn]) for name in drawn[0]}
    except Exception as error:
        raise explain("drawing data", error) from error


def _read_data(model: Any, holder: Any) -> dict[str, Any]:
    """The data that a model of this kind holds: InputError where these are no numbers by name."""
    found = model.read_data(holder)
    require(isinstance(found, Mapping), "read_data: needs a dict", found, InputError)
    data = dict(found)
    for name, value in data.items():
        require(isinstance(name, str), "read_data: needs names", name, InputError)
        require(is_real(value), f"read_data: {name!r} needs real numbers", value, InputError)
    return data


def _fits(name: str, block: Any, value: Any, count: int) -> None:
    family, lead = block.family, (count, *block.plates)
    pair = getattr(family.event_shape, "_fields", None) is not None
    shapes = tuple(family.event_shape) if pair else (family.event_shape,)
    what = f"starts: block {name!r}"
    fits = not pair or (isinstance(value, tuple) and len(value) == len(shapes))
    require(fits, f"{what} needs {len(shapes)} arrays", value, InputError)
    for array, event in zip(value if pair else (value,), shapes, strict=True):
        require(is_array(array), f"{what} needs an array of real numbers", array, InputError)
        if np.shape(array) != lead + event:
            needed = f"shape {lead + event} for {count} chains"
            raise InputError(f"{what} needs {needed}, got {np.shape(array)}")
    inside = _look_at_support(name, family, value, lead)
    if not inside.all():
        where = tuple(int(i) for i in np.argwhere(~inside)[0])
        place = f"outside the support of {type(family).__name__} at index {where}"
        shown = "" if pair else f": {short_repr(np.asarray(value)[where].tolist())}"
        raise InputError(f"{what} starts {place}{shown}")
    _look_at_coordinates(name, family, value, lead)


def _look_at_support(name: str, family: Any, value: Any, lead: tuple[int, ...]) -> Any:
    """Which values lie inside the support, of shape `lead`."""
    what = f"model: in_support of the family of block {name!r}"
    try:
        inside = family.in_support(value)
    except Exception as error:
        raise explain(what.removeprefix("model: "), error) from error
    fits = is_real(inside) and broadcasts(np.shape(inside), lead)
    require(fits, f"{what} needs True or False of shape {lead}", inside, InputError)
    return np.broadcast_to(np.asarray(inside, dtype=bool), lead)


def _look_at_coordinates(name: str, family: Any, value: Any, lead: tuple[int, ...]) -> None:
    """The real coordinates that a user's own family makes of values, as walkers begin there."""
    if family.discrete or is_ours(family):
        return
    what, wanted = f"model: to_real of the family of block {name!r}", lead + family.real_shape
    try:
        real = family.to_real(value)
    except Exception as error:
        raise explain(what.removeprefix("model: "), error) from error
    fits = isinstance(real, np.ndarray) and is_real(real) and real.shape == wanted
    require(fits, f"{what} needs an array of shape {wanted}", real, InputError)


def put_back(model: Any, latents: Mapping[str, Any]) -> Mapping[str, Any]:
    """Block values of latents; NotApplicable where a user's model does not say how to make them.

    InputError where it gives something else, or raises.
    """
    try:
        given = model.block_values(latents)
        require(isinstance(given, Mapping), "block_values: needs a dict", given, InputError)
        values = dict(given)
    except Exception as error:
        raise explain("its block_values", error) from error
    lost = [name for name in model.blocks if name not in values and name not in model.auxiliary]
    if lost:
        why = f"model: no value for block {lost[0]!r}"
        raise NotApplicable(f"{why}; `block_values` puts what `latents` rearranged back")
    for name, block in model.blocks.items():
        event = block.family.event_shape
        if name in values and getattr(event, "_fields", None) is None:
            _ends_in(values[name], (*block.plates, *event), f"block_values: block {name!r}")
    if not model.blocks and getattr(model, "dimension", None) is not None:
        require("z" in values, "block_values: needs z", list(values), InputError)
        _ends_in(values["z"], shape_of_z(model), "block_values: z")
    return values


def _ends_in(value: Any, wanted: tuple[int, ...], what: str) -> None:
    """InputError unless these are real numbers of this shape, with any leading axes."""
    require(is_real(value), f"{what} needs real numbers", value, InputError)
    shape = np.shape(value)
    if shape[len(shape) - len(wanted) :] != wanted or len(shape) < len(wanted):
        raise InputError(f"{what} needs shape (..., *{wanted}), gave {shape}")
