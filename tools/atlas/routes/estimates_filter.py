"""Evidence of a mixture by a collapsed particle filter over the observations.

Weights and components are integrated out, and the points come one by one:

    p(x) = prod_i p(x_i | x_<i),    p(x_i | x_<i) = E[ p(x_i | x_<i, z_<i) ] under p(z_<i | x_<i)

A particle is a labelling z_<i of the points that have come. Given it, the next label and the next
point have the predictive densities

    p(z_i = k | z_<i)            = (a_k + n_k) / (sum a + i - 1)            (Polya's urn)
    p(x_i | z_i = k, z_<i, x_<i) = normal or Student's t, see the urns below

Their product, summed over k, is what the particle's weight is multiplied by; the label is then
drawn in proportion to the terms. The weight does not depend on which label is drawn, so this is the
best proposal there is (Chen & Liu 2000; Fearnhead 2004). Where few particles carry the weight they
are drawn anew in proportion to it, and all weights go back to their mean. The product of the means
has the expectation p(x), whatever the number of particles (Del Moral 2004, theorem 7.4.2).

p(x) does not depend on the order of the points. Each replicate takes an order of its own at random,
and replicates are independent: their spread is the standard error.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from tools.atlas.routes.rules import LOG_2PI, log_mean
from vi_lab.numerics import special
from vi_lab.numerics.rounding import Estimate

FEWEST = 0.5  # effective share of the particles, (sum w)**2 / (N sum w**2), under which they renew


class Urn(Protocol):
    """What the particles know of their components; arrays (particles, K, ...)."""

    def log_predictive(self, x: Any) -> np.ndarray:
        """log p(x | component k, the points in it), (particles, K)."""

    def put(self, x: Any, chosen: np.ndarray) -> None:
        """Put x into the chosen component, one of each particle, (particles, K) bool."""

    def take(self, parents: np.ndarray) -> None:
        """Go on from these particles."""


class NormalUrn:
    """x | k ~ N(mean, variance + sigma**2), where mu_k | x_<i ~ N(mean, variance).

    A point x moves mean and variance as a Kalman filter does: with gain = variance /
    (variance + sigma**2), mean += gain (x - mean), variance -= gain variance.
    """

    def __init__(self, model: Any, particles: int) -> None:
        self.noise = model.sigma**2
        self.mean = np.tile(model.m0, (particles, 1))
        self.variance = np.tile(model.s0**2, (particles, 1))

    def log_predictive(self, x: float) -> np.ndarray:
        spread = self.variance + self.noise
        return -0.5 * (LOG_2PI + np.log(spread) + (x - self.mean) ** 2 / spread)

    def put(self, x: float, chosen: np.ndarray) -> None:
        gain = np.where(chosen, self.variance / (self.variance + self.noise), 0.0)
        self.mean = self.mean + gain * (x - self.mean)
        self.variance = self.variance - gain * self.variance

    def take(self, parents: np.ndarray) -> None:
        self.mean, self.variance = self.mean[parents], self.variance[parents]


class StudentUrn:
    """x | k ~ Student's t of nu + 1 - D degrees of freedom about the component's mean.

    With (mu_k, Lambda_k) | x_<i ~ normal-Wishart(mean, beta, W, nu), the shape matrix of the t is
    W^-1 (beta + 1) / (beta (nu + 1 - D)) (Murphy 2007, eq. 258). With d = x - mean, shrink =
    beta / (beta + 1) and distance = shrink d'W d,

        log t = log Gamma((nu + 1)/2) - log Gamma((nu + 1 - D)/2)
                + ( D log(shrink/pi) + log|W| - (nu + 1) log(1 + distance) ) / 2

    A point x adds shrink d d' to W^-1, so that W loses shrink W d d'W / (1 + distance) (Sherman &
    Morrison 1950) and log|W| loses log(1 + distance); beta and nu grow by one.
    """

    def __init__(self, model: Any, particles: int) -> None:
        lead = (particles, model.n_components)
        self.size = model.size
        self.mean = np.tile(model.m0, (*lead, 1))
        self.scale = np.tile(np.linalg.inv(model.w0_inv), (*lead, 1, 1))
        self.log_det = np.full(lead, -np.linalg.slogdet(model.w0_inv)[1])
        self.count = np.zeros(lead, dtype=np.int64)
        # what depends on the number of points alone, by that number
        counts = np.arange(model.n + 1)
        beta, nu = model.beta0 + counts, model.nu0 + counts
        self.half = 0.5 * (nu + 1.0)
        self.shrink, self.step = beta / (beta + 1.0), 1.0 / (beta + 1.0)
        self.constant = (
            special.gammaln(self.half)
            - special.gammaln(self.half - 0.5 * self.size)
            + 0.5 * self.size * np.log(self.shrink / np.pi)
        )

    def towards(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """d, W d, and shrink d'W d."""
        d = x - self.mean
        scaled = (self.scale @ d[..., None])[..., 0]
        return d, scaled, self.shrink[self.count] * (d * scaled).sum(-1)

    def log_predictive(self, x: np.ndarray) -> np.ndarray:
        _, _, distance = self.towards(x)
        tail = self.half[self.count] * np.log1p(distance)
        return self.constant[self.count] + 0.5 * self.log_det - tail

    def put(self, x: np.ndarray, chosen: np.ndarray) -> None:
        d, scaled, distance = (part[chosen] for part in self.towards(x))
        count = self.count[chosen]
        self.mean[chosen] += self.step[count][:, None] * d
        lost = scaled[:, :, None] * scaled[:, None, :]
        self.scale[chosen] -= (self.shrink[count] / (1.0 + distance))[:, None, None] * lost
        self.log_det[chosen] -= np.log1p(distance)
        self.count[chosen] += 1

    def take(self, parents: np.ndarray) -> None:
        self.mean, self.scale = self.mean[parents], self.scale[parents]
        self.log_det, self.count = self.log_det[parents], self.count[parents]


