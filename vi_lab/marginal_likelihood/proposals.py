"""Densities over y that estimators draw from: Gaussians, with the tails of a t if asked for, and
whatever else has draws and a density."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments.block_values import put_back
from vi_lab.errors import InputError, refuse_if
from vi_lab.numerics import special
from vi_lab.numerics.normal_mixture import NormalMixture

FLAT = 1e-6  # of an sd, below which nothing is left of it in a direction


class Gaussian(NamedTuple):
    """A mixture of Gaussians over y, with tails of a t of so many degrees of freedom if asked for.

    A t is a Gaussian divided by the root of chi-square / df:
    log t(e) = log Gamma((df + D)/2) - log Gamma(df/2) - D/2 log(df pi)
    - (df + D)/2 log(1 + |e|**2 / df), e being whitened (Kotz & Nadarajah 2004, eq. 1.1).
    """

    mixture: NormalMixture
    tails: float | None = None

    def widened(self, factor: float) -> Gaussian:
        """With sds so many times as large."""
        weights, means, roots = self.mixture
        return self._replace(mixture=NormalMixture(weights, means, factor * roots))

    @property
    def covariance(self) -> np.ndarray:
        """Of the components, averaged (D, D)."""
        weights, _, roots = self.mixture
        return np.einsum("k,kij,klj->il", np.exp(weights), roots, roots)

    def sample(self, rng: np.random.Generator, n: int) -> np.ndarray:
        if self.tails is None:
            return self.mixture.sample(rng, n)
        weights, means, roots = self.mixture
        which = rng.choice(len(means), n, p=np.exp(weights))
        noise = rng.standard_normal((n, means.shape[-1]))
        noise /= np.sqrt(rng.chisquare(self.tails, n) / self.tails)[:, None]
        return means[which] + np.einsum("nij,nj->ni", roots[which], noise)

    def log_density(self, y: np.ndarray) -> Any:
        """(*batch, D) -> (*batch,)"""
        if self.tails is None:
            return self.mixture.log_density(y)
        weights, _, roots = self.mixture
        size, df = roots.shape[-1], self.tails
        level = weights - np.log(np.diagonal(roots, axis1=-2, axis2=-1)).sum(-1)
        level = level + special.gammaln(0.5 * (df + size)) - special.gammaln(0.5 * df)
        level = level - 0.5 * size * np.log(df * np.pi)
        square = (self.mixture.whiten(y) ** 2).sum(-1)
        shaped = level.reshape(-1, *(1,) * (square.ndim - 1))
        return np.logaddexp.reduce(shaped - 0.5 * (df + size) * np.log1p(square / df), axis=0)


class Factors(NamedTuple):
    """A factorised q over the real coordinates y of a target: the factors of what is moved there.

    Of blocks that are summed out the factors play no part, which would only add to the spread.
    """

    target: Any
    q: Any

    def sample(self, rng: np.random.Generator, n: int) -> Any:
        """(n, D)"""
        return self.target.to_real({z: self.q[z].sample(n, rng=rng) for z in self.target.moved})

    def log_density(self, y: np.ndarray) -> Any:
        """(*batch, D) -> (*batch,)"""
        return self.target.log_product(y, self.q)


class ExactPosterior(NamedTuple):
    """The posterior itself as a q over y, what is summed out drawn from its conditionals."""

    target: Any
    truth: Any

    def sample(self, rng: np.random.Generator, n: int) -> Any:
        """(n, D)"""
        return self.target.to_real(put_back(self.target.model, self.truth.sample(n, rng=rng)))

    def log_density(self, y: np.ndarray) -> Any:
        """(n, D) -> (n,): log p(z | x) less log p(summed out | y, x), with |det dz/dy|."""
        values = self.target.values(y, np.random.default_rng(0))
        hidden = self.target.model.auxiliary
        shown = self.target.model.latents({z: v for z, v in values.items() if z not in hidden})
        return self.truth.log_density(shown) - self.target.log_measure(y, values)


def halves(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first and the second half of each chain, (chains, draws, D)."""
    middle = draws.shape[1] // 2
    return draws[:, :middle], draws[:, middle:]


def fit_gaussian(draws: np.ndarray) -> Gaussian:
    """That of the mean and the covariance of draws (..., D)."""
    y = draws.reshape(-1, draws.shape[-1])
    apart = y - y.mean(0)
    covariance = apart.T @ apart / max(len(y) - 1, 1)
    still = "result: its draws are constant in some direction, so that no Gaussian fits them"
    sd = np.sqrt(np.diagonal(covariance))
    refuse_if(not (sd > 0).all(), still)
    try:  # of the correlations: the diagonal is what the coordinates before leave of an sd
        root = np.linalg.cholesky(covariance / np.outer(sd, sd))
    except np.linalg.LinAlgError:
        raise InputError(still) from None
    refuse_if(np.diagonal(root).min() < FLAT, still)
    root = sd[:, None] * root
    return Gaussian(NormalMixture(np.zeros(1), y.mean(0)[None], root[None]))
