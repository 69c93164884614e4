"""Components of a mixture given the labels: their posterior, draws of it and its log density.

Written so that log density_k(theta_j) of every component k at every component j of a draw is one
product of matrices: constant_k + coefficients_k . features_j. Given no points a posterior is the
prior, so that one formula has both.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np

from vi_lab.numerics import special

LOG_2PI = float(np.log(2.0 * np.pi))


class Components(Protocol):
    """The parameters of all components but their weights; arrays (..., K, ...)."""

    def given(self, labels: np.ndarray) -> Any:
        """The posterior of the components given labels (..., n, K), zeros and ones."""

    def draw(self, rng: np.random.Generator, posterior: Any) -> Any:
        """A draw of all components from each of the posteriors, a tuple of arrays (..., K, ...)."""

    def features(self, drawn: Any) -> np.ndarray:
        """What a log density is linear in, (..., K, F)."""

    def coefficients(self, posterior: Any) -> tuple[np.ndarray, np.ndarray]:
        """Constants (..., K) and coefficients (..., K, F) of the log density."""

    def log_likelihood(self, drawn: Any) -> np.ndarray:
        """log p(x_i | component k), (..., n, K)."""


class NormalPosterior(NamedTuple):
    """mu_k ~ N(mean, variance), each (..., K)."""

    mean: np.ndarray
    variance: np.ndarray


class NormalMeans:
    """mu_k ~ N(m0_k, s0_k**2), x ~ N(mu_k, sigma**2), sigma known.

    Of n points with the sum s, mu_k has the precision 1/s0**2 + n/sigma**2 and the mean
    (m0/s0**2 + s/sigma**2) / precision. All is measured from the mean of the data.
    """

    def __init__(self, model: Any) -> None:
        self.x = model.x - model.x.mean()
        self.m0, self.s0, self.sigma = model.m0 - model.x.mean(), model.s0, model.sigma

    def given(self, labels: np.ndarray) -> NormalPosterior:
        counts, sums = labels.sum(-2), (labels * self.x[:, None]).sum(-2)
        precision = self.s0**-2.0 + counts / self.sigma**2
        mean = (self.m0 / self.s0**2 + sums / self.sigma**2) / precision
        return NormalPosterior(mean, 1.0 / precision)

    def draw(self, rng: np.random.Generator, posterior: NormalPosterior) -> tuple[np.ndarray]:
        mean, variance = posterior
        return (mean + np.sqrt(variance) * rng.standard_normal(mean.shape),)

    def features(self, drawn: tuple[np.ndarray]) -> np.ndarray:
        """mu, mu**2"""
        (mu,) = drawn
        return np.stack([mu, mu**2], axis=-1)

    def coefficients(self, posterior: NormalPosterior) -> tuple[np.ndarray, np.ndarray]:
        mean, variance = posterior
        constant = -0.5 * (LOG_2PI + np.log(variance) + mean**2 / variance)
        return constant, np.stack([mean / variance, -0.5 / variance], axis=-1)

    def log_likelihood(self, drawn: tuple[np.ndarray]) -> np.ndarray:
        (mu,) = drawn
        distance = (self.x[:, None] - mu[..., None, :]) / self.sigma
        return -0.5 * (LOG_2PI + distance**2) - np.log(self.sigma)


class NormalWishartPosterior(NamedTuple):
    """Lambda_k ~ Wishart(W, nu), mu_k | Lambda_k ~ N(mean, (beta Lambda_k)^-1)."""

    mean: np.ndarray
    beta: np.ndarray
    w_inv: np.ndarray
    nu: np.ndarray


class MeansAndPrecisions:
    """Lambda_k ~ Wishart(W0, nu0), mu_k ~ N(m0, (beta0 Lambda_k)^-1), x ~ N(mu_k, Lambda_k^-1).

    n points with the sum s and the products S = sum x x' give (Bishop 2006, eq. 10.60-10.63)

        beta = beta0 + n,  nu = nu0 + n,  mean = (beta0 m0 + s) / beta,
        W^-1 = W0^-1 + S + beta0 m0 m0' - beta mean mean'

    and with B = W^-1 + beta mean mean' the log density is linear in four features of a draw:

        (nu - D)/2 log|Lambda| - tr(B Lambda)/2 + beta mean'Lambda mu - beta mu'Lambda mu / 2
        + ( D log(beta/(2 pi)) + nu log|W^-1| - nu D log 2 )/2 - log Gamma_D(nu/2)

    All is measured from the mean of the data.
    """

    def __init__(self, model: Any) -> None:
        centre = model.x.mean(0)
        self.x, self.m0 = model.x - centre, model.m0 - centre
        self.beta0, self.nu0, self.w0_inv, self.size = (
            model.beta0, model.nu0, model.w0_inv, model.size
        )  # fmt: skip

    def given(self, labels: np.ndarray) -> NormalWishartPosterior:
        by_component = np.swapaxes(labels, -1, -2)
        counts, sums = by_component.sum(-1), by_component @ self.x
        outer = self.x[:, :, None] * self.x[:, None, :]
        products = np.tensordot(by_component, outer, axes=1)
        beta, nu = self.beta0 + counts, self.nu0 + counts
        mean = (self.beta0 * self.m0 + sums) / beta[..., None]
        w_inv = self.w0_inv + products + self.beta0 * np.outer(self.m0, self.m0)
        return NormalWishartPosterior(mean, beta, w_inv - _squares(beta, mean), nu)

    def draw(
        self, rng: np.random.Generator, posterior: NormalWishartPosterior
    ) -> tuple[np.ndarray, np.ndarray]:
        """Lambda = R R', R = C'^-1 T with W^-1 = C C' and Bartlett's T: below the diagonal normals,
        on it the roots of chi-squares of nu, nu - 1, ... degrees of freedom (Bartlett 1933)."""
        mean, beta, w_inv, nu = posterior
        bartlett = np.tril(rng.standard_normal(w_inv.shape), -1)
        for i in range(self.size):
            bartlett[..., i, i] = np.sqrt(2.0 * rng.standard_gamma(0.5 * (nu - i)))
        factor = np.linalg.inv(np.linalg.cholesky(w_inv))
        root = np.swapaxes(factor, -1, -2) @ bartlett
        noise = rng.standard_normal(mean.shape) / np.sqrt(beta)[..., None]
        offset = np.linalg.solve(np.swapaxes(root, -1, -2), noise[..., None])[..., 0]
        return mean + offset, root @ np.swapaxes(root, -1, -2)

    def features(self, drawn: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """log|Lambda|, Lambda by rows, Lambda mu, mu'Lambda mu"""
        mu, precision = drawn
        scaled = (precision @ mu[..., None])[..., 0]
        parts = [
            np.linalg.slogdet(precision)[1][..., None],
            precision.reshape(*precision.shape[:-2], -1),
            scaled,
            (mu * scaled).sum(-1, keepdims=True),
        ]
        return np.concatenate(parts, axis=-1)

    def coefficients(self, posterior: NormalWishartPosterior) -> tuple[np.ndarray, np.ndarray]:
        mean, beta, w_inv, nu = posterior
        size = self.size
        log_det = np.linalg.slogdet(w_inv)[1]
        constant = 0.5 * (size * (np.log(beta) - LOG_2PI) + nu * (log_det - size * np.log(2.0)))
        constant = constant - special.multigammaln(0.5 * nu, size)
        spread = w_inv + _squares(beta, mean)
        parts = [
            0.5 * (nu - size)[..., None],
            -0.5 * spread.reshape(*spread.shape[:-2], -1),
            beta[..., None] * mean,
            -0.5 * beta[..., None],
        ]
        return constant, np.concatenate(parts, axis=-1)

    def log_likelihood(self, drawn: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        mu, precision = drawn
        d = self.x - mu[..., None, :]  # (..., K, n, D)
        distance = np.swapaxes((d * (d @ precision)).sum(-1), -1, -2)
        log_det = np.linalg.slogdet(precision)[1][..., None, :]
        return 0.5 * (log_det - self.size * LOG_2PI - distance)


def _squares(beta: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """beta mean mean'"""
    return beta[..., None, None] * mean[..., :, None] * mean[..., None, :]
