"""What a user's own family gives: looked at once where a run begins, and where an answer is shown.

What each function of a family needs to give is a row of SHAPES. Loops run bare: a number in place
of statistics, met in the middle of a sweep, could not say whose it is. Families of vi_lab's own are
not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from vi_lab.arguments.ownership import is_ours
from vi_lab.arguments.public import require
from vi_lab.arguments.user_models import broadcasts, explain, find_fault, is_real
from vi_lab.errors import InputError, refuse_if

Lead = tuple[int, ...]
MISSED = 1e-6  # of the probability, by values that a discrete family does not list


def ask_family(family: Any, hook: str, *asked: Any, eta: Any, around: Lead = ()) -> Any:
    """What a family gives as `hook(*asked)`; a user's own is looked at.

    Its leading axes are those of eta, broadcast with `around`. Raises InputError where the answer
    is no real number, or of another shape, or the family's own code raises.
    """
    if is_ours(family):
        return getattr(family, hook)(*asked)
    lead = np.broadcast_shapes(family.lead_shape(eta), around)
    return _ask(family, hook, asked, lead, type(family).__name__)


def _ask(family: Any, hook: str, asked: tuple[Any, ...], lead: Lead, whose: str) -> Any:
    try:
        found = getattr(family, hook)(*asked)
    except Exception as error:
        raise explain(f"{hook} of {whose}", error) from error
    return _require_fit(family, hook, found, lead, f"model: {hook} of {whose}")


def look_at_family(name: str, block: Any, value: Any, stats: Any, count: int) -> None:
    """What a user's own family gives at a value of `count` states and at the block's conditional.

    InputError where an answer is none. What raises is left to the method, which may not need it.
    """
    family, lead = block.family, (count, *block.plates)
    try:
        eta = block.complete_conditional(stats)
    except Exception:
        return
    if find_fault(name, block, eta, (count,)) is not None:
        return
    whose = f"the family of block {name!r}"
    for hook in ("log_partition", "expected_stats", "entropy"):
        _look(family, hook, (eta,), lead, whose)
    _look(family, "sample", (np.random.default_rng(0), eta, lead), lead, whose)
    if family.discrete:
        _look_at_support(family, eta, lead, whose)
    else:
        y = family.to_real(value)
        back = _look(family, "from_real", (y,), lead, whose)
        if back is not None:
            _look(family, "stats_pullback", (y, back[1], eta), lead, whose)


def _look_at_support(family: Any, eta: Any, lead: Lead, whose: str) -> None:
    """InputError where the values that a discrete family lists are not all that it can take: under
    one density of it their probabilities sum to 1."""
    if family.support is None or family.own_measure:
        return
    try:
        inside = np.broadcast_to(family.in_support(family.support), len(family.support))
        first = (0,) * len(lead)
        one = family.Stats(*(np.asarray(field)[first] for field in family.expand(eta, lead)))
        total = float(np.exp(family.log_density(family.support, one)).sum())
    except Exception:  # as in `_look`
        return
    what = f"model: support of {whose}"
    refuse_if(not inside.all(), f"{what} has values for which in_support is False")
    refuse_if(
        abs(total - 1.0) > MISSED,
        f"{what} needs to be all values: those listed have a probability of {total:.6g} in all",
    )


def _look(family: Any, hook: str, asked: tuple[Any, ...], lead: Lead, whose: str) -> Any:
    """As `ask_family`; None where its code raises."""
    try:
        found = getattr(family, hook)(*asked)
    except Exception:
        return None
    return _require_fit(family, hook, found, lead, f"model: {hook} of {whose}")


def look_at_statistics(name: str, block: Any, value: Any, count: int) -> None:
    """The statistics that a user's own family makes of the values of `count` states."""
    whose = f"the family of block {name!r}"
    _ask(block.family, "stats", (value,), (count, *block.plates), whose)


def _require_fit(family: Any, hook: str, found: Any, lead: Lead, what: str) -> Any:
    if hook == "parameters":
        return _require_parameters(found, what)
    if found is None and hook in MAY_BE_NONE:
        return found
    wanted = SHAPES[hook](family, lead)
    needed = f"{what} needs {_describe(wanted)}"
    require(_fits(found, wanted, hook), needed, found, InputError)
    return found


def _require_parameters(found: Any, what: str) -> Any:
    require(isinstance(found, Mapping), f"{what} needs a dict of real numbers", found, InputError)
    try:
        items = list(found.items())
    except Exception as error:
        raise explain(what.removeprefix("model: "), error) from error
    for name, value in items:
        require(isinstance(name, str), f"{what} needs names", name, InputError)
        require(is_real(value), f"{what}: {name!r} needs real numbers", value, InputError)
    return found


def _fits(found: Any, wanted: Any, hook: str) -> bool:
    """Whether an answer is real numbers of these shapes, or of what broadcasts to them."""
    if _is_several(wanted):
        listed = isinstance(found, tuple) and len(found) == len(wanted)
        return listed and all(_fits(*both, hook) for both in zip(found, wanted, strict=True))
    if not is_real(found) or isinstance(found, list | tuple):
        return False
    shape = np.shape(found)
    if hook in IN_FULL:
        return bool(shape == wanted)
    return broadcasts(shape, wanted)


def _is_several(wanted: Any) -> bool:
    return isinstance(wanted, list) or getattr(wanted, "_fields", None) is not None


def _describe(wanted: Any) -> str:
    if _is_several(wanted):
        names = ", ".join(getattr(wanted, "_fields", ()))
        return f"a tuple{f' of {names}' if names else ''}: {', '.join(map(_describe, wanted))}"
    return f"real numbers of shape {tuple(wanted)}"


def _values(family: Any, lead: Lead) -> Any:
    event = family.event_shape
    if _is_several(event):
        return type(event)(*(lead + part for part in event))
    return lead + event


def _moments(family: Any, lead: Lead) -> Any:
    """As of values; of nominal labels, a probability for each class."""
    size = getattr(family, "size", None)
    nominal = isinstance(size, int) and getattr(family, "first", None) is None
    return (*lead, size) if family.discrete and nominal else _values(family, lead)


def _statistics(family: Any, lead: Lead) -> Any:
    return family.Stats(*(lead + shape for shape in family.stat_shapes))


def _one_each(family: Any, lead: Lead) -> Any:
    return lead


IN_FULL = ("sample", "covariance", "log_density")  # where nothing is left to broadcast
MAY_BE_NONE = ("covariance", "quantile")
SHAPES: dict[str, Callable[[Any, Lead], Any]] = {
    **dict.fromkeys(("log_partition", "entropy", "log_density"), _one_each),
    **dict.fromkeys(("stats", "expected_stats"), _statistics),
    **dict.fromkeys(("sample", "quantile"), _values),
    **dict.fromkeys(("mean", "sd"), _moments),
    "covariance": lambda family, lead: (*lead, family.numbers, family.numbers),
    "typical": lambda family, lead: [lead, lead],
    "from_real": lambda family, lead: [_values(family, lead), _statistics(family, lead), lead],
    "stats_pullback": lambda family, lead: lead + family.real_shape,
}
