"""The exact posterior of a mixture of few points: a weight for every labelling.

Given the labels, weights and components are conjugate; what is left is a sum over all K**N
labellings, each with its own updated hyperparameters. All mixtures share it; they differ in what
a component is.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.families import Dirichlet, DirichletStats, Distribution
from vi_lab.model import Values
from vi_lab.models.posteriors.mixed_moments import Given, MixedMoments
from vi_lab.numerics import densities
from vi_lab.numerics.arithmetic import log, times
from vi_lab.numerics.enumeration import cost, draw_rows, find_rows
from vi_lab.numerics.mixed_densities import column, is_two_valued, mix_betas, mix_normals
from vi_lab.numerics.rounding import Estimate, round_square, rounding


class MixturePosterior(MixedMoments):
    """p(labels | x) as a table, and conjugate posteriors of the rest given each labelling.

    Parameters
    ----------
    labels : int array (M, N)
        All labellings.
    log_joint : array (M,)
        log p(x, labels) of each.
    sizes : array (M,)
        Those of the terms that each of these is the sum of.
    concentration : array (M, K) or None
        Dirichlet parameters given each labelling; None where the mixture weights are fixed.
    lost : array (M,), optional
        What else rounding may have moved each log joint by, in nats.

    Attributes
    ----------
    log_evidence : Estimate
    """

    component_block: str

    def __init__(
        self,
        labels: np.ndarray,
        log_joint: np.ndarray,
        sizes: np.ndarray,
        concentration: Any = None,
        lost: Any = 0.0,
    ) -> None:
        self.labels, self.concentration = labels, concentration
        self.classes = int(labels.max()) + 1
        total = float(np.logaddexp.reduce(log_joint))
        self.log_weights = log_joint - total
        self.probabilities = np.exp(self.log_weights)
        # the log of a sum moves by the average of what its terms' logs move by
        self.sizes = np.where(np.isfinite(sizes), sizes, 0.0)
        self.lost = np.broadcast_to(lost, log_joint.shape)
        error = float(rounding(total, self.probabilities @ self.sizes))
        error += float(self.probabilities @ self.lost)
        self.log_evidence = Estimate(total, error, cost(labels.shape[1], self.classes))

    # -- what a component is ------------------------------------------------------------------

    @abstractmethod
    def component_moments(self) -> dict[str, tuple[Any, Any]]:
        """Mean and variance of each component latent given each labelling, (M, K, ...)."""

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

    @abstractmethod
    def component_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        """The density at x of one number of the components, or of components in order; None
        where it has no closed form given the labels."""

    # -- the same for every mixture -----------------------------------------------------------

    def _weigh(self) -> tuple[np.ndarray, Given]:
        given = self.component_moments()
        if self.concentration is not None:
            total = self.concentration.sum(-1, keepdims=True)
            mean = self.concentration / total
            given["weights"] = mean, mean * (1.0 - mean) / (total + 1.0)
        return self.probabilities, given

    @property
    def mean(self) -> Mapping[str, Any]:
        z = self.responsibilities()
        return {"z": z, **super().mean, "co_assignment": self.co_assignment()}

    @property
    def sd(self) -> Mapping[str, Any]:
        together = self.co_assignment()
        return {**super().sd, "co_assignment": np.sqrt(together * (1.0 - together))}

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
        np.fill_diagonal(total, 1.0)  # the sum of all probabilities, without its rounding
        return np.clip(total, 0.0, 1.0)

    def log_density(self, values: Values) -> Any:
        z = np.asarray(values["z"])
        valid = ((z >= 0) & (z < self.classes) & (z == np.floor(z))).all(-1)
        index = find_rows(np.where(valid[..., None], z, 0), self.classes)
        value = self.log_weights[index] + self.log_components(values, index)
        if self.concentration is not None:
            value = value + densities.log_dirichlet(values["weights"], self.concentration[index])
        return np.where(valid, value, -np.inf)

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        """Probabilities and densities by the laws of each given the labels, as `Exact` asks for
        them; None of the mixture's density at a point, which is made of all its parameters."""
        p = self.probabilities
        if name == "z":
            return (x == column(self.labels, index)[:, None]).T @ p
        if name == "occupied":
            in_order = np.sort(self.labels, axis=-1)
            return (x == 1 + (np.diff(in_order) != 0).sum(-1, keepdims=True)).T @ p
        if name == "co_assignment":  # all pairs, or those i < j one after the other
            n = self.labels.shape[1]
            i, j = index if len(index) == 2 else np.argwhere(np.triu(np.ones((n, n)), 1))[index]
            return is_two_valued(float(self.co_assignment()[i, j]), x)
        if name == "weights" and self.concentration is not None:
            if self.classes == 1:
                return None
            a = column(self.concentration, index)
            return mix_betas(p, x, a, self.concentration.sum(-1) - a)
        return self.component_density(name, index, x)

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
        found = [
            self._kl_one({n: _take_one(f, i, len(batch)) for n, f in q.items()})
            for i in np.ndindex(batch)
        ]
        values, sizes, offsets = np.array(found).T.reshape(3, *batch)
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
        size += weights @ self.sizes + self.probabilities @ self.sizes
        offset = weights @ self.kl_offset(q[self.component_block])
        # of a log probability: what its own log joint has lost, less the average of all
        of_others = (self.probabilities @ self.lost) * weights.sum()
        offset += of_others + weights @ ((1.0 - 2.0 * self.probabilities) * self.lost)
        return float(value), float(size), float(offset)


