"""A coin with an unknown probability of heads.

    theta ~ Beta(a, b)
    x_i   ~ Bernoulli(theta)               i = 1..n

One block: with nothing to factorise, mean field is exact, and its bound is the log evidence
(Bishop 2006, 2.1.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.families import Beta, BetaStats, Distribution
from vi_lab.model import Block, Model, Statistics, Values
from vi_lab.numerics import densities, special
from vi_lab.numerics.rounding import Estimate, rounding
from vi_lab.results import Exact


class BetaBernoulli(Model):
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

    @public
    def __init__(self, x: Any, a: float, b: float) -> None:
        self.x = checks.zeros_and_ones("x", x)
        self.a = checks.positive("a", a)
        self.b = checks.positive("b", b)
        self.n = len(self.x)
        self.heads = int(self.x.sum())
        self.tails = self.n - self.heads
        self._log_beta = special.betaln(self.a, self.b)
        self.blocks = {"theta": Block(Beta(), self._theta_given_x)}

    def log_joint(self, stats: Statistics) -> Any:
        theta = stats["theta"]
        log_prior = (self.a - 1.0) * theta.log + (self.b - 1.0) * theta.log_rest - self._log_beta
        return log_prior + self.heads * theta.log + self.tails * theta.log_rest

    def _theta_given_x(self, stats: Statistics) -> BetaStats:
        """Beta(a + heads, b + tails): the posterior itself."""
        return BetaStats(self.a - 1.0 + self.heads, self.b - 1.0 + self.tails)

    def sample_latents(self, rng: np.random.Generator, batch: tuple[int, ...] = ()) -> Values:
        prior = Beta.of(a=self.a, b=self.b)
        return {"theta": prior.family.sample(rng, prior.eta, batch)}

    def sample_data(self, rng: np.random.Generator, values: Values) -> BetaBernoulli:
        return BetaBernoulli(rng.random(self.n) < values["theta"], self.a, self.b)

    def exact_posterior(self) -> Exact:
        """The evidence one toss at a time (Polya's urn): after h heads among k tosses the next is
        heads with probability (a + h)/(a + b + k), whatever their order."""
        terms = (
            np.log(self.a + np.arange(self.heads)).sum(),
            np.log(self.b + np.arange(self.tails)).sum(),
            -np.log(self.a + self.b + np.arange(self.n)).sum(),
        )
        posterior = BetaPosterior(np.array([self.a + self.heads, self.b + self.tails]))
        return Exact(self, float(sum(terms)), float(rounding(*terms)), "closed form", posterior)


@dataclass(frozen=True, eq=False)
class BetaPosterior:
    """theta ~ Beta(shapes[0], shapes[1]): a Dirichlet over (theta, 1 - theta)."""

    shapes: np.ndarray  # (2,)

    @property
    def mean(self) -> Mapping[str, Any]:
        return {"theta": self.shapes[0] / self.shapes.sum()}

    @property
    def sd(self) -> Mapping[str, Any]:
        mean = self.shapes / self.shapes.sum()
        return {"theta": np.sqrt(mean[0] * mean[1] / (self.shapes.sum() + 1.0))}

    def log_density(self, values: Values) -> Any:
        theta = np.asarray(values["theta"], dtype=np.float64)
        return densities.log_dirichlet(np.stack([theta, 1.0 - theta], axis=-1), self.shapes)

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        a, b = self.shapes
        # the family draws in logs: at small shapes the shares of two gammas round to 0 and 1
        return {"theta": Beta.of(a=a, b=b).sample(n, rng=rng)}

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """KL between betas, in closed form."""
        shapes = np.stack([q["theta"].parameters[k] for k in ("a", "b")], axis=-1)
        value = densities.kl_dirichlet(shapes, self.shapes)
        sizes = densities.log_beta_function(shapes), densities.log_beta_function(self.shapes)
        return Estimate(value, rounding(value, *sizes), "closed form")