def estimate(urn: Any, model: Any, *, rng: int, replicates: int, particles: int) -> Estimate:
    """log p(x), of particles that each hold one of these urns.

    log of the mean of independent, unbiased estimates of p(x), and its standard error.

    With r_j the estimates by their mean, the error of the log is sd(r) / sqrt(replicates).
    """
    found = []
    for child in np.random.default_rng(rng).spawn(replicates):
        points = child.permutation(model.x)
        found.append(
            run_filter(urn(model, particles), points, model.concentration, particles, child)
        )
    route = f"collapsed particle filters, {replicates} of {particles:,} particles"
    return log_mean(found, route)


def run_filter(
    urn: Urn,
    points: np.ndarray,
    concentration: np.ndarray,
    particles: int,
    rng: np.random.Generator,
) -> float:
    """log of one unbiased estimate of p(points)."""
    counts = np.tile(concentration, (particles, 1))  # a_k + n_k
    log_weights, log_evidence = np.zeros(particles), 0.0
    for x in points:
        log_terms = np.log(counts / counts[0].sum()) + urn.log_predictive(x)
        top = log_terms.max(-1, keepdims=True)
        sums = np.exp(log_terms - top).cumsum(-1)
        log_weights += top[:, 0] + np.log(sums[:, -1])
        share, log_mean = _normalise(log_weights)
        if share.sum() ** 2 < FEWEST * particles * (share**2).sum():
            log_evidence += log_mean
            log_weights = np.zeros(particles)
            parents = systematic(share, rng)
            urn.take(parents)
            counts, sums = counts[parents], sums[parents]
        passed = sums > rng.random((particles, 1)) * sums[:, -1:]
        chosen = passed & ~np.pad(passed, ((0, 0), (1, 0)))[:, :-1]
        counts = counts + chosen
        urn.put(x, chosen)
    return log_evidence + _normalise(log_weights)[1]


def _normalise(log_weights: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights by the largest of them, and log of the mean weight."""
    top = log_weights.max()
    share = np.exp(log_weights - top)
    return share, float(top + np.log(share.mean()))


def systematic(share: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As many particles as before, each about as often as its weight says (Kitagawa 1996)."""
    size = len(share)
    edges = share.cumsum() / share.sum() * size
    return np.minimum(np.searchsorted(edges, np.arange(size) + rng.random()), size - 1)