def _take_one(factor: Distribution, index: tuple[int, ...], rank: int) -> Distribution:
    """One element of a factor's batch."""
    return factor.take(index, factor.family.lead_shape(factor.eta)) if rank else factor


class NormalComponents(MixturePosterior):
    """Component coordinates given the labels ~ N(anchor + offset, variance), independent, (M, C)
    each; the offset keeps its digits where the anchor is far out.

    The latent is `component_block`; where `event` is (), a number, there is one coordinate.
    """

    anchor: np.ndarray
    offset: np.ndarray
    variance: np.ndarray
    event: tuple[int, ...] = (1,)

    @property
    def location(self) -> np.ndarray:
        return self.anchor + self.offset

    def _coordinates(self, value: Any) -> np.ndarray:
        return np.asarray(value) if self.event else np.asarray(value)[..., None]

    def _latent(self, coordinates: np.ndarray) -> np.ndarray:
        return coordinates if self.event else coordinates[..., 0]

    def component_moments(self) -> dict[str, tuple[Any, Any]]:
        variance = np.broadcast_to(self.variance, self.location.shape)
        return {self.component_block: (self._latent(self.location), self._latent(variance))}

    def log_components(self, values: Values, index: np.ndarray) -> Any:
        d = self._coordinates(values[self.component_block]) - self.anchor[index]
        return densities.log_normal(d, self.offset[index], self.variance[index]).sum(-1)

    def sample_components(self, rng: np.random.Generator, index: np.ndarray) -> Any:
        location, sd = self.location[index], np.sqrt(self.variance[index])
        return self._latent(location + sd * rng.standard_normal(location.shape))

    def component_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        variance = np.broadcast_to(self.variance, self.location.shape)
        if name == self.component_block:
            i = sum(index)
            return mix_normals(self.probabilities, x, self.location[:, i], variance[:, i])
        return None

    def kl_components(self, q: Distribution) -> Any:
        mean, sd = (self._coordinates(q.parameters[name]) for name in ("mean", "sd"))
        return densities.kl_normal(mean - self.anchor, sd**2, self.offset, self.variance).sum(-1)

    def kl_offset(self, q: Distribution) -> Any:
        d, offset = self._coordinates(q.parameters["mean"]) - self.anchor, self.offset
        return round_square(1.0 / self.variance, d - offset, d, offset).sum(-1)
