"""A model as Metropolis-Hastings sees it: one density over a vector of real coordinates.

Continuous blocks are moved in real coordinates y, with z = f(y) and the density multiplied by
|det dz/dy|. Discrete and auxiliary blocks are summed or integrated out exactly, and drawn back from
their complete conditionals afterwards, so that every result has every latent.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.errors import NotApplicable
from vi_lab.model import (
    DensityModel,
    Model,
    Values,
    blocks_of,
    in_block,
    log_joint_collapsed,
    zero_statistics,
)


class RealTarget:
    """log p(x, z(y)) + log|det dz/dy| over y in R^D, with the other blocks collapsed."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.collapsed = collapsed_blocks(model)
        self.moved = {n: b for n, b in model.blocks.items() if n not in self.collapsed}
        self.slices: dict[str, slice] = {}
        self.dimension = 0
        for name, block in self.moved.items():
            size = block.size * int(np.prod(block.family.real_shape, dtype=np.int64))
            self.slices[name] = slice(self.dimension, self.dimension + size)
            self.dimension += size
        self.conditionals_per_density = len(self.collapsed)

    def start(self, rng: np.random.Generator, chains: int) -> np.ndarray:
        """Over-dispersed starts (chains, D)."""
        values = self.model.sample_latents(rng, (chains,))
        return np.concatenate(
            [block.family.to_real(values[name]).reshape(chains, -1)
             for name, block in self.moved.items()], axis=-1,
        )

    def log_density(self, y: np.ndarray) -> np.ndarray:
        """(*batch, D) -> (*batch,), in nats, unnormalised."""
        values, stats, log_jacobian = self._unpack(y)
        return log_joint_collapsed(self.model, stats, self.collapsed, y.shape[:-1]) + log_jacobian

    def values(self, y: np.ndarray, rng: np.random.Generator) -> Values:
        """Block values at y (*batch, D), the collapsed blocks drawn from their conditionals."""
        values, stats, _ = self._unpack(y)
        blocks = self.model.blocks
        emptied = {**stats, **{name: zero_statistics(blocks[name]) for name in self.collapsed}}
        for name in self.collapsed:
            block = blocks[name]
            try:
                eta = block.complete_conditional(emptied)
                values[name] = block.family.sample(rng, eta, (*y.shape[:-1], *block.plates))
            except FloatingPointError as error:
                raise in_block(name, error) from None
        return {name: values[name] for name in blocks}

    def _unpack(self, y: np.ndarray) -> tuple[dict[str, Any], dict[str, Any], Any]:
        values, stats, log_jacobian = {}, {}, 0.0
        batch = y.shape[:-1]
        for name, block in self.moved.items():
            shape = batch + block.plates + block.family.real_shape
            part = y[..., self.slices[name]].reshape(shape)
            values[name], stats[name], log_det = block.family.from_real(part)
            if np.ndim(log_det):
                log_jacobian = log_jacobian + block.over_plates(log_det, batch)
        return values, stats, log_jacobian


class DensityTarget:
    """A log density on R^D as it stands."""

    conditionals_per_density = 0

    def __init__(self, model: DensityModel) -> None:
        self.model = model
        self.dimension = model.dimension
        self.log_density = model.log_density

    def start(self, rng: np.random.Generator, chains: int) -> np.ndarray:
        return np.array(self.model.sample_latents(rng, (chains,))["z"], dtype=np.float64)

    def values(self, y: np.ndarray, rng: np.random.Generator) -> Values:
        return {"z": y}


def collapsed_blocks(model: Model) -> tuple[str, ...]:
    """The discrete and auxiliary blocks: what Metropolis-Hastings sums or integrates out."""
    return tuple(
        name for name, block in model.blocks.items() if block.family.discrete or block.auxiliary
    )


def why_no_moves(model: Any) -> str | None:
    """Why random-walk Metropolis does not apply, or None: it needs a real coordinate to move."""
    blocks = blocks_of(model)
    if blocks and len(collapsed_blocks(model)) == len(blocks):
        return (
            "Metropolis-Hastings in real coordinates does not apply, because every latent is discrete"
        )
    return None


def target_of(model: Any) -> RealTarget | DensityTarget:
    """The target of a model; NotApplicable where there is nothing to move."""
    reason = why_no_moves(model)
    if reason:
        raise NotApplicable(reason)
    return RealTarget(model) if blocks_of(model) else DensityTarget(model)
