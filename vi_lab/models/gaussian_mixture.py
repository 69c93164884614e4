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
from vi_lab.arguments.public import public
from vi_lab.errors import InputError
from vi_lab.families import (
    Categorical,
    CategoricalStats,
    Dirichlet,
    DirichletStats,
    NormalWishart,
    NormalWishartStats,
)
from vi_lab.model import Block, Model, Statistics, Values
from vi_lab.models.posteriors.gaussian_mixture_posterior import (
    GaussianMixturePosterior,
    by_component,
)
from vi_lab.models.posteriors.mixture_summaries import of_labels
from vi_lab.numerics import densities, enumeration, special
from vi_lab.numerics.arithmetic import LOG_2PI, times
from vi_lab.numerics.rounding import rounding
from vi_lab.results import Exact

DENSITY_AT = 10  # data points at which the predictive density is a summary


class GaussianMixture(Model):
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

    @public
    def __init__(
        self,
        x: Any,
        n_components: int,
        concentration: Any,
        m0: Any,
        beta0: float,
        nu0: float,
        w0_inv: Any,
    ) -> None:
        self.x = checks.observations("x", x, ndim=2)
        self.n, self.size = self.x.shape
        self.n_components = checks.integer("n_components", n_components, 1)
        if self.n_components > self.n:
            raise InputError(
                f"n_components: needs at most one for each of the {self.n} points, "
                f"got {n_components}"
            )
        self.concentration = checks.positive_array(
            "concentration",
            checks.vector("concentration", concentration, self.n_components),
            (self.n_components,),
        )
        self.m0 = checks.vector("m0", m0, self.size)
        self.beta0 = checks.positive("beta0", beta0)
        self.nu0 = checks.real("nu0", nu0)
        if self.nu0 <= self.size - 1:
            raise InputError(f"nu0: needs a number above D - 1 = {self.size - 1}, got {self.nu0:g}")
        self.w0_inv = checks.covariance("w0_inv", w0_inv, self.size)

        self.centre = self.x.mean(0)
        d = self.x - self.centre
        # [1, d, d d'], the products i <= j once: what a component needs to know of a point
        self._upper = np.triu_indices(self.size)
        products = d[:, self._upper[0]] * d[:, self._upper[1]]
        self._features = np.concatenate([np.ones((self.n, 1)), d, products], axis=1)
        self._features_by_row = np.ascontiguousarray(self._features.T)
        family = NormalWishart(self.size, self.centre)
        self._prior = family.natural(mean=self.m0, beta=self.beta0, w_inv=self.w0_inv, nu=self.nu0)
        self.blocks = {
            "z": Block(Categorical(self.n_components), self._z_given_rest, plates=(self.n,)),
            "weights": Block(Dirichlet(self.n_components), self._weights_given_z),
            "components": Block(family, self._components_given_z, plates=(self.n_components,)),
        }
        self.no_exact_because = enumeration.refusal(self.n, self.n_components)

    def log_joint(self, stats: Statistics) -> Any:
        log_weights, components = stats["weights"].log, stats["components"]
        totals = self._totals(stats)
        a = self.concentration
        log_pi = ((a - 1.0) * log_weights).sum(-1) - densities.log_beta_function(a)
        log_z = times(totals[..., 0], log_weights).sum(-1)
        log_x = (totals * self._coefficients(components)).sum((-2, -1))
        return log_pi + log_z + log_x + self._log_prior(components).sum(-1)

    def _log_prior(self, components: NormalWishartStats) -> Any:
        """log N(mu; m0, (beta0 Lambda)^-1) + log Wishart(Lambda; W0, nu0), (..., K)."""
        size, d0 = self.size, self.m0 - self.centre
        log_det, precision, scaled, quadratic = components
        about_m0 = quadratic - 2.0 * scaled @ d0 + ((precision @ d0) @ d0)
        log_mu = 0.5 * (size * np.log(self.beta0 / (2.0 * np.pi)) + log_det - self.beta0 * about_m0)
        log_precision = (
            0.5 * (self.nu0 - size - 1.0) * log_det
            - 0.5 * (self.w0_inv * precision).sum((-2, -1))
            + 0.5 * self.nu0 * (np.linalg.slogdet(self.w0_inv)[1] - size * np.log(2.0))
            - special.multigammaln(0.5 * self.nu0, size)
        )
        return log_mu + log_precision

    def _coefficients(self, components: NormalWishartStats) -> np.ndarray:
        """log N(x; mu, Lambda^-1) as a linear function of the features, (..., K, F).

        [ log|Lambda| - D log 2 pi - d'Lambda d + 2 d'Lambda m - m'Lambda m ] / 2, with d = x - c
        and m = mu - c; the products i < j stand for two entries of d d'.
        """
        log_det, precision, scaled, quadratic = components
        i, j = self._upper
        constant = 0.5 * (log_det - self.size * LOG_2PI - quadratic)
        curvature = -0.5 * np.where(i == j, 1.0, 2.0) * _symmetric(precision)[..., i, j]
        return np.concatenate([constant[..., None], scaled, curvature], axis=-1)

    def _totals(self, stats: Statistics) -> np.ndarray:
        """The features summed over each component's points, (..., K, F)."""
        return np.swapaxes(stats["z"].indicator, -1, -2) @ self._features

    def _z_given_rest(self, stats: Statistics) -> CategoricalStats:
        """log weight_k + log N(x_i; mu_k, Lambda_k^-1) (Bishop, 10.46), (..., N, K)."""
        coefficients = self._coefficients(stats["components"])
        constant = coefficients[..., :1] + stats["weights"].log[..., None]
        coefficients = np.concatenate([constant, coefficients[..., 1:]], axis=-1)
        # made as (..., K, N): sums over the few components then run along the many points
        return CategoricalStats(np.swapaxes(coefficients @ self._features_by_row, -1, -2))

    def _weights_given_z(self, stats: Statistics) -> DirichletStats:
        """Dirichlet(concentration + counts) (Bishop, 10.57)."""
        return DirichletStats(self.concentration - 1.0 + stats["z"].indicator.sum(-2))

    def _components_given_z(self, stats: Statistics) -> NormalWishartStats:
        """Prior natural parameter + statistics of the points (Bishop, 10.60-10.63)."""
        totals = self._totals(stats)
        size = self.size
        counts, sums, products = totals[..., 0], totals[..., 1 : 1 + size], totals[..., 1 + size :]
        i, j = self._upper
        outer = np.empty((*products.shape[:-1], size, size))
        outer[..., i, j] = outer[..., j, i] = products
        prior = self._prior
        return NormalWishartStats(
            prior.log_det + 0.5 * counts,
            prior.precision - 0.5 * outer,
            prior.scaled_mean + sums,
            prior.quadratic - 0.5 * counts,
        )

    def latents(self, values: Values) -> dict[str, Any]:
        found = {name: values[name] for name in ("z", "weights") if name in values}
        if "components" in values:
            found["means"], found["precisions"] = values["components"]
        return found

    @property
    def sources(self) -> dict[str, tuple[str, ...]]:
        return {
            "z": ("z",),
            "weights": ("weights",),
            "means": ("components",),
            "precisions": ("components",),
        }

    def sample_latents(self, rng: np.random.Generator, batch: tuple[int, ...] = ()) -> Values:
        blocks, size = self.blocks, self.n_components
        prior = DirichletStats(self.concentration - 1.0)
        weights = blocks["weights"].family.sample(rng, prior, batch)
        components = blocks["components"].family.sample(rng, self._prior, (*batch, size))
        eta = CategoricalStats(np.log(weights)[..., None, :])
        z = blocks["z"].family.sample(rng, eta, (*batch, self.n))
        return {"weights": weights, "components": components, "z": z}

    def sample_initial_values(
        self, rng: np.random.Generator, batch: tuple[int, ...] = ()
    ) -> Values:
        """Means at random points of the data, equal weights, precisions from the prior.

        A prior draw at a small concentration gives one component everything, and no sweep of CAVI
        would take it back.
        """
        values = dict(self.sample_latents(rng, batch))
        size = self.n_components
        points = rng.permuted(np.broadcast_to(np.arange(self.n), (*batch, self.n)), axis=-1)
        mean = self.x[points[..., :size]]
        values["components"] = values["components"]._replace(mean=mean)
        values["weights"] = np.full((*batch, size), 1.0 / size)
        values["z"] = rng.integers(size, size=(*batch, self.n))
        return values

    def sample_data(self, rng: np.random.Generator, values: Values) -> GaussianMixture:
        mean, precision = values["components"]
        root = np.linalg.inv(np.linalg.cholesky(precision))[values["z"]]
        noise = rng.standard_normal((self.n, self.size))
        x = mean[values["z"]] + (np.swapaxes(root, -1, -2) @ noise[..., None])[..., 0]
        return GaussianMixture(
            x, self.n_components, self.concentration, self.m0, self.beta0, self.nu0, self.w0_inv
        )

    def summaries(self, latents: Values) -> dict[str, Any]:
        """Sorted means, predictive density, occupied components, co-assignment: label-invariant."""
        found = of_labels(latents["z"]) if "z" in latents else {}
        if "means" in latents:
            found["sorted_means"] = np.sort(latents["means"], axis=-2)
            if "weights" in latents:
                found["density"] = self._predictive(latents)
        return found

    def _predictive(self, latents: Values) -> Any:
        """The mixture's density at a few of the data points, (*batch, points)."""
        points = self.x[np.linspace(0, self.n - 1, min(DENSITY_AT, self.n)).astype(int)]
        d = points - latents["means"][..., None, :]
        distance = (d * (d @ latents["precisions"])).sum(-1)
        log_det = np.linalg.slogdet(latents["precisions"])[1][..., None]
        each = np.exp(0.5 * (log_det - self.size * LOG_2PI - distance))
        return (latents["weights"][..., None] * each).sum(-2)

    def exact_posterior(self) -> Exact:
        """Sum over labellings; given one, the rest is conjugate (Murphy 2007, eq. 266)."""
        classes, size = self.n_components, self.size
        enumeration.announce(self.n, classes)
        labels = enumeration.labellings(self.n, classes)
        origin = self.x[0]  # no digit is lost to an offset that data and prior share
        m0 = self.m0 - origin
        counts, means, scatters = by_component(labels, self.x - origin, classes)
        beta, nu = self.beta0 + counts, self.nu0 + counts
        d = means - m0
        shrink = self.beta0 * counts / beta
        w_inv = self.w0_inv + scatters + shrink[..., None, None] * d[..., :, None] * d[..., None, :]
        location = origin + (m0 + (counts / beta)[..., None] * d)
        log_marginals = (
            -0.5 * counts * size * np.log(np.pi)
            + 0.5 * size * np.log(self.beta0 / beta)
            + special.multigammaln(0.5 * nu, size)
            - special.multigammaln(0.5 * self.nu0, size)
            + 0.5 * self.nu0 * np.linalg.slogdet(self.w0_inv)[1]
            - 0.5 * nu * np.linalg.slogdet(w_inv)[1]
        )
        concentration = self.concentration + counts
        log_weights = (
            log_marginals.sum(-1)
            + densities.log_beta_function(concentration)
            - densities.log_beta_function(self.concentration)
        )
        log_evidence = float(np.logaddexp.reduce(log_weights))
        posterior = GaussianMixturePosterior(
            labels,
            log_weights - log_evidence,
            concentration,
            classes,
            location=location,
            beta=beta,
            w_inv=w_inv,
            nu=nu,
        )
        error = float(rounding(np.abs(log_marginals).sum(-1).max()))
        route = "closed form" if classes == 1 else enumeration.cost(self.n, classes)
        return Exact(self, log_evidence, error, route, posterior)


def _symmetric(matrix: Any) -> Any:
    return 0.5 * (matrix + np.swapaxes(matrix, -1, -2))
