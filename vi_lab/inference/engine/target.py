"""A model as Metropolis-Hastings sees it, and where it sees nothing that it could move."""

from __future__ import annotations

from typing import Any

from vi_lab.arguments import checks
from vi_lab.errors import NotApplicable
from vi_lab.inference.engine.block_target import (
    RealTarget,
    RowTarget,
    find_collapsed_blocks,
    refuse_dependent_blocks,
)
from vi_lab.inference.engine.density_target import DensityTarget, Target

CENTRED = "centred"  # a model's own coordinates
MOST_COORDINATES = 500  # real coordinates of a random walk


def is_discrete(model: Any) -> bool:
    """Whether there is no real coordinate to walk along, and single sites are moved instead."""
    blocks = model.blocks
    return bool(blocks) and len(find_collapsed_blocks(model)) == len(blocks)


def why_no_moves(model: Any) -> str | None:
    """Why Metropolis-Hastings does not apply, or None: it needs something it can propose."""
    blocks = model.blocks
    if is_discrete(model):
        endless = [n for n, b in blocks.items() if b.family.support is None]
        if not endless:
            return None
        return (
            "Metropolis-Hastings does not apply, because no latent has a real coordinate, and the "
            f"values of {endless[0]!r} cannot be listed, from which another one could be proposed"
        )
    if blocks:
        dimension = count_coordinates(model)
        if dimension > MOST_COORDINATES:
            return (
                "Metropolis-Hastings does not apply, because a random walk needs of the order of D "
                f"steps for an independent draw, and a D x D covariance: here D is {dimension:,}, "
                f"above the limit of {MOST_COORDINATES}"
            )
    return None


def count_coordinates(model: Any) -> int:
    """Real coordinates of a walker: what is left once labels and auxiliaries are summed out."""
    if not model.blocks:
        return int(model.dimension)
    target = RealTarget if model.independent_rows is None else RowTarget
    return target(model).dimension


def list_parameterisations(model: Any) -> tuple[str, ...]:
    """The coordinates a model can be walked in, by name; its own come first."""
    return (CENTRED, *model.parameterisations)


def refuse_unmovable(model: Any, parameterisation: str) -> None:
    """NotApplicable where there is nothing to move, InputError where not in these coordinates."""
    reason = why_no_moves(model)
    if reason:
        raise NotApplicable(reason)
    checks.one_of("parameterisation", parameterisation, list_parameterisations(model))


def choose_target(model: Any, parameterisation: str = CENTRED) -> Target:
    """The target of a model; NotApplicable where there is nothing to move."""
    refuse_unmovable(model, parameterisation)
    if model.blocks and not is_discrete(model):
        refuse_dependent_blocks(model)
    if parameterisation != CENTRED:
        return RealTarget(model, model.parameterisations[parameterisation])
    if not model.blocks:
        return DensityTarget(model)
    return RealTarget(model) if model.independent_rows is None else RowTarget(model)
