"""Targets whose rows are independent: each row of each chain walks, and is judged, by itself.

A joint move of all rows would be accepted as rarely as the worst of them. Walkers are the chains
times the rows, chain by chain.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments.user_models import initial_values
from vi_lab.density_model import DensityRows
from vi_lab.inference.engine.density_target import Target, draw_start
from vi_lab.model import Model, Values


class RowTarget(Target):
    """Blocks that all have the rows for plates, in real coordinates of one row."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.rows = int(model.independent_rows or 1)
        sizes = [int(np.prod(block.family.real_shape)) for block in model.blocks.values()]
        self.ends = np.cumsum(sizes)
        self.dimension = int(self.ends[-1])

    def start(self, rng: np.random.Generator, chains: int) -> np.ndarray:
        values = initial_values(self.model, rng, chains)
        return np.concatenate(
            [
                block.family.to_real(values[name]).reshape(chains * self.rows, -1)
                for name, block in self.model.blocks.items()
            ],
            axis=-1,
        )

    def log_density(self, y: np.ndarray) -> np.ndarray:
        """(walkers, D) -> (walkers,), in nats."""
        _, stats, log_jacobian = self._unpack(y)
        return (self.model.log_joint_rows(stats) + log_jacobian).reshape(len(y))

    def values(self, y: np.ndarray, rng: np.random.Generator) -> Values:
        """(walkers, draws, D) -> block values (chains, draws, rows, ...)."""
        by_row = y.reshape(-1, self.rows, *y.shape[1:])
        values, _, _ = self._unpack(np.moveaxis(by_row, 1, 2))
        return values

    def _unpack(self, y: np.ndarray) -> tuple[dict[str, Any], dict[str, Any], Any]:
        """Real coordinates with the rows on their last axis but one, or walkers on their first."""
        if y.ndim == 2:
            y = y.reshape(-1, self.rows, self.dimension)
        values, stats, log_jacobian, begin = {}, {}, 0.0, 0
        for (name, block), end in zip(self.model.blocks.items(), self.ends, strict=True):
            part = y[..., begin:end].reshape(y.shape[:-1] + block.family.real_shape)
            values[name], stats[name], log_det = block.family.from_real(part)
            log_jacobian, begin = log_jacobian + log_det, int(end)
        return values, stats, log_jacobian


class DensityRowTarget(Target):
    """A model that offers the log density of each row alone."""

    def __init__(self, model: DensityRows) -> None:
        self.model = model
        self.rows, self.dimension = model.independent_rows, model.dimension

    def start(self, rng: np.random.Generator, chains: int) -> np.ndarray:
        z = draw_start(self.model, rng, (chains, self.rows, self.dimension))
        return z.reshape(-1, self.dimension)

    def log_density(self, y: np.ndarray) -> np.ndarray:
        """(walkers, D) -> (walkers,), in nats."""
        by_row = y.reshape(-1, self.rows, self.dimension)
        return self.model.log_density_rows(by_row).reshape(len(y))

    def values(self, y: np.ndarray, rng: np.random.Generator) -> Values:
        """(walkers, draws, D) -> z (chains, draws, rows, D)."""
        return {"z": np.moveaxis(y.reshape(-1, self.rows, *y.shape[1:]), 1, 2)}
