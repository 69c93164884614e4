"""A mixture of normals in one dimension with a known sd.

    weights ~ Dirichlet(concentration)       or given
    mu_k    ~ N(m0_k, s0_k**2)               k = 1..K
    z_i     ~ Categorical(weights)           i = 1..n, the component of each point
    x_i     ~ N(mu_{z_i}, sigma**2)

With exchangeable priors the posterior is the same under any relabelling of the components: it has
K! copies of every mode, and a q that sits in one of them pays up to log K! nats for it (Blei,
Kucukelbir & McAuliffe 2017, sections 2-3; Bishop 2006, 10.2).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.errors import InputError
from vi_lab.families import (
    Categorical,
    CategoricalStats,
    Dirichlet,
    DirichletStats,
    Distribution,
    Normal,
    NormalStats,
)
from vi_lab.model import Block, Model, Statistics, Values
from vi_lab.models.posteriors.mixture_posterior import MixturePosterior
from vi_lab.models.posteriors.mixture_summaries import of_labels
from vi_lab.numerics import densities, enumeration
from vi_lab.numerics.arithmetic import LOG_2PI, times
from vi_lab.numerics.rounding import cancelled, rounding
from vi_lab.results import Exact


class NormalMixture(Model):
    """x_i ~ sum_k weights_k N(mu_k, sigma**2).

    Parameters
    ----------
    x : array (n,)
    sigma : float
        The known sd of every component, in the unit of x.
    m0, s0 : float or array (K,)
        Prior means and sds of the component means.
    concentration, weights : array (K,)
        Exactly one of the two: a Dirichlet prior on the weights, or the weights themselves.

    Latents: `z` (n,) labels 0..K-1, `mu` (K,), and `weights` (K,) unless they are given.
    """

    @public
    def __init__(
        self, x: Any, sigma: float, m0: Any, s0: Any, concentration: Any = None, weights: Any = None
    ) -> None:
        self.x = checks.observations("x", x)
        self.sigma = checks.positive("sigma", sigma)
        if (concentration is None) == (weights is None):
            raise InputError("concentration, weights: needs exactly one of the two")
        self.concentration: Any = None
        self.weights: Any = None
        if weights is None:
            self.concentration = checks.positive_vector("concentration", concentration)
            size = len(self.concentration)
        else:
            self.weights = checks.probabilities("weights", weights)
            size = len(self.weights)
        if size > len(self.x):
            given = "concentration" if weights is None else "weights"
            raise InputError(
                f"{given}: needs at most one component for each of the {len(self.x)} points, "
                f"got {size}"
            )
        self.m0 = checks.vector("m0", m0, size)
        self.s0 = checks.positive_array("s0", checks.vector("s0", s0, size), (size,))
        self.n, self.n_components = len(self.x), size
        self.centre = float(self.x.mean())
        d = self.x - self.centre
        # every sum over points is a matrix product with these: 1, d, d**2
        self._features = np.stack([np.ones(self.n), d, d * d], axis=-1)
        self._features_by_row = np.ascontiguousarray(self._features.T)
        self._constant = -0.5 * (LOG_2PI + 2.0 * np.log(self.sigma))
        self.blocks = {
            "z": Block(Categorical(size), self._z_given_rest, plates=(self.n,)),
            "mu": Block(Normal(self.centre), self._mu_given_z, plates=(size,)),
        }
        if self.concentration is not None:
            self.blocks["weights"] = Block(Dirichlet(size), self._weights_given_z)
        else:
            with np.errstate(divide="ignore"):
                self._log_weights = np.log(self.weights)
        reason = enumeration.refusal(self.n, size)
        self.no_exact_because = reason

    def log_joint(self, stats: Statistics) -> Any:
        mu, log_weights = stats["mu"], self._log_pi(stats)
        counts, sums, squares = self._totals(stats)
        log_z = times(counts, log_weights).sum(-1)
        log_x = (
            self._constant * counts
            - 0.5 * (squares - 2.0 * sums * mu.value + counts * mu.square) / self.sigma**2
        ).sum(-1)
        d0 = self.m0 - self.centre
        log_mu = (
            -0.5 * LOG_2PI
            - np.log(self.s0)
            - 0.5 * (mu.square - 2.0 * d0 * mu.value + d0**2) / self.s0**2
        ).sum(-1)
        total = log_z + log_x + log_mu
        if self.concentration is not None:
            a = self.concentration
            log_weights_prior = ((a - 1.0) * log_weights).sum(-1) - densities.log_beta_function(a)
            total = total + log_weights_prior
        return total

    def _log_pi(self, stats: Statistics) -> Any:
        return stats["weights"].log if self.concentration is not None else self._log_weights

    def _totals(self, stats: Statistics) -> tuple[Any, Any, Any]:
        """For each component: its number of points, their sum and sum of squares, (..., K)."""
        r = stats["z"].indicator
        totals = np.swapaxes(r, -1, -2) @ self._features
        return totals[..., 0], totals[..., 1], totals[..., 2]

    def _z_given_rest(self, stats: Statistics) -> CategoricalStats:
        """log weight_k + log N(x_i; mu_k, sigma**2), a product of the features (Bishop, 10.46)."""
        mu, precision = stats["mu"], self.sigma**-2.0
        constant = self._constant - 0.5 * precision * mu.square
        slope = precision * mu.value
        curvature = np.broadcast_to(-0.5 * precision, constant.shape)
        coefficients = np.stack(np.broadcast_arrays(constant, slope, curvature), axis=-1)
        # made as (..., K, N): sums over the few components then run along the many points
        log_likelihood = np.swapaxes(coefficients @ self._features_by_row, -1, -2)
        # a weight may be 0 and its log -inf, which has no place in a matrix product
        return CategoricalStats(log_likelihood + self._log_pi(stats)[..., None, :])

    def _mu_given_z(self, stats: Statistics) -> NormalStats:
        """Precision 1/s0**2 + n_k/sigma**2; linear term m0/s0**2 + sum x/sigma**2."""
        counts, sums, _ = self._totals(stats)
        prior, data = self.s0**-2.0, self.sigma**-2.0
        return NormalStats(
            prior * (self.m0 - self.centre) + data * sums, -0.5 * (prior + data * counts)
        )

    def _weights_given_z(self, stats: Statistics) -> DirichletStats:
        """Dirichlet(concentration + counts)."""
        return DirichletStats(self.concentration - 1.0 + stats["z"].indicator.sum(-2))

    def sample_latents(self, rng: np.random.Generator, batch: tuple[int, ...] = ()) -> Values:
        size = self.n_components
        values = {"mu": self.m0 + self.s0 * rng.standard_normal((*batch, size))}
        if self.concentration is not None:
            prior = Dirichlet.of(concentration=self.concentration)
            weights = prior.family.sample(rng, prior.eta, batch)
            values["weights"] = weights
        else:
            weights = np.broadcast_to(self.weights, (*batch, size))
        family = self.blocks["z"].family
        with np.errstate(divide="ignore"):
            eta = CategoricalStats(np.log(weights)[..., None, :])
        values["z"] = family.sample(rng, eta, (*batch, self.n))
        return values

    def sample_initial_values(
        self, rng: np.random.Generator, batch: tuple[int, ...] = ()
    ) -> Values:
        """Means at random points of the data, equal weights, labels at random.

        A prior draw at a small concentration gives one component everything, and no sweep of CAVI
        would take it back.
        """
        values = dict(self.sample_latents(rng, batch))
        size = self.n_components
        values["mu"] = self.x[rng.integers(self.n, size=(*batch, size))]
        values["mu"] = values["mu"] + self.sigma * rng.standard_normal((*batch, size))
        if self.concentration is not None:
            values["weights"] = np.full((*batch, size), 1.0 / size)
            values["z"] = rng.integers(size, size=(*batch, self.n))
        return values

    def sample_data(self, rng: np.random.Generator, values: Values) -> NormalMixture:
        x = values["mu"][values["z"]] + self.sigma * rng.standard_normal(self.n)
        return NormalMixture(x, self.sigma, self.m0, self.s0, self.concentration, self.weights)

    def summaries(self, latents: Values) -> dict[str, Any]:
        """Sorted means, predictive density, occupied components, co-assignment: label-invariant."""
        found = of_labels(latents["z"]) if "z" in latents else {}
        if "mu" in latents:
            found["sorted_mu"] = np.sort(latents["mu"], axis=-1)
        if set(self.blocks) - {"z"} <= set(latents):
            found["density"] = self._predictive(latents)
        return found

    def _predictive(self, latents: Values) -> Any:
        """The mixture's density at seven points across the data, (*batch, 7)."""
        grid = np.linspace(self.x.min(), self.x.max(), 7)
        weights = latents["weights"] if self.concentration is not None else self.weights
        each = densities.log_normal(grid[:, None], latents["mu"][..., None, :], self.sigma**2)
        return (weights[..., None, :] * np.exp(each)).sum(-1)

    def exact_posterior(self) -> Exact:
        """Sum over labellings; given one, the means are normal and the weights Dirichlet."""
        size = self.n_components
        enumeration.announce(self.n, size)
        labels = enumeration.labellings(self.n, size)
        d = self.x - self.centre
        counts = np.stack([(labels == k).sum(-1) for k in range(size)], axis=-1).astype(float)
        sums = np.stack([(labels == k) @ d for k in range(size)], axis=-1)
        squares = np.stack([(labels == k) @ (d * d) for k in range(size)], axis=-1)
        # the marginal of each component's points: N(x; m0 1, sigma**2 I + s0**2 1 1')
        noise, prior, d0 = self.sigma**2, self.s0**2, self.m0 - self.centre
        shrink = prior / (noise + counts * prior)
        centred = squares - 2.0 * d0 * sums + counts * d0**2
        pulled = (sums - counts * d0) ** 2
        log_weights = -0.5 * (
            counts * (LOG_2PI + np.log(noise))
            + np.log(noise + counts * prior)
            - np.log(noise)
            + (centred - shrink * pulled) / noise
        ).sum(-1)
        concentration = None
        if self.concentration is not None:
            concentration = self.concentration + counts
            log_weights += densities.log_beta_function(concentration)
            log_weights -= densities.log_beta_function(self.concentration)
        else:
            log_weights += times(counts, self._log_weights).sum(-1)
        log_evidence = float(np.logaddexp.reduce(log_weights))
        posterior = NormalMixturePosterior(
            labels,
            log_weights - log_evidence,
            concentration,
            size,
            location=self.centre + d0 + shrink * (sums - counts * d0),
            variance=noise * shrink,
        )
        route = enumeration.cost(self.n, size)
        possible = log_weights[np.isfinite(log_weights)]
        error = float(rounding(np.abs(possible).max(), self.n * np.log(size)))
        return Exact(self, log_evidence, error, route, posterior)


class NormalMixturePosterior(MixturePosterior):
    """mu_k given the labels ~ N(location, variance), each (M, K)."""

    component_block = "mu"

    def __init__(self, *labelled: Any, location: np.ndarray, variance: np.ndarray) -> None:
        super().__init__(*labelled)
        self.location, self.variance = location, variance

    def component_moments(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"mu": self.location}, {"mu": self.variance}

    def log_components(self, values: Values, index: np.ndarray) -> Any:
        return densities.log_normal(values["mu"], self.location[index], self.variance[index]).sum(
            -1
        )

    def sample_components(self, rng: np.random.Generator, index: np.ndarray) -> Any:
        noise = rng.standard_normal((len(index), self.classes))
        return self.location[index] + np.sqrt(self.variance[index]) * noise

    def kl_components(self, q: Distribution) -> Any:
        m, v = q.parameters["mean"], q.parameters["sd"] ** 2
        return densities.kl_normal(m, v, self.location, self.variance).sum(-1)

    def kl_offset(self, q: Distribution) -> Any:
        m = q.parameters["mean"]
        return cancelled((m - self.location) / self.variance, m, self.location).sum(-1)
