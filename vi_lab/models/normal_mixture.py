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
from vi_lab.arguments.matching import mixture_weights, positive_entries
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.families import (
    Categorical,
    CategoricalStats,
    Dirichlet,
    DirichletStats,
    Normal,
    NormalStats,
)
from vi_lab.model import Batch, Block, Statistics, Values
from vi_lab.models.moving_centres import MovingCentres
from vi_lab.models.posteriors.mixture_summaries import summarise_normals
from vi_lab.models.posteriors.normal_mixture import NormalMixturePosterior
from vi_lab.numerics import enumeration
from vi_lab.numerics.arithmetic import LOG_2PI, log, times
from vi_lab.numerics.quadratic_features import FAR_SDS, QuadraticFeatures
from vi_lab.results import Exact


class NormalMixture(MovingCentres):
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

    data_names = ("x",)
    moving = ("mu",)

    @public
    def __init__(
        self,
        x: Reals,
        sigma: float,
        m0: Reals,
        s0: Reals,
        concentration: Reals | None = None,
        weights: Reals | None = None,
    ) -> None:
        self.x = checks.observations("x", x)
        self.sigma = checks.positive("sigma", sigma)
        self.n = len(self.x)
        self.concentration, self.weights, size = mixture_weights(concentration, weights, self.n)
        self.n_components = size
        self.m0 = checks.vector("m0", m0, size)
        self.s0 = positive_entries("s0", s0, size)
        self._constant = -0.5 * (LOG_2PI + 2.0 * np.log(self.sigma))
        self._take_statistics_about(self.x.mean(keepdims=True))
        self._log_weights = None if self.weights is None else log(self.weights)
        self.no_exact_because = enumeration.refusal(self.n, size)

    def _take_statistics_about(self, centre: np.ndarray) -> None:
        """Blocks whose statistics are about one centre (1,), or one for each component, (*batch,
        K)."""
        self.centre = centre
        own = centre if centre.shape == (1,) else centre[..., None]
        self._points = QuadraticFeatures.about(self.x[:, None], own)
        mu, size = Normal.of(mean=self.m0, sd=self.s0), self.n_components
        self.blocks = {
            "z": Block(Categorical(size), self._z_given_rest, plates=(self.n,)),
            "mu": Block(Normal.about(centre), self._mu_given_z, plates=(size,), prior=mu),
        }
        if self.concentration is not None:
            weights = Dirichlet.of(self.concentration)
            self.blocks["weights"] = Block(weights.family, self._weights_given_z, prior=weights)

    def strays(self, stats: Statistics) -> bool:
        """In sds of the noise."""
        return bool(np.abs(stats["mu"].value).max() > FAR_SDS * self.sigma)

    def log_likelihood(self, stats: Statistics) -> Any:
        """log p(x, z | mu, weights)"""
        mu, log_weights = stats["mu"], self._log_pi(stats)
        counts, sums, squares = self._totals(stats)
        log_z = times(counts, log_weights).sum(-1)
        about_mu = squares - 2.0 * sums * mu.value + counts * mu.square
        return log_z + (self._constant * counts - 0.5 * about_mu / self.sigma**2).sum(-1)

    def _log_pi(self, stats: Statistics) -> Any:
        return self._log_weights if self.concentration is None else stats["weights"].log

    def _totals(self, stats: Statistics) -> tuple[Any, Any, Any]:
        """For each component: its number of points, their sum and sum of squares, (..., K)."""
        totals = self._points.totals(stats["z"].indicator)
        return totals[..., 0], totals[..., 1], totals[..., 2]

    def _z_given_rest(self, stats: Statistics) -> CategoricalStats:
        """log weight_k + log N(x_i; mu_k, sigma**2), a quadratic in x_i (Bishop, 10.46)."""
        mu, precision = stats["mu"], self.sigma**-2.0
        constant = self._constant - 0.5 * precision * mu.square
        parts = np.broadcast_arrays(constant, precision * mu.value, -0.5 * precision)
        log_likelihood = self._points.evaluate(np.stack(parts, axis=-1))
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

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        noise = rng.standard_normal((*batch, self.n_components))
        values: dict[str, Any] = {"mu": self.m0 + self.s0 * noise}
        if self.concentration is not None:
            prior = DirichletStats(self.concentration - 1.0)
            values["weights"] = self.blocks["weights"].family.sample(rng, prior, batch)
        eta = CategoricalStats(log(values.get("weights", self.weights))[..., None, :])
        values["z"] = self.blocks["z"].family.sample(rng, eta, (*batch, self.n))
        return values

    def sample_initial_values(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """Means at random points of the data, equal weights, labels at random.

        A prior draw at a small concentration gives one component everything, and no sweep of CAVI
        would take it back.
        """
        values = dict(self.sample_latents(rng, batch))
        shape = (*batch, self.n_components)
        near = self.x[rng.integers(self.n, size=shape)]
        values["mu"] = near + self.sigma * rng.standard_normal(shape)
        if self.concentration is not None:
            values["weights"] = np.full(shape, 1.0 / self.n_components)
            values["z"] = rng.integers(self.n_components, size=(*batch, self.n))
        return values

    def sample_data(self, rng: np.random.Generator, values: Values) -> NormalMixture:
        x = values["mu"][values["z"]] + self.sigma * rng.standard_normal(self.n)
        return NormalMixture(x, self.sigma, self.m0, self.s0, self.concentration, self.weights)

    def summaries(self, latents: Values) -> dict[str, Any]:
        """Sorted means, predictive density, occupied components, co-assignment: label-invariant."""
        return summarise_normals(latents, self.x, self.sigma, self.weights)

    def exact_posterior(self) -> Exact:
        """Sum over labellings; given one, the means are normal and the weights Dirichlet."""
        return Exact.of(self, NormalMixturePosterior(self))
