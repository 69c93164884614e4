"""What a user's own model may do wrong while a method runs it, said in the method's words.

A model is code: it may raise, return another shape, or start where its density is nil. Here these
become errors that name the block and what was wanted; the original error is their cause.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.public import require, short_repr
from vi_lab.errors import InputError, NotApplicable, NumericalError, ViLabError, error_text


def explain_block(name: str, error: Exception) -> ViLabError:
    """The error to raise when one block's conditional fails: it names the block."""
    if isinstance(error, FloatingPointError):
        return NumericalError(f"block {name!r}: {error}")
    return explain(f"the complete conditional of block {name!r}, or a draw from it,", error)


def explain(what: str, error: Exception) -> ViLabError:
    """The error to raise when a model's own code raises `error`; one of vi_lab's stays as it is."""
    if isinstance(error, ViLabError):
        return error
    came = f"{type(error).__name__}: {error_text(error)}"
    if isinstance(error, FloatingPointError | OverflowError | np.linalg.LinAlgError):
        return NumericalError(f"model: {what} broke down ({came})")
    return InputError(f"model: {what} raised {came}")


def find_fault(name: str, block: Any, eta: Any, batch: tuple[int, ...]) -> ViLabError | None:
    """What is wrong with a block's natural parameter, if it is none of its family; else None.

    Looked for when a number that is made of it has gone wrong.
    """
    what, family = f"model: the complete conditional of block {name!r}", block.family
    fields = family.Stats._fields
    if not isinstance(eta, tuple) or len(eta) != len(fields):
        wanted = f"a {family.Stats.__name__} of {', '.join(fields)}"
        return InputError(f"{what} needs {wanted}, gave {short_repr(eta)}")
    for field, value, event in zip(fields, eta, family.stat_shapes, strict=True):
        shape = batch + block.plates + event
        if not _real(value):
            kind = getattr(value, "dtype", type(value).__name__)
            return InputError(f"{what} needs real numbers, gave {kind} in {field!r}")
        if not broadcasts(np.shape(value), shape):
            came = f"{np.shape(value)} in {field!r}"
            return InputError(f"{what} needs shape {shape} or what broadcasts to it, gave {came}")
        if np.isnan(value).any():
            return NumericalError(f"{what} is nan in {field!r}")
    return None


def broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    """Whether arrays of a shape broadcast to another without making that larger."""
    return len(shape) <= len(to) and all(
        size in (1, wanted) for size, wanted in zip(shape[::-1], to[::-1], strict=False)
    )


def evaluate_log_joint(
    log_joint: Any, stats: Any, batch: tuple[int, ...], hook: str = "log_joint"
) -> Any:
    """What a model's log joint, log likelihood or log prior gives at these statistics, which need
    only broadcast to `batch`.

    Raises InputError where that is no real number, or of another shape, or the model raises.
    """
    try:
        found = log_joint(stats)
    except Exception as error:
        raise explain(f"the {hook.replace('_', ' ')}", error) from error
    real = _real(found)
    if real and broadcasts(np.shape(found), batch):
        return found
    array = real or isinstance(found, np.ndarray | np.generic)
    came = f"{np.asarray(found).dtype} of shape {np.shape(found)}" if array else short_repr(found)
    raise InputError(f"{hook}: needs real numbers of shape {batch}, gave {came}")


def _real(value: Any) -> bool:
    """Whether it is real numbers, or an array of them."""
    try:
        return np.asarray(value).dtype.kind in "biuf"
    except ValueError:  # ragged
        return False


def initial_values(model: Any, rng: np.random.Generator, count: int) -> Any:
    """Where `count` chains or restarts begin; a model need not say more than `sample_latents`.

    Raises InputError where a start is missing, has another shape or lies outside its support.
    """
    try:
        values = model.sample_initial_values(rng, (count,))
    except Exception as error:
        raise explain("drawing the starts", error) from error
    if not isinstance(values, Mapping):
        hook = "sample_latents (or the model's own sample_initial_values)"
        needed = "a dict with the value of every latent"
        raise InputError(f"{hook}: needs {needed}, gave {short_repr(values)}")
    for name, block in model.blocks.items():
        require(name in values, f"starts: needs a value for block {name!r}", values, InputError)
        _fits(name, block, values[name], count)
    given = getattr(model, "given", model)  # what a look-alike stands for
    if not type(given).__module__.startswith("vi_lab."):
        if model.blocks:
            _look_at_log_joint(model, values, count)
        _look_at_latents(model, values, count)
        _look_at_reasons(model)
    return values


def _look_at_latents(model: Any, values: Any, count: int) -> None:
    """What a user's model makes of block values: InputError where that is no dict of one value of
    each of `count` states, or its own code raises."""
    shown = values
    for hook in ("latents", "summaries"):
        try:
            shown = getattr(model, hook)(shown)
        except Exception as error:
            raise explain(f"its {hook}", error) from error
        require(isinstance(shown, Mapping), f"{hook}: needs a dict", shown, InputError)
        for name, value in shown.items():
            what = f"{hook}: {short_repr(name)}"
            require(isinstance(name, str), f"{hook}: needs names", name, InputError)
            if isinstance(value, tuple) or value is values.get(name):  # looked at as a start
                continue
            require(_real(value), f"{what} needs real numbers", value, InputError)
            if np.shape(value)[:1] != (count,):
                needed = f"shape ({count}, ...) for {count} chains or restarts"
                raise InputError(f"{what} needs {needed}, gave {np.shape(value)}")


