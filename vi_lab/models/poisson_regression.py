"""Counts whose log rate is linear: Poisson regression.

    z   ~ N(prior_mean, prior_cov)                the coefficients
    y_i ~ Poisson(exp(x_i' z))                    i = 1..N

The log joint holds exp(x_i' z), which is a statistic of no family that a normal prior belongs to:
there is no complete conditional to draw from or to take, and no auxiliary variable that makes one.
What is left is the log density and its gradient, sum_i (y_i - exp(x_i' z)) x_i less the prior's
pull: Metropolis-Hastings, Hamiltonian Monte Carlo and Gaussians need no more.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np

from vi_lab.arguments import checks, matching
from vi_lab.arguments.axes import name_axes
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.density_model import Batch, DensityModel, Values
from vi_lab.errors import refuse_if
from vi_lab.models.posteriors.poisson_regression import PoissonPosterior
from vi_lab.models.posteriors.regression_grid import why_no_grid
from vi_lab.numerics import arithmetic, densities, special
from vi_lab.numerics.sites import Sites
from vi_lab.results import Exact

NO_CONDITIONAL = (
    "the rate of a count is exp(x'z), a statistic of no family that a normal prior belongs "
    "to: no block has a complete conditional in closed form"
)
LARGEST_RATE = 1e9  # of a count that is drawn
ABOVE = 1e3  # the largest count, the largest rate at a start


class PoissonRegression(DensityModel):
    """counts_i ~ Poisson(exp(x_i' z)), z ~ N(prior_mean, prior_cov).

    Parameters
    ----------
    X : array (N, D)
        The design; a column of ones makes an intercept. Columns of magnitude about one keep digits.
    counts : array (N,)
    prior_mean : array (D,) or float
    prior_cov : array (D, D)

    Latent: `z` (D,), the coefficients. The truth is a quadrature for D <= 2.
    """

    data_names, axes = ("counts",), name_axes(z="coefficient")
    no_sites_because = None
    no_conditional_because = MappingProxyType({"Gibbs": NO_CONDITIONAL, "CAVI": NO_CONDITIONAL})

    @public
    def __init__(self, X: Reals, counts: Reals, prior_mean: Reals, prior_cov: Reals) -> None:
        self.X = checks.observations("X", X, ndim=2)
        self.n, self.dimension = self.X.shape
        self.counts = matching.row_values("counts", checks.counts("counts", counts), self.n)
        self.prior_mean = checks.vector("prior_mean", prior_mean, self.dimension)
        self.prior_cov = checks.covariance("prior_cov", prior_cov, self.dimension)
        self.no_exact_because = why_no_grid(
            self.dimension, "Metropolis-Hastings, HMC and the Gaussians"
        )
        self._precision = np.linalg.inv(self.prior_cov)
        self._pull = self.counts @ self.X
        self._log_factorials = special.gammaln(self.counts + 1.0)
        self._constant = -float(self._log_factorials.sum())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} over z ({self.dimension})>"

    def log_density(self, z: np.ndarray) -> Any:
        """log p(y, z) = log N(z; prior) + sum_i y_i psi_i - exp(psi_i) - log y_i!, psi_i = x_i'z"""
        rates = arithmetic.exp(z @ self.X.T).sum(-1)
        log_prior = densities.log_multivariate_normal(z, self.prior_mean, self.prior_cov)
        return log_prior + z @ self._pull - rates + self._constant

    def gradient(self, z: np.ndarray) -> np.ndarray:
        """sum_i (y_i - exp(psi_i)) x_i - prior_cov^-1 (z - prior_mean), (*batch, D)."""
        from_data: np.ndarray = self._pull - arithmetic.exp(z @ self.X.T) @ self.X
        return from_data - (z - self.prior_mean) @ self._precision

    def expected_log_density(
        self, mean: np.ndarray, root: np.ndarray
    ) -> tuple[Any, np.ndarray, np.ndarray]:
        """E log p(y, z) under N(mean, root root'), and its derivatives over mean and root.

        psi_i is normal, and E exp(psi_i) that of a lognormal: with S = root root', mu_i = x_i' mean
        and s_i = x_i' S x_i,

            E log p = log N(mean; prior) - tr(prior_cov^-1 S)/2
                      + sum_i y_i mu_i - exp(mu_i + s_i/2) - log y_i!

        Nodes would miss exp(psi_i) where psi_i has an sd of ten: its mass lies ten sds out.
        """
        spread = self.X @ root
        rates = arithmetic.exp(self.X @ mean + 0.5 * (spread * spread).sum(-1))
        pulled = self._precision @ root
        value = densities.log_multivariate_normal(mean, self.prior_mean, self.prior_cov)
        value = value - 0.5 * (root * pulled).sum() + mean @ self._pull - rates.sum()
        slope = self._pull - rates @ self.X - self._precision @ (mean - self.prior_mean)
        return value + self._constant, slope, -pulled - self.X.T @ (rates[:, None] * spread)

    def sites(self) -> Sites:
        """A row sees psi_i: y_i psi_i - exp(psi_i) - log y_i!."""
        y, ways = self.counts[:, None], self._log_factorials[:, None]
        return Sites(
            self.prior_mean, self.prior_cov, self.X,
            lambda psi: y * psi - arithmetic.exp(psi) - ways,
        )  # fmt: skip

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        noise = rng.standard_normal((*batch, self.dimension))
        return {"z": self.prior_mean + noise @ np.linalg.cholesky(self.prior_cov).T}

    def sample_initial_values(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """Draws from the prior; of a wide one, whose rates are beyond any count, as far towards 0,
        where every rate is 1, as leaves no rate above the largest count by a factor of ABOVE."""
        z = self.sample_latents(rng, batch)["z"]
        farthest = np.log(ABOVE * (1.0 + self.counts.max()))
        log_rate = np.abs(z @ self.X.T).max(-1, keepdims=True)
        return {"z": z * (farthest / np.maximum(log_rate, farthest))}

    def sample_data(self, rng: np.random.Generator, values: Values) -> PoissonRegression:
        rate = arithmetic.exp(np.asarray(values["z"]) @ self.X.T)
        refuse_if(
            rate.max() > LARGEST_RATE, f"z: gives a rate of {rate.max():.3g}, too many to draw"
        )
        return PoissonRegression(self.X, rng.poisson(rate), self.prior_mean, self.prior_cov)

    def exact_posterior(self) -> Exact:
        """The density of the coefficients on a grid about its mode."""
        if self.no_exact_because is not None:
            return super().exact_posterior()
        return Exact.of(self, PoissonPosterior(self))
