"""The posterior from the complete conditionals alone, up to one constant.

    log p(z|x) = const + sum_b [ log p(z_b | z_<b, z0_>b) - log p(z0_b | z_<b, z0_>b) ]

for any z0 of positive probability (Besag 1974, eq. 2.2): the ratio of two states is a product of
ratios of states that differ in one block. Here the log evidence comes from the log joint and the
posterior from this, so that a ledger is no subtraction: it holds only where the two agree.

Blocks that are collapsed come last. They are independent given the others, y, and so

    log p(y|x) = const + sum over the others as above, given s0, - sum_s log p(s0 | y)

which is the candidate's formula (Besag 1989).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.automatic.separation import Separation
from vi_lab.model import Block, Model, Statistics, Values, log_joint_collapsed

# a point far out may overflow on its way to a density of 0
far_out = np.errstate(over="ignore", divide="ignore", invalid="ignore", under="ignore")


class Conditionals:
    """p(z|x) of a model's blocks, up to a constant, with those of `separation` that are visited
    first."""

    def __init__(self, model: Model, separation: Separation) -> None:
        self.model = model
        self.visited, self.collapsed = separation

    def refer_to(self, values: Values, rng: np.random.Generator) -> None:
        """z0: these values of the visited blocks, (1, ...), and draws of the others given them."""
        stats = self.stats(values)
        self.origin = dict(stats)
        for name, eta in self.given(stats, 1).items():
            block = self.model.blocks[name]
            drawn = block.family.sample(rng, eta, (1, *block.plates))
            self.origin[name] = block.family.stats(drawn)

    def stats(self, values: Values) -> Statistics:
        return {name: self.model.blocks[name].family.stats(values[name]) for name in self.visited}

    def log_joint(self, stats: Statistics, count: int) -> Any:
        """log p(x, y) from the model's log joint, the rest integrated out, (count,)."""
        found = log_joint_collapsed(self.model, stats, self.collapsed, (count,))
        return np.broadcast_to(found, (count,))

    def given(self, stats: Statistics, count: int) -> dict[str, Any]:
        """The natural parameter of each collapsed block given the visited ones, in full."""
        blocks = self.model.blocks
        emptied = {**stats, **{name: blocks[name].zeros for name in self.collapsed}}
        return {
            name: blocks[name].family.expand(
                blocks[name].complete_conditional(emptied), (count, *blocks[name].plates)
            )
            for name in self.collapsed
        }

    @far_out
    def log_density(self, stats: Statistics, count: int) -> Any:
        """log p(y|x) of the visited blocks, (count,), up to the constant."""
        blocks, total = self.model.blocks, np.zeros(count)
        now = {name: _repeat(t, count) for name, t in self.origin.items()}
        for name in self.visited:
            eta = blocks[name].complete_conditional(now)
            before, now = now, {**now, name: stats[name]}
            for sign, t in ((1.0, now[name]), (-1.0, before[name])):
                total = total + sign * log_ratio(blocks[name], eta, t, count)
        for name, eta in self.given(stats, count).items():
            block = blocks[name]
            each = log_ratio(block, eta, now[name], count)
            total = total - each + block.sum_over_plates(block.family.log_partition(eta), (count,))
        return total


def log_ratio(block: Block, eta: Any, stats: Any, count: int) -> Any:
    """<eta, t>, summed over the plates: the log density but for its log partition."""
    return block.sum_over_plates(block.family.inner(eta, stats), (count,))


def _repeat(stats: Any, count: int) -> Any:
    return type(stats)(*(np.broadcast_to(f, (count, *np.shape(f)[1:])) for f in stats))