def _look_at_reasons(model: Any) -> None:
    """A reason why something does not apply is a sentence, or None."""
    for hook, given in (("why_not_conjugate", ("Gibbs",)), ("why_reducible", ())):
        why = getattr(model, hook)(*given)
        require(why is None or isinstance(why, str), f"{hook}: needs text or None", why, InputError)


def _look_at_log_joint(model: Any, values: Any, count: int) -> None:
    """What a user's log joint gives is looked at once, of two states at least.

    InputError where it is one number, as where an axis is forgotten: it would be added to every
    state alike. InputError too where it writes into the statistics.
    """
    states = values
    if count == 1:  # two of the one state
        states = {name: _take(value, [0, 0]) for name, value in values.items()}
    size = max(2, count)
    stats = {name: block.family.stats(states[name]) for name, block in model.blocks.items()}
    before = copy.deepcopy(stats)
    found = evaluate_log_joint(model.log_joint, stats, (size,))
    if np.shape(found) != (size,) and not _is_constant(model, states, found):
        needed = f"log_joint: needs shape ({size},) for {size} chains or restarts"
        raise InputError(f"{needed}, gave {np.shape(found)}")
    shares = model.share_of_rounding(stats)
    require(isinstance(shares, Mapping), "share_of_rounding: needs a dict", shares, InputError)
    for name, parts in before.items():
        if not all(map(_unchanged, parts, stats[name])):
            raise InputError(f"log_joint: writes into the statistics of block {name!r}")


def _is_constant(model: Any, states: Any, found: Any) -> bool:
    """Whether one state alone has the same log joint as all of them, as where it is 0 always."""
    one = {name: _take(value, [0]) for name, value in states.items()}
    first = {name: block.family.stats(one[name]) for name, block in model.blocks.items()}
    return np.array_equal(evaluate_log_joint(model.log_joint, first, (1,)), found)


def _unchanged(before: Any, after: Any) -> bool:
    return np.array_equal(before, after, equal_nan=True)


def draw_data(
    model: Any, draw_values: Callable[[], Mapping[str, Any]], n: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """n data sets of a model, one given each of n block values: by name, (n, *shape of the data).

    NotApplicable where it has none to draw, InputError where its own code raises.
    """
    try:
        if reason := model.why_no_data():
            raise NotApplicable(reason)
        size = sum(np.size(value) for value in model.read_data(model).values())
        require_memory("n", f"{n} data sets", n * size)
        values = draw_values()
        drawn = [
            model.read_data(model.sample_data(rng, {k: _take(v, i) for k, v in values.items()}))
            for i in range(n)
        ]
        return {name: np.stack([one[name] for one in drawn]) for name in drawn[0]}
    except Exception as error:
        raise explain("drawing data", error) from error


def _take(value: Any, i: int | list[int]) -> Any:
    """One of n values of a block, or some of them; each may be a pair of arrays."""
    if isinstance(value, tuple):
        return type(value)(*(np.asarray(part)[i] for part in value))
    return np.asarray(value)[i]


def _fits(name: str, block: Any, value: Any, count: int) -> None:
    family, lead = block.family, (count, *block.plates)
    pair = getattr(family.event_shape, "_fields", None) is not None
    shapes = tuple(family.event_shape) if pair else (family.event_shape,)
    what = f"starts: block {name!r}"
    fits = not pair or (isinstance(value, tuple) and len(value) == len(shapes))
    require(fits, f"{what} needs {len(shapes)} arrays", value, InputError)
    for array, event in zip(value if pair else (value,), shapes, strict=True):
        require(_real(array), f"{what} needs real numbers", array, InputError)
        if np.shape(array) != lead + event:
            needed = f"shape {lead + event} for {count} chains"
            raise InputError(f"{what} needs {needed}, got {np.shape(array)}")
    inside = np.broadcast_to(family.in_support(value), lead)
    if not inside.all():
        where = tuple(int(i) for i in np.argwhere(~inside)[0])
        place = f"outside the support of {type(family).__name__} at index {where}"
        shown = "" if pair else f": {short_repr(np.asarray(value)[where].tolist())}"
        raise InputError(f"{what} starts {place}{shown}")


def put_back(model: Any, latents: Mapping[str, Any]) -> Mapping[str, Any]:
    """Block values of latents; NotApplicable where a user's model does not say how to make them."""
    values: Mapping[str, Any] = model.block_values(latents)
    lost = [name for name in model.blocks if name not in values and name not in model.auxiliary]
    if lost:
        why = f"model: no value for block {lost[0]!r}"
        raise NotApplicable(f"{why}; `block_values` puts what `latents` rearranged back")
    return values
