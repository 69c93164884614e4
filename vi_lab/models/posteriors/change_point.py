"""The truth of the change point: the rates integrated out given each s, then a sum over s.

p(x | s) = prod_i b_i**a_i / G(a_i) * G(a_i + events_i) / (b_i + length_i)**(a_i + events_i)
           / prod_t x_t!
rate_i | s, x ~ Gamma(a_i + events_i(s), b_i + length_i(s))
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.families import Distribution
from vi_lab.families.gamma import TINY
from vi_lab.model import Values
from vi_lab.models.posteriors.mixed_moments import Given, MixedMoments
from vi_lab.numerics import densities, special
from vi_lab.numerics.arithmetic import log, times
from vi_lab.numerics.enumeration import draw_rows
from vi_lab.numerics.rounding import Estimate, rounding


class ChangePointPosterior(MixedMoments):
    """p(s | x) as a table, and rate_i | s ~ Gamma(shape[s], rate[s]).

    Attributes
    ----------
    log_evidence : Estimate
    log_weights : array (n-1,)
        log p(s | x).
    shape, rate : array (n-1, 2)
    """

    def __init__(self, counts: np.ndarray, a: np.ndarray, b: np.ndarray) -> None:
        n = len(counts)
        self.s = np.arange(1, n)
        events = np.cumsum(counts)[:-1]
        self.shape = a + np.stack([events, counts.sum() - events], axis=-1)
        self.rate = b + np.stack([self.s, n - self.s], axis=-1)
        log_factorials = special.gammaln(counts + 1.0).sum()
        decay = self.shape * np.log(self.rate)
        growth = special.gammaln(self.shape) - special.gammaln(a) + a * np.log(b)
        log_weights = -np.log(n - 1.0) - log_factorials + (growth - decay).sum(-1)
        total = np.logaddexp.reduce(log_weights)
        error = rounding(np.abs(decay).max(), log_factorials)
        self.log_evidence = Estimate(total, error, "enumeration of s")
        self.log_weights = log_weights - total

    def _weigh(self) -> tuple[np.ndarray, Given]:
        rates = self.shape / self.rate, self.shape / self.rate**2
        return np.exp(self.log_weights), {"s": (self.s, 0.0), "rates": rates}

    def log_density(self, values: Values) -> Any:
        s, rates = np.asarray(values["s"]), values["rates"]
        valid = (s >= 1) & (s <= len(self.log_weights)) & (s == np.floor(s))
        index = np.where(valid, s, 1).astype(np.int64) - 1
        a, b = self.shape[index], self.rate[index]
        density = densities.log_gamma(rates, a, b).sum(-1)
        return np.where(valid, self.log_weights[index] + density, -np.inf)

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        index = draw_rows(rng, np.exp(self.log_weights), n)
        rates = rng.standard_gamma(self.shape[index]) / self.rate[index]
        return {"s": index + 1, "rates": np.maximum(rates, TINY)}

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """KL[q(s) || p(s|x)] + sum_s q(s) sum_i KL[q(rate_i) || p(rate_i|s, x)]."""
        weights = q["s"].parameters["probabilities"]
        c, d = (q["rates"].parameters[k][..., None, :] for k in ("shape", "rate"))
        given_s = densities.kl_gamma(c, d, self.shape, self.rate).sum(-1)
        about_s = times(weights, log(weights)) - times(weights, self.log_weights)
        value = about_s.sum(-1) + (weights * given_s).sum(-1)
        largest = np.abs(self.shape * np.log(d / self.rate)).max((-2, -1))
        return Estimate(value, rounding(value, largest), "enumeration of s")
