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

import math
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from vi_lab.arguments.read_only import read_only
from vi_lab.arguments.user_models import evaluate_log_joint, explain_block
from vi_lab.density_model import BaseModel
from vi_lab.density_model import Batch as Batch
from vi_lab.density_model import Values as Values
from vi_lab.families import Distribution, Family
from vi_lab.families.plate_prior import LogPriors, PlatePrior

Statistics = dict[str, Any]  # block name -> that family's Stats


@dataclass(frozen=True)
class Block:
    """Latents updated together: a family, its natural parameter given the rest, its plates.

    Attributes
    ----------
    family : Family
    complete_conditional : callable
        Statistics of the other blocks -> natural parameter of this one. Its fields may have any
        shape that broadcasts to (*batch, *plates, *event). It is handed all statistics and must
        not read its own entry.
    plates : tuple of int
        Conditionally independent copies: arrays are (*batch, *plates, *event), where the batch is
        chains, restarts or grid points, and the event the shape of one value.
    auxiliary : bool
        Added only to make the model conjugate: in no table, no R-hat.
    prior : Distribution or None
        Its prior, where that is one density of the family whatever the other blocks are; then the
        model is a `ModelWithPriors`.
    """

    family: Family
    complete_conditional: Callable[[Statistics], Any]
    plates: tuple[int, ...] = ()
    auxiliary: bool = False
    prior: Distribution | None = None

    @property
    def size(self) -> int:
        """The number of plate copies."""
        return int(np.prod(self.plates, dtype=np.int64))

    @property
    def statistics_size(self) -> int:
        """How many numbers its statistics, or a natural parameter, are in all."""
        return self.size * sum(math.prod(shape) for shape in self.family.stat_shapes)

    @cached_property
    def zeros(self) -> Any:
        """Statistics that are 0, made once."""
        zeros = (np.zeros(self.plates + shape) for shape in self.family.stat_shapes)
        return self.family.Stats(*map(read_only, zeros))

    def sum_over_plates(self, value: Any, batch: Batch | None = None) -> Any:
        """Sum a per-plate quantity over the plates, (*batch, *plates) -> (*batch,).

        The value may have any shape that broadcasts to (*batch, *plates); without `batch`, that is
        taken from its shape.
        """
        if batch is None:
            batch = np.shape(value)[: max(np.ndim(value) - len(self.plates), 0)]
        if np.shape(value) != batch + self.plates:
            value = np.broadcast_to(value, batch + self.plates)
        return value.sum(axis=tuple(range(-len(self.plates), 0))) if self.plates else value

    @cached_property
    def plate_prior(self) -> PlatePrior:
        """The prior of all plates, for a log joint."""
        assert self.prior is not None
        return PlatePrior(self.family, self.prior, self.plates)

    def sample_prior(self, rng: np.random.Generator, batch: Batch) -> Any:
        """Values drawn from its prior, (*batch, *plates, *event)."""
        assert self.prior is not None
        return self.prior.family.sample(rng, self.prior.eta, (*batch, *self.plates))

    @cached_property
    def is_sharp(self) -> bool:
        """Whether its prior, beside its entropy, would take digits from the ELBO."""
        return self.prior is not None and self.plate_prior.is_sharp

    def gain(self, eta: Any, stats: Any, batch: Batch, careful: bool = False) -> Any:
        """What q of this block adds to the ELBO beside the log likelihood, (*batch,): -KL[q||prior]
        where it has a prior, and the entropy of q where not.

        -KL is E_q[log prior] + H[q], two large numbers that cancel where the prior is sharp.
        """
        if self.is_sharp or (careful and self.prior is not None):
            return -self.sum_over_plates(self.family.kl_from_prior(eta, stats, self.prior), batch)
        entropy = self.entropy(eta, None if careful else stats, batch)
        return entropy if self.prior is None else entropy + self.plate_prior.log_density(stats)

    def entropy(self, eta: Any, stats: Any, batch: Batch) -> Any:
        """The entropy of q of this block, summed over the plates, (*batch,)."""
        return self.sum_over_plates(self.family.entropy(eta, stats), batch)


@dataclass(frozen=True)
class Parameterisation:
    """Other real coordinates to walk in.

    Methods with a gradient differentiate `inverse` by complex steps: it is to be made of analytic
    functions (no abs, maximum or comparison).

    Attributes
    ----------
    forward : callable
        Real coordinates of the blocks, by name, each (*batch, *shape) -> those that walk, the same
        shapes.
    inverse : callable
        The inverse map, with the log determinant of its Jacobian, (*batch,).
    """

    forward: Callable[[dict[str, Any]], dict[str, Any]]
    inverse: Callable[[dict[str, Any]], tuple[dict[str, Any], Any]]


