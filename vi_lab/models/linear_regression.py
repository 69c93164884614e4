"""Linear regression with unknown noise, under its conjugate prior.

    tau        ~ Gamma(a0, b0)
    beta | tau ~ N(m0, V0 / tau)
    y_i        ~ N(x_i' beta, 1 / tau)     i = 1..n

With all coefficients in one block q gives up little; with a block for each coefficient it cuts what
collinear columns tie together, claims too little spread for every one of them, and coordinate-wise
Gibbs and CAVI creep along the ridge (Bishop 2006, 3.3 and exercise 3.12-3.13; 10.1.2).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.axes import name_axes
from vi_lab.arguments.matching import design
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.families import (
    Gamma,
    GammaStats,
    MultivariateNormal,
    MultivariateNormalStats,
    Normal,
    NormalStats,
)
from vi_lab.model import Batch, Block, ModelWithPriors, Statistics, Values
from vi_lab.models.initial_values import OVERDISPERSION, draw_overdispersed
from vi_lab.models.posteriors.normal_gamma import SINGULAR, solve_regression
from vi_lab.numerics import positive_definite
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.compensated import complete_square
from vi_lab.results import Exact


class LinearRegression(ModelWithPriors):
    """y ~ N(X beta, I/tau) with beta | tau ~ N(m0, V0/tau) and tau ~ Gamma(a0, b0).

    Parameters
    ----------
    X : array (n, P)
        One column for each coefficient; a column of ones for an intercept.
    y : array (n,)
    m0 : float or array (P,)
    V0 : array (P, P)
        Prior covariance of beta in units of the noise variance; symmetric positive definite.
    a0, b0 : float
        Shape and rate of the noise precision tau.
    blocks : "joint" or "coordinates"
        All coefficients in one block `beta`, or a block each: `beta.0`, `beta.1`, ...

    Latents: `beta` (P,) and `tau`. Statistics of beta are taken about its posterior mean, the
    centre: completing the square leaves no linear term.
    """

    no_exact_because, data_names, axes = None, ("y",), name_axes(beta="coefficient")

    @public
    def __init__(
        self, X: Reals, y: Reals, m0: Reals, V0: Reals, a0: float, b0: float, blocks: str = "joint"
    ) -> None:
        self.X, self.y = design(X, y)
        self.n, self.size = self.X.shape
        self.m0 = checks.vector("m0", m0, self.size)
        self.V0 = checks.covariance("V0", V0, self.size)
        self.a0, self.b0 = checks.positive_numbers(a0=a0, b0=b0)
        self.cut = checks.one_of("blocks", blocks, ("joint", "coordinates"))
        white, self._log_det = positive_definite.whiten(self.V0, SINGULAR)
        self._prior = white.T @ white
        self._gram = self.X.T @ self.X
        self._precision = self._prior + self._gram
        found = complete_square(self.X, self.y, self.m0, self._prior, self._precision)
        self.centre, d0, residual = found
        # what a quadratic in d = beta - centre needs: its linear terms and its constant
        white0 = white @ d0
        self._about_prior = white.T @ white0, float(white0 @ white0)
        self._about_data = residual @ self.X, float(residual @ residual)
        self._log_constants = -0.5 * (self._log_det + (self.n + self.size) * LOG_2PI)
        self._shape = self.a0 + 0.5 * (self.n + self.size)
        self._rate = self.b0 + 0.5 * (self._about_prior[1] + self._about_data[1])
        self.names = [f"beta.{j}" for j in range(self.size)]
        if self.cut == "joint":
            family = MultivariateNormal(self.size, self.centre)
            self.blocks = {"beta": Block(family, self._beta_given_tau)}
        else:
            self.blocks = {
                name: Block(Normal(float(self.centre[j])), partial(self._one_given_rest, j))
                for j, name in enumerate(self.names)
            }
        tau = Gamma.of(shape=self.a0, rate=self.b0)
        self.blocks["tau"] = Block(tau.family, self._tau_given_beta, prior=tau)

    def log_likelihood(self, stats: Statistics) -> Any:
        """log p(beta | tau) + log p(y | beta, tau)"""
        tau = stats["tau"]
        from_prior = self._quadratic(stats, self._prior, *self._about_prior)
        log_beta = 0.5 * self.size * tau.log - 0.5 * tau.value * from_prior
        from_data = self._quadratic(stats, self._gram, *self._about_data)
        log_y = 0.5 * self.n * tau.log - 0.5 * tau.value * from_data
        return log_beta + log_y + self._log_constants

    def log_prior_given(self, stats: Statistics) -> Any:
        """log p(beta | tau)"""
        tau, square = stats["tau"], self._quadratic(stats, self._prior, *self._about_prior)
        return -0.5 * (self.size * (LOG_2PI - tau.log) + self._log_det + tau.value * square)

    def _quadratic(self, stats: Statistics, matrix: Any, pull: Any, constant: float) -> Any:
        """d'A d - 2 pull'd + constant, multiplied out in the statistics of the blocks."""
        if self.cut == "joint":
            value, outer = stats["beta"]
            return (matrix * outer).sum((-2, -1)) - 2.0 * (pull * value).sum(-1) + constant
        d, total = [stats[name] for name in self.names], constant
        for j in range(self.size):
            total = total + matrix[j, j] * d[j].square - 2.0 * pull[j] * d[j].value
            for k in range(j):
                total = total + 2.0 * matrix[j, k] * (d[j].value * d[k].value)
        return total

    def _beta_given_tau(self, stats: Statistics) -> MultivariateNormalStats:
        """N(centre, (V0^-1 + X'X)^-1 / tau)"""
        tau = np.asarray(stats["tau"].value)[..., None, None]
        return MultivariateNormalStats(np.zeros(self.size), -0.5 * tau * self._precision)

    def _one_given_rest(self, j: int, stats: Statistics) -> NormalStats:
        """Precision tau P_jj; linear term -tau sum_(k != j) P_jk d_k, with P = V0^-1 + X'X"""
        tau, pull = stats["tau"].value, 0.0
        for k, name in enumerate(self.names):
            if k != j:
                pull = pull - self._precision[j, k] * stats[name].value
        return NormalStats(tau * pull, -0.5 * self._precision[j, j] * tau)

    def _tau_given_beta(self, stats: Statistics) -> GammaStats:
        """Gamma(a0 + (n + P)/2, b0 + (beta - m0)'V0^-1(beta - m0)/2 + |y - X beta|**2/2)

        By the completed square the rate is a constant plus d'P d/2.
        """
        rate = 0.5 * self._quadratic(stats, self._precision, np.zeros(self.size), 0.0) + self._rate
        return GammaStats(self._shape - 1.0, -rate)

    def latents(self, values: Values) -> dict[str, Any]:
        if self.names[0] not in values:
            return dict(values)
        beta = np.stack(np.broadcast_arrays(*(values[name] for name in self.names)), axis=-1)
        return {"beta": beta, **{n: v for n, v in values.items() if n not in self.names}}

    def block_values(self, latents: Values) -> dict[str, Any]:
        beta = {name: latents["beta"][..., j] for j, name in enumerate(self.names)}
        return dict(latents) if self.cut == "joint" else {**beta, "tau": latents["tau"]}

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        tau = rng.standard_gamma(self.a0, batch) / self.b0
        noise = rng.standard_normal((*batch, self.size)) @ np.linalg.cholesky(self.V0).T
        beta = self.m0 + noise / np.sqrt(tau)[..., None]
        return self.block_values({"beta": beta, "tau": tau})

    def sample_initial_values(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """Three posterior sds wide, along the ridge too: a prior draw may be thousands away."""
        if self.a0 >= 1.0:
            tau = rng.standard_gamma(self._shape, batch) / self._rate
        else:
            tau = draw_overdispersed(rng, self._shape, self._rate, batch)
        whiten = np.linalg.inv(np.linalg.cholesky(self._precision))
        noise = rng.standard_normal((*batch, self.size)) @ whiten
        beta = self.centre + OVERDISPERSION * noise / np.sqrt(tau)[..., None]
        return self.block_values({"beta": beta, "tau": tau})

    def sample_data(self, rng: np.random.Generator, values: Values) -> LinearRegression:
        noise = rng.standard_normal(self.n) / np.sqrt(values["tau"])
        y = self.X @ self.latents(values)["beta"] + noise
        return LinearRegression(self.X, y, self.m0, self.V0, self.a0, self.b0, self.cut)

    def exact_posterior(self) -> Exact:
        """Least squares with the prior as P more observations: no normal equations as above."""
        evidence, posterior = solve_regression(self)
        return Exact(self, *evidence, posterior)
