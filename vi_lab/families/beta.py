"""The beta family, Beta(a, b), on 0 < z < 1.

    log Beta(z; a, b) = (a - 1) log z + (b - 1) log(1 - z) - log B(a, b)

so t(z) = (log z, log(1 - z)), eta = (a - 1, b - 1) and A(eta) = log B(a, b) = log Gamma(a)
+ log Gamma(b) - log Gamma(a + b) (Bishop 2006, B.6). The expected statistics are its derivatives,
E[log z] = digamma(a) - digamma(a + b) and E[log(1 - z)] = digamma(b) - digamma(a + b).

The real coordinate is the logit y = log z - log(1 - z), with dz/dy = z (1 - z).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.families.coordinates import require_positive
from vi_lab.families.dirichlet import Dirichlet, DirichletStats
from vi_lab.families.distribution import Distribution, from_textbook
from vi_lab.families.family import Family
from vi_lab.numerics import special

SMALLEST_DOUBLE = float(np.finfo(np.float64).tiny)
BELOW_ONE = 1.0 - 2.0**-53  # the double before 1


class BetaStats(NamedTuple):
    """log: log z; log_rest: log(1 - z)."""

    log: Any
    log_rest: Any


class Beta(Family):
    """Beta(a, b). Real coordinate y = log z - log(1 - z)."""

    Stats = BetaStats
    stat_shapes = BetaStats((), ())

    @classmethod
    @public
    def of(cls, a: Reals, b: Reals) -> Distribution:
        """Beta(a, b), mean a / (a + b); both broadcast to (*batch, *plates)."""
        return from_textbook(cls(), a=a, b=b)

    def natural(self, a: Any, b: Any) -> BetaStats:
        a, b = checks.array_above("a", a, 0), checks.array_above("b", b, 0)
        checks.require_broadcast(a=a, b=b)
        return BetaStats(a - 1.0, b - 1.0)

    def parameters(self, eta: BetaStats) -> dict[str, np.ndarray]:
        a, b = np.broadcast_arrays(*self._shapes(eta))
        return {"a": a, "b": b}

    def stats(self, z: Any) -> BetaStats:
        return BetaStats(np.log(z), np.log1p(np.negative(z)))

    def log_partition(self, eta: BetaStats) -> Any:
        return special.betaln(*self._shapes(eta))

    def expected_stats(self, eta: BetaStats) -> BetaStats:
        a, b = self._shapes(eta)
        both = special.psi(a + b)
        return BetaStats(special.psi(a) - both, special.psi(b) - both)

    def careful_stats(self, eta: BetaStats) -> BetaStats:
        logs = Dirichlet(2).careful_stats(self._as_dirichlet(eta)).log
        return BetaStats(logs[..., 0], logs[..., 1])

    def entropy(self, eta: BetaStats, expected: BetaStats | None = None) -> Any:
        """A - <eta, E[t]>, or without E[t] that of the Dirichlet over (z, 1 - z)."""
        if expected is not None:
            return super().entropy(eta, expected)
        self._shapes(eta)
        return Dirichlet(2).entropy(self._as_dirichlet(eta))

    def is_sharp(self, eta: BetaStats) -> bool:
        return Dirichlet(2).is_sharp(self._as_dirichlet(eta))

    def kl_from_prior(self, eta: BetaStats, expected: Any, prior: Any) -> Any:
        """That of the Dirichlets over (z, 1 - z)."""
        before = self._prior_as_dirichlet(prior)
        return Dirichlet(2).kl_from_prior(self._as_dirichlet(eta), None, before)

    def largest_of_kl(self, eta: BetaStats, prior: Any) -> Any:
        """The largest term of `kl_from_prior`, (*lead,)."""
        before = self._prior_as_dirichlet(prior)
        return Dirichlet(2).largest_of_kl(self._as_dirichlet(eta), before)

    def _prior_as_dirichlet(self, prior: Any) -> Distribution:
        a0 = prior.textbook or self.parameters(prior.eta)
        textbook = {"concentration": np.stack(np.broadcast_arrays(a0["a"], a0["b"]), axis=-1)}
        return Distribution(Dirichlet(2), self._as_dirichlet(prior.eta), textbook)

    def kl(self, eta: BetaStats, other: BetaStats) -> Any:
        return self.kl_from_prior(eta, None, Distribution(self, other))

    @staticmethod
    def _as_dirichlet(eta: BetaStats) -> DirichletStats:
        return DirichletStats(np.stack(np.broadcast_arrays(*eta), axis=-1))

    def sample(self, rng: np.random.Generator, eta: BetaStats, shape: tuple[int, ...]) -> Any:
        """The share of one of two gammas, in logs: Gamma(a) is Gamma(a + 1) U**(1/a), and at small
        a the power underflows where its log does not. A draw that would round to 0 or 1 is the
        double next to it: at b = 0.1 one draw in forty lies that near to 1.
        """
        logit: Any = 0.0
        for sign, shifted in ((1.0, eta.log), (-1.0, eta.log_rest)):
            a = shifted + 1.0
            log_gamma = np.log(rng.standard_gamma(a + 1.0, shape))
            log_gamma += np.log1p(-rng.random(shape)) / a  # 1 - U lies in (0, 1]
            logit = logit + sign * log_gamma
        return np.clip(special.expit(logit), SMALLEST_DOUBLE, BELOW_ONE)

    def mean(self, eta: BetaStats) -> Any:
        a, b = self._shapes(eta)
        return np.divide(a, a + b)

    def sd(self, eta: BetaStats) -> Any:
        a, b = self._shapes(eta)
        return np.sqrt(np.divide(a * b, a + b + 1.0)) / (a + b)

    def quantile(self, eta: BetaStats, p: float) -> Any:
        """P(z < q) is the regularised incomplete beta function at (a, b, q)."""
        return special.betaincinv(*self._shapes(eta), p)

    def in_support(self, z: Any) -> Any:
        return np.greater(z, 0) & np.less(z, 1)

    def to_real(self, z: Any) -> np.ndarray:
        log, log_rest = self.stats(z)
        return log - log_rest

    def from_real(self, y: np.ndarray) -> tuple[Any, BetaStats, Any]:
        stats = BetaStats(special.log_expit(y), special.log_expit(np.negative(y)))
        return special.expit(y), stats, stats.log + stats.log_rest

    def stats_pullback(self, y: np.ndarray, stats: BetaStats, eta: BetaStats) -> Any:
        """d (log z, log(1 - z))/dy = (1 - z, -z); log|dz/dy| adds 1 to either natural parameter."""
        z, rest = np.exp(stats.log), np.exp(stats.log_rest)
        return (eta.log + 1.0) * rest - (eta.log_rest + 1.0) * z

    @staticmethod
    def _shapes(eta: BetaStats) -> tuple[Any, Any]:
        return require_positive("a beta", ("a", "b"), eta.log + 1.0, eta.log_rest + 1.0)
