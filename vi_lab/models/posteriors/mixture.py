"""The exact posterior of a mixture of few points: a weight for every labelling.

Given the labels, weights and components are conjugate; what is left is a sum over all K**N
labellings, each with its own updated hyperparameters. Both mixtures share it; they differ in what
a component is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.families import Dirichlet, DirichletStats, Distribution
from vi_lab.model import Values
from vi_lab.numerics import densities
from vi_lab.numerics.arithmetic import log, times
from vi_lab.numerics.enumeration import draw_rows, find_rows
from vi_lab.numerics.rounding import Estimate, rounding


class MixturePosterior(ABC):
    """p(labels | x) as a table, and conjugate posteriors of the rest given each labelling.

    Parameters
    ----------
    labels : int array (M, N)
        All labellings.
    log_weights : array (M,)
        Their normalised log posterior probabilities.
    concentration : array (M, K) or None
        Dirichlet parameters given each labelling; None where the mixture weights are fixed.
    """

    component_block: str

    def __init__(
        self,
        labels: np.ndarray,
        log_weights: np.ndarray,
        concentration: np.ndarray | None,
        classes: int,
    ) -> None:
        self.labels = labels
        self.log_weights = log_weights
        self.concentration = concentration
        self.classes = classes
        self.probabilities = np.exp(log_weights)

    # -- what a component is ------------------------------------------------------------------

    @abstractmethod
    def component_moments(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Means and variances of the component latents given each labelling, (M, K, ...)."""

    @abstractmethod
    def log_components(self, values: Values, index: np.ndarray) -> Any:
        """log density of the component latents given the labellings `index`, (*batch,)."""

    @abstractmethod
    def sample_components(self, rng: np.random.Generator, index: np.ndarray) -> Any:
        """One draw of the component block for each labelling in `index`."""

    @abstractmethod
    def kl_components(self, q: Distribution) -> Any:
        """KL from an unbatched q's components to those given each labelling, (M,)."""

    @abstractmethod
    def kl_offset(self, q: Distribution) -> Any:
        """How far rounding moves that KL where the components lie far from 0, (M,)."""

    # -- the same for every mixture -----------------------------------------------------------

    @property
    def mean(self) -> Mapping[str, Any]:
        means: dict[str, Any] = {"z": self.responsibilities()}
        within, _ = self.component_moments()
        means |= {name: self._average(value) for name, value in within.items()}
        if self.concentration is not None:
            means["weights"] = self._average(self._weights_given_labels()[0])
        means["co_assignment"] = self.co_assignment()
        return means

    @property
    def sd(self) -> Mapping[str, Any]:
        within, variances = self.component_moments()
        sds = {name: self._spread(within[name], variances[name]) for name in within}
        if self.concentration is not None:
            sds["weights"] = self._spread(*self._weights_given_labels())
        together = self.co_assignment()
        return sds | {"co_assignment": np.sqrt(together * (1.0 - together))}

    def responsibilities(self) -> np.ndarray:
        """P(z_n = k | x), shape (N, K)."""
        return np.stack(
            [self.probabilities @ (self.labels == k) for k in range(self.classes)], axis=-1
        )

    def co_assignment(self) -> np.ndarray:
        """P(z_i = z_j | x), shape (N, N): what is left of the labels when their names are not."""
        total = np.zeros((self.labels.shape[1],) * 2)
        for k in range(self.classes):
            here = (self.labels == k).astype(np.float64)
            total += here.T @ (here * self.probabilities[:, None])
        return np.clip(total, 0.0, 1.0)

    def log_density(self, values: Values) -> Any:
        z = np.asarray(values["z"])
        valid = ((z >= 0) & (z < self.classes) & (z == np.floor(z))).all(-1)
        index = find_rows(np.where(valid[..., None], z, 0), self.classes)
        value = self.log_weights[index] + self.log_components(values, index)
        if self.concentration is not None:
            value = value + densities.log_dirichlet(values["weights"], self.concentration[index])
        return np.where(valid, value, -np.inf)

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        index = draw_rows(rng, self.probabilities, n)
        values = {"z": self.labels[index], self.component_block: self.sample_components(rng, index)}
        if self.concentration is not None:
            # the family draws in logs: at a small concentration a gamma is often the double 0
            eta = DirichletStats(self.concentration[index] - 1.0)
            values["weights"] = Dirichlet(self.classes).sample(rng, eta, (n,))
        return values

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """sum_z q(z) [ log q(z)/p(z|x) + KL[q(components)||p(.|z,x)] + KL[q(weights)||...] ]."""
        batch = q["z"].family.lead_shape(q["z"].eta)[:-1]
        results = [
            self._kl_one({n: _take_one(f, i, len(batch)) for n, f in q.items()})
            for i in np.ndindex(batch)
        ]
        values = np.array([r[0] for r in results]).reshape(batch)
        sizes = np.array([r[1] for r in results]).reshape(batch)
        offsets = np.array([r[2] for r in results]).reshape(batch)
        return Estimate(values, rounding(sizes) + offsets, "enumeration")

    def _kl_one(self, q: Mapping[str, Distribution]) -> tuple[float, float, float]:
        log_r = log(q["z"].parameters["probabilities"])
        log_q = log_r[np.arange(len(log_r)), self.labels].sum(-1)
        weights = np.exp(log_q)
        given_labels = self.kl_components(q[self.component_block])
        if self.concentration is not None:
            given_labels = given_labels + densities.kl_dirichlet(
                q["weights"].parameters["concentration"], self.concentration
            )
        about_labels = times(weights, log_q) - times(weights, self.log_weights)
        value = about_labels.sum() + times(weights, given_labels).sum()
        size = np.abs(about_labels).sum() + weights @ np.abs(given_labels)
        offset = weights @ self.kl_offset(q[self.component_block])
        return float(value), float(size), float(offset)

    def _average(self, given_labels: np.ndarray) -> np.ndarray:
        return np.tensordot(self.probabilities, given_labels, axes=1)

    def _spread(self, means: np.ndarray, variances: np.ndarray) -> np.ndarray:
        """The law of total variance, as a standard deviation; infinite where any part is."""
        between = (means - self._average(means)) ** 2
        endless = np.isinf(variances).any(0)
        total = np.where(endless, 0.0, variances + between)
        return np.where(endless, np.inf, np.sqrt(self._average(total)))

    def _weights_given_labels(self) -> tuple[np.ndarray, np.ndarray]:
        total = self.concentration.sum(-1, keepdims=True)  # type: ignore[union-attr]
        mean = self.concentration / total
        return mean, mean * (1.0 - mean) / (total + 1.0)


def _take_one(factor: Distribution, index: tuple[int, ...], rank: int) -> Distribution:
    """One element of a factor's batch."""
    if not rank:
        return factor
    full = factor.family.expand(factor.eta, factor.family.lead_shape(factor.eta))
    return Distribution(factor.family, factor.family.Stats(*(field[index] for field in full)))
