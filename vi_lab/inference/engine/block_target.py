"""Targets of a model with blocks: real coordinates of its continuous blocks, the rest collapsed.

Continuous blocks are moved in real coordinates y, with z = f(y) and the density multiplied by
|det dz/dy|. Discrete and auxiliary blocks are summed or integrated out exactly, and drawn back from
their complete conditionals afterwards, so that every result has every latent.

Where the rows are independent, each row of each chain walks, and is judged, by itself: a joint move
of all rows would be accepted as rarely as the worst of them. Walkers are then the chains times the
rows, chain by chain.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from vi_lab.arguments.block_values import initial_values
from vi_lab.arguments.family_hooks import ask_family
from vi_lab.arguments.user_models import explain, explain_block
from vi_lab.errors import NotApplicable, refuse_if
from vi_lab.inference.engine.density_target import Target
from vi_lab.inference.engine.differentiation import (
    BROKEN,
    far_out,
    one_by_one_where_broken,
    pull_back,
)
from vi_lab.model import (
    Block,
    Model,
    Parameterisation,
    Values,
    log_joint_collapsed,
    statistics,
    zero_statistics,
)

DRAWN_BACK_AT_ONCE = 2**22  # numbers in a natural parameter of a collapsed block


class RealTarget(Target):
    """log p(x, z(y)) + log|det dz/dy| over y in R^D, with the other blocks collapsed.

    With a parameterisation, y are its coordinates and the real coordinates of the blocks theirs.
    """

    def __init__(self, model: Model, change: Parameterisation | None = None) -> None:
        self.model, self.change = model, change
        self.collapsed = find_collapsed_blocks(model)
        self.moved = self._choose_moved()
        self.dimension = 0
        self.parts: dict[str, tuple[Any, tuple[int, ...]]] = {}  # index into y, shape there
        for name, block in self.moved.items():
            shape = block.plates + block.family.real_shape
            begin, self.dimension = self.dimension, self.dimension + math.prod(shape)
            self.parts[name] = ((..., slice(begin, self.dimension) if shape else begin), shape)
        self.conditionals_per_density = len(self.collapsed)
        self.conditionals_per_gradient = len(model.blocks)

    def _choose_moved(self) -> dict[str, Block]:
        """The blocks that walk, with the plates that a walker has of them."""
        return {n: b for n, b in self.model.blocks.items() if n not in self.collapsed}

    def start(self, rng: np.random.Generator, chains: int) -> np.ndarray:
        y = self.to_real(initial_values(self.model, rng, chains))
        return y.reshape(chains * self.rows, self.dimension)

    def to_real(self, values: Values) -> np.ndarray:
        """Block values (*batch, ...) -> y (*batch, D)."""
        real = {n: block.family.to_real(values[n]) for n, block in self.moved.items()}
        if self.change is not None:
            real = self.change.forward(real)
        parts = []
        for name, (_, shape) in self.parts.items():
            batch = real[name].shape[: real[name].ndim - len(shape)]
            parts.append(real[name].reshape(*batch, math.prod(shape)))
        return np.concatenate(parts, axis=-1)

    def log_density(self, y: np.ndarray) -> np.ndarray:
        """(*batch, D) -> (*batch,), in nats, unnormalised; -inf so far out that it cannot be told.

        A point where the arithmetic breaks down does so alone: the others of its batch have theirs.
        """
        try:
            found = self._log_density(y)
        except BROKEN:
            return one_by_one_where_broken(self._log_density, y, -np.inf)
        if math.isnan(np.vdot(found, found)):  # half the time of isnan
            return np.where(np.isnan(found), -np.inf, found)
        return found

    def _log_density(self, y: np.ndarray) -> np.ndarray:
        _, stats, log_jacobian = self._unpack(y)
        return log_joint_collapsed(self.model, stats, self.collapsed, y.shape[:-1]) + log_jacobian

    def gradient(self, y: np.ndarray) -> np.ndarray:
        """The gradient of `log_density` over y, (*batch, D); nan where that is -inf.

        **The complete conditional is the gradient**: the log joint is affine in the statistics of
        each block, with slope eta_b, and so

            grad_y log p(x, z(y)) = sum_b <eta_b(t_others), dt_b/dy> + grad_y log|det dz/dy|

        Where blocks are summed or integrated out, the gradient of the log of the sum is the mean
        of the gradient under their conditional (Fisher's identity; Louis 1982, eq. 3.1): E[t]
        stands for their statistics, which is exact because eta_b is affine in these as well.
        """
        try:
            return one_by_one_where_broken(self._gradient, y, np.nan)
        except Exception as error:
            raise explain("the gradient of a conditional", error) from error

    def _gradient(self, y: np.ndarray) -> np.ndarray:
        batch, walked = y.shape[:-1], self._split(y)
        real = walked if self.change is None else self.change.inverse(walked)[0]
        stats = {n: b.family.from_real(real[n])[1] for n, b in self.moved.items()}
        stats |= self._expected_stats(stats)
        slopes = {}
        for name, block in self.moved.items():
            eta = block.complete_conditional(stats)
            slope = block.family.stats_pullback(real[name], stats[name], eta)
            slopes[name] = np.broadcast_to(slope, batch + self.parts[name][1])
        if self.change is not None:
            slopes = pull_back(self.change, walked, slopes, batch)
        return np.concatenate([slope.reshape(*batch, -1) for slope in slopes.values()], axis=-1)

    def _expected_stats(self, stats: dict[str, Any]) -> dict[str, Any]:
        """E[t] of each collapsed block under its conditional given the others, which are moved."""
        blocks = self.model.blocks
        conditionals = self._conditionals(stats).items()
        return {name: blocks[name].family.expected_stats(eta) for name, eta in conditionals}

    def _conditionals(self, stats: dict[str, Any]) -> dict[str, Any]:
        """The natural parameter of each collapsed block given the moved ones."""
        blocks = self.model.blocks
        emptied = {**stats, **{name: zero_statistics(blocks[name]) for name in self.collapsed}}
        return {name: blocks[name].complete_conditional(emptied) for name in self.collapsed}

    def values(self, y: np.ndarray, rng: np.random.Generator) -> Values:
        """Block values at y (*batch, D), the collapsed blocks drawn from their conditionals."""
        return self._draw_back(y, rng, self.collapsed)

    def shown_values(self, y: np.ndarray, rng: np.random.Generator) -> Values:
        """As `values`, without auxiliary blocks, which may be dear to draw (`PolyaGamma`)."""
        hidden = self.model.auxiliary
        return self._draw_back(y, rng, [name for name in self.collapsed if name not in hidden])

    def _draw_back(self, y: np.ndarray, rng: np.random.Generator, names: Sequence[str]) -> Values:
        blocks = self.model.blocks
        values, _, _ = self._unpack(y)
        rows = y.reshape(-1, self.dimension)
        for name in names:
            block = blocks[name]
            drawn = block.family.empty((len(rows), *block.plates))
            at_once = max(1, DRAWN_BACK_AT_ONCE // block.statistics_size)
            for begin in range(0, len(rows), at_once):
                part = slice(begin, begin + at_once)
                drawn[part] = self._draw(name, rows[part], rng)
            values[name] = drawn.reshape(y.shape[:-1] + drawn.shape[1:])
        return {name: values[name] for name in blocks if name in values}

    def log_measure(self, y: np.ndarray, values: Values) -> Any:
        """What a density over y lacks to be that of all latents but the auxiliary ones, (*batch,):
        log p(collapsed | y) - log|det dz/dy|."""
        _, stats, log_jacobian = self._unpack(y)
        total = -log_jacobian
        for name, eta in self._conditionals(stats).items():
            block = self.model.blocks[name]
            if not block.auxiliary:
                log_p = block.family.log_density(values[name], eta)
                total = total + block.sum_over_plates(log_p, y.shape[:-1])
        return total

    def log_product(self, y: np.ndarray, q: Any) -> Any:
        """log of a product of densities over y, (*batch,): of each block that is moved its factor
        of q, and |det dz/dy|."""
        values, _, total = self._unpack(y)
        for name, block in self.moved.items():
            total = total + block.sum_over_plates(q[name].log_density(values[name]), y.shape[:-1])
        return total

    def moments(self, y: np.ndarray) -> dict[str, tuple[Any, Any]]:
        """By block: its value at y and None, or of a collapsed one the mean and the variance of its
        conditional there; auxiliary blocks are left out."""
        values, stats, _ = self._unpack(y)
        found = {name: (value, None) for name, value in values.items()}
        for name, eta in self._conditionals(stats).items():
            block = self.model.blocks[name]
            lead = y.shape[:-1] + block.plates
            eta = block.family.expand(eta, lead)
            nominal = name in self.model.nominal
            sd = None if nominal else ask_family(block.family, "sd", eta, eta=eta)
            mean = ask_family(block.family, "mean", eta, eta=eta)
            found[name] = mean, None if sd is None else np.square(sd)
        return {n: found[n] for n, block in self.model.blocks.items() if not block.auxiliary}

    def _draw(self, name: str, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A collapsed block from its conditional at each row of real coordinates."""
        blocks = self.model.blocks
        _, stats, _ = self._unpack(rows)
        emptied = {**stats, **{other: zero_statistics(blocks[other]) for other in self.collapsed}}
        try:
            eta = blocks[name].complete_conditional(emptied)
            return blocks[name].family.sample(rng, eta, (len(rows), *blocks[name].plates))
        except FloatingPointError as error:
            raise explain_block(name, error) from None

    def _split(self, y: np.ndarray) -> dict[str, Any]:
        """The coordinates that walk, by block, each (*batch, *shape)."""
        real = {}
        for name, (index, shape) in self.parts.items():
            part = y[index]
            real[name] = part.reshape(y.shape[:-1] + shape) if len(shape) > 1 else part
        return real

    def _unpack(self, y: np.ndarray) -> tuple[dict[str, Any], dict[str, Any], Any]:
        values, stats, real = {}, {}, self._split(y)
        log_jacobian: Any = 0.0
        batch = y.shape[:-1]
        if self.change is not None:
            real, log_jacobian = self.change.inverse(real)
        for name, block in self.moved.items():
            values[name], stats[name], log_det = block.family.from_real(real[name])
            if isinstance(log_det, np.ndarray | np.generic):
                log_jacobian = log_jacobian + block.sum_over_plates(log_det, batch)
        return values, stats, log_jacobian


class RowTarget(RealTarget):
    """Blocks that all have the rows for plates, in real coordinates of one row."""

    def _choose_moved(self) -> dict[str, Block]:
        self.rows = int(self.model.independent_rows or 1)
        for name, block in self.model.blocks.items():
            wrong = f"model: of {self.rows} independent_rows, block {name!r} has plates"
            refuse_if(block.plates != (self.rows,), f"{wrong} {block.plates}")
        return {name: replace(block, plates=()) for name, block in self.model.blocks.items()}

    def log_density(self, y: np.ndarray) -> np.ndarray:
        """(walkers, D) -> (walkers,), in nats."""
        _, stats, log_jacobian = self._unpack(self.by_row(y))
        return (self.model.log_joint_rows(stats) + log_jacobian).reshape(len(y))

    @far_out
    def gradient(self, y: np.ndarray) -> np.ndarray:
        """(walkers, D) -> (walkers, D)"""
        return self._gradient(self.by_row(y)).reshape(y.shape)

    def values(self, y: np.ndarray, rng: np.random.Generator) -> Values:
        return self._unpack(self.by_row(y))[0]


def refuse_dependent_blocks(model: Model) -> None:
    """NotApplicable where two blocks that are summed out depend on each other given the rest.

    Each is summed out by itself, the others at t = 0: its conditional must not know of them. Tried
    at a start.
    """
    collapsed, blocks = find_collapsed_blocks(model), model.blocks
    if len(collapsed) < 2:
        return
    stats = statistics(model, initial_values(model, np.random.default_rng(0), 2))
    emptied = {**stats, **{name: zero_statistics(blocks[name]) for name in collapsed}}
    for name, other in itertools.permutations(collapsed, 2):
        conditional = blocks[name].complete_conditional
        alone, beside = conditional(emptied), conditional({**emptied, other: stats[other]})
        same = (np.allclose(a, b, equal_nan=True) for a, b in zip(alone, beside, strict=True))
        refuse_if(
            not all(same),
            f"what needs real coordinates does not apply, because it sums out {name!r} and "
            f"{other!r} each by itself, and here they depend on each other given the rest; Gibbs "
            "and CAVI apply",
            NotApplicable,
        )


def find_collapsed_blocks(model: Model) -> tuple[str, ...]:
    """The discrete and auxiliary blocks: what Metropolis-Hastings sums or integrates out."""
    return tuple(
        name for name, block in model.blocks.items() if block.family.discrete or block.auxiliary
    )
