"""The exact posterior of a mixture of normals with a known sd: a normal for each component."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.families import Distribution
from vi_lab.model import Values
from vi_lab.models.posteriors.mixture import MixturePosterior
from vi_lab.numerics import densities, enumeration
from vi_lab.numerics.arithmetic import LOG_2PI, log, times
from vi_lab.numerics.rounding import Estimate, cancelled, rounding


class NormalMixturePosterior(MixturePosterior):
    """mu_k given the labels ~ N(location, variance), each (M, K)."""

    component_block = "mu"

    def __init__(self, *labelled: Any, location: np.ndarray, variance: np.ndarray) -> None:
        super().__init__(*labelled)
        self.location, self.variance = location, variance

    def component_moments(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"mu": self.location}, {"mu": self.variance}

    def log_components(self, values: Values, index: np.ndarray) -> Any:
        each = densities.log_normal(values["mu"], self.location[index], self.variance[index])
        return each.sum(-1)

    def sample_components(self, rng: np.random.Generator, index: np.ndarray) -> Any:
        noise = rng.standard_normal((len(index), self.classes))
        return self.location[index] + np.sqrt(self.variance[index]) * noise

    def kl_components(self, q: Distribution) -> Any:
        m, v = q.parameters["mean"], q.parameters["sd"] ** 2
        return densities.kl_normal(m, v, self.location, self.variance).sum(-1)

    def kl_offset(self, q: Distribution) -> Any:
        m = q.parameters["mean"]
        return cancelled((m - self.location) / self.variance, m, self.location).sum(-1)


def sum_over_labellings(
    x: np.ndarray,
    sigma: float,
    m0: np.ndarray,
    s0: np.ndarray,
    concentration: np.ndarray | None,
    weights: np.ndarray | None,
) -> tuple[Estimate, NormalMixturePosterior]:
    """Log evidence and posterior; the arguments are as `NormalMixture` stores them.

    Given the labels the points of a component are jointly N(m0 1, sigma**2 I + s0**2 1 1'), and
    the labels themselves have the weights' Dirichlet integrated out.
    """
    n, size = len(x), len(m0)
    enumeration.announce(n, size)
    labels = enumeration.labellings(n, size)
    # counts, sums and sums of squares of each component's points, (M, K)
    centre = float(x.mean())
    d, d0 = x - centre, m0 - centre
    counts = np.stack([(labels == k).sum(-1) for k in range(size)], axis=-1).astype(float)
    sums = np.stack([(labels == k) @ d for k in range(size)], axis=-1)
    squares = np.stack([(labels == k) @ (d * d) for k in range(size)], axis=-1)
    # log p(x | labels), the determinant and the quadratic form of that covariance in closed form
    noise, prior = sigma**2, s0**2
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
        log_weights += times(counts, log(weights)).sum(-1)
    log_evidence = float(np.logaddexp.reduce(log_weights))
    posterior = NormalMixturePosterior(
        labels,
        log_weights - log_evidence,
        given_labels,
        size,
        location=centre + d0 + shrink * (sums - counts * d0),
        variance=noise * shrink,
    )
    largest = np.abs(log_weights[np.isfinite(log_weights)]).max()
    error = rounding(largest, n * np.log(size))
    return Estimate(log_evidence, error, enumeration.cost(n, size)), posterior
