"""Calls of a model's functions that find what each of them writes into what it is handed.

Gibbs and CAVI hand every block the one set of statistics that they keep, and a random walk its one
array of proposals. A function that writes into them changes the numbers of the others, silently.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.errors import InputError
from vi_lab.model import Statistics


def log_joint(model: Any, stats: Statistics) -> Any:
    """`model.log_joint(stats)`; InputError where it writes into the statistics."""
    return _call_on_copy("the log joint", model.log_joint, stats)


def log_joint_rows(model: Any, stats: Statistics) -> Any:
    """`model.log_joint_rows(stats)`; InputError where it writes into the statistics."""
    return _call_on_copy("the log joint by rows", model.log_joint_rows, stats)


def conditional(model: Any, name: str, stats: Statistics) -> Any:
    """The block's natural parameter; InputError where its conditional writes into the statistics.

    Its own entry is looked at like the others.
    """
    what = f"the conditional of block {name!r}"
    return _call_on_copy(what, model.blocks[name].complete_conditional, stats)


def log_density(model: Any, z: np.ndarray) -> Any:
    """`model.log_density(z)`; InputError where it writes into z."""
    return _call_on_copy_of_z("the log density", model.log_density, z)


def gradient(model: Any, z: np.ndarray) -> Any:
    """`model.gradient(z)`; InputError where it writes into z."""
    return _call_on_copy_of_z("the gradient", model.gradient, z)


def _call_on_copy_of_z(what: str, call: Callable[[np.ndarray], Any], z: np.ndarray) -> Any:
    handed = z.copy()
    found = call(handed)
    if not np.array_equal(handed, z, equal_nan=True):
        raise InputError(f"{what} writes into the z it is handed")
    return found


def _call_on_copy(what: str, call: Callable[[Statistics], Any], stats: Statistics) -> Any:
    """What a call on a copy of the statistics gives, which must be what it was after it."""
    handed = copy.deepcopy(stats)
    found = call(handed)
    if handed.keys() != stats.keys():
        raise InputError(f"{what} writes into the statistics: it adds or removes a block")
    for name, before in stats.items():
        for field, old, new in zip(before._fields, before, handed[name], strict=True):
            if not np.array_equal(old, new, equal_nan=True):
                raise InputError(
                    f"{what} writes into the statistics: {field!r} of block {name!r} changed"
                )
    return found
