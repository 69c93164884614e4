"""Strips: the exact distribution of one number on a line, bars where it is counted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.replays.coordinates import TAILS, Located
from vi_lab.results import Exact
from vi_lab.results.factor_densities import Factors, find_density

HELD = 0.999  # of the mass of a counted number, by the values of its strip
POINTS = 33  # of a real number
SCOUTS = 2000  # draws that show which values there are


@dataclass(frozen=True)
class Strip:
    """One number, the values its strip shows and what the truth gives each.

    Attributes
    ----------
    of : Located
    values, exact : array (n,)
        As they are shown; probabilities, or densities of a real number.
    """

    of: Located
    values: np.ndarray
    exact: np.ndarray

    @classmethod
    def of_truth(cls, of: Located, truth: Exact, model: Any) -> Strip:
        """The values that hold nearly all of the exact mass, or lie between its tails."""
        if of.discrete:
            support = _find_support(of, truth, model)
            p = truth.find_marginal(of.latent, of.index, support)
            order = np.argsort(-p)
            kept = np.sort(order[: 1 + int(np.searchsorted(np.cumsum(p[order]), HELD))])
            values = support[kept[0] : kept[-1] + 1]
        else:
            where: Any = (slice(None), *of.index)
            low, high = np.asarray(truth.quantile(of.latent, TAILS))[where]
            values = np.linspace(low, high, POINTS)
        exact = truth.find_marginal(of.latent, of.index, values)
        return cls(of, values + of.at.offset, np.asarray(exact))

    def of_q(self, model: Any, q: Factors) -> list[float] | None:
        """What q gives each value; None where a block has no factor, or there is no formula."""
        if not set(model.sources[self.of.latent]) <= q.keys():
            return None
        place = self.of.latent, self.of.index
        found = find_density(model, q, place, self.values - self.of.at.offset)
        return None if found is None else self._short(found)

    def _short(self, heights: np.ndarray) -> list[float]:
        """Heights to three digits of the tallest exact one: no picture shows more."""
        places = 3 - math.floor(math.log10(self.exact.max()))
        return [float(round(float(p), places)) for p in heights]

    def describe(self) -> dict[str, Any]:
        """The strip as the JSON has it."""
        return {
            **self.of.describe(),
            "discrete": self.of.discrete,
            "values": [float(f"{v:.6g}") for v in self.values],
            "exact": self._short(self.exact),
        }


def _find_support(of: Located, truth: Exact, model: Any) -> np.ndarray:
    """The values that a counted number may take: its family's, or those that draws show."""
    family = model.blocks[model.sources[of.latent][0]].family
    if not of.index and np.ndim(family.support) == 1:
        return np.asarray(family.support, dtype=np.float64)
    where: Any = (slice(None), *of.index)
    return np.unique(truth.sample(SCOUTS, rng=0)[of.latent][where]).astype(np.float64)
