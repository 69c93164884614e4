"""Yes or no by the side of 0 that a hidden score falls on: probit regression.

    beta    ~ N(prior_mean, prior_cov)
    u_i     ~ N(x_i' beta, 1)                    i = 1..N, the hidden score
    y_i     = 1 where u_i > 0, else 0

so that P(y_i = 1 | beta) = Phi(x_i' beta): Bliss's (1935) probit. That is no exponential family in
beta; given the scores it is a regression with noise of variance 1 (Albert & Chib 1993). Of a score
the side is known. What is not is how far it lies on it, w_i = s_i u_i with s_i = 2 y_i - 1:

    p(y_i, w_i | beta) = N(w_i; psi_i, 1),   w_i > 0,   psi_i = s_i x_i' beta,

from which w_i is integrated out as Phi(psi_i).

Where the data are separated and the prior is wide, psi_i may be 1e8 and the width of w_i still 1.
There beta has its statistics about b and w about c, each where q is, and with beta = b + delta

    w_i - psi_i = (w_i - c_i) - s_i x_i' delta - r_i,     r_i = s_i x_i' b - c_i,

of which r_i alone is a difference of large numbers: it has twice the digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

import numpy as np

from vi_lab.arguments import checks, matching
from vi_lab.arguments.axes import name_axes
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.families import (
    MultivariateNormal,
    MultivariateNormalStats,
    TruncatedNormal,
    TruncatedNormalStats,
)
from vi_lab.model import Batch, Block, ModelWithPriors, Statistics, Values
from vi_lab.models.posteriors.probit_regression import ProbitPosterior
from vi_lab.models.posteriors.regression_grid import why_no_grid
from vi_lab.numerics import special
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.compensated import subtract_terms
from vi_lab.numerics.quadratic_features import FAR_SDS
from vi_lab.numerics.sites import Sites
from vi_lab.numerics.truncation import log_mills
from vi_lab.results import Exact


class ProbitRegression(ModelWithPriors):
    """y_i = 1 with probability Phi(x_i' beta), beta ~ N(prior_mean, prior_cov).

    Parameters
    ----------
    X : array (N, D)
        The design; a column of ones makes an intercept. Columns of magnitude about one keep digits.
    y : array (N,)
        0 or 1.
    prior_mean : array (D,) or float
    prior_cov : array (D, D)

    Latents: `beta` (D,) and the auxiliary `w` (N,). The truth is a quadrature for D <= 2.
    """

    data_names, moving = ("y",), ("beta", "w")
    axes = name_axes(beta="coefficient", w="observation")
    no_sites_because = None

    @public
    def __init__(self, X: Reals, y: Reals, prior_mean: Reals, prior_cov: Reals) -> None:
        self.X = checks.observations("X", X, ndim=2)
        self.n, self.size = self.X.shape
        self.y = matching.row_values("y", checks.zeros_and_ones("y", y), self.n)
        self.prior_mean = checks.vector("prior_mean", prior_mean, self.size)
        self.prior_cov = checks.covariance("prior_cov", prior_cov, self.size)
        self.no_exact_because = why_no_grid(self.size, "Metropolis-Hastings, Gibbs and CAVI")
        # s_i x_i, and sum_i x_i x_i' / 2: signs square to 1
        self._toward = (2.0 * self.y - 1.0)[:, None] * self.X
        self._minus_half_gram = -0.5 * self.X.T @ self.X
        self._take_statistics_about(MultivariateNormal(self.size), TruncatedNormal(), None)

    def _take_statistics_about(
        self, beta: MultivariateNormal, w: TruncatedNormal, offset: np.ndarray | None
    ) -> None:
        """Blocks of these families; psi_i - w_i is by `offset` (..., N) larger than what it is of
        their statistics, None where both have the centre 0."""
        prior = MultivariateNormal.of(mean=self.prior_mean, cov=self.prior_cov)
        eta = beta.adopt(prior).eta
        self._offset, self._precision = offset, eta.outer + self._minus_half_gram
        self._pull, self._constant = eta.value, -0.5 * self.n * LOG_2PI
        self._slope: Any = 0.0
        if offset is not None:
            self._slope = offset @ self._toward
            self._pull = eta.value - self._slope
            self._constant = self._constant - 0.5 * (offset**2).sum(-1)
        self.blocks = {
            "beta": Block(beta, self._beta_given_w, prior=prior),
            "w": Block(w, self._w_given_beta, plates=(self.n,), auxiliary=True),
        }

    def strays(self, stats: Statistics) -> bool:
        """In sds of a score: of a score, and of what beta makes of its mean."""
        psi = stats["beta"].value @ self._toward.T
        return bool(np.maximum(np.abs(psi), np.abs(stats["w"].value)).max() > FAR_SDS)

    def about(self, means: Mapping[str, Any]) -> ProbitRegression:
        there, beta, w = copy(self), *(np.asarray(means[name]) for name in self.moving)
        vars(there).pop("_log_priors", None)  # about the centres of before
        columns = zip(self._toward.T, np.moveaxis(beta[..., None, :], -1, 0), strict=True)
        offset = -subtract_terms(w, columns)
        there._take_statistics_about(
            MultivariateNormal.about(beta), TruncatedNormal.about(w), offset
        )
        return there

    def log_likelihood(self, stats: Statistics) -> Any:
        """-(N log 2 pi + sum_i w_i**2 - 2 w_i psi_i + psi_i**2) / 2"""
        beta, (value, square) = stats["beta"], stats["w"]
        crossed = (value * self._predict(beta)).sum(-1)
        squares = (beta.outer * self._minus_half_gram).sum((-2, -1))
        if self._offset is not None:
            squares = squares - (beta.value * self._slope).sum(-1)
        return self._constant - 0.5 * np.sum(square, -1) + crossed + squares

    def log_prior_given(self, stats: Statistics) -> Any:
        """sum_i log p(w_i | beta, y_i): beside it sum_i log Phi(psi_i) is left of the data."""
        w, eta = self.blocks["w"].family, self._w_given_beta(stats)
        return (w.inner(eta, stats["w"]) - w.log_partition(eta)).sum(-1)

    def _predict(self, beta: MultivariateNormalStats) -> Any:
        """psi less the centre of w, (..., N)."""
        psi = beta.value @ self._toward.T
        return psi if self._offset is None else psi + self._offset

    def _beta_given_w(self, stats: Statistics) -> MultivariateNormalStats:
        """Precision prior_cov^-1 + X'X; linear term prior_cov^-1 prior_mean + sum_i s_i w_i x_i."""
        pull = np.asarray(stats["w"].value) @ self._toward
        return MultivariateNormalStats(self._pull + pull, self._precision)

    def _w_given_beta(self, stats: Statistics) -> TruncatedNormalStats:
        """N(psi_i, 1) above 0."""
        return TruncatedNormalStats(self._predict(stats["beta"]), -0.5)

    def sites(self) -> Sites:
        """A row sees psi_i: log Phi(psi_i), of slope phi/Phi."""
        return Sites(
            self.prior_mean, self.prior_cov, self._toward, special.log_ndtr,
            lambda psi: np.exp(-0.5 * LOG_2PI - log_mills(psi) - 0.5 * np.maximum(psi, 0.0)**2),
        )  # fmt: skip

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """How far a score lies from 0, whatever the side: |N(x_i' beta, 1)|."""
        noise = rng.standard_normal((*batch, self.size))
        beta = self.prior_mean + noise @ np.linalg.cholesky(self.prior_cov).T
        score = beta @ self.X.T + rng.standard_normal((*batch, self.n))
        return {"beta": beta, "w": np.abs(score)}

    def sample_data(self, rng: np.random.Generator, values: Values) -> ProbitRegression:
        """The side that w_i lies on: N(w_i; m, 1) against N(-w_i; m, 1), of log odds 2 w_i m; where
        w is not given, 1 with probability Phi(m)."""
        m = values["beta"] @ self.X.T
        chance = special.expit(2.0 * values["w"] * m) if "w" in values else special.ndtr(m)
        y = rng.random(self.n) < chance
        return ProbitRegression(self.X, y.astype(np.int64), self.prior_mean, self.prior_cov)

    def exact_posterior(self) -> Exact:
        """The density of beta itself, without w, on a grid about its mode."""
        if self.no_exact_because is not None:
            return super().exact_posterior()
        return Exact.of(self, ProbitPosterior(self))
