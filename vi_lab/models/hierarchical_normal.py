"""Groups whose means come from a common normal.

    tau     ~ HalfCauchy(scale), or tau**2 ~ InverseGamma(a0, b0)
    mu      ~ N(0, mu_sd**2)
    theta_j ~ N(mu, tau**2)              j = 1..J
    y_j     ~ N(theta_j, sigma_j**2)     sigma_j known

(Rubin 1981; Gelman et al. 2013, section 5.5.) Where tau is small theta is pinned to mu, where it is
large it is free: the posterior is a funnel. A half-Cauchy tau is written as an inverse gamma tau**2
whose scale is itself a gamma variable, so that every conditional is of a known family (Wand et al.
2011, result 5; Makalic & Schmidt 2016).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.axes import name_axes
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.families import Gamma, GammaStats, InverseGammaStats, Normal, NormalStats
from vi_lab.families import InverseGamma as InverseGammaFamily
from vi_lab.families.normal import MINUS_HALF
from vi_lab.model import Batch, Block, ModelWithPriors, Parameterisation, Statistics, Values
from vi_lab.models.hierarchical_expanded import HierarchicalNormalExpanded
from vi_lab.models.initial_values import move_near
from vi_lab.models.posteriors.group_centres import SquaresApart, find_groups
from vi_lab.models.posteriors.hierarchical_normal import HierarchicalPosterior
from vi_lab.models.priors import HalfCauchy, InverseGamma, require_prior
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.results import Exact


class HierarchicalNormal(ModelWithPriors):
    """y_j ~ N(theta_j, sigma_j**2), theta_j ~ N(mu, tau**2), mu ~ N(0, mu_sd**2).

    Parameters
    ----------
    y : array (J,)
        An estimate for each group.
    sigma : array (J,) or float
        Its standard error, known.
    mu_sd : float
        Prior standard deviation of mu about 0.
    tau_prior : HalfCauchy or InverseGamma
        The prior of tau, or of tau**2.

    Latents: `theta` (J,), `mu`, `tau2`; with a half-Cauchy also the auxiliary `rate`. What is worth
    comparing instead of tau2 is tau, a summary. `theta` and `mu` have statistics about
    where they lie at a tau that suits them.
    """

    no_exact_because, data_names, axes = None, ("y",), name_axes(theta="group")

    @public
    def __init__(
        self, y: Reals, sigma: Reals, mu_sd: float, tau_prior: HalfCauchy | InverseGamma
    ) -> None:
        self.y = checks.observations("y", y)
        self.n = len(self.y)
        self.sigma = checks.positives("sigma", checks.vector("sigma", sigma, self.n))
        self.mu_sd = checks.positive("mu_sd", mu_sd)
        self.tau_prior = require_prior("tau_prior", tau_prior, HalfCauchy, InverseGamma)
        self.no_expansion_because = self.tau_prior.no_expansion_because
        self._weights = self.sigma**-2.0
        self._mu_precision, self._count = np.array(self.mu_sd**-2.0), np.array(1.0 * self.n)
        # tau**2 ~ InverseGamma(a, b): b a number, or for a half-Cauchy the auxiliary rate
        self._a, self._augmented = self.tau_prior.shape, isinstance(self.tau_prior, HalfCauchy)
        self.centre, mu_centre = find_groups(self)
        self._squares_apart, miss = SquaresApart(self.centre, mu_centre), self.y - self.centre
        self._pull = self._weights * miss
        self._mu_pull = np.array(-self._mu_precision * mu_centre)  # numpy is faster with 0-d arrays
        self._constant = -self.n * LOG_2PI - np.log(self.sigma).sum() - 0.5 * (self._pull @ miss)
        if self._augmented:
            self._constant -= 0.5 * np.log(np.pi)  # of log p(tau2 | rate)
        mu = Normal.of(mean=0.0, sd=self.mu_sd)
        self.blocks = {
            "theta": Block(Normal.about(self.centre), self._theta_given_rest, plates=(self.n,)),
            "mu": Block(Normal(mu_centre), self._mu_given_rest, prior=mu),
        }
        if self._augmented:
            rate = Gamma.of(shape=0.5, rate=self.tau_prior.prior_rate)
            self.blocks["tau2"] = Block(InverseGammaFamily(), self._tau2_given_rest)
            self.blocks["rate"] = Block(Gamma(), self._rate_given_tau2, auxiliary=True, prior=rate)
        else:
            tau2 = self.tau_prior.of(shape=self.tau_prior.a0, scale=self.tau_prior.b0)
            self.blocks["tau2"] = Block(tau2.family, self._tau2_given_rest, prior=tau2)

    def log_likelihood(self, stats: Statistics) -> Any:
        """log p(theta | mu, tau2) + log p(y | theta), and log p(tau2 | rate) where there is one."""
        theta, mu, tau2 = stats["theta"], stats["mu"], stats["tau2"]
        log_theta = MINUS_HALF * (
            self._count * tau2.log + tau2.reciprocal * self._squares_apart(theta, mu)
        )
        log_y = theta.value @ self._pull - 0.5 * (theta.square @ self._weights)
        total = log_theta + log_y + self._constant
        if not self._augmented:
            return total
        b = stats["rate"]
        return total + 0.5 * b.log - 1.5 * tau2.log - b.value * tau2.reciprocal

    def log_prior_given(self, stats: Statistics) -> Any:
        """log p(theta | mu, tau2), and log p(tau2 | rate) where there is one."""
        return self._squares_apart.log_prior(stats)

    def _scale(self, stats: Statistics) -> GammaStats:
        """Statistics of the scale of tau2: a constant's, or the auxiliary variable's."""
        return stats["rate"] if self._augmented else self.tau_prior.scale_statistics

    def _theta_given_rest(self, stats: Statistics) -> NormalStats:
        """Precision 1/sigma_j**2 + 1/tau**2; y_j and mu weighted by theirs."""
        precision = np.asarray(stats["tau2"].reciprocal)[..., None]
        mu = np.asarray(stats["mu"].value)[..., None] - self._squares_apart.apart
        pull = self._pull + precision * mu
        return NormalStats(pull, MINUS_HALF * (self._weights + precision))

    def _mu_given_rest(self, stats: Statistics) -> NormalStats:
        """Precision 1/mu_sd**2 + J/tau**2; the prior's 0 and the thetas weighted by theirs."""
        precision = stats["tau2"].reciprocal
        apart = self._squares_apart.sum_from_centre(stats["theta"])
        pull = self._mu_pull + precision * apart
        return NormalStats(pull, MINUS_HALF * (self._mu_precision + self._count * precision))

    def _tau2_given_rest(self, stats: Statistics) -> InverseGammaStats:
        """InverseGamma(a + J/2, b + sum (theta_j - mu)**2 / 2)"""
        squares = self._squares_apart(stats["theta"], stats["mu"])
        return InverseGammaStats(
            -self._a - 1.0 - 0.5 * self.n, MINUS_HALF * squares - self._scale(stats).value
        )

    def _rate_given_tau2(self, stats: Statistics) -> GammaStats:
        """Gamma(1, 1/scale**2 + 1/tau**2): a half from its prior, a half from tau**2's."""
        return GammaStats(0.0, -self.tau_prior.prior_rate - stats["tau2"].reciprocal)

    @property
    def parameterisations(self) -> Mapping[str, Parameterisation]:
        """Non-centred: eta_j = (theta_j - mu) / tau, which the funnel does not pinch."""
        return {"noncentred": Parameterisation(self._to_eta, self._from_eta)}

    def _to_eta(self, y: dict[str, Any]) -> dict[str, Any]:
        mu, tau = y["mu"][..., None], np.exp(0.5 * y["tau2"])[..., None]
        return {**y, "theta": (y["theta"] - mu) / tau}

    def _from_eta(self, y: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        """theta_j = mu + tau eta_j, so that |d theta / d eta| = tau**J."""
        mu, tau = y["mu"][..., None], np.exp(0.5 * y["tau2"])[..., None]
        return {**y, "theta": mu + tau * y["theta"]}, 0.5 * self.n * y["tau2"]

    def summaries(self, latents: Values) -> dict[str, Any]:
        """theta, mu and tau: tau2 has a tail too heavy to be compared by its moments."""
        found = {name: latents[name] for name in ("theta", "mu") if name in latents}
        if "tau2" in latents:
            found["tau"] = np.sqrt(latents["tau2"])
        return found

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        variance = self.tau_prior.sample(rng, batch)
        return {**self._sample_groups(rng, batch, variance["tau2"]), **variance}

    def sample_initial_values(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """As from the prior, but tau**2 within a few times its middle: a half-Cauchy draws some so
        far out that a chain takes all of its warmup to come back. And mu not far from the
        data: squares of a larger distance have no digit left of theta's variance."""
        tau2 = np.exp(self.tau_prior.log_location + rng.standard_normal(batch))
        values = move_near(self._sample_groups(rng, batch, tau2), self.y, self.sigma)
        if self._augmented:
            values["rate"] = rng.standard_gamma(1.0, batch) / (self.tau_prior.prior_rate + 1 / tau2)
        return values

    def _sample_groups(self, rng: np.random.Generator, batch: Batch, tau2: Any) -> dict[str, Any]:
        """mu and theta from the prior, given tau2 (*batch,)."""
        mu = self.mu_sd * rng.standard_normal(batch)
        noise = rng.standard_normal((*batch, self.n))
        theta = np.asarray(mu)[..., None] + np.sqrt(tau2)[..., None] * noise
        return {"theta": theta, "mu": mu, "tau2": tau2}

    def sample_data(self, rng: np.random.Generator, values: Values) -> HierarchicalNormal:
        y = values["theta"] + self.sigma * rng.standard_normal(self.n)
        return HierarchicalNormal(y, self.sigma, self.mu_sd, self.tau_prior)

    def parameter_expansion(self) -> HierarchicalNormalExpanded:
        """theta_j = mu + alpha eta_j, so that one draw of alpha scales all groups at once."""
        return HierarchicalNormalExpanded(self.y, self.sigma, self.mu_sd, self.tau_prior)

    def exact_posterior(self) -> Exact:
        """theta and mu integrated out by hand, tau by quadrature over log tau**2."""
        return Exact.of(self, HierarchicalPosterior(self))
