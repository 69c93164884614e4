"""Counts whose log odds are linear: logistic regression.

    beta    ~ N(prior_mean, prior_cov)
    y_i     ~ Binomial(n_i, 1 / (1 + exp(-psi_i))),   psi_i = x_i' beta      i = 1..N

The likelihood is no exponential family in beta. With omega_i | beta ~ PG(n_i, psi_i),

    p(y_i, omega_i | beta) = C_i 2**-n_i exp(k_i psi_i - omega_i psi_i**2 / 2) PG(omega_i; n_i, 0),

C_i the binomial coefficient and k_i = y_i - n_i/2, it is Gaussian in beta (Polson, Scott & Windle
2013, theorem 1). Gibbs sampling needs no more; CAVI on it reaches the bound of Jaakkola & Jordan
(2000), as Durante & Rigon (2019) show.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks, matching
from vi_lab.arguments.axes import name_axes
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.families import (
    MultivariateNormal,
    MultivariateNormalStats,
    PolyaGamma,
    PolyaGammaStats,
)
from vi_lab.model import Batch, Block, ModelWithPriors, Statistics, Values
from vi_lab.models.posteriors.logistic_regression import LogisticPosterior
from vi_lab.models.posteriors.regression_grid import why_no_grid
from vi_lab.numerics import log_gamma, special
from vi_lab.numerics.sites import Sites
from vi_lab.results import Exact

MOST_TRIALS = 2**22  # of all chains, of which each is a draw for omega to begin with


class LogisticRegression(ModelWithPriors):
    """successes_i ~ Binomial(trials_i, expit(x_i' beta)), beta ~ N(prior_mean, prior_cov).

    Parameters
    ----------
    X : array (N, D)
        The design; a column of ones makes an intercept. Columns of magnitude about one keep digits.
    successes : array (N,)
        Counts from 0 to `trials`.
    trials : array (N,) or int
        Trials of each row; 1 for yes or no.
    prior_mean : array (D,) or float
    prior_cov : array (D, D)
    binomial_coefficients : bool
        Whether log p(y) is that of the counts (True) or of one particular order of the successes,
        without sum log C_i.

    Latents: `beta` (D,) and the auxiliary `omega` (N,). The truth is a quadrature for D <= 2.
    """

    data_names = ("successes",)
    axes = name_axes(beta="coefficient", omega="observation")
    no_sites_because = None

    @public
    def __init__(
        self,
        X: Reals,
        successes: Reals,
        trials: Reals,
        prior_mean: Reals,
        prior_cov: Reals,
        binomial_coefficients: bool = True,
    ) -> None:
        self.X = checks.observations("X", X, ndim=2)
        self.n, self.size = self.X.shape
        self.successes, self.trials = matching.binomial_counts(successes, trials, self.n)
        self.prior_mean = checks.vector("prior_mean", prior_mean, self.size)
        self.prior_cov = checks.covariance("prior_cov", prior_cov, self.size)
        self.binomial_coefficients = checks.boolean("binomial_coefficients", binomial_coefficients)
        self.no_exact_because = why_no_grid(self.size, "Metropolis-Hastings, Gibbs and CAVI")
        y, n = self.successes, self.trials
        self._log_ways = log_gamma.log_binomial(n, y) * self.binomial_coefficients
        self.log_coefficients = float(self._log_ways.sum())
        halves = log_gamma.log_fair_binomial(n, y) if binomial_coefficients else -n * np.log(2.0)
        self._constant = float(np.sum(halves))
        # -x_i x_i' / 2 as rows of length D**2: psi_i**2 = <x_i x_i', beta beta'>
        outer = self.X[:, :, None] * self.X[:, None, :]
        self._minus_half_squares = -0.5 * outer.reshape(self.n, -1)
        self._pull = (y - 0.5 * n) @ self.X
        family = MultivariateNormal(self.size)
        prior = MultivariateNormal.of(mean=self.prior_mean, cov=self.prior_cov)
        self._prior = family.adopt(prior).eta
        self.blocks = {
            "beta": Block(family, self._beta_given_omega, prior=prior),
            "omega": Block(
                PolyaGamma(self.trials), self._omega_given_beta, plates=(self.n,), auxiliary=True
            ),
        }

    def log_likelihood(self, stats: Statistics) -> Any:
        """sum_i log C_i - n_i log 2 + k_i psi_i - omega_i psi_i**2 / 2"""
        beta, omega = stats["beta"], stats["omega"].value
        linear = beta.value @ self._pull
        return self._constant + linear + (omega * self._minus_half_psi2(beta)).sum(-1)

    def log_prior_given(self, stats: Statistics) -> Any:
        """sum_i log PG(omega_i; n_i, psi_i), which no data touch"""
        omega, eta = self.blocks["omega"].family, self._omega_given_beta(stats)
        return (omega.inner(eta, stats["omega"]) - omega.log_partition(eta)).sum(-1)

    def _minus_half_psi2(self, beta: MultivariateNormalStats) -> Any:
        """-psi_i**2 / 2, shape (..., N)"""
        outer = beta.outer
        return outer.reshape((*outer.shape[:-2], self.size**2)) @ self._minus_half_squares.T

    def _beta_given_omega(self, stats: Statistics) -> MultivariateNormalStats:
        """Precision prior_cov^-1 + X' diag(omega) X; linear term prior_cov^-1 prior_mean + X' k."""
        omega = np.asarray(stats["omega"].value)
        weighed = (omega @ self._minus_half_squares).reshape(
            (*omega.shape[:-1], self.size, self.size)
        )
        return MultivariateNormalStats(self._prior.value + self._pull, self._prior.outer + weighed)

    def _omega_given_beta(self, stats: Statistics) -> PolyaGammaStats:
        """PG(n_i, psi_i); in CAVI the tilt is the root of E[psi_i**2], Jaakkola & Jordan's xi_i."""
        return PolyaGammaStats(self._minus_half_psi2(stats["beta"]))

    def sites(self) -> Sites:
        """A row sees psi_i: log C_i - (n_i - y_i) log(1 + exp psi_i) - y_i log(1 + exp -psi_i)."""
        y, n, ways = (a[:, None] for a in (self.successes, self.trials, self._log_ways))
        return Sites(
            self.prior_mean, self.prior_cov, self.X,
            lambda psi: ways + (n - y) * special.log_expit(-psi) + y * special.log_expit(psi),
            lambda psi: y * special.expit(-psi) - (n - y) * special.expit(psi),
        )  # fmt: skip

    def sample_initial_values(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """Draws from the prior; of so many trials that omega is its mean, which takes none."""
        if self.trials.sum() * np.prod(batch) <= MOST_TRIALS:
            return self.sample_latents(rng, batch)
        beta = self._sample_beta(rng, batch)
        tilt = PolyaGammaStats(-0.5 * (beta @ self.X.T) ** 2)
        return {"beta": beta, "omega": self.blocks["omega"].family.mean(tilt)}

    def _sample_beta(self, rng: np.random.Generator, batch: Batch) -> np.ndarray:
        noise = rng.standard_normal((*batch, self.size))
        return self.prior_mean + noise @ np.linalg.cholesky(self.prior_cov).T

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        beta = self._sample_beta(rng, batch)
        tilt = PolyaGammaStats(-0.5 * (beta @ self.X.T) ** 2)
        omega = self.blocks["omega"].family.sample(rng, tilt, (*batch, self.n))
        return {"beta": beta, "omega": omega}

    def sample_data(self, rng: np.random.Generator, values: Values) -> LogisticRegression:
        chance = special.expit(values["beta"] @ self.X.T)
        successes = rng.binomial(self.trials.astype(np.int64), chance)
        return LogisticRegression(
            self.X, successes, self.trials, self.prior_mean, self.prior_cov,
            self.binomial_coefficients,
        )  # fmt: skip

    def exact_posterior(self) -> Exact:
        """The density of beta itself, without omega, on a grid about its mode."""
        if self.no_exact_because is not None:
            return super().exact_posterior()
        posterior = LogisticPosterior(self)
        return Exact.of(self, posterior, draw_shown=posterior.sample_shown)
