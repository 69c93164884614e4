"""A coin with an unknown probability of heads.

    theta ~ Beta(a, b)
    x_i   ~ Bernoulli(theta)               i = 1..n

One block: with nothing to factorise, mean field is exact, and its bound is the log evidence
(Bishop 2006, 2.1.1).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.families import Beta, BetaStats
from vi_lab.model import Batch, Block, ModelWithPriors, Statistics, Values
from vi_lab.models.posteriors.beta_bernoulli import BetaPosterior
from vi_lab.numerics.rounding import sum_terms
from vi_lab.results import Exact


class BetaBernoulli(ModelWithPriors):
    """x_i ~ Bernoulli(theta) with theta ~ Beta(a, b).

    Parameters
    ----------
    x : array (n,) of 0 and 1
        1 is heads. The evidence is that of the sequence, not of the number of heads: no binomial
        coefficient.
    a, b : float
        Prior shapes, in heads and tails.
    """

    no_exact_because = None
    data_names = ("x",)

    @public
    def __init__(self, x: Reals, a: float, b: float) -> None:
        self.x = checks.zeros_and_ones("x", x)
        self.a, self.b = checks.positive_numbers(a=a, b=b)
        self.n = len(self.x)
        self.heads = int(self.x.sum())
        self.tails = self.n - self.heads
        self._prior = Beta.of(a=self.a, b=self.b)
        self.blocks = {"theta": Block(Beta(), self._theta_given_x, prior=self._prior)}

    def log_likelihood(self, stats: Statistics) -> Any:
        """log p(x | theta)"""
        return self.heads * stats["theta"].log + self.tails * stats["theta"].log_rest

    def _theta_given_x(self, stats: Statistics) -> BetaStats:
        """Beta(a + heads, b + tails): the posterior itself."""
        return BetaStats(self.a - 1.0 + self.heads, self.b - 1.0 + self.tails)

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        return {"theta": Beta().sample(rng, self._prior.eta, batch)}

    def sample_data(self, rng: np.random.Generator, values: Values) -> BetaBernoulli:
        return BetaBernoulli(rng.random(self.n) < values["theta"], self.a, self.b)

    def exact_posterior(self) -> Exact:
        """The evidence one toss at a time (Polya's urn): after h heads among k tosses the next is
        heads with probability (a + h)/(a + b + k), whatever their order."""
        chances = np.append(self.a + np.arange(self.heads), self.b + np.arange(self.tails))
        evidence = sum_terms(np.log(chances / (self.a + self.b + np.arange(self.n))))
        posterior = BetaPosterior(np.array([self.a + self.heads, self.b + self.tails]))
        return Exact(self, *evidence, posterior)
