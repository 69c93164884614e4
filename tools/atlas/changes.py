"""What differs between two atlases by more than they may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from vi_lab.numerics.agreement import AGREES, STATED, judge
from vi_lab.numerics.rounding import Estimate


def changes(old: Mapping[str, Any], new: Mapping[str, Any], names: Any = None) -> list[str]:
    """A line for each difference, with the place where it is; none where the two agree.

    Parameters
    ----------
    old, new : dict
        Atlases, as read or computed.
    names : list of str, optional
        The problems to look at, where `new` has only these.

    Numbers agree to 1e-9, of their size or of one; what `published` says of vi_lab to 1e-6, the
    parameters of a q to 1e-5 of the largest beside them (its bound is flat there), means and sds of
    a long run and estimated evidences to five standard errors of both. All else must be equal, but
    for the errors that routes and long runs state of themselves. `tolerance` in the file has the
    four.
    """
    if names is not None:
        kept = {name: old["problems"].get(name, MISSING) for name in names}
        old = {**old, "problems": kept}
    found = []
    for place, before, after in _pairs(old, new, ()):
        if not _agree(place, before, after, (old, new)):
            path = ".".join(str(p) for p in place if p != "problems")
            found.append(f"{path}: {_short(before)} is now {_short(after)}")
    return found


MISSING = "nothing"
ERRORS = ("error", "elbo_error", "gap_error", "rhat", "khat")
ESTIMATED = ("mean", "sd", "value")  # keys that stand beside an error, where a run was random


def _pairs(
    old: Any, new: Any, place: tuple[Any, ...]
) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
    """Leaves of both, side by side: scalars, and lists of scalars as such."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            yield from _pairs(old.get(key, MISSING), new.get(key, MISSING), (*place, key))
    elif _compare_mappings(old) and _compare_mappings(new) and len(old) == len(new):
        for i, (a, b) in enumerate(zip(old, new, strict=True)):
            yield from _pairs(a, b, (*place, i))
    else:
        yield place, old, new


def _compare_mappings(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(v, Mapping) for v in value)


def _agree(place: tuple[Any, ...], before: Any, after: Any, atlases: tuple[Any, Any]) -> bool:
    one, two, limits = _numbers(before), _numbers(after), atlases[1]["tolerance"]
    if one is None or two is None or one.shape != two.shape:
        return bool(before == after)
    if place[-1] in ERRORS:  # that these are small is a test's business
        return True
    if "tolerance" in place:
        return np.array_equal(one, two)
    if place[-1] in ESTIMATED and ("reference" in place or "estimates" in place):
        runs = zip(("before", "after"), (one, two), atlases, strict=True)
        numbers = {
            when: Estimate(value, _at(atlas, (*place[:-1], "error")), "Monte Carlo")
            for when, value, atlas in runs
        }
        digits = Estimate(0.0, limits["numbers"], STATED)  # of what no run varies
        return judge(one - two, {**numbers, "digits": digits}).word == AGREES
    if "natural" in place:
        finite = np.isfinite(one)
        if not np.array_equal(finite, np.isfinite(two)):
            return False
        apart = np.abs(one[finite] - two[finite]).max(initial=0.0)
        return bool(apart <= limits["q"] * max(1.0, np.abs(one[finite]).max(initial=0.0)))
    close = limits["published" if "published" in place else "numbers"]
    with np.errstate(invalid="ignore"):
        near = np.abs(one - two) <= close * np.maximum(1.0, np.abs(one))
    return bool((near | (one == two)).all())


def _at(atlas: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        atlas = atlas[key]
    return atlas


def _numbers(value: Any) -> np.ndarray | None:
    """A number or nested list of numbers as an array, None among them as minus infinity."""
    if isinstance(value, bool | str) or value is None:
        return None
    try:
        array = np.array(value, dtype=object)
        array = np.where(array == None, -np.inf, array)  # noqa: E711
        return array.astype(np.float64)
    except (TypeError, ValueError):
        return None


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 60 else text[:57] + "..."
