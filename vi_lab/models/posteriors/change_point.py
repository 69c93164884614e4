"""The truth of the change point: the rates integrated out given each s, then a sum over s.

p(x | s) = prod_i b_i**a_i / G(a_i) * G(a_i + events_i) / (b_i + length_i)**(a_i + events_i)
           / prod_t x_t!
         = prod_i (1 + length_i/b_i)**-a_i * r_i**events_i * g_i / prod_t x_t!

with r_i = (a_i + events_i)/(b_i + length_i) and g_i what log Gamma grows by beside its logarithm.

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
from vi_lab.numerics import densities, log_gamma
from vi_lab.numerics.arithmetic import log, times
from vi_lab.numerics.enumeration import draw_rows
from vi_lab.numerics.mixed_densities import average_density, column, mix_gammas
from vi_lab.numerics.rounding import Estimate, rounding


class ChangePointPosterior(MixedMoments):
    """p(s | x) as a table, and rate_i | s ~ Gamma(shape[s], rate[s]).

    Attributes
    ----------
    log_evidence : Estimate
    log_weights, sizes : array (n-1,)
        log p(s | x), and the sizes of the terms that each is the sum of.
    shape, rate : array (n-1, 2)
    """

    def __init__(self, counts: np.ndarray, a: np.ndarray, b: np.ndarray) -> None:
        n = len(counts)
        self.s = np.arange(1, n)
        first = np.cumsum(counts)[:-1]
        events = np.stack([first, counts.sum() - first], axis=-1)
        lengths = np.stack([self.s, n - self.s], axis=-1)
        self.shape, self.rate = a + events, b + lengths
        mean = max(counts.mean(), 1.0)  # its power is the same for every s
        terms = (
            log_gamma.log_gamma_growth(a, events),
            events * np.log(self.shape / self.rate / mean),
            -a * np.log1p(lengths / b),
        )
        log_weights = sum(terms).sum(-1)
        total = np.logaddexp.reduce(log_weights)
        self.log_weights = log_weights - total
        self.sizes = sum(np.abs(term) for term in terms).sum(-1)
        # the same for every s: log of mean**y / y! at each time, with z = y + 1
        z = counts + 1.0
        each = counts * np.log(mean / z), -np.log(z), z, -log_gamma.log_gamma_less_stirling(z)
        shared = [part.sum() for part in each]
        error = rounding(total, np.exp(self.log_weights) @ self.sizes, *shared)
        evidence = total + sum(shared) - np.log(n - 1.0)
        self.log_evidence = Estimate(evidence, error, "enumeration of s")

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

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        """The probabilities of s; of a rate the average of its gammas over s."""
        weights = np.exp(self.log_weights)
        if name == "s":
            return (x == self.s[:, None]).T @ weights
        shape, rate = column(self.shape, index), column(self.rate, index)
        return mix_gammas(weights, x, shape, rate)

    def joint_density(self, one: Any, two: Any, x: np.ndarray, y: np.ndarray) -> Any:
        """Of both rates, independent given s."""
        if "s" in (one[0], two[0]):
            return None

        def density(a: np.ndarray, b: np.ndarray) -> Any:
            (i,), (j,) = one[1], two[1]
            first = densities.log_gamma(x, a[:, i, None], b[:, i, None])
            then = densities.log_gamma(y, a[:, j, None], b[:, j, None])
            return np.exp(first[..., None] + then[:, None])

        weights = np.exp(self.log_weights)
        return average_density(weights, density, self.shape, self.rate, size=len(x) * len(y))

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        index = draw_rows(rng, np.exp(self.log_weights), n)
        rates = rng.standard_gamma(self.shape[index]) / self.rate[index]
        return {"s": index + 1, "rates": np.maximum(rates, TINY)}

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """KL[q(s) || p(s|x)] + sum_s q(s) sum_i KL[q(rate_i) || p(rate_i|s, x)]."""
        weights = q["s"].parameters["probabilities"]
        c, d = (q["rates"].parameters[k][..., None, :] for k in ("shape", "rate"))
        terms = densities.kl_gamma_terms(c, d, self.shape, self.rate)
        about_s = times(weights, log(weights)) - times(weights, self.log_weights)
        value = about_s.sum(-1) + (weights * sum(terms).sum(-1)).sum(-1)
        sizes = weights * (self.sizes + sum(np.abs(term) for term in terms).sum(-1))
        size = sizes.sum(-1) + np.exp(self.log_weights) @ self.sizes
        return Estimate(value, rounding(value, size), "enumeration of s")
