"""The Dirichlet family over K probabilities that sum to one.

    log Dir(pi; alpha) = sum_k (alpha_k - 1) log pi_k - [ sum_k log G(alpha_k) - log G(sum alpha) ]

so t(pi) = log pi, eta = alpha - 1 and A is the bracket (Bishop 2006, B.16-B.21). The expected
statistics are E[log pi_k] = digamma(alpha_k) - digamma(sum alpha).

Real coordinates are log ratios to the last probability, y_k = log(pi_k / pi_K), k < K, whose
Jacobian determinant is the product of all K probabilities (Aitchison 1986).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.errors import NumericalError
from vi_lab.families.distribution import Distribution, from_textbook
from vi_lab.families.family import SHARP, Family
from vi_lab.numerics import log_gamma, special
from vi_lab.numerics.arithmetic import indicator_covariance

SMALLEST_DOUBLE = float(np.finfo(np.float64).tiny)


class DirichletStats(NamedTuple):
    """log: log pi, shape (K,)."""

    log: Any


class Dirichlet(Family):
    """Dir(concentration) over `size` probabilities."""

    Stats = DirichletStats

    @public
    def __init__(self, size: int) -> None:
        self.size = checks.integer("size", size, 1)
        self.event_shape = (self.size,)
        self.real_shape = (self.size - 1,)
        self.stat_shapes = DirichletStats((self.size,))

    @classmethod
    @public
    def of(cls, concentration: Reals) -> Distribution:
        """Dir(concentration), shape (*lead, K)."""
        concentration = np.atleast_1d(checks.real_array("concentration", concentration))
        return from_textbook(cls(concentration.shape[-1]), concentration=concentration)

    def natural(self, concentration: Any) -> DirichletStats:
        return DirichletStats(checks.array_above("concentration", concentration, 0) - 1.0)

    def parameters(self, eta: DirichletStats) -> dict[str, np.ndarray]:
        return {"concentration": self._concentration(eta)}

    def stats(self, z: Any) -> DirichletStats:
        return DirichletStats(np.log(z))

    def log_partition(self, eta: DirichletStats) -> Any:
        a = self._concentration(eta)
        return special.gammaln(a).sum(-1) - special.gammaln(a.sum(-1))

    def expected_stats(self, eta: DirichletStats) -> DirichletStats:
        a = self._concentration(eta)
        return DirichletStats(special.psi(a) - special.psi(a.sum(-1, keepdims=True)))

    def careful_stats(self, eta: DirichletStats) -> DirichletStats:
        """log(a_k / sum a) + p(a_k) - p(sum a), with p(z) = digamma(z) - log z. Of a share that is
        nearly 1 the log is one of the other shares: a likelihood of many counts multiplies it."""
        a = self._concentration(eta)
        total, first = a.sum(-1, keepdims=True), a.argmax(-1)[..., None]
        others = a.copy()
        np.put_along_axis(others, first, 0.0, -1)
        log_share, rest = np.log(a / total), others.sum(-1, keepdims=True) / total
        most = np.where(rest < 0.5, np.log1p(-rest), np.take_along_axis(log_share, first, -1))
        np.put_along_axis(log_share, first, most, -1)
        digammas = log_gamma.digamma_less_log
        return DirichletStats(log_share + digammas(a) - digammas(total))

    def entropy(self, eta: DirichletStats, expected: DirichletStats | None = None) -> Any:
        """A - <eta, E[t]>, or without E[t] the same with its a log a cancelled on paper.

        With g = log Gamma(z) - (z log z - z) and p = digamma(z) - log z, both small where z is
        large, and s_k = a_k / sum a, that is

            sum_k g(a_k) - g(sum a) + sum_k log s_k - sum_k (a_k - 1)(p(a_k) - p(sum a))
        """
        if expected is not None:
            return super().entropy(eta, expected)
        a = self._concentration(eta)
        total = a.sum(-1, keepdims=True)
        gammas, digammas = log_gamma.log_gamma_less_stirling, log_gamma.digamma_less_log
        each = gammas(a) + np.log(a / total) - (a - 1.0) * (digammas(a) - digammas(total))
        return each.sum(-1) - gammas(total[..., 0])

    def is_sharp(self, eta: DirichletStats) -> bool:
        """Also where it is so small that a - 1 has lost its digits."""
        return super().is_sharp(eta) or bool(np.min(self._concentration(eta)) < 1.0 / SHARP)

    def kl_from_prior(self, eta: DirichletStats, expected: Any, prior: Any) -> Any:
        """<a - a0, E[t]> - log B(a)/B(a0): what a sharp prior and q share is in neither.

        With n = a - a0, p = digamma(z) - log z and G the growth of log B beside the logs
        of shares it is sum_k n_k [p(a_k) - p(sum a)] - G, in which the logs of both have cancelled.

        Of a0 below 1 the natural parameter a0 - 1 has lost digits that its textbook form has.
        """
        a0 = (prior.textbook or self.parameters(prior.eta))["concentration"]
        a, digammas = self._concentration(eta), log_gamma.digamma_less_log
        n = a - a0
        slope = digammas(a) - digammas(a.sum(-1, keepdims=True))
        return (n * slope).sum(-1) - log_gamma.log_beta_growth(a0, n)

    def largest_of_kl(self, eta: DirichletStats, prior: Any) -> Any:
        """The largest term of `kl_from_prior`, (*lead,)."""
        a0 = (prior.textbook or self.parameters(prior.eta))["concentration"]
        return log_gamma.largest_growth(a0, self._concentration(eta) - a0)

    def kl(self, eta: DirichletStats, other: DirichletStats) -> Any:
        return self.kl_from_prior(eta, None, Distribution(self, other))

    def sample(self, rng: np.random.Generator, eta: DirichletStats, shape: tuple[int, ...]) -> Any:
        """Normalised gammas, in logs: Gamma(a) is Gamma(a + 1) U**(1/a), and at small a U**(1/a)
        underflows where its log does not. A probability below the smallest double is that double.
        """
        a = eta.log + 1.0
        full = (*shape, self.size)
        log_gamma = np.log(rng.standard_gamma(a + 1.0, full))
        log_gamma += np.log1p(-rng.random(full)) / a  # 1 - U lies in (0, 1]: its log is finite
        log_gamma -= log_gamma.max(-1, keepdims=True)
        draws = np.exp(log_gamma)
        draws /= draws.sum(-1, keepdims=True)
        return np.maximum(draws, SMALLEST_DOUBLE, out=draws)

    def mean(self, eta: DirichletStats) -> Any:
        a = self._concentration(eta)
        return a / a.sum(-1, keepdims=True)

    def sd(self, eta: DirichletStats) -> Any:
        mean = self.mean(eta)
        total = self._concentration(eta).sum(-1, keepdims=True)
        return np.sqrt(mean * (1.0 - mean) / (total + 1.0))

    def quantile(self, eta: DirichletStats, p: float) -> Any:
        """A coordinate by itself is Beta(a_k, total - a_k); one that is alone is 1."""
        a = self._concentration(eta)
        rest = a.sum(-1, keepdims=True) - a
        return special.betaincinv(a, rest, p) if self.size > 1 else np.ones_like(a)

    def covariance(self, eta: DirichletStats) -> np.ndarray:
        """(diag(m) - m m') / (total + 1), m the mean"""
        mean = self.mean(eta)
        total = self._concentration(eta).sum(-1)[..., None, None]
        found: np.ndarray = indicator_covariance(mean) / (total + 1.0)
        return found

    def in_support(self, z: Any) -> Any:
        return (z > 0).all(-1) & (np.abs(np.sum(z, -1) - 1.0) < 1e-8)

    def to_real(self, z: Any) -> np.ndarray:
        log_z = np.log(z)
        return log_z[..., :-1] - log_z[..., -1:]

    def from_real(self, y: np.ndarray) -> tuple[Any, DirichletStats, Any]:
        padded = np.concatenate([y, np.zeros((*y.shape[:-1], 1))], axis=-1)
        padded -= padded.max(-1, keepdims=True)
        log_z = padded - np.log(np.exp(padded).sum(-1, keepdims=True))
        return np.exp(log_z), DirichletStats(log_z), log_z.sum(-1)

    def stats_pullback(self, y: np.ndarray, stats: DirichletStats, eta: DirichletStats) -> Any:
        """d log pi_k/dy_j = [k = j] - pi_j, and so a_j - pi_j sum_k a_k with a = eta + 1: the
        Jacobian adds 1 to each natural parameter."""
        a = np.broadcast_arrays(eta.log, stats.log)[0] + 1.0
        pull: np.ndarray = a - np.exp(stats.log) * a.sum(-1, keepdims=True)
        return pull[..., :-1]

    def _concentration(self, eta: DirichletStats) -> np.ndarray:
        a = np.asarray(eta.log) + 1.0
        if a.shape[-1:] != (self.size,):  # a symmetric prior given as one number
            a = np.broadcast_to(a, (*a.shape[:-1], self.size))
        if not (a > 0).all():
            raise NumericalError(f"a Dirichlet concentration is not positive: {a.min():g}")
        return a
