"""The exact posterior of a mixture of normals with a known sd: a normal for each component."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.models.posteriors.mixture import NormalComponents
from vi_lab.numerics import densities, enumeration
from vi_lab.numerics.arithmetic import LOG_2PI, log, times
from vi_lab.numerics.rounding import rounding


class NormalMixturePosterior(NormalComponents):
    """Log evidence and posterior of a `NormalMixture`, from its data and prior alone.

    Given the labels the points of a component are jointly N(m0 1, sigma**2 I + s0**2 1 1'), mu_k is
    normal, and the labels themselves have the weights' Dirichlet integrated out.
    """

    component_block = "mu"

    def __init__(self, model: Any) -> None:
        x, m0, concentration = model.x, model.m0, model.concentration
        n, size = len(x), len(m0)
        labels = enumeration.visit_labellings(n, size)
        # counts, sums and sums of squares of each component's points, (M, K)
        centre = float(x.mean())
        d, d0 = x - centre, m0 - centre
        counts = np.stack([(labels == k).sum(-1) for k in range(size)], axis=-1).astype(float)
        sums = np.stack([(labels == k) @ d for k in range(size)], axis=-1)
        squares = np.stack([(labels == k) @ (d * d) for k in range(size)], axis=-1)
        # log p(x | labels): the determinant and quadratic form of that covariance in closed form
        noise, prior = model.sigma**2, model.s0**2
        shrink = prior / (noise + counts * prior)
        centred = squares - 2.0 * d0 * sums + counts * d0**2
        pulled = (sums - counts * d0) ** 2
        log_weights = -0.5 * (
            counts * (LOG_2PI + np.log(noise))
            + np.log(noise + counts * prior)
            - np.log(noise)
            + (centred - shrink * pulled) / noise
        ).sum(-1)
        # log p(labels)
        given_labels = None
        if concentration is not None:
            given_labels = concentration + counts
            log_weights += densities.log_beta_function(given_labels)
            log_weights -= densities.log_beta_function(concentration)
        else:
            log_weights += times(counts, log(model.weights)).sum(-1)
        self.location = centre + d0 + shrink * (sums - counts * d0)
        self.variance = noise * shrink
        largest = np.abs(log_weights[np.isfinite(log_weights)]).max()
        super().__init__(labels, log_weights, rounding(largest, n * np.log(size)), given_labels)
