"""Frames of Gibbs sampling, kind "draw": a half-step each, with the conditional it drew from.

`gibbs.sweeps` makes the sweeps. Within one the blocks follow one another: at the turn of a block
those before it are new, those after it still old, so that the states between are known.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments.block_values import initial_values
from vi_lab.families import Distribution
from vi_lab.inference.engine.noise import BufferedNoise
from vi_lab.inference.gibbs import sweeps
from vi_lab.model import statistics
from vi_lab.replays import sentences
from vi_lab.replays.scene import LABELS, Numbers, Scene, join_blocks, rounded

CHAINS = 4  # as by default; the first is shown
UPDATES = 300


def why_not(model: Any) -> str | None:
    """Why no draws can be shown, in a sentence, or None."""
    reason: str | None = model.why_not_conjugate("Gibbs")
    return reason


class Sweeps:
    """Recorded half-steps.

    Attributes
    ----------
    visited : Numbers
        The start, then where the chain was after each half-step.
    settings : dict
    """

    updates = UPDATES
    shown = "the first {count} draws of chain 1 of 4, a block each, from its start"

    def __init__(self, scene: Scene, rng: np.random.Generator) -> None:
        model = scene.model
        start = initial_values(model, rng, CHAINS)
        state = {name: first_of(start[name]) for name in model.blocks}
        states, self.turns = [state], []
        made = sweeps(model, statistics(model, start), BufferedNoise(rng), CHAINS)
        while len(states) <= UPDATES:
            z = next(made)
            drawn = {name: _as_value(block, z[name]) for name, block in model.blocks.items()}
            for name in model.blocks:
                state = {**state, name: drawn[name]}
                states.append(state)
                self.turns.append(name)
        self.states, self.turns = states[: UPDATES + 1], self.turns[:UPDATES]
        read = [scene.read(model.latents(state)).by_name for state in self.states]
        self.visited = Numbers({name: np.array([r[name] for r in read]) for name in read[0]})
        self.settings = {"chains": CHAINS, "blocks": len(model.blocks)}

    def frames(self, scene: Scene) -> list[dict[str, Any]]:
        """One frame for each half-step."""
        return [self._frame(scene, n, name) for n, name in enumerate(self.turns, start=1)]

    def _frame(self, scene: Scene, n: int, name: str) -> dict[str, Any]:
        model = scene.model
        block = model.blocks[name]
        t = statistics(model, self.states[n - 1])
        factor = Distribution(block.family, block.complete_conditional(t)).expand(block.plates)
        after = statistics(model, self.states[n])
        given, sweep = join_blocks(model, name), 1 + (n - 1) // len(model.blocks)
        places = scene.of_block(name)
        if places:
            now, before = (scene.write(self.visited, i, places) for i in (n, n - 1))
            say = sentences.of_draw(sweep, name, given, now, before)
        else:
            say = sentences.of_hidden_draw(sweep, name, given, describe_hidden(block))
        return {
            **scene.head(self.visited, n, "draw", sweep),
            "say": say,
            "block": name,
            "from": scene.locate(self.visited, n - 1),
            "to": scene.locate(self.visited, n),
            "given": given,
            "conditional": scene.conditional(name, factor, {name: factor}, shapes=True),
            "log_joint": [rounded(model.log_joint(t)), rounded(model.log_joint(after))],
        }


def describe_hidden(block: Any) -> str:
    """A block that is not drawn on the page, in words."""
    name = type(block.family).__name__
    family = LABELS.get(name, name.lower())
    if block.auxiliary:
        some = f"{block.size} {family} variables" if block.size > 1 else f"one {family} variable"
        return f"{some}, there for conjugacy only"
    return f"{block.size} values, {family}" if block.size > 1 else f"a {family} value"


def first_of(value: Any) -> Any:
    """The first of a batch; of a value that is a pair of arrays, the first of each."""
    if isinstance(value, tuple):
        return type(value)(*(part[0] for part in value))
    return np.asarray(value)[0]


def _as_value(block: Any, put_away: Any) -> Any:
    """The first chain's value of what a sweep keeps of a block."""
    store = block.family.empty((1, CHAINS, *block.plates))
    block.family.put(store, 0, put_away)
    return first_of(first_of(block.family.stored(store)))
