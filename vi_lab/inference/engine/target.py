"""A model as Metropolis-Hastings sees it: one density over a vector of real coordinates.

Continuous blocks are moved in real coordinates y, with z = f(y) and the density multiplied by
|det dz/dy|. Discrete and auxiliary blocks are summed or integrated out exactly, and drawn back from
their complete conditionals afterwards, so that every result has every latent.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.arrays import numbers
from vi_lab.arguments.user_models import in_block, initial_values
from vi_lab.density_model import DensityModel, DensityRows
from vi_lab.errors import InputError, NotApplicable, ViLabError
from vi_lab.model import Model, Parameterisation, Values, log_joint_collapsed, zero_statistics
from vi_lab.model_or_problem import blocks_of

LIMIT = 500  # real coordinates of a random walk
CHUNK = 2**22  # numbers in a natural parameter while collapsed blocks are drawn back


class RealTarget:
    """log p(x, z(y)) + log|det dz/dy| over y in R^D, with the other blocks collapsed.

    With a parameterisation, y are its coordinates and the real coordinates of the blocks theirs.
    """

    def __init__(self, model: Model, change: Parameterisation | None = None) -> None:
        self.model, self.change = model, change
        self.collapsed = collapsed_blocks(model)
        self.moved = {n: b for n, b in model.blocks.items() if n not in self.collapsed}
        self.dimension = 0
        self.parts: dict[str, tuple[Any, tuple[int, ...]]] = {}  # index into y, shape there
        for name, block in self.moved.items():
            shape = block.plates + block.family.real_shape
            begin, self.dimension = self.dimension, self.dimension + math.prod(shape)
            self.parts[name] = ((..., slice(begin, self.dimension) if shape else begin), shape)
        self.conditionals_per_density = len(self.collapsed)

    def start(self, rng: np.random.Generator, chains: int) -> np.ndarray:
        """Over-dispersed starts (walkers, D), a walker a chain."""
        values = initial_values(self.model, rng, chains)
        real = {n: block.family.to_real(values[n]) for n, block in self.moved.items()}
        if self.change is not None:
            real = self.change.forward(real)
        return np.concatenate([part.reshape(chains, -1) for part in real.values()], axis=-1)

    def log_density(self, y: np.ndarray) -> np.ndarray:
        """(*batch, D) -> (*batch,), in nats, unnormalised."""
        _, stats, log_jacobian = self._unpack(y)
        return log_joint_collapsed(self.model, stats, self.collapsed, y.shape[:-1]) + log_jacobian

    def values(self, y: np.ndarray, rng: np.random.Generator) -> Values:
        """Block values at y (*batch, D), the collapsed blocks drawn from their conditionals."""
        blocks = self.model.blocks
        values, _, _ = self._unpack(y)
        rows = y.reshape(-1, self.dimension)
        for name in self.collapsed:
            block = blocks[name]
            drawn = block.family.empty((len(rows), *block.plates))
            size = block.size * sum(int(np.prod(s)) for s in block.family.stat_shapes)
            for begin in range(0, len(rows), max(1, CHUNK // size)):
                part = slice(begin, begin + max(1, CHUNK // size))
                drawn[part] = self._draw(name, rows[part], rng)
            values[name] = drawn.reshape(y.shape[:-1] + drawn.shape[1:])
        return {name: values[name] for name in blocks}

    def _draw(self, name: str, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A collapsed block from its conditional at each row of real coordinates."""
        blocks = self.model.blocks
        _, stats, _ = self._unpack(rows)
        emptied = {**stats, **{other: zero_statistics(blocks[other]) for other in self.collapsed}}
        try:
            eta = blocks[name].complete_conditional(emptied)
            return blocks[name].family.sample(rng, eta, (len(rows), *blocks[name].plates))
        except FloatingPointError as error:
            raise in_block(name, error) from None

    def _unpack(self, y: np.ndarray) -> tuple[dict[str, Any], dict[str, Any], Any]:
        values, stats, real = {}, {}, {}
        log_jacobian: Any = 0.0
        batch = y.shape[:-1]
        for name, (index, shape) in self.parts.items():
            part = y[index]
            real[name] = part.reshape(batch + shape) if len(shape) > 1 else part
        if self.change is not None:
            real, log_jacobian = self.change.inverse(real)
        for name, block in self.moved.items():
            values[name], stats[name], log_det = block.family.from_real(real[name])
            if isinstance(log_det, np.ndarray):
                log_jacobian = log_jacobian + block.sum_over_plates(log_det, batch)
        return values, stats, log_jacobian


