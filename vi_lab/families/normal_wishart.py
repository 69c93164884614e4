"""The normal-Wishart family: a mean and a precision matrix, drawn together.

    Lambda      ~ Wishart(W, nu)             E[Lambda] = nu W
    mu | Lambda ~ N(m, (beta Lambda)^-1)

    log p = <(nu - D)/2, log|Lambda|> - <(W^-1 + beta m m')/2, Lambda> + <beta m, Lambda mu>
            - <beta/2, mu' Lambda mu> - A
    A     = D/2 log(2 pi / beta) + nu/2 log|W| + nu D/2 log 2 + log Gamma_D(nu/2)

(Bishop 2006, eq. 2.157 and B.78-B.80.) The expected statistics (10.64-10.65, B.81) are

    E log|Lambda|    = sum_i psi((nu + 1 - i)/2) + D log 2 + log|W|
    E Lambda         = nu W
    E Lambda mu      = nu W m
    E mu' Lambda mu  = D/beta + nu m' W m

W^-1 comes back from the natural parameters as a difference, which cancels when m is far from the
origin; statistics are therefore taken about a `centre`, and what cannot be saved raises an error.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.errors import InputError, NumericalError
from vi_lab.families.family import Distribution, Family
from vi_lab.numerics import special
from vi_lab.numerics.arithmetic import LOG_2PI


class MeanPrecision(NamedTuple):
    """A value: mean (D,) and precision (D, D)."""

    mean: Any
    precision: Any


class NormalWishartStats(NamedTuple):
    """With d = mu - centre: log|Lambda|, Lambda (D, D), Lambda d (D,), d' Lambda d."""

    log_det: Any
    precision: Any
    scaled_mean: Any
    quadratic: Any


