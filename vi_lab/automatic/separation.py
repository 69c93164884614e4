"""Which blocks of a model are integrated out in closed form, and what is then left to do.

Blocks can be collapsed together where none of their conditionals depends on another of them.
Whether one depends on another is looked at, not asked: the statistics of the other are changed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments.block_values import initial_values
from vi_lab.model import Block, Model, statistics
from vi_lab.numerics.enumeration import MOST_LABELLINGS

STATES = 8  # at which dependence is looked at
MOST_REAL = 3  # coordinates that are integrated by cells
MOST_BLOCKS = 12  # of which every set is looked at
LEFT = "Metropolis-Hastings, Gibbs, CAVI and the Gaussians still apply, without a truth"


class Separation(NamedTuple):
    """The blocks that are visited, and those that are collapsed given these."""

    visited: tuple[str, ...]
    collapsed: tuple[str, ...]


def separate(model: Model) -> Separation | str:
    """The cheapest way to the truth; or why there is none, in a clause."""
    names = tuple(model.blocks)
    apart = _find_independence(model)
    best, cost, least = None, math.inf, math.inf
    for collapsed in _list_collapsible(names, apart):
        visited = tuple(name for name in names if name not in collapsed)
        price, weight = _price([model.blocks[name] for name in visited])
        least = min(least, weight)
        if price < cost:
            best, cost = Separation(visited, collapsed), price
    if best is not None:
        return best
    endless = [name for name, block in model.blocks.items() if _is_endless(block)]
    if least == 0 and endless:  # no coordinate is left, and no label
        return f"there is no list of the values of {endless[0]!r} to sum over; {LEFT}"
    return (
        f"at least {least:.3g} real coordinates and binary labels are left after collapsing what "
        f"can be; {MOST_REAL} real ones or 2^20 labellings are the limits; {LEFT}"
    )


def _list_collapsible(
    names: tuple[str, ...], apart: set[tuple[str, str]]
) -> Iterator[tuple[str, ...]]:
    """Sets of blocks of which none depends on another, the largest first: all there are, or of many
    blocks the one that is found by taking whichever depends on the fewest that are left. Along a
    chain these are every second one."""
    if len(names) <= MOST_BLOCKS:
        for size in range(len(names), -1, -1):
            for some in combinations(names, size):
                if all(pair in apart for pair in combinations(some, 2)):
                    yield some
        return
    left, taken = list(names), set()
    while left:
        one = min(left, key=lambda name: sum((name, other) not in apart for other in left))
        taken.add(one)
        left = [other for other in left if (one, other) in apart]
    yield tuple(name for name in names if name in taken)


def _price(visited: list[Block]) -> tuple[float, float]:
    """Points at which the rest is looked at, inf where that is too many; and how much is left."""
    real = sum(b.size * math.prod(b.family.real_shape) for b in visited if not b.family.discrete)
    endless = any(map(_is_endless, visited))
    labels = [b.size * math.log2(len(b.family.support)) for b in visited
              if b.family.discrete and b.family.support is not None]  # fmt: skip
    weight = real + sum(labels)
    labelled = any(b.family.discrete for b in visited)
    if endless or any(b.family.own_measure for b in visited) or (real and labelled):
        return math.inf, weight
    if real:
        return (1e5**real, weight) if real <= MOST_REAL else (math.inf, weight)
    states = 2.0 ** sum(labels)
    return (states, weight) if states <= MOST_LABELLINGS else (math.inf, weight)


def _is_endless(block: Block) -> bool:
    return bool(block.family.discrete and block.family.support is None)


def _find_independence(model: Model) -> set[tuple[str, str]]:
    """Pairs of blocks of which neither's conditional depends on the other, in both orders."""
    rng, blocks = np.random.default_rng(0), model.blocks
    stats = statistics(model, initial_values(model, rng, STATES))
    moved = {  # to what no state has: conditionals are affine in them, and rare values are none
        name: type(t)(
            *(np.asarray(f) * (1 + rng.random(np.shape(f))) + rng.random(np.shape(f)) for f in t)
        )
        for name, t in stats.items()
    }
    depends = set()
    for name, block in blocks.items():
        eta = block.complete_conditional(stats)
        for other in blocks:
            changed = block.complete_conditional({**stats, other: moved[other]})
            if other != name and not all(map(_same, eta, changed)):
                depends |= {(name, other), (other, name)}
    return {(a, b) for a in blocks for b in blocks if a != b and (a, b) not in depends}


def _same(one: Any, two: Any) -> bool:
    return np.array_equal(one, two, equal_nan=True)