class RowTarget:
    """A model whose rows are independent: each row of each chain walks, and is judged, by itself.

    A joint move of all rows would be accepted as rarely as the worst of them. Walkers are the
    chains times the rows, chain by chain.
    """

    conditionals_per_density = 0

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


class DensityRowTarget:
    """As RowTarget, for a model that offers the log density of each row alone."""

    conditionals_per_density = 0

    def __init__(self, model: DensityRows) -> None:
        self.model = model
        self.rows, self.dimension = model.independent_rows, model.dimension

    def start(self, rng: np.random.Generator, chains: int) -> np.ndarray:
        return _z(self.model, rng, (chains, self.rows, self.dimension)).reshape(-1, self.dimension)

    def log_density(self, y: np.ndarray) -> np.ndarray:
        """(walkers, D) -> (walkers,), in nats."""
        by_row = y.reshape(-1, self.rows, self.dimension)
        return self.model.log_density_rows(by_row).reshape(len(y))

    def values(self, y: np.ndarray, rng: np.random.Generator) -> Values:
        """(walkers, draws, D) -> z (chains, draws, rows, D)."""
        return {"z": np.moveaxis(y.reshape(-1, self.rows, *y.shape[1:]), 1, 2)}


class DensityTarget:
    """A log density on R^D as it stands."""

    conditionals_per_density = 0

    def __init__(self, model: DensityModel) -> None:
        self.model = model
        self.dimension = model.dimension
        self.log_density = model.log_density

    def start(self, rng: np.random.Generator, chains: int) -> np.ndarray:
        return _z(self.model, rng, (chains, self.dimension))

    def values(self, y: np.ndarray, rng: np.random.Generator) -> Values:
        return {"z": y}


def _z(model: Any, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """A new array of starts z of a model that offers a density alone."""
    z = initial_values(model, rng, shape[0]).get("z")
    try:
        z = np.array(numbers("z", z), dtype=np.float64)
    except ViLabError as error:
        raise InputError(f"sample_latents: needs z of shape {shape}; {error}") from error
    if z.shape != shape:
        raise InputError(f"sample_latents: needs z of shape {shape}, gave {z.shape}")
    return z


def collapsed_blocks(model: Model) -> tuple[str, ...]:
    """The discrete and auxiliary blocks: what Metropolis-Hastings sums or integrates out."""
    return tuple(
        name for name, block in model.blocks.items() if block.family.discrete or block.auxiliary
    )


def all_discrete(model: Any) -> bool:
    """Whether there is no real coordinate to walk along, and single sites are moved: `flips`."""
    blocks = blocks_of(model)
    return bool(blocks) and len(collapsed_blocks(model)) == len(blocks)


def why_no_moves(model: Any) -> str | None:
    """Why Metropolis-Hastings does not apply, or None: it needs something it can propose."""
    blocks = blocks_of(model)
    if all_discrete(model):
        endless = [n for n, b in blocks.items() if b.family.support is None]
        if not endless:
            return None
        return (
            "Metropolis-Hastings does not apply, because no latent has a real coordinate, and the "
            f"values of {endless[0]!r} cannot be listed, from which another one could be proposed"
        )
    if blocks and model.independent_rows is None:
        dimension = RealTarget(model).dimension
        if dimension > LIMIT:
            return (
                "Metropolis-Hastings does not apply, because a random walk needs of the order of D "
                f"steps for an independent draw, and a D x D covariance: here D is {dimension:,}, "
                f"above the limit of {LIMIT}"
            )
    return None


CENTRED = "centred"  # a model's own coordinates


def parameterisations_of(model: Any) -> tuple[str, ...]:
    """The coordinates a model can be walked in, by name; its own come first."""
    return (CENTRED, *(model.parameterisations if blocks_of(model) else ()))


def target_of(
    model: Any, parameterisation: str = CENTRED
) -> RealTarget | RowTarget | DensityRowTarget | DensityTarget:
    """The target of a model; NotApplicable where there is nothing to move."""
    reason = why_no_moves(model)
    if reason:
        raise NotApplicable(reason)
    checks.one_of("parameterisation", parameterisation, parameterisations_of(model))
    if parameterisation != CENTRED:
        return RealTarget(model, model.parameterisations[parameterisation])
    if isinstance(model, DensityRows):
        return DensityRowTarget(model)
    if not blocks_of(model):
        return DensityTarget(model)
    return RealTarget(model) if model.independent_rows is None else RowTarget(model)
