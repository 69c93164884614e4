"""The one idea: write the log joint once, as a function of the sufficient statistics.

A model is a set of latent blocks, each in an exponential family, and a log joint that is affine in
every block's statistics. Along one block, with the others held,

    log p(x, z) = <eta_b(t_others), t(z_b)> + what does not depend on z_b,

so eta_b, the complete conditional, is the block's natural parameter given the others (Blei,
Kucukelbir & McAuliffe 2017, eq. 35-38). From these two pieces follow all the solutions:

    Metropolis-Hastings  evaluates the log joint at t(z) of a proposal
    Gibbs                puts t(current draw) into the conditional and draws from it
    CAVI                 puts E_q[t(z)] into the conditional and takes it as the new q
    ELBO                 the log joint at E_q[t(z)] plus the entropies
    collapse a block     the log joint at t_b = 0 plus that block's log partition A_b(eta_b)
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import brief
from vi_lab.arguments.user_models import in_block as in_block
from vi_lab.arguments.user_models import initial_values as initial_values
from vi_lab.arguments.user_models import log_joint
from vi_lab.errors import InputTypeError, NotApplicable
from vi_lab.families import Categorical, Family

Statistics = dict[str, Any]  # block name -> that family's Stats
Values = Mapping[str, Any]  # block or latent name -> array (*batch, *plates, *event)


@dataclass(frozen=True)
class Block:
    """Latents updated together: a family, its natural parameter given the rest, its plates.

    Attributes
    ----------
    family : Family
    complete_conditional : callable
        Statistics of the other blocks -> natural parameter of this one. Its fields need only
        broadcast to (*batch, *plates, *event). It is handed all statistics and must not read its
        own entry.
    plates : tuple of int
        Conditionally independent copies.
    auxiliary : bool
        Present for conjugacy alone: in no table, no R-hat.
    """

    family: Family
    complete_conditional: Callable[[Statistics], Any]
    plates: tuple[int, ...] = ()
    auxiliary: bool = False

    @property
    def size(self) -> int:
        """The number of plate copies."""
        return int(np.prod(self.plates, dtype=np.int64))

    def sum_over_plates(self, value: Any, batch: tuple[int, ...] | None = None) -> Any:
        """Sum a per-plate quantity over the plates, (*batch, *plates) -> (*batch,).

        The value need only broadcast to (*batch, *plates); without `batch` it is read off it.
        """
        if batch is None:
            batch = np.shape(value)[: max(np.ndim(value) - len(self.plates), 0)]
        if np.shape(value) != batch + self.plates:
            value = np.broadcast_to(value, batch + self.plates)
        return value.sum(axis=tuple(range(-len(self.plates), 0))) if self.plates else value


@dataclass(frozen=True)
class Parameterisation:
    """Other real coordinates for Metropolis-Hastings to walk in.

    Attributes
    ----------
    forward : callable
        Real coordinates of the blocks, by name, each (*batch, *shape) -> those that walk, the same
        shapes.
    inverse : callable
        And back, with log|det| of the way back, (*batch,).
    """

    forward: Callable[[dict[str, Any]], dict[str, Any]]
    inverse: Callable[[dict[str, Any]], tuple[dict[str, Any], Any]]


class Model(ABC):
    """A toy model with its data. Subclass it; see CONTRIBUTING.md for the recipe.

    `blocks` is an ordinary attribute, made once in the constructor: its order is the sweep order.
    """

    blocks: dict[str, Block]
    generative: bool = True
    no_exact_because: str | None = "neither a closed form, enumeration nor quadrature is known here"

    @abstractmethod
    def log_joint(self, stats: Statistics) -> Any:
        """log p(x, z) in nats at these statistics, shape (*batch,): affine in each, normalised."""

    # Too costly for the long run that stands in for an exact answer, as a corpus of thousands of
    # tokens is; a comparison gives it a tenth of its draws and restarts.
    costly: bool = False

    independent_rows: int | None = None
    latents_fit_fresh_data: bool = True  # not where their very shape hangs on the data
    named_labels: tuple[str, ...] = ()  # nominal latents whose classes cannot be renamed

    def __repr__(self) -> str:
        """The class and its blocks, each with its plates where it has some."""
        known = getattr(self, "blocks", {})  # not where a constructor broke off before them
        plates = {n: " × ".join(map(str, b.plates)) for n, b in known.items()}
        blocks = ", ".join(name + f" ({size})" * bool(size) for name, size in plates.items())
        return f"<{type(self).__name__} over {blocks}>"

    @property
    def parameterisations(self) -> Mapping[str, Parameterisation]:
        """Real coordinates that Metropolis-Hastings may walk in besides the blocks' own."""
        return {}

    def log_joint_rows(self, stats: Statistics) -> Any:
        """The terms of a log joint that is a sum over `independent_rows`, shape (*batch, rows).

        For models whose every block has plates (rows,) and whose rows are independent given the
        data: Metropolis-Hastings then accepts and rejects each row by itself.
        """
        raise NotImplementedError(f"the rows of {type(self).__name__} are not independent")

    @abstractmethod
    def sample_latents(self, rng: np.random.Generator, batch: tuple[int, ...] = ()) -> Values:
        """Block values drawn from the prior; over-dispersed starts where not generative."""

    def sample_initial_values(
        self, rng: np.random.Generator, batch: tuple[int, ...] = ()
    ) -> Values:
        """Where chains and restarts begin: `sample_latents` unless a model knows better."""
        return self.sample_latents(rng, batch)

    def sample_data(self, rng: np.random.Generator, values: Values) -> Model:
        """The same model holding fresh data drawn given the block values."""
        raise NotImplementedError(f"{type(self).__name__} has no data to draw")

    def latents(self, values: Values) -> dict[str, Any]:
        """Block values as users see them, by latent name; a rearrangement, identity by default."""
        return dict(values)

    def summaries(self, latents: Values) -> dict[str, Any]:
        """Label-invariant quantities worth comparing, by name.

        By default the latents themselves, without labels and auxiliaries.
        """
        blocks, nominal = self.blocks, self.nominal
        return {
            name: value
            for name, value in latents.items()
            if name not in nominal and not (name in blocks and blocks[name].auxiliary)
        }

    def exact_posterior(self) -> Any:
        """The truth, as `results.Exact`; models that have one set `no_exact_because` to None."""
        raise NotApplicable(f"exact does not apply: {self.no_exact_because}")

    def why_reducible(self) -> str | None:
        """Why no sequence of moves of one block at a time visits the whole posterior, or None."""
        return None

    @property
    def sources(self) -> dict[str, tuple[str, ...]]:
        """The blocks each latent is made of; by default the part of a block's name before a dot."""
        latents = dict.fromkeys(name.split(".")[0] for name in self.blocks)
        return {z: tuple(b for b in self.blocks if b.split(".")[0] == z) for z in latents}

    @property
    def nominal(self) -> dict[str, int]:
        """Latents that are labels without an order, with their number of classes."""
        return {
            name: block.family.size
            for name, block in self.blocks.items()
            if isinstance(block.family, Categorical) and block.family.first is None
        }


