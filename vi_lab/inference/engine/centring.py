"""Sweeps of models whose statistics have a centre, which follows q where that goes far.

Statistics of the state before a sweep are about the centres of then. A component that jumps in the
sweep, from points here to points there, is left with no digits about the old place. What has been
decided before its turn came is right, though: so its own update is made once more, about where it
went, which is a step of coordinate ascent like any other, and sweeps go on from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from vi_lab.errors import NumericalError
from vi_lab.inference.engine.replay import Sweeps, explain_errors
from vi_lab.model import Model, Statistics, has_priors_apart, statistics
from vi_lab.results.centring import move_centres

MOST_MOVES = 10  # of centres in a row, with no whole sweep between them


def follow_centres(
    sweeps: Sweeps, model: Model, values: Mapping[str, Any], batch: tuple[int, ...]
) -> Iterator[tuple[Model, dict[str, Any], Statistics, Any]]:
    """The model, eta, t and the bound after each sweep from these block values.

    The model is the one given, or a copy of it in whose statistics eta and t are. A sweep whose
    digits were lost gives nothing: the next starts where it should have ended.
    """
    model = move_centres(model, values)
    t = statistics(model, values)
    most_moves = MOST_MOVES if model.moving and has_priors_apart(model) else 0
    moves = 0  # since the last sweep that was whole
    while True:
        try:
            for eta, expected, bound in explain_errors(sweeps, model, t, batch):
                if moves < most_moves and model.strays(expected):
                    break
                yield model, eta, expected, bound
                moves = 0
        except (NumericalError, ArithmeticError, np.linalg.LinAlgError):
            if moves == most_moves:
                raise
        moves += 1
        try:
            model, t = repeat_updates(model, t)
        except NumericalError:  # digits that it wants for this one step, and the next may not
            if moves == most_moves:
                raise


def repeat_updates(model: Model, t: Statistics) -> tuple[Model, Statistics]:
    """The model about where the rest of t puts its `moving` blocks, one after the other, and t with
    these updated: the statistics of each are about the centre that the others' conditionals know.
    """
    for name in model.moving:
        families: dict[str, Any] = {other: model.blocks[other].family for other in model.moving}
        centres = {other: family.centre for other, family in families.items()}
        centres[name] = families[name].locate(model.blocks[name].complete_conditional(t))
        model = model.about(centres)
        block = model.blocks[name]
        t[name] = block.family.expected_stats(block.complete_conditional(t))
    return model, t
