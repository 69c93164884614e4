"""The hooks of a user's own model that a run's first states go into: looked at once, as it begins.

A method that met something else in the middle of its work could not say whose it is; and a function
that writes into what it is handed changes the states of chains, or the statistics that the other
blocks need, and nothing shows it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from vi_lab.arguments.arrays import numbers
from vi_lab.arguments.axes import refuse_shared_coordinates
from vi_lab.arguments.family_hooks import look_at_family, look_at_statistics
from vi_lab.arguments.ownership import is_ours
from vi_lab.arguments.public import require, short_repr
from vi_lab.arguments.user_models import (
    evaluate_log_joint,
    explain,
    is_real,
    read_reason,
    read_shares,
)
from vi_lab.errors import InputError, ViLabError, refuse_if


def look_at_model(model: Any, values: Any, count: int) -> None:
    """What a user's model gives at the values of `count` states: InputError where it is none of
    what its hook needs."""
    if model.blocks:
        _look_at_families(model, values, count)
        _look_at_log_joint(model, values, count)
        _look_at_conditionals(model, values)
    else:
        values = {**values, "z": _look_at_z(model, values, count)}
    _look_at_latents(model, values, count)
    read_reason(model, "why_reducible")


def _look_at_latents(model: Any, values: Any, count: int) -> None:
    """What a user's model makes of block values: InputError where that is no dict of one value of
    each of `count` states, or its own code raises."""
    shown = values
    for hook in ("latents", "summaries"):
        before, handed = shown, {name: copy.deepcopy(value) for name, value in shown.items()}
        try:
            shown = getattr(model, hook)(handed)
            named = list(shown.items()) if isinstance(shown, Mapping) else []
        except Exception as error:
            raise explain(f"its {hook}", error) from error
        _refuse_written(hook, "the values", before, handed)
        require(isinstance(shown, Mapping), f"{hook}: needs a dict", shown, InputError)
        for name, value in named:
            what = f"{hook}: {short_repr(name)}"
            require(isinstance(name, str), f"{hook}: needs names", name, InputError)
            if isinstance(value, tuple) or value is handed.get(name):  # looked at as a start
                continue
            require(is_real(value), f"{what} needs real numbers", value, InputError)
            if np.shape(value)[:1] != (count,):
                needed = f"shape ({count}, ...) for {count} chains or restarts"
                raise InputError(f"{what} needs {needed}, gave {np.shape(value)}")
            lost = hook == "latents" and not np.isfinite(value).all()
            require(not lost, f"{what} needs finite numbers", value, InputError)
        one = {name: value for name, value in named if not isinstance(value, tuple)}
        refuse_shared_coordinates(hook, {name: np.shape(v)[1:] for name, v in one.items()})


def _look_at_z(model: Any, values: Any, count: int) -> np.ndarray:
    """The one latent of a density alone; InputError where it is missing, or of another shape."""
    shape = (count, *shape_of_z(model))
    try:
        z = numbers("z", values["z"] if "z" in values else None)
    except ViLabError as error:
        raise InputError(f"sample_latents: needs z of shape {shape}; {error}") from error
    except Exception as error:
        raise explain("drawing the starts", error) from error
    if z.shape != shape:
        raise InputError(f"sample_latents: needs z of shape {shape}, gave {z.shape}")
    return z


def ask_once(hook: str, function: Callable[[np.ndarray], Any], z: np.ndarray) -> Any:
    """function(z), of a user's density at the first points it is asked at: InputError where it
    writes into them."""
    before = z.copy()
    found = function(z)
    refuse_if(not _unchanged(before, z), f"{hook}: writes into its argument, the states of chains")
    return found


def shape_of_z(model: Any) -> tuple[int, ...]:
    """(D,) of a density alone, (rows, D) where its rows are independent."""
    rows = model.independent_rows
    return (model.dimension,) if rows is None else (rows, model.dimension)


def _look_at_families(model: Any, values: Any, count: int) -> None:
    """What the families of a user's own give, at the values and at the conditionals there."""
    own = {name: block for name, block in model.blocks.items() if not is_ours(block.family)}
    for name, block in own.items():
        look_at_statistics(name, block, values[name], count)
    if own:
        stats = {name: block.family.stats(values[name]) for name, block in model.blocks.items()}
        for name, block in own.items():
            look_at_family(name, block, values[name], stats, count)


def _look_at_log_joint(model: Any, values: Any, count: int) -> None:
    """What a user's log joint gives is looked at once, of two states at least.

    InputError where it is one number, as where an axis is forgotten: it would be added to every
    state alike. InputError too where it writes into the statistics.
    """
    states = values
    if count == 1:  # two of the one state
        states = {name: take(values[name], [0, 0]) for name in model.blocks}
    size = max(2, count)
    stats = {name: block.family.stats(states[name]) for name, block in model.blocks.items()}
    before = copy.deepcopy(stats)
    found = evaluate_log_joint(model.log_joint, stats, (size,))
    if np.shape(found) != (size,) and not _is_constant(model, states, found):
        needed = f"log_joint: needs shape ({size},) for {size} chains or restarts"
        raise InputError(f"{needed}, gave {np.shape(found)}")
    read_shares(model, stats)
    _refuse_written("log_joint", "the statistics", before, stats)


def _is_constant(model: Any, states: Any, found: Any) -> bool:
    """Whether one state alone has the same log joint as all of them, as where it is 0 always."""
    one = {name: take(states[name], [0]) for name in model.blocks}
    first = {name: block.family.stats(one[name]) for name, block in model.blocks.items()}
    return np.array_equal(evaluate_log_joint(model.log_joint, first, (1,)), found)


def _look_at_conditionals(model: Any, values: Any) -> None:
    """InputError where a complete conditional writes into the statistics, which other blocks need,
    or gives what are no real numbers.

    What raises is left to the method, which may not need it.
    """
    stats = {name: block.family.stats(values[name]) for name, block in model.blocks.items()}
    for name, block in model.blocks.items():
        handed = copy.deepcopy(stats)
        try:
            with np.errstate(all="ignore"):
                eta = block.complete_conditional(handed)
        except Exception:
            continue
        hook = f"the complete conditional of block {name!r}"
        _refuse_written(hook, "the statistics", stats, handed)
        for part in eta if isinstance(eta, tuple) else ():
            require(is_real(part), f"model: {hook} needs real numbers", part, InputError)


def _refuse_written(hook: str, whose: str, before: Any, after: Any) -> None:
    """InputError where a hook has changed what it was handed, by block or by latent."""
    strange = list(before.keys() ^ after.keys())
    refuse_if(strange, f"{hook}: adds to {whose} that it is handed, or removes: {strange}")
    for name, value in before.items():
        written = not _unchanged(value, after[name])
        refuse_if(written, f"{hook}: writes into {whose} of {short_repr(name)}")


def _unchanged(before: Any, after: Any) -> bool:
    """Whether arrays, or tuples of them, are what they were."""
    if isinstance(before, tuple):
        return all(map(_unchanged, before, after))
    return np.array_equal(before, after, equal_nan=True)


def take(value: Any, i: int | list[int]) -> Any:
    """One of n values of a block, or some of them; each may be a pair of arrays."""
    if isinstance(value, tuple):
        return type(value)(*(np.asarray(part)[i] for part in value))
    return np.asarray(value)[i]
