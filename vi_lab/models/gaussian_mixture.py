"""A mixture of Gaussians with unknown weights, means and precisions.

    weights       ~ Dirichlet(concentration)
    Lambda_k      ~ Wishart(W0, nu0)                     k = 1..K, E[Lambda] = nu0 W0
    mu_k | Lambda ~ N(m0, (beta0 Lambda_k)^-1)
    z_i           ~ Categorical(weights)                 i = 1..n, the component of each point
    x_i           ~ N(mu_{z_i}, Lambda_{z_i}^-1)

Bishop (2006), section 10.2, eq. 10.36-10.40. Sums over points are matrix products with the features
[1, d, d d'], d = x - centre, where the centre is the mean of the data.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.matching import component_count, degrees_of_freedom, positive_entries
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.families import (
    Categorical,
    CategoricalStats,
    Dirichlet,
    DirichletStats,
    MeanPrecision,
    NormalWishart,
    NormalWishartStats,
)
from vi_lab.model import Batch, Block, Statistics, Values
from vi_lab.models.moving_centres import MovingCentres, find_nearest, reach
from vi_lab.models.posteriors.gaussian_mixture import GaussianMixturePosterior
from vi_lab.models.posteriors.mixture_summaries import summarise_gaussians
from vi_lab.numerics import enumeration, wishart
from vi_lab.numerics.arithmetic import LOG_2PI, log, times
from vi_lab.numerics.own_axes import has_skew, turn_back_vector
from vi_lab.numerics.quadratic_features import QuadraticFeatures
from vi_lab.results import Exact


class GaussianMixture(MovingCentres):
    """x_i ~ sum_k weights_k N(mu_k, Lambda_k^-1) in D dimensions.

    Parameters
    ----------
    x : array (n, D)
    n_components : int
        K, from 1 to n.
    concentration : float or array (K,)
    m0 : array (D,)
    beta0, nu0 : float
        beta0 > 0, nu0 > D - 1.
    w0_inv : array (D, D)
        W0^-1, symmetric positive definite, in the squared unit of x.

    Latents: `z` (n,) labels 0..K-1, `weights` (K,), `means` (K, D), `precisions` (K, D, D); the
    last two are one block, `components`.

    A component may be empty, and the mean of such a one is Student's t with nu0 - D + 1 degrees of
    freedom: with K > 1 the exact `.mean("means")` is nan where nu0 <= D, for there is none, and
    `.sd("means")` is infinite where nu0 <= D + 1.
    """

    data_names, moving, row_blocks = ("x",), ("components",), ("z",)
    no_rows_because = None

    @public
    def __init__(
        self,
        x: Reals,
        n_components: int,
        concentration: Reals,
        m0: Reals,
        beta0: float,
        nu0: float,
        w0_inv: Reals,
    ) -> None:
        self.x = checks.observations("x", x, ndim=2)
        self.n, self.size = self.x.shape
        self.n_components = component_count(n_components, self.n)
        self.concentration = positive_entries("concentration", concentration, self.n_components)
        self.m0 = checks.vector("m0", m0, self.size)
        self.beta0 = checks.positive("beta0", beta0)
        self.nu0 = degrees_of_freedom("nu0", nu0, self.size)
        self.w0_inv = checks.covariance("w0_inv", w0_inv, self.size)
        self._prior = self.concentration, self.m0, self.beta0, self.nu0, self.w0_inv
        # where the prior is worth more than the data, the components are near its mean
        self._take_statistics_about(self.m0 if self.beta0 > self.n else self.x.mean(0))
        self.no_exact_because = enumeration.refusal(self.n, self.n_components)

    def _take_statistics_about(self, centre: np.ndarray) -> None:
        """Blocks whose statistics are about one centre (D,), or one of each component's own
        (*batch, K, D)."""
        self.centre, self._points = centre, QuadraticFeatures.about(self.x, centre, self.turn)
        # squares of distances from it that a mean may have
        self._most = reach(self.x, self.m0, centre, self.turn) ** 2
        weights, family = Dirichlet.of(self.concentration), NormalWishart.about(centre, self.turn)
        components = NormalWishart.of(self.m0, self.beta0, self.w0_inv, self.nu0)
        self._eta0, size = family.adopt(components).eta, self.n_components
        self.blocks = {
            "z": Block(Categorical(size), self._z_given_rest, plates=(self.n,)),
            "weights": Block(weights.family, self._weights_given_z, prior=weights),
            "components": Block(family, self._components_given_z, (size,), prior=components),
        }

    def strays(self, stats: Statistics) -> bool:
        """In sds of a component, or where squares of the distance hide what lies across it; or
        where a component is long along a line that is none of its axes."""
        # no component's beta/nu is above the larger of 1 and the prior's
        d = wishart.find_far(stats["components"], self._most, max(1.0, self.beta0 / self.nu0))
        far = d is not None and self._would_move(self.centre + turn_back_vector(self.turn, d))
        return far or has_skew(stats["components"])

    def _choose_centre(self, mean: np.ndarray) -> np.ndarray:
        """Of each component: the point nearest to its mean, or m0 if much nearer, in units of W0.

        A prior far away draws the mean off its points, thousands of their sds where W^-1, which
        holds that distance too, makes little of it; squares of their distances d from the mean
        would have to cancel in d'Lambda d.
        """
        return find_nearest(mean, self.x, self.m0, self.w0_inv, self.turn, self.lengths)

    def log_likelihood(self, stats: Statistics) -> Any:
        """log p(x, z | weights, components)"""
        totals = self._points.totals(stats["z"].indicator)
        log_z = times(totals[..., 0], stats["weights"].log).sum(-1)
        return log_z + (totals * self._coefficients(stats["components"])).sum((-2, -1))

    def _coefficients(self, components: NormalWishartStats) -> np.ndarray:
        """log N(x; mu, Lambda^-1) as a quadratic in x, (..., K, F).

        [ log|Lambda| - D log 2 pi - d'Lambda d + 2 d'Lambda m - m'Lambda m ] / 2, with d = x - c
        and m = mu - c.
        """
        log_det, precision, scaled, quadratic = components
        constant = 0.5 * (log_det - self.size * LOG_2PI - quadratic)
        return self._points.coefficients(constant, scaled, -0.5 * precision)

    def _z_given_rest(self, stats: Statistics) -> CategoricalStats:
        """log weight_k + log N(x_i; mu_k, Lambda_k^-1) (Bishop, 10.46), (..., N, K)."""
        coefficients = self._coefficients(stats["components"])
        coefficients[..., 0] += stats["weights"].log
        return CategoricalStats(self._points.evaluate(coefficients))

    def _weights_given_z(self, stats: Statistics) -> DirichletStats:
        """Dirichlet(concentration + counts) (Bishop, 10.57)."""
        return DirichletStats(self.concentration - 1.0 + stats["z"].indicator.sum(-2))

    def _components_given_z(self, stats: Statistics) -> NormalWishartStats:
        """Prior natural parameter + statistics of the points (Bishop, 10.60-10.63)."""
        counts, sums, outer = self._points.moments(stats["z"].indicator)
        log_det, precision, scaled, quadratic = self._eta0
        return NormalWishartStats(
            log_det + 0.5 * counts, precision - 0.5 * outer, scaled + sums, quadratic - 0.5 * counts
        )

    def latents(self, values: Values) -> dict[str, Any]:
        found = {name: values[name] for name in ("z", "weights") if name in values}
        if "components" in values:
            found["means"], found["precisions"] = values["components"]
        return found

    def block_values(self, latents: Values) -> dict[str, Any]:
        return dict(latents, components=MeanPrecision(latents["means"], latents["precisions"]))

    @property
    def sources(self) -> dict[str, tuple[str, ...]]:
        means = precisions = ("components",)
        return {"z": ("z",), "weights": ("weights",), "means": means, "precisions": precisions}

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        weights = self.blocks["weights"].sample_prior(rng, batch)
        components = self.blocks["components"].sample_prior(rng, batch)
        eta = CategoricalStats(log(weights)[..., None, :])
        z = self.blocks["z"].family.sample(rng, eta, (*batch, self.n))
        return {"weights": weights, "components": components, "z": z}

    def sample_initial_values(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """Means at random points of the data, equal weights, precisions from the prior.

        A prior draw at a small concentration gives one component everything, and no sweep of CAVI
        would take it back.
        """
        values, size = dict(self.sample_latents(rng, batch)), self.n_components
        points = rng.permuted(np.broadcast_to(np.arange(self.n), (*batch, self.n)), axis=-1)
        values["components"] = values["components"]._replace(mean=self.x[points[..., :size]])
        values["weights"] = np.full((*batch, size), 1.0 / size)
        values["z"] = rng.integers(size, size=(*batch, self.n))
        return values

    def sample_data(self, rng: np.random.Generator, values: Values) -> GaussianMixture:
        mean, precision = values["components"]
        root = np.linalg.inv(np.linalg.cholesky(precision))[values["z"]]
        off = np.swapaxes(root, -1, -2) @ rng.standard_normal((self.n, self.size, 1))
        return GaussianMixture(mean[values["z"]] + off[..., 0], self.n_components, *self._prior)

    def summaries(self, latents: Values) -> dict[str, Any]:
        """Sorted means, predictive density, occupied components, co-assignment: label-invariant."""
        return summarise_gaussians(latents, self.x)

    def exact_posterior(self) -> Exact:
        """Sum over labellings; given one, the rest is conjugate (Murphy 2007, eq. 266)."""
        return Exact.of(self, GaussianMixturePosterior(self))
