"""Lesson 10: two groups of counts as a model, its truth, and a model that couples them."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from scipy.special import gammaln

from vi_lab.families import Gamma, GammaStats
from vi_lab.identity.divergence import kl
from vi_lab.model import Block, Model
from vi_lab.results import Estimate, Exact, rounding
from vi_lab.teach.lessons.exercises.lesson_10_evidence import log_evidence
from vi_lab.teach.lessons.exercises.lesson_10_group import rate_given


class TwoGroups(Model):
    """rate1, rate2 ~ Gamma(a, b); y1 and y2 are counts, Poisson(rate1) and Poisson(rate2).

    TwoGroups(y1, y2, a, b) has two blocks, "rate1" and "rate2"; a log joint of their statistics,
    every constant kept (`stats["rate1"]` has the fields `log` and `value`); and draws of the prior.
    """

    def __init__(self, y1, y2, a, b):
        self.y, self.a, self.b = {"rate1": np.array(y1), "rate2": np.array(y2)}, a, b
        self.blocks = {name: Block(Gamma(), self.conditional(y)) for name, y in self.y.items()}

    def conditional(self, y):
        shape, rate = rate_given(y, self.a, self.b)
        return lambda stats: GammaStats(shape - 1, -rate)

    def log_joint(self, stats):
        total = 2 * (self.a * np.log(self.b) - gammaln(self.a))
        for name, y in self.y.items():
            log, value = stats[name]
            total = total + (self.a - 1 + np.sum(y)) * log - (self.b + len(y)) * value
            total = total - np.sum(gammaln(y + 1))
        return total

    def sample_latents(self, rng, batch=()):
        return {name: rng.gamma(self.a, 1 / self.b, batch) for name in self.blocks}


class TwoGammas:
    """The posterior by its updated parameters, never as log joint minus log evidence."""

    def __init__(self, rates: dict[str, Any]) -> None:
        self.rates = rates
        self.mean = {name: rate.mean for name, rate in rates.items()}
        self.sd = {name: rate.sd for name, rate in rates.items()}

    def log_density(self, values: Any) -> Any:
        return sum(rate.log_density(values[name]) for name, rate in self.rates.items())

    def sample(self, rng: np.random.Generator, n: int) -> dict[str, Any]:
        return {name: rate.sample(n, rng=rng) for name, rate in self.rates.items()}

    def kl_from(self, q: Any) -> Estimate:
        value = sum(kl(q[name], rate) for name, rate in self.rates.items())
        return Estimate(value, rounding(value), "closed form")


def with_truth(model: type) -> type:
    """The class of a learner with an exact posterior: two gammas and a log evidence."""

    class WithTruth(model):
        no_exact_because = None

        def __init__(self, y1: Any, y2: Any, a: float, b: float) -> None:
            super().__init__(y1, y2, a, b)
            self.groups, self.prior = {"rate1": np.array(y1), "rate2": np.array(y2)}, (a, b)

        def exact_posterior(self) -> Exact:
            terms = [log_evidence(y, *self.prior) for y in self.groups.values()]
            rates = {n: Gamma.of(*rate_given(y, *self.prior)) for n, y in self.groups.items()}
            error = rounding(*terms)
            return Exact(self, float(sum(terms)), error, "closed form", TwoGammas(rates))

    WithTruth.__name__ = WithTruth.__qualname__ = model.__name__
    return WithTruth


class SharedPrior(Model):
    """b ~ Gamma(1, 1); rate_g ~ Gamma(a, b), g = 1, 2: the groups learn from each other through b.

    log p(b) = -b, and b stands in each prior as a log b - b rate: affine in (log b, b).
    """

    def __init__(self, y1: Any, y2: Any, a: float) -> None:
        self.y, self.a = {"rate1": np.array(y1), "rate2": np.array(y2)}, a
        self.blocks = {
            name: Block(Gamma(), partial(self.rate_given, y)) for name, y in self.y.items()
        }
        self.blocks["b"] = Block(Gamma(), self.b_given)

    def rate_given(self, y: Any, stats: Any) -> GammaStats:
        return GammaStats(self.a - 1 + np.sum(y), -stats["b"].value - len(y))

    def b_given(self, stats: Any) -> GammaStats:
        return GammaStats(2 * self.a, -1 - stats["rate1"].value - stats["rate2"].value)

    def log_joint(self, stats: Any) -> Any:
        b = stats["b"]
        total = -b.value + 2 * (self.a * b.log - gammaln(self.a))
        for name, y in self.y.items():
            rate = stats[name]
            total = total + (self.a - 1 + np.sum(y)) * rate.log - (b.value + len(y)) * rate.value
            total = total - np.sum(gammaln(y + 1))
        return total

    def sample_latents(self, rng: np.random.Generator, batch: tuple[int, ...] = ()) -> Any:
        b = rng.gamma(1.0, 1.0, batch)
        return {"rate1": rng.gamma(self.a, 1 / b), "rate2": rng.gamma(self.a, 1 / b), "b": b}