class Model(BaseModel):
    """A toy model with its data. Subclass it; see CONTRIBUTING.md for the recipe.

    A writer of a model gives these; `BaseModel` has a default for everything else.

        blocks            an ordinary attribute, made once in the constructor, in sweep order
        log_joint         log p(x, z), from which all methods follow
        sample_latents    a draw from the prior
        sample_data       fresh data given the latents, where there are data
        exact_posterior   the truth, where it is known; then `no_exact_because` is None
    """

    blocks: dict[str, Block]
    moving: tuple[str, ...] = ()  # blocks whose statistics can be taken about another centre

    @abstractmethod
    def log_joint(self, stats: Statistics) -> Any:
        """log p(x, z) in nats at these statistics, shape (*batch,): affine in each, normalised."""

    @abstractmethod
    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """Block values drawn from the prior; over-dispersed starts where not generative."""

    def log_likelihood(self, stats: Statistics) -> Any:
        """The log joint without the priors that blocks carry, (*batch,): all of it where none does.

        With a block's prior and entropy taken together, as -KL[q || prior], the ELBO keeps digits
        that a sharp prior takes from either.
        """
        return self.log_joint(stats)

    def share_of_rounding(self, stats: Statistics) -> Mapping[str, Any]:
        """Of blocks some of whose statistics are exact as numbers: the share, 0 to 1, of a rounding
        of each by which the log joint may move."""
        return {}

    def strays(self, stats: Statistics) -> bool:
        """Whether a mean of the `moving` blocks is so far from the centre that statistics are taken
        about that squares of the distance would cancel. Other models have no such centre."""
        return False

    def about(self, means: Mapping[str, Any]) -> Model:
        """The same model, its statistics taken about these means of the `moving` blocks."""
        return self

    def log_joint_rows(self, stats: Statistics) -> Any:
        """The terms of a log joint that is a sum over `independent_rows`, shape (*batch, rows).

        For models whose every block has plates (rows,) and whose rows are independent given the
        data: Metropolis-Hastings then accepts and rejects each row by itself.
        """
        raise NotImplementedError(f"the rows of {type(self).__name__} are not independent")

    def __repr__(self) -> str:
        """The class and its blocks, each with its plates where it has some."""
        plates = {n: " × ".join(map(str, b.plates)) for n, b in self.blocks.items()}
        blocks = ", ".join(name + f" ({size})" * bool(size) for name, size in plates.items())
        return f"<{type(self).__name__} over {blocks}>"


class ModelWithPriors(Model):
    """A model that is a likelihood and, for some blocks, one prior each: `Block.prior`."""

    @abstractmethod
    def log_likelihood(self, stats: Statistics) -> Any:
        """log p(x, z) less log p(z_b) of the blocks that have a prior, (*batch,)."""

    def log_prior(self, stats: Statistics) -> Any:
        return self._log_priors.add_to(self.log_prior_given(stats), stats)

    def log_joint(self, stats: Statistics) -> Any:
        return self._log_priors.add_to(self.log_likelihood(stats), stats)

    @cached_property
    def _log_priors(self) -> LogPriors:
        own = {n: b.plate_prior for n, b in self.blocks.items() if b.prior is not None}
        return LogPriors(own)


def statistics(model: Model, values: Values) -> Statistics:
    """t(z) of every block at these block values."""
    return {name: block.family.stats(values[name]) for name, block in model.blocks.items()}


def zero_statistics(block: Block) -> Any:
    """t_b = 0: there an affine log joint is the part of it that does not depend on block b."""
    return block.zeros


def log_density(model: Any, values: Values) -> Any:
    """log p(x, z) at block values, or at the z of a density alone, shape (*batch,)."""
    if not model.blocks:
        return model.log_density(values["z"])
    return model.log_joint(statistics(model, values))


def log_joint_collapsed(
    model: Model, stats: Statistics, collapsed: tuple[str, ...], batch: Batch = ()
) -> Any:
    """log p(x, z_rest) with the named blocks summed or integrated out exactly, shape (*batch,).

    An affine log joint is <eta_b, t_b> + c, and the integral of exp over z_b is exp(A_b(eta_b) + c)
    with c the log joint at t_b = 0. Blocks collapsed together must be independent given the rest.
    """
    blocks = model.blocks
    emptied = {**stats, **{name: zero_statistics(blocks[name]) for name in collapsed}}
    total = model.log_joint(emptied)
    name = ""
    try:
        for name in collapsed:
            block = blocks[name]
            log_partition = block.family.log_partition(block.complete_conditional(emptied))
            total = total + block.sum_over_plates(log_partition, batch)
    except FloatingPointError as error:
        raise explain_block(name, error) from None
    return total


def has_priors_apart(model: Model) -> bool:
    """Whether the log joint is the sum that `ModelWithPriors` makes of a likelihood and priors: a
    subclass, or who tries a mistake, may have put another in its place."""
    return getattr(model.log_joint, "__func__", None) is ModelWithPriors.log_joint


def elbo_terms(
    model: Model, eta: dict[str, Any], t: Statistics, batch: Batch, careful: bool = False
) -> list[Any]:
    """What the ELBO E_q[log p(x, z)] + H[q] is the sum of, from eta and t = E_q[t(z)] by block.

    Because the log joint is affine in every block's statistics and q factorises over blocks,
    E_q[log p(x, z)] is the log joint at E_q[t(z)]: no integral is left (Blei et al. 2017, eq. 13;
    line (5) of the derivation). A prior is taken together with the entropy of its block, as
    -KL[q || prior]: E_q[log prior] + H[q], where one is sharp. Where it is `careful`, entropies and
    divergences keep digits at a price that a loop does not pay.
    """
    blocks = model.blocks.items()
    if has_priors_apart(model) and (careful or any(block.is_sharp for _, block in blocks)):
        gains = [block.gain(eta[name], t[name], batch, careful) for name, block in blocks]
        return [evaluate_log_joint(model.log_likelihood, t, batch), *gains]
    entropies = [b.entropy(eta[n], None if careful else t[n], batch) for n, b in blocks]
    return [evaluate_log_joint(model.log_joint, t, batch), *entropies]
