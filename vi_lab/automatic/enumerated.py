"""The posterior of a model of few states, and of one whose blocks do not depend on one another: one
state, of which all is collapsed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.automatic.posterior import AveragedPosterior, far_out, log_visited_q, weigh
from vi_lab.automatic.separation import Separation
from vi_lab.errors import NumericalError, refuse_if
from vi_lab.families import Distribution
from vi_lab.model import Model, Values
from vi_lab.numerics.enumeration import draw_rows
from vi_lab.numerics.rounding import Estimate, disturb_log_joint, rounding


class EnumeratedPosterior(AveragedPosterior):
    """Every state of the visited blocks, the others summed or integrated out of each."""

    @far_out
    def __init__(self, model: Model, separation: Separation) -> None:
        super().__init__(model, separation)
        values = self._values = self._list_states()
        count = self.count
        stats = self.conditionals.stats(values)
        log_joint = self.conditionals.log_joint(stats, count)
        top = float(np.max(log_joint))
        refuse_if(not np.isfinite(top), f"exact: the log joint is {top:g} at its highest",
                  NumericalError)  # fmt: skip
        value = float(np.log(np.exp(log_joint - top).sum()) + top)
        lost = disturb_log_joint(lambda s: self.conditionals.log_joint(s, count), stats, {})
        error = float(rounding(top) + np.max(lost, where=np.isfinite(lost), initial=0.0))
        route = "conditionals that depend on no other block"
        if self.visited:
            route = f"enumeration of {count:,} states"
        self.log_evidence = Estimate(value, error, route)
        best = {n: np.asarray(v)[[int(np.argmax(log_joint))]] for n, v in values.items()}
        self.conditionals.refer_to(best, np.random.default_rng(0))
        log_p = self.conditionals.log_density(stats, count)
        # where conditionals rule values out they do not tell the weights of what lies beyond
        self._by_log_joint = bool(np.isnan(log_p).any() or np.isneginf(log_joint).any())
        log_p = log_joint if self._by_log_joint else log_p
        self._constant = float(np.log(np.exp(log_p - log_p.max()).sum()) + log_p.max())
        self._weights = np.exp(log_p - self._constant)

    def _list_states(self) -> dict[str, Any]:
        """All values of the visited blocks, (N, *plates, *event)."""
        blocks = [self.model.blocks[name] for name in self.visited]
        sizes = [len(block.family.support) for block in blocks for _ in range(block.size)]
        self.count = math.prod(sizes)
        index = np.unravel_index(np.arange(self.count), sizes) if sizes else ()
        sites, values = iter(index), {}
        for name, block in zip(self.visited, blocks, strict=True):
            own = np.stack([next(sites) for _ in range(block.size)], axis=-1)
            values[name] = block.family.support[own.reshape(self.count, *block.plates)]
        return values

    def _unnormalised(self, stats: Any, count: int) -> Any:
        if self._by_log_joint:
            return self.conditionals.log_joint(stats, count)
        return super()._unnormalised(stats, count)

    def _points(self) -> tuple[Values, np.ndarray]:
        return self._values, self._weights

    def _draw(self, rng: np.random.Generator, n: int) -> Values:
        rows = draw_rows(rng, self._weights, n)
        return {name: np.array(value[rows]) for name, value in self._values.items()}

    def _expect(self, q: Mapping[str, Distribution], function: Any) -> Estimate:
        log_q = log_visited_q(self.model, q, self.conditionals.stats(self._values), self.count)
        with np.errstate(invalid="ignore"):
            found = function(self._values, log_q)
        weights = np.exp(log_q)
        value = weigh(weights, np.where(weights > 0, found, 0.0))
        finite = np.isfinite(found)
        size = weigh(weights[finite], np.abs(found[finite]))
        route = self.log_evidence.route
        return Estimate(value, float(rounding(size)) + self.log_evidence.error, route)
