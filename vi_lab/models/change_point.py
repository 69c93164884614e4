"""A Poisson rate that changes once.

    s      ~ Uniform{1, ..., n-1}            the last time index of the first regime
    rate_i ~ Gamma(a_i, b_i)                 i = 1, 2
    y_t    ~ Poisson(rate_1) for t <= s, Poisson(rate_2) for t > s

Given s the rates are gamma; given the rates s is a table of n - 1 probabilities (Carlin, Gelfand &
Smith 1992, with the hyperparameters fixed).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.axes import name_axes
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.errors import refuse_if
from vi_lab.families import Categorical, CategoricalStats, Gamma, GammaStats
from vi_lab.model import Batch, Block, ModelWithPriors, Statistics, Values
from vi_lab.models.initial_values import draw_overdispersed, prior_suffices
from vi_lab.models.posteriors.change_point import ChangePointPosterior
from vi_lab.numerics import special
from vi_lab.results import Exact


class ChangePoint(ModelWithPriors):
    """Counts whose Poisson rate changes after time s.

    Parameters
    ----------
    counts : array (n,), n >= 2
        Events in each unit of time.
    a, b : pairs of float
        Gamma shapes and rates of the two Poisson rates.

    Latents: `s`, 1-based, and `rates`, shape (2,), in events per unit of time.
    """

    no_exact_because = None
    data_names = ("counts",)
    axes = name_axes(rates="period")

    @public
    def __init__(self, counts: Reals, a: Reals, b: Reals) -> None:
        self.counts = checks.counts("counts", counts)
        self.a = checks.positive_array("a", a, (2,))
        self.b = checks.positive_array("b", b, (2,))
        self.n = len(self.counts)
        refuse_if(self.n < 2, "counts: a change needs at least two times, got one")
        self._log_prior = -np.log(self.n - 1.0)
        self._log_factorials = special.gammaln(self.counts + 1.0).sum()
        times_first = np.arange(1.0, self.n)
        events_first = np.cumsum(self.counts)[:-1]
        # for each s: the events and the length of each regime, (n-1, 2)
        self._events = np.stack([events_first, self.counts.sum() - events_first], axis=-1)
        self._lengths = np.stack([times_first, self.n - times_first], axis=-1)
        # what multiplies log rate_1, log rate_2, rate_1 and rate_2 in the log weight of s, (4, n-1)
        self._table = np.concatenate([self._events, -self._lengths], axis=-1).T
        rates = Gamma.of(shape=self.a, rate=self.b)
        self.blocks = {
            "s": Block(Categorical(self.n - 1, first=1), self._s_given_rates),
            "rates": Block(rates.family, self._rates_given_s, plates=(2,), prior=rates),
        }

    def log_likelihood(self, stats: Statistics) -> Any:
        """log p(s) + log p(counts | s, rates)"""
        s, rates = stats["s"].indicator, stats["rates"]
        log_s = self._log_prior * s.sum(-1)
        log_y = ((s @ self._events) * rates.log - (s @ self._lengths) * rates.value).sum(-1)
        return log_s + (log_y - self._log_factorials)

    def log_prior_given(self, stats: Statistics) -> Any:
        """log p(s)"""
        return self._log_prior * stats["s"].indicator.sum(-1)

    def _s_given_rates(self, stats: Statistics) -> CategoricalStats:
        """log weight of s: prior + sum_i events_i(s) log rate_i - length_i(s) rate_i"""
        rates = stats["rates"]
        log_weight = np.concatenate([rates.log, rates.value], axis=-1) @ self._table
        log_weight += self._log_prior
        return CategoricalStats(log_weight)

    def _rates_given_s(self, stats: Statistics) -> GammaStats:
        """rate_i ~ Gamma(a_i + events_i(s), b_i + length_i(s))"""
        s = stats["s"].indicator
        return GammaStats(self.a - 1.0 + s @ self._events, -self.b - s @ self._lengths)

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        s = rng.integers(1, self.n, size=batch)
        return {"s": s, "rates": rng.standard_gamma(self.a, (*batch, 2)) / self.b}

    def sample_initial_values(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """By the rule of `initial_values`; each rate is tested as if all counts belonged to it.

        Where the prior does not suffice, s is anywhere and the rates about what it makes of the
        data.
        """
        if prior_suffices(self.a, self.b, self.a + self.counts.sum(), self.b + self.n):
            return self.sample_latents(rng, batch)
        s = rng.integers(1, self.n, size=batch)
        shape, rate = self.a + self._events[s - 1], self.b + self._lengths[s - 1]
        return {"s": s, "rates": draw_overdispersed(rng, shape, rate, (*batch, 2))}

    def sample_data(self, rng: np.random.Generator, values: Values) -> ChangePoint:
        first = np.arange(1, self.n + 1) <= values["s"]
        rate = np.where(first, values["rates"][0], values["rates"][1])
        return ChangePoint(rng.poisson(rate), self.a, self.b)

    def exact_posterior(self) -> Exact:
        """Integrate the rates given each s (gamma-Poisson), then sum over s."""
        return Exact.of(self, ChangePointPosterior(self.counts, self.a, self.b))
