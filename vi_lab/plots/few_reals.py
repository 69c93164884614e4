"""The truth over one real number or two, nothing else: its own log density, seen on a grid.

For a posterior that does not say its marginals, as a user's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.results import Exact
from vi_lab.results.coordinates import locate_coordinate, write_coordinates

NODES = 801  # of the number that is integrated out
BEYOND = 0.25  # how far these reach beyond all draws, in ranges of the draws


class FewReals:
    """An exact density of one or two real numbers.

    Parameters
    ----------
    truth : Exact
    draws : mapping of str to array (draws, ...)
        Of every latent.
    """

    def __init__(self, truth: Exact, draws: Mapping[str, np.ndarray]) -> None:
        self.truth, self.draws = truth, draws
        self._shapes = {name: value.shape[1:] for name, value in draws.items()}
        self.written = [t for n, shape in self._shapes.items() for t in write_coordinates(n, shape)]

    def density(self, grids: Mapping[str, np.ndarray]) -> np.ndarray:
        """exp log p(z|x), a coordinate an array; all of them broadcast."""
        shape = np.broadcast_shapes(*(grid.shape for grid in grids.values()))
        values = {name: np.empty(shape + event) for name, event in self._shapes.items()}
        for text, grid in grids.items():
            name, index = locate_coordinate(text, self._shapes)
            where: Any = (..., *index)
            values[name][where] = grid
        return np.exp(self.truth.log_density(values))

    def marginal(self, text: str, x: np.ndarray) -> np.ndarray:
        """The density of one at x (n,), the other integrated out by the trapezoidal rule."""
        if len(self.written) == 1:
            return self.density({text: x})
        other = self.written[1 - self.written.index(text)]
        name, index = locate_coordinate(other, self._shapes)
        where: Any = (slice(None), *index)
        drawn = self.draws[name][where]
        margin = BEYOND * np.ptp(drawn)
        across = np.linspace(drawn.min() - margin, drawn.max() + margin, NODES)
        found = self.density({text: x[:, None], other: across[None, :]})
        return np.trapezoid(found, across, axis=1)
