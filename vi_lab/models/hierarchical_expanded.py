"""Groups whose means come from a common normal, with one parameter more than there need be.

    alpha ~ N(0, 1)
    s2    ~ InverseGamma(1/2, scale**2 / 2)
    mu    ~ N(0, mu_sd**2)
    eta_j ~ N(0, s2)                            j = 1..J
    y_j   ~ N(mu + alpha eta_j, sigma_j**2)     sigma_j known

It is the HierarchicalNormal of tau ~ HalfCauchy(scale), with theta_j = mu + alpha eta_j and
tau = |alpha| sqrt(s2) (Gelman 2006, section 3.2). For 1/s2 ~ Gamma(1/2, scale**2 / 2) is
Z**2 / scale**2 with Z ~ N(0, 1), so that

    tau = scale |alpha| / |Z|

is scale times the absolute ratio of two independent standard normals, which is half-Cauchy; and
given alpha and s2, theta_j is N(mu, alpha**2 s2).

Nobody can tell alpha from eta: the data know their product alone. That is what it is for. Where tau
is small, Gibbs in theta and tau2 creeps, because theta holds tau2 small and tau2 holds theta
together; here one draw of alpha scales all the groups at once (Liu & Wu 1999; van Dyk & Meng 2001;
Gelman, van Dyk, Huang & Boscardin 2008). mu and eta are drawn together, as one regression: where
the data are sharp they know the sum mu + alpha eta_j, and one alone could hardly move.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.families import InverseGamma, InverseGammaStats, Normal, NormalStats
from vi_lab.families.multivariate_normal import MultivariateNormalStats
from vi_lab.model import Batch, Block, ModelWithPriors, Statistics, Values
from vi_lab.models.posteriors.group_misses import Misses, MissesAboutCentres
from vi_lab.models.priors import HalfCauchy, require_prior
from vi_lab.numerics.arithmetic import LOG_2PI


class HierarchicalNormalExpanded(ModelWithPriors):
    """y_j ~ N(mu + alpha eta_j, sigma_j**2): HierarchicalNormal in coordinates that Gibbs mixes in.

    Parameters
    ----------
    y : array (J,)
        An estimate for each group.
    sigma : array (J,) or float
        Its standard error, known.
    mu_sd : float
        Prior standard deviation of mu about 0.
    tau_prior : HalfCauchy
        The prior of tau = |alpha| sqrt(s2); with no other is it this product.

    Latents: `effects` (1 + J,), which is mu and the eta_j, `alpha` and `s2`. Of these only mu is
    worth looking at, and the signs of alpha and eta flip together: `summaries` are theta, mu and
    tau, and `original` gives theta, mu and tau2. `effects` has its statistics about the
    mean of mu were all theta alike, and 0 for eta; a draw of it factorises a matrix of 1 + J rows,
    whose cost grows like J**3.
    """

    no_exact_because = (
        "the data know alpha and eta by their product alone; of theta, mu and tau2 the exact "
        "posterior is that of HierarchicalNormal"
    )
    data_names, moving = ("y",), ("effects", "alpha")

    @public
    def __init__(
        self, y: Reals, sigma: Reals, mu_sd: float, tau_prior: HalfCauchy | InverseGamma
    ) -> None:
        self.y = checks.observations("y", y)
        self.n = len(self.y)
        self.sigma = checks.positives("sigma", checks.vector("sigma", sigma, self.n))
        self.mu_sd = checks.positive("mu_sd", mu_sd)
        self.tau_prior = require_prior("tau_prior", tau_prior, HalfCauchy)
        self._b = 0.5 * self.tau_prior.scale**2
        self._constant = -0.5 * (2 * self.n + 1) * LOG_2PI - np.log(self.sigma).sum()
        self._constant -= np.log(self.mu_sd)
        weights = self.sigma**-2.0
        centre = float(weights @ self.y / (weights.sum() + self.mu_sd**-2.0))
        self._take_statistics_about(Misses(self.y, self.sigma, self.mu_sd, centre))

    def _take_statistics_about(self, misses: Misses) -> None:
        """Blocks with statistics about the centres that these have."""
        self._misses, s2 = misses, InverseGamma.of(shape=0.5, scale=self._b)
        alpha = Normal.of(mean=0.0, sd=1.0)
        self.blocks = {
            "effects": Block(misses.effects, self._effects_given_rest),
            "alpha": Block(misses.alpha, self._alpha_given_rest, prior=alpha),
            "s2": Block(s2.family, self._s2_given_effects, prior=s2),
        }

    def strays(self, stats: Statistics) -> bool:
        """In sds of the data: of mu, and of alpha eta as either has moved."""
        return self._misses.stray(stats["effects"], stats["alpha"])

    def about(self, means: Mapping[str, Any]) -> HierarchicalNormalExpanded:
        there, centres = copy(self), (np.asarray(means[name]) for name in self.moving)
        vars(there).pop("_log_priors", None)  # about the centres of before
        there._take_statistics_about(MissesAboutCentres(self._misses, *centres))
        return there

    def log_likelihood(self, stats: Statistics) -> Any:
        """log p(mu) + log p(eta | s2) + log p(y | mu, eta, alpha)"""
        squares = self._misses.squares(stats["effects"], stats["alpha"])
        return self.log_prior_given(stats) - 0.5 * squares

    def log_prior_given(self, stats: Statistics) -> Any:
        """log p(mu) + log p(eta | s2), and the constant of the data."""
        effects, s2 = stats["effects"], stats["s2"]
        of_eta = self.n * s2.log + s2.reciprocal * self._misses.eta_squares(effects)
        return self._constant - 0.5 * (of_eta + self._misses.mu_square(effects) / self.mu_sd**2)

    def _effects_given_rest(self, stats: Statistics) -> MultivariateNormalStats:
        """The regression of y on a constant and, for each group, alpha:

        precision of mu         1/mu_sd**2 + sum 1/sigma_j**2
        of eta_j                alpha**2/sigma_j**2 + 1/s2
        between mu and eta_j    alpha/sigma_j**2
        """
        precision, weights = np.asarray(stats["s2"].reciprocal)[..., None], self._misses.weights
        slope, square = self._misses.slopes(stats["alpha"])
        lead = np.broadcast_shapes(slope.shape, precision.shape)[:-1]
        value, matrix = np.empty((*lead, 1 + self.n)), np.zeros((*lead, 1 + self.n, 1 + self.n))
        value[..., 0], value[..., 1:] = self._misses.pull_on_effects(stats["alpha"], precision)
        groups = np.arange(1, 1 + self.n)
        matrix[..., 0, 0] = self._misses.mu_precision + self._misses.weight
        matrix[..., 0, 1:] = matrix[..., 1:, 0] = slope * weights
        matrix[..., groups, groups] = square * weights + precision
        return MultivariateNormalStats(value, -0.5 * matrix)

    def _alpha_given_rest(self, stats: Statistics) -> NormalStats:
        """Precision 1 + sum eta_j**2/sigma_j**2; the regression of all y_j - mu on eta_j."""
        effects = stats["effects"]
        precision = 1.0 + self._misses.weighted_eta_squares(effects)
        return NormalStats(self._misses.pull_on_alpha(effects), -0.5 * precision)

    def _s2_given_effects(self, stats: Statistics) -> InverseGammaStats:
        """InverseGamma((1 + J)/2, (scale**2 + sum eta_j**2)/2)"""
        squares = self._misses.eta_squares(stats["effects"])
        return InverseGammaStats(-1.5 - 0.5 * self.n, -self._b - 0.5 * squares)

    @staticmethod
    def original(latents: Values) -> dict[str, Any]:
        """theta, mu and tau2 of the HierarchicalNormal: theta = mu + alpha eta, tau2 = alpha**2 s2.

        Those that `latents`, arrays (*batch, ...) by name, are enough for.
        """
        found = {}
        if {"effects", "alpha"} <= latents.keys():
            mu, eta = np.split(latents["effects"], [1], axis=-1)
            found["theta"] = mu + np.asarray(latents["alpha"])[..., None] * eta
        if "effects" in latents:
            found["mu"] = latents["effects"][..., 0]
        if {"alpha", "s2"} <= latents.keys():
            found["tau2"] = np.square(latents["alpha"]) * latents["s2"]
        return found

    def summaries(self, latents: Values) -> dict[str, Any]:
        """theta, mu and tau, as of a HierarchicalNormal: alpha and eta are known by their product
        alone."""
        found = self.original(latents)
        if "tau2" in found:
            found["tau"] = np.sqrt(found.pop("tau2"))
        return found

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        alpha = rng.standard_normal(batch)
        return self._sample_groups(rng, batch, alpha, self._b / rng.standard_gamma(0.5, batch))

    def sample_initial_values(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """As from the prior, but tau**2 within a few times its middle, as of a HierarchicalNormal.

        With s2 = tau**2 / alpha**2 the prior of alpha given tau is

            p(alpha | tau) ~ |alpha| exp(-alpha**2 (1 + scale**2 / tau**2) / 2)

        of either sign: alpha**2 is exponential, of rate (1 + scale**2 / tau**2) / 2.
        """
        tau2 = np.exp(self.tau_prior.log_location + rng.standard_normal(batch))
        square = rng.standard_exponential(batch) / (0.5 + self._b / tau2)
        alpha = np.copysign(np.sqrt(square), rng.standard_normal(batch))
        return self._sample_groups(rng, batch, alpha, tau2 / square)

    def _sample_groups(self, rng: np.random.Generator, batch: Batch, alpha: Any, s2: Any) -> Any:
        """All block values: mu from its prior, eta given s2 (*batch,)."""
        effects = rng.standard_normal((*batch, 1 + self.n))
        effects[..., 0] *= self.mu_sd
        effects[..., 1:] *= np.sqrt(s2)[..., None]
        return {"effects": effects, "alpha": alpha, "s2": s2}

    def sample_data(self, rng: np.random.Generator, values: Values) -> HierarchicalNormalExpanded:
        y = self.original(values)["theta"] + self.sigma * rng.standard_normal(self.n)
        return HierarchicalNormalExpanded(y, self.sigma, self.mu_sd, self.tau_prior)
