"""The Gaussian Markov chain: a normal vector of length T whose precision P is tridiagonal.

    log p(z) = <P m, z> - <diag P / 2, z**2> - <off P, z_t z_(t+1)>
               - [ m'P m/2 - log|P|/2 + T log(2 pi)/2 ]

so t(z) = (z, z**2, z_t z_(t+1)), eta = (P m, -diag P / 2, -off P) and A is the bracket. The first
two moments of neighbours make the chain: its textbook parameters are the means, the variances and
the covariances of neighbours. With P = L L', L bidiagonal, everything costs O(T): see
`numerics.bidiagonal`. As in `Normal`, statistics may be taken about a `centre`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.errors import InputError, refuse_if
from vi_lab.families.coordinates import RealFamily
from vi_lab.families.distribution import Distribution
from vi_lab.families.normal import refuse_far
from vi_lab.numerics import bidiagonal, special
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.bidiagonal import Bidiagonal


class GaussianChainStats(NamedTuple):
    """d = z - centre. value: d, (T,); square: d**2, (T,); product: d_t d_(t+1), (T-1,)."""

    value: Any
    square: Any
    product: Any


class GaussianChain(RealFamily):
    """A Gaussian Markov chain of `size` steps, with statistics about `centre` (default 0), which is
    a number or one for each step."""

    Stats = GaussianChainStats

    @public
    def __init__(self, size: int, centre: Any = 0.0) -> None:
        self.size = checks.integer("size", size, 1)
        self.centre = checks.vector("centre", centre, size)
        self.event_shape = self.real_shape = (size,)
        self.stat_shapes = GaussianChainStats((size,), (size,), (size - 1,))
        self._kept: tuple[Any, Any, Any] = None, None, None  # a precision and its L, see `sample`

    @classmethod
    @public
    def of(cls, mean: Reals, variance: Reals, covariance: Reals) -> Distribution:
        """The chain with these moments.

        Parameters
        ----------
        mean, variance : array (*lead, T)
        covariance : array (*lead, T-1)
            Of each step with the next; its square must be below the product of their variances.
        """
        mean = np.atleast_1d(checks.real_array("mean", mean))
        family = cls(mean.shape[-1], float(mean.mean()))
        return Distribution(family, family.natural(mean, variance, covariance)).freeze()

    def natural(self, mean: Any, variance: Any, covariance: Any) -> GaussianChainStats:
        """P is the sum of the precisions of all pairs less that of each step which two pairs share.

        p(z) = prod p(z_t, z_(t+1)) / prod p(z_t) over the inner t, and the 2 x 2 precision of a
        pair with variances v, v' and covariance c is [[v', -c], [-c, v]] / (v v' - c**2).
        """
        mean, v = checks.real_array("mean", mean), checks.real_array("variance", variance)
        c = np.zeros((*v.shape[:-1], 0))
        if self.size > 1:
            c = checks.real_array("covariance", covariance)
        for name, value, size in (
            ("mean", mean, self.size),
            ("variance", v, self.size),
            ("covariance", c, self.size - 1),
        ):
            if value.shape[-1:] != (size,):
                raise InputError(f"{name}: needs a last axis of length {size}, got {value.shape}")
        checks.require_broadcast((1, 1, 1), mean=mean, variance=v, covariance=c)
        refuse_if((v <= 0).any(), f"variance: needs numbers above 0, got {v.min():g}")
        determinant = v[..., :-1] * v[..., 1:] - c**2
        if (determinant <= 0).any():
            raise InputError(
                "covariance: needs correlations of neighbours between -1 and 1, got "
                f"{np.abs(c / np.sqrt(v[..., :-1] * v[..., 1:])).max():g}"
            )
        lead = np.broadcast_shapes(v.shape[:-1], c.shape[:-1])
        diagonal = np.zeros((*lead, self.size))
        diagonal[..., :-1] += v[..., 1:] / determinant
        diagonal[..., 1:] += v[..., :-1] / determinant
        diagonal[..., 1:-1] -= 1.0 / v[..., 1:-1]
        if self.size == 1:
            diagonal = diagonal + 1.0 / v
        off = -c / determinant
        value = bidiagonal.multiply(diagonal, off, mean - self.centre)
        return GaussianChainStats(value, -0.5 * diagonal, -off)

    def parameters(self, eta: GaussianChainStats) -> dict[str, np.ndarray]:
        lead = self.lead_shape(eta)
        variance, covariance = self._root(eta).covariances()
        return {
            "mean": self.mean(eta),
            "variance": np.broadcast_to(variance, (*lead, self.size)),
            "covariance": np.broadcast_to(covariance, (*lead, self.size - 1)),
        }

    def stats(self, z: Any) -> GaussianChainStats:
        d = z - self.centre
        return GaussianChainStats(d, d * d, d[..., :-1] * d[..., 1:])

    def log_partition(self, eta: GaussianChainStats) -> Any:
        root = self._root(eta)
        half = root.solve(eta.value)
        return 0.5 * (half * half).sum(-1) - root.log_det() + 0.5 * self.size * LOG_2PI

    def log_density(self, z: Any, eta: GaussianChainStats) -> Any:
        """-|L'r|**2/2 + log|L| - T log(2 pi)/2 with r = d - P^-1 h and h = P(m - centre).

        The square completed, as in `Normal`. r is the distance from the mean itself, so that
        (L'r)_t = L_tt r_t + L_(t+1,t) r_(t+1) is good to a rounding of L'(m - centre), times the
        condition number of L. NumericalError where that is too long for the digits there are.
        """
        inside, root = self.in_support(z), self._root(eta)
        d = np.where(inside[..., None], z, self.centre) - self.centre
        half = root.solve(eta.value)
        refuse_far(np.linalg.norm(half, axis=-1))
        distance = root.transposed_times(d - root.solve_transposed(half))
        value = root.log_det() - 0.5 * ((distance * distance).sum(-1) + self.size * LOG_2PI)
        return np.where(inside, value, -np.inf)

    def entropy(self, eta: GaussianChainStats, expected: Any = None) -> Any:
        """log|2 pi e P^-1|/2: the general formula with its m'P m terms cancelled on paper."""
        value = 0.5 * self.size * (LOG_2PI + 1.0) - self._root(eta).log_det()
        return np.broadcast_to(value, self.lead_shape(eta))

    def expected_stats(self, eta: GaussianChainStats) -> GaussianChainStats:
        root = self._root(eta)
        d = root.solve_transposed(root.solve(eta.value))
        variance, covariance = root.covariances()
        return GaussianChainStats(d, d * d + variance, d[..., :-1] * d[..., 1:] + covariance)

    def sample(
        self, rng: np.random.Generator, eta: GaussianChainStats, shape: tuple[int, ...]
    ) -> Any:
        """centre + L'^-1 (L^-1 h + noise): one pass forward, one back.

        L is kept while the same arrays hold the precision, as they do in a block whose precision
        depends on no other.
        """
        square, product, root = self._kept
        if eta.square is not square or eta.product is not product:
            root = self._root(eta)
            self._kept = eta.square, eta.product, root
        noise = rng.standard_normal((*shape, self.size))
        noise += root.solve(eta.value)
        return root.solve_transposed(noise) + self.centre

    def stats_pullback(self, y: np.ndarray, stats: GaussianChainStats, eta: Any) -> Any:
        """d (d, d**2, d_t d_(t+1))/dy: the tridiagonal matrix of 2 eta.square and eta.product."""
        return eta.value + bidiagonal.multiply(2.0 * eta.square, eta.product, stats.value)

    def mean(self, eta: GaussianChainStats) -> Any:
        root = self._root(eta)
        mean = self.centre + root.solve_transposed(root.solve(eta.value))
        return np.broadcast_to(mean, (*self.lead_shape(eta), self.size))

    def sd(self, eta: GaussianChainStats) -> Any:
        variance, _ = self._root(eta).covariances()
        return np.broadcast_to(np.sqrt(variance), (*self.lead_shape(eta), self.size))

    def covariance(self, eta: GaussianChainStats) -> np.ndarray:
        """P^-1, (*lead, T, T): a step is a multiple of the next, and noise."""
        root, size = self._root(eta), self.size
        slope, (variance, _) = -root.below / root.diagonal[..., :-1], root.covariances()
        found = np.zeros((*self.lead_shape(eta), size, size))
        for t in range(size - 1, -1, -1):
            found[..., t, t] = variance[..., t]
            if t < size - 1:
                found[..., t, t + 1 :] = slope[..., t, None] * found[..., t + 1, t + 1 :]
                found[..., t + 1 :, t] = found[..., t, t + 1 :]
        return found

    def quantile(self, eta: GaussianChainStats, p: float) -> Any:
        """Each coordinate by itself is normal."""
        return self.mean(eta) + self.sd(eta) * special.ndtri(p)

    @staticmethod
    def _root(eta: GaussianChainStats) -> Bidiagonal:
        """L, with P = L L'."""
        return bidiagonal.factorise(np.multiply(-2.0, eta.square), np.negative(eta.product))