class NormalWishart(Family):
    """NW(m, beta, W^-1, nu) in `size` dimensions; a value is a MeanPrecision pair."""

    Stats = NormalWishartStats
    event_shape: Any

    @public
    def __init__(self, size: int, centre: Any = 0.0) -> None:
        self.size = size = checks.integer("size", size, 1)
        self.centre = checks.vector("centre", centre, size)
        self.event_shape = MeanPrecision((size,), (size, size))
        self.stat_shapes = NormalWishartStats((), (size, size), (size,), ())
        self.real_shape = (size + size * (size + 1) // 2,)
        self._lower = np.tril_indices(size)
        self._below = np.tri(size, k=-1)  # 1 below the diagonal, 0 elsewhere
        self._diagonal = np.flatnonzero(self._lower[0] == self._lower[1])

    @classmethod
    @public
    def of(cls, mean: Any, beta: Any, w_inv: Any, nu: Any) -> Distribution:
        """NW(mean (*lead, D), beta, w_inv = W^-1 (*lead, D, D), nu); beta and nu broadcast."""
        mean = np.atleast_1d(checks.real_array("mean", mean))
        family = cls(mean.shape[-1], mean.reshape(-1, mean.shape[-1]).mean(0))
        return Distribution(family, family.natural(mean=mean, beta=beta, w_inv=w_inv, nu=nu))

    def natural(self, mean: Any, beta: Any, w_inv: Any, nu: Any) -> NormalWishartStats:
        mean, beta = checks.real_array("mean", mean), checks.real_array("beta", beta)
        w_inv, nu = checks.real_array("w_inv", w_inv), checks.real_array("nu", nu)
        if (beta <= 0).any():
            raise InputError(f"beta: needs numbers above 0, got {beta.min():g}")
        if (nu <= self.size - 1).any():
            raise InputError(f"nu: needs numbers above D - 1 = {self.size - 1}, got {nu.min():g}")
        for matrix in w_inv.reshape(-1, *w_inv.shape[-2:]):
            checks.covariance("w_inv", matrix, self.size)
        d = mean - self.centre
        spread = w_inv + beta[..., None, None] * d[..., :, None] * d[..., None, :]
        return NormalWishartStats(
            0.5 * (nu - self.size), -0.5 * spread, beta[..., None] * d, -0.5 * beta
        )

    def parameters(self, eta: NormalWishartStats) -> dict[str, np.ndarray]:
        m, beta, w_inv, nu = self._textbook(eta)
        lead, size = self.lead_shape(eta), self.size
        return {
            "mean": np.broadcast_to(m + self.centre, (*lead, size)),
            "beta": np.broadcast_to(beta, lead),
            "w_inv": np.broadcast_to(w_inv, (*lead, size, size)),
            "nu": np.broadcast_to(nu, lead),
        }

    def stats(self, z: MeanPrecision) -> NormalWishartStats:
        d = z.mean - self.centre
        scaled = (z.precision @ d[..., None])[..., 0]
        return NormalWishartStats(
            np.linalg.slogdet(z.precision)[1], z.precision, scaled, (d * scaled).sum(-1)
        )

    def log_partition(self, eta: NormalWishartStats) -> Any:
        _, beta, w_inv, nu = self._textbook(eta)
        return self._log_normaliser(beta, -_log_det(_cholesky(w_inv)), nu)

    def entropy(self, eta: NormalWishartStats, expected: NormalWishartStats | None = None) -> Any:
        """A - <eta, E[t]>, with the log|W| that A needs read off E log|Lambda|."""
        if expected is None:
            expected = self.expected_stats(eta)
        beta = -2.0 * np.asarray(eta.quadratic)
        nu = 2.0 * np.asarray(eta.log_det) + self.size
        log_det_w = expected.log_det - self._expected_log_chi(nu)
        return self._log_normaliser(beta, log_det_w, nu) - self.inner(eta, expected)

    def _log_normaliser(self, beta: Any, log_det_w: Any, nu: Any) -> Any:
        size = self.size
        log_gamma = special.gammaln(0.5 * (nu[..., None] - np.arange(size))).sum(-1)
        return (
            0.5 * size * (LOG_2PI - np.log(beta))
            + 0.5 * nu * (log_det_w + size * np.log(2.0))
            + 0.25 * size * (size - 1) * np.log(np.pi)
            + log_gamma
        )

    def _expected_log_chi(self, nu: Any) -> Any:
        """E log|Lambda| - log|W| = sum_i psi((nu + 1 - i)/2) + D log 2"""
        halves = 0.5 * (nu[..., None] - np.arange(self.size))
        return special.psi(halves).sum(-1) + self.size * np.log(2.0)

    def expected_stats(self, eta: NormalWishartStats) -> NormalWishartStats:
        m, beta, w_inv, nu = self._textbook(eta)
        root = _cholesky(w_inv)
        precision = nu[..., None, None] * _inverse(root)
        scaled = (precision @ m[..., None])[..., 0]
        log_det = self._expected_log_chi(nu) - _log_det(root)
        return NormalWishartStats(
            log_det, precision, scaled, self.size / beta + (m * scaled).sum(-1)
        )

    def sample(
        self, rng: np.random.Generator, eta: NormalWishartStats, shape: tuple[int, ...]
    ) -> MeanPrecision:
        """Bartlett: Lambda = T T' with T = C'^-1 B, W^-1 = C C', B lower triangular, its diagonal
        the roots of chi-squares of nu, nu - 1, ... degrees; mu = m + T'^-1 noise / sqrt(beta).
        """
        m, beta, w_inv, nu = self._textbook(eta)
        size = self.size
        bartlett = rng.standard_normal((*shape, size, size))
        bartlett *= self._below
        halves = 0.5 * (nu[..., None] - np.arange(size))
        diagonal = np.arange(size)
        bartlett[..., diagonal, diagonal] = np.sqrt(
            2.0 * rng.standard_gamma(halves, (*shape, size))
        )
        root = np.swapaxes(np.linalg.inv(_cholesky(w_inv)), -1, -2) @ bartlett
        noise = rng.standard_normal((*shape, size)) / np.sqrt(beta)[..., None]
        offset = np.linalg.solve(np.swapaxes(root, -1, -2), noise[..., None])[..., 0]
        return MeanPrecision(m + self.centre + offset, root @ np.swapaxes(root, -1, -2))

    def mean(self, eta: NormalWishartStats) -> MeanPrecision:
        m, _, w_inv, nu = self._textbook(eta)
        return MeanPrecision(m + self.centre, nu[..., None, None] * _inverse(_cholesky(w_inv)))

    def sd(self, eta: NormalWishartStats) -> MeanPrecision:
        """mu is Student's t with nu - D + 1 degrees of freedom (infinite sd at two or fewer)."""
        _, beta, w_inv, nu = self._textbook(eta)
        excess = nu - self.size - 1.0
        w = _inverse(_cholesky(w_inv))
        w_ii = np.diagonal(w, axis1=-2, axis2=-1)
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = np.diagonal(w_inv, axis1=-2, axis2=-1) / (beta * excess)[..., None]
            spread = np.where(excess[..., None] > 0, np.sqrt(variance), np.inf)
        product = w_ii[..., :, None] * w_ii[..., None, :]
        return MeanPrecision(spread, np.sqrt(nu[..., None, None] * (w**2 + product)))

    def empty(self, lead: tuple[int, ...]) -> MeanPrecision:
        return MeanPrecision(*(np.empty(lead + shape) for shape in self.event_shape))

    @staticmethod
    def put(store: MeanPrecision, index: Any, z: MeanPrecision) -> None:
        store.mean[index], store.precision[index] = z

    def head(self, store: MeanPrecision, count: int) -> MeanPrecision:
        return MeanPrecision(store.mean[:count], store.precision[:count])

    def in_support(self, z: MeanPrecision) -> Any:
        finite = np.isfinite(z.mean).all(-1) & np.isfinite(z.precision).all((-2, -1))
        safe = np.where(finite[..., None, None], z.precision, np.eye(self.size))
        symmetric = np.abs(safe - np.swapaxes(safe, -1, -2)).max((-2, -1)) <= (
            1e-8 * np.abs(safe).max((-2, -1))
        )
        return finite & symmetric & (np.linalg.eigvalsh(safe)[..., 0] > 0)

    def log_density(self, z: MeanPrecision, eta: NormalWishartStats) -> Any:
        z = MeanPrecision(np.asarray(z.mean, float), np.asarray(z.precision, float))
        inside = self.in_support(z)
        safe = MeanPrecision(
            np.where(inside[..., None], z.mean, 0.0),
            np.where(inside[..., None, None], z.precision, np.eye(self.size)),
        )
        value = self.inner(eta, self.stats(safe)) - self.log_partition(eta)
        return np.where(inside, value, -np.inf)

    def to_real(self, z: MeanPrecision) -> np.ndarray:
        """The mean, and the lower Cholesky factor of the precision with the log of its diagonal."""
        factor = np.linalg.cholesky(z.precision)[..., *self._lower]
        factor[..., self._diagonal] = np.log(factor[..., self._diagonal])
        mean = np.broadcast_to(z.mean, (*factor.shape[:-1], self.size))
        return np.concatenate([mean, factor], axis=-1)

    def from_real(self, y: np.ndarray) -> tuple[MeanPrecision, NormalWishartStats, Any]:
        """|d Lambda / d L| = 2**D prod_i L_ii**(D + 1 - i), times L_ii for each log (i = 1..D)."""
        size = self.size
        mean, entries = y[..., :size], y[..., size:].copy()
        log_diagonal = entries[..., self._diagonal]
        entries[..., self._diagonal] = np.exp(log_diagonal)
        factor = np.zeros((*y.shape[:-1], size, size))
        factor[..., *self._lower] = entries
        d = mean - self.centre
        half = (np.swapaxes(factor, -1, -2) @ d[..., None])[..., 0]
        precision = factor @ np.swapaxes(factor, -1, -2)
        stats = NormalWishartStats(
            2.0 * log_diagonal.sum(-1),
            precision,
            (factor @ half[..., None])[..., 0],
            (half * half).sum(-1),
        )
        powers = (
            size + 1.0 - np.arange(size)
        )  # D + 1 - i for Lambda, one more for the log, i from 1
        log_det = size * np.log(2.0) + (powers * log_diagonal).sum(-1)
        return MeanPrecision(mean, precision), stats, log_det

    def _textbook(self, eta: NormalWishartStats) -> tuple[Any, Any, Any, Any]:
        """(m - centre, beta, W^-1, nu)"""
        beta = -2.0 * np.asarray(eta.quadratic)
        m = eta.scaled_mean / beta[..., None]
        outer = m[..., :, None] * eta.scaled_mean[..., None, :]
        w_inv = -2.0 * eta.precision - outer
        return m, beta, w_inv, 2.0 * np.asarray(eta.log_det) + self.size


def _cholesky(matrix: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        raise NumericalError(
            "the scale matrix of a normal-Wishart is no longer positive definite: the data lie too "
            "far from the centre for the digits there are"
        ) from None


def _log_det(cholesky: np.ndarray) -> Any:
    return 2.0 * np.log(np.diagonal(cholesky, axis1=-2, axis2=-1)).sum(-1)


def _inverse(cholesky: np.ndarray) -> np.ndarray:
    whiten = np.linalg.inv(cholesky)
    return np.swapaxes(whiten, -1, -2) @ whiten
