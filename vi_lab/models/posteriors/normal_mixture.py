"""The exact posterior of a mixture of normals with a known sd: a normal for each component."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.models.posteriors.mixture import NormalComponents
from vi_lab.numerics import densities, enumeration, log_gamma, special
from vi_lab.numerics.arithmetic import LOG_2PI, log, times
from vi_lab.numerics.mixed_densities import mix_order_statistic


class NormalMixturePosterior(NormalComponents):
    """Log evidence and posterior of a `NormalMixture`, from its data and prior alone.

    Given the labels the points of a component are jointly N(m0 1, sigma**2 I + s0**2 1 1'), mu_k is
    normal, and the labels themselves have the weights' Dirichlet integrated out.
    """

    component_block = "mu"

    def __init__(self, model: Any) -> None:
        m0, concentration, size = model.m0, model.concentration, len(model.m0)
        labels = enumeration.visit_labellings(model.n, size)
        counts, first, shifts, scatters = enumeration.split_by_label(model.x[:, None], size)
        first, shifts, spread = first[..., 0], shifts[..., 0], scatters[..., 0, 0]
        d = (first - m0) + shifts
        # log p(x | labels): the determinant and quadratic form of that covariance in closed form
        noise, prior = model.sigma**2, model.s0**2
        shared = noise + counts * prior
        log_x = -0.5 * (
            counts * (LOG_2PI + np.log(noise))
            + np.log1p(counts * prior / noise)
            + spread / noise
            + counts * d**2 / shared
        )
        # log p(labels)
        given_labels = None
        if concentration is None:
            log_labels = times(counts, log(model.weights)).sum(-1)
        else:
            given_labels = concentration + counts
            log_labels = log_gamma.log_beta_ratio(concentration, counts)
        # the component's mean, a step from the points or from the prior, whichever is nearer
        near_prior = counts * prior < noise
        self.anchor = np.where(near_prior, m0, first)
        self.offset = np.where(near_prior, counts * prior * d, shifts * shared - noise * d) / shared
        self.variance = noise * prior / shared
        sizes = np.abs(log_x).sum(-1) + np.abs(log_labels)
        super().__init__(labels, log_x.sum(-1) + log_labels, sizes, given_labels)

    def joint_density(self, one: Any, two: Any, x: np.ndarray, y: np.ndarray) -> Any:
        """Of two means, independent given the labels: the sum over labellings is a product of
        matrices."""
        if {one[0], two[0]} != {"mu"} or one == two:
            return None
        at = zip((x, y), (sum(one[1]), sum(two[1])), strict=True)
        first, then = (
            np.exp(densities.log_normal(z, self.location[:, k, None], self.variance[:, k, None]))
            for z, k in at
        )
        return (self.probabilities[:, None] * first).T @ then

    def component_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        if name != "sorted_mu":
            return super().component_density(name, index, x)

        def density(mean: np.ndarray, variance: np.ndarray) -> Any:
            return np.exp(densities.log_normal(x, mean[..., None], variance[..., None]))

        def below(mean: np.ndarray, variance: np.ndarray) -> Any:
            return special.ndtr((x - mean[..., None]) / np.sqrt(variance[..., None]))

        given = self.location, self.variance
        return mix_order_statistic(self.probabilities, density, below, index[0], given, len(x))