def statistics(model: Model, values: Values) -> Statistics:
    """t(z) of every block at these block values."""
    return {name: block.family.stats(values[name]) for name, block in model.blocks.items()}


def zero_statistics(block: Block) -> Any:
    """t_b = 0: what is left of an affine log joint is the part that does not depend on block b."""
    family = block.family
    return family.Stats(*(np.zeros(block.plates + shape) for shape in family.stat_shapes))


def log_density(model: Model, values: Values) -> Any:
    """log p(x, z) at block values, shape (*batch,)."""
    return model.log_joint(statistics(model, values))


def log_joint_collapsed(
    model: Model, stats: Statistics, collapsed: tuple[str, ...], batch: tuple[int, ...] = ()
) -> Any:
    """log p(x, z_rest) with the named blocks summed or integrated out exactly, shape (*batch,).

    An affine log joint is <eta_b, t_b> + c, and the integral of exp over z_b is exp(A_b(eta_b) + c)
    with c the log joint at t_b = 0. Blocks collapsed together must be independent given the rest.
    """
    blocks = model.blocks
    emptied = {**stats, **{name: zero_statistics(blocks[name]) for name in collapsed}}
    total = model.log_joint(emptied)
    for name in collapsed:
        block = blocks[name]
        try:
            log_partition = block.family.log_partition(block.complete_conditional(emptied))
        except FloatingPointError as error:
            raise in_block(name, error) from None
        total = total + block.sum_over_plates(log_partition, batch)
    return total


def as_factorised(model: Model, q: Any) -> Any:
    """q as a q of this very model: another's factors may be written about other centres."""
    if not isinstance(getattr(q, "q", None), Mapping):
        raise InputTypeError(f"q: needs a Factorised, got {brief(q)}")
    return q if q.model is model else type(q)(model, **q.q)


def factorised_elbo(model: Model, q: Any) -> Any:
    """The evidence lower bound E_q[log p(x, z)] + H[q] of a Factorised, in nats, shape (*batch,).

    Blei et al. 2017, eq. 13; line (5) of the derivation. Because the log joint is affine in every
    block's statistics and q factorises over blocks, E_q[log p(x, z)] is the log joint evaluated at
    E_q[t(z)]: no integral is left.

    Parameters
    ----------
    model : Model
    q : Factorised
        Any factorised distribution over the model's blocks, with or without a batch.
    """
    q = as_factorised(model, q)
    factors, batch = q.q, q.batch
    stats = {name: factor.expected_stats for name, factor in factors.items()}
    bound = log_joint(model, stats, batch)
    for name, block in model.blocks.items():
        bound = bound + block.sum_over_plates(factors[name].entropy, batch)
    bound = checks.require_finite("the ELBO", np.broadcast_to(bound, batch), infinite=True)
    return bound if batch else float(bound)
