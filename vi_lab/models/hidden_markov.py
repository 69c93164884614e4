"""A state that tends to stay, seen through counts: a hidden Markov model.

    z_1       ~ Categorical(initial)
    z_t       ~ Categorical(transition[z_(t-1)])         t = 2..T
    counts_t  ~ Poisson(rates[z_t])                      t = 1..T

Initial probabilities, transitions and rates are known; the states are what is inferred. Given the
even steps the odd ones are independent, and the other way about: two blocks, and a q in which every
step is independent of the next. As one block the posterior is a Markov chain, which is itself a
family: nothing is cut, and CAVI is exact (Rabiner 1989; Bishop 2006, section 13.2).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from vi_lab.arguments import checks, matching
from vi_lab.arguments.axes import name_axes
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.errors import refuse_if
from vi_lab.families import Categorical, CategoricalStats, MarkovChain, MarkovChainStats
from vi_lab.model import Batch, Block, Model, Statistics, Values
from vi_lab.models.posteriors.hidden_markov import HiddenMarkovPosterior
from vi_lab.numerics import arithmetic, log_gamma
from vi_lab.numerics.interleaving import EVEN, ODD, interleave
from vi_lab.results import Exact


class HiddenMarkov(Model):
    """counts_t ~ Poisson(rates[z_t]), z a Markov chain over K states.

    Parameters
    ----------
    counts : array (T,), T >= 2
    rates : array (K,)
        The mean count of each state.
    transition : array (K, K)
        Row i holds the probabilities of the state after i.
    initial : array (K,)
        The probabilities of the first state.
    blocks : "even-odd" or "joint"
        Two blocks of independent labels, `z.even` and `z.odd` (steps counted from 0), or one Markov
        chain `z`. Between two blocks every transition has to be possible: where one is not, moves
        of half of the steps do not lead from every path to every other.

    Latent: `z` (T,), each one of the numbers 0, ..., K - 1.
    """

    no_exact_because, data_names, axes = None, ("counts",), name_axes(z="time")

    @public
    def __init__(
        self,
        counts: Reals,
        rates: Reals,
        transition: Reals,
        initial: Reals,
        blocks: str = "even-odd",
    ) -> None:
        self.counts, self.rates = checks.counts("counts", counts), checks.positives("rates", rates)
        self.n, self.states = len(self.counts), len(self.rates)
        refuse_if(self.n < 2, "counts: a chain needs at least two steps, got one")
        self.transition = matching.transition_matrix("transition", transition, self.states)
        self.initial = matching.row_of_probabilities("initial", initial, self.states)
        self.layout = checks.one_of("blocks", blocks, ("even-odd", "joint"))
        impossible = self.layout == "even-odd" and (self.transition == 0).any()
        refuse_if(
            impossible, 'transition: needs numbers above 0, or blocks="joint", got one that is 0'
        )
        # log p(counts_t | z_t = k), and log p(z_1) beside the first
        self._seen = log_gamma.log_poisson(self.counts[:, None], self.rates)
        self._log_initial, self._log_steps = map(arithmetic.log, (self.initial, self.transition))
        self._own = self._seen.copy()
        self._own[0] += self._log_initial
        self._chain = MarkovChainStats(self._own[0], self._log_steps + self._seen[1:, None, :])
        if self.layout == "joint":
            family = MarkovChain(self.n, self.states)
            self.blocks = {"z": Block(family, self._all_given_counts)}
        else:
            self.blocks = {}
            for name, own in (("z.even", EVEN), ("z.odd", ODD)):
                given, plates = partial(self._half_given_other, own), self._own[own].shape[:1]
                self.blocks[name] = Block(Categorical(self.states, first=0), given, plates=plates)

    def log_joint(self, stats: Statistics) -> Any:
        """sum_t log p(counts_t | z_t), and `log_prior`: of two states that follow one another there
        is a product, of different blocks or a statistic of the one."""
        if self.layout == "joint":
            return self.blocks["z"].family.inner(self._chain, stats["z"])
        each = self._both(stats)
        return arithmetic.inner_product(self._own, each).sum(-1) + self._sum_steps(each)

    def log_prior(self, stats: Statistics) -> Any:
        if self.layout == "joint":
            first, pairs = stats["z"]
            of_steps = arithmetic.times(self._log_steps, pairs).sum((-3, -2, -1))
            return arithmetic.inner_product(self._log_initial, first) + of_steps
        each = self._both(stats)
        return arithmetic.inner_product(self._log_initial, each[..., 0, :]) + self._sum_steps(each)

    def _both(self, stats: Statistics) -> np.ndarray:
        """The indicators of all steps, (..., T, K)."""
        return interleave(stats["z.even"].indicator, stats["z.odd"].indicator, event=1)

    def _sum_steps(self, each: np.ndarray) -> Any:
        """sum_t log transition[z_t, z_(t+1)]"""
        return ((each[..., :-1, :] @ self._log_steps) * each[..., 1:, :]).sum((-2, -1))

    def _half_given_other(self, own: slice, stats: Statistics) -> CategoricalStats:
        """log p(counts_t | z_t) and the log transitions from the step before and to the next."""
        other, name = (ODD, "z.odd") if own == EVEN else (EVEN, "z.even")
        near = np.asarray(stats[name].indicator)
        known = np.zeros((*near.shape[:-2], self.n, self.states))
        known[..., other, :] = near
        weights = self._own + np.zeros_like(known)
        weights[..., 1:, :] += known[..., :-1, :] @ self._log_steps
        weights[..., :-1, :] += known[..., 1:, :] @ self._log_steps.T
        return CategoricalStats(weights[..., own, :])

    def _all_given_counts(self, stats: Statistics) -> MarkovChainStats:
        """The posterior itself: log p(z_1, counts_1), and of each step its transition and count."""
        return self._chain

    def latents(self, values: Values) -> dict[str, Any]:
        if self.layout == "joint":
            return dict(values)
        return {"z": interleave(values["z.even"], values["z.odd"])}

    def block_values(self, latents: Values) -> dict[str, Any]:
        return dict(self.in_blocks(latents["z"]))

    def in_blocks(self, z: np.ndarray) -> Values:
        if self.layout == "joint":
            return {"z": z}
        return {"z.even": z[..., EVEN], "z.odd": z[..., ODD]}

    def summaries(self, latents: Values) -> dict[str, Any]:
        """The states, and how often they change."""
        z = np.asarray(latents["z"])
        return {"z": z, "switches": (z[..., 1:] != z[..., :-1]).sum(-1)}

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        steps = np.broadcast_to(self._log_steps, self._chain.pair.shape)
        prior = MarkovChainStats(self._log_initial, steps)
        return self.in_blocks(MarkovChain(self.n, self.states).sample(rng, prior, batch))

    def sample_data(self, rng: np.random.Generator, values: Values) -> HiddenMarkov:
        counts = rng.poisson(self.rates[self.latents(values)["z"]])
        return HiddenMarkov(counts, self.rates, self.transition, self.initial, self.layout)

    def exact_posterior(self) -> Exact:
        """Forward for the evidence, and back for the posterior."""
        return Exact.of(self, HiddenMarkovPosterior(self))
