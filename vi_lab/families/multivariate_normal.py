"""The multivariate normal family, N(m, V) in D dimensions, P = V^-1 its precision.

    log N(z; m, V) = <P m, z> - <P/2, z z'> - [ m'P m/2 - log|P|/2 + D log(2 pi)/2 ]

so t(z) = (z, z z'), eta = (P m, -P/2) and A is the bracket (Bishop 2006, eq. 2.43 and B.37). As in
`Normal`, statistics may be taken about a `centre`; values and means are never shifted.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.errors import InputError, NumericalError
from vi_lab.families.coordinates import RealFamily
from vi_lab.families.distribution import Distribution
from vi_lab.families.normal import Normal, refuse_far
from vi_lab.numerics import positive_definite, special
from vi_lab.numerics.arithmetic import LOG_2PI, symmetric


class MultivariateNormalStats(NamedTuple):
    """value: z - centre, shape (D,); outer: (z - centre)(z - centre)', shape (D, D)."""

    value: Any
    outer: Any


class MultivariateNormal(RealFamily):
    """N(m, V) in `size` dimensions, with statistics about `centre` (default the origin)."""

    Stats = MultivariateNormalStats

    @public
    def __init__(self, size: int, centre: Any = 0.0) -> None:
        self.size = checks.integer("size", size, 1)
        self.centre = checks.vector("centre", centre, size)
        self.event_shape = self.real_shape = (size,)
        self.stat_shapes = MultivariateNormalStats((size,), (size, size))
        self._kept: tuple[Any, Any] = None, None  # a precision and its L^-1, see `sample`

    @classmethod
    @public
    def of(cls, mean: Reals, cov: Reals) -> Distribution:
        """N(mean, cov): mean (*lead, D), cov (*lead, D, D) symmetric positive definite."""
        mean = np.atleast_1d(checks.real_array("mean", mean))
        family = cls(mean.shape[-1], mean.reshape(-1, mean.shape[-1]).mean(0))
        return Distribution(family, family.natural(mean=mean, cov=cov)).freeze()

    @classmethod
    def about(cls, centre: np.ndarray) -> MultivariateNormal:
        """With statistics about a centre for each plate, (*plates, D)."""
        family = cls(centre.shape[-1])
        family.centre = centre
        return family

    def take(self, index: tuple[int, ...], plates: int) -> MultivariateNormal:
        own = self.centre.ndim > plates + 1
        return MultivariateNormal.about(self.centre[index]) if own else self

    def natural(self, mean: Any, cov: Any) -> MultivariateNormalStats:
        mean, cov = checks.real_array("mean", mean), checks.real_array("cov", cov)
        size = self.size
        if mean.shape[-1:] != (size,) or cov.shape[-2:] != (size, size):
            raise InputError(
                f"needs mean (..., {size}) and cov (..., {size}, {size}), "
                f"got {mean.shape} and {cov.shape}"
            )
        checks.require_broadcast((1, 2), mean=mean, cov=cov)
        for matrix in cov.reshape(-1, size, size):
            checks.covariance("cov", matrix, size)
        precision = symmetric(np.linalg.inv(cov))
        value = (precision @ (mean - self.centre)[..., None])[..., 0]
        return MultivariateNormalStats(value, -0.5 * precision)

    def parameters(self, eta: MultivariateNormalStats) -> dict[str, np.ndarray]:
        shape = (*self.lead_shape(eta), self.size, self.size)
        return {"mean": self.mean(eta), "cov": np.broadcast_to(self.covariance(eta), shape)}

    def covariance(self, eta: MultivariateNormalStats) -> np.ndarray:
        """V = (-2 eta.outer)^-1, shape (*lead, D, D)."""
        return positive_definite.invert(self._cholesky(eta))

    def stats(self, z: Any) -> MultivariateNormalStats:
        d = z - self.centre
        return MultivariateNormalStats(d, d[..., :, None] * d[..., None, :])

    def log_partition(self, eta: MultivariateNormalStats) -> Any:
        cholesky = self._cholesky(eta)
        half = np.linalg.solve(cholesky, eta.value[..., None])[..., 0]
        log_det = positive_definite.log_det(cholesky)
        return 0.5 * ((half * half).sum(-1) - log_det + self.size * LOG_2PI)

    def log_density(self, z: Any, eta: MultivariateNormalStats) -> Any:
        """-|L'(d - P^-1 h)|**2/2 + log|L| - D log(2 pi)/2 with d = z - centre, h = P(m - centre).

        The square completed, as in `Normal`, with P = L L'. The mean about the centre comes from
        two solves, so L'(d - P^-1 h) is good to a rounding of L'(m - centre), times the condition
        number of L. NumericalError where that vector is too long for the digits there are.
        """
        inside, cholesky = self.in_support(z), self._cholesky(eta)
        d = np.where(inside[..., None], z, self.centre) - self.centre
        upper = np.swapaxes(cholesky, -1, -2)
        half = np.linalg.solve(cholesky, eta.value[..., None])
        refuse_far(np.linalg.norm(half, axis=(-2, -1)))
        mean = np.linalg.solve(upper, half)[..., 0]
        distance = (upper @ (d - mean)[..., None])[..., 0]
        log_det = positive_definite.log_det(cholesky)
        value = 0.5 * log_det - 0.5 * ((distance * distance).sum(-1) + self.size * LOG_2PI)
        return np.where(inside, value, -np.inf)

    def entropy(self, eta: MultivariateNormalStats, expected: Any = None) -> Any:
        """log|2 pi e V|/2: the general formula with its m'P m terms cancelled on paper."""
        log_det = positive_definite.log_det(self._cholesky(eta))
        value = 0.5 * (self.size * (LOG_2PI + 1.0) - log_det)
        return np.broadcast_to(value, self.lead_shape(eta))

    def kl_from_prior(self, eta: MultivariateNormalStats, expected: Any, prior: Any) -> Any:
        """[ d' V0^-1 d + sum_r (r - 1 - log r) ]/2, the means subtracted: d = m - m0.

        The r are the eigenvalues of V0^-1 V, those of (L^-1 L0) (L^-1 L0)' with V^-1 = L L' and
        V0^-1 = L0 L0'. Where the prior is sharp they are nearly 1, and E log prior + H[q] would be
        the difference of two numbers as large as m' V0^-1 m.
        """
        cholesky, root0 = self._cholesky(eta), self._cholesky(prior.eta)
        shape = np.broadcast_shapes(cholesky.shape, root0.shape)
        whitened = np.linalg.solve(cholesky, np.broadcast_to(root0, shape))
        ratios = np.linalg.svd(whitened, compute_uv=False) ** 2
        d = self._mean_from_centre(eta) - prior.family._mean_from_centre(prior.eta)
        d = d + (self.centre - prior.family.centre)
        distance = (np.swapaxes(root0, -1, -2) @ d[..., None])[..., 0]
        return 0.5 * ((distance**2).sum(-1) + (ratios - 1.0 - np.log(ratios)).sum(-1))

    def kl(self, eta: MultivariateNormalStats, other: MultivariateNormalStats) -> Any:
        return self.kl_from_prior(eta, eta, Distribution(self, other))

    def expected_stats(self, eta: MultivariateNormalStats) -> MultivariateNormalStats:
        cov = self.covariance(eta)
        mean = (cov @ eta.value[..., None])[..., 0]
        return MultivariateNormalStats(mean, mean[..., :, None] * mean[..., None, :] + cov)

    def sample(
        self, rng: np.random.Generator, eta: MultivariateNormalStats, shape: tuple[int, ...]
    ) -> Any:
        """centre + L'^-1 (L^-1 h + noise) with P = L L': one solve for mean and noise.

        L^-1 is kept while the same array holds the precision, as it does in a block whose precision
        depends on no other.
        """
        precision, whiten = self._kept
        if eta.outer is not precision:
            whiten = np.linalg.inv(self._cholesky(eta))
            self._kept = eta.outer, whiten
        noise = rng.standard_normal((*shape, self.size))
        noise += (whiten @ eta.value[..., None])[..., 0]
        return (noise[..., None, :] @ whiten)[..., 0, :] + self.centre

    def stats_pullback(self, y: np.ndarray, stats: MultivariateNormalStats, eta: Any) -> Any:
        """d <H, d d'>/dy = (H + H') d, d = y - centre."""
        both = eta.outer + np.swapaxes(eta.outer, -1, -2)
        return eta.value + (both @ stats.value[..., None])[..., 0]

    def mean(self, eta: MultivariateNormalStats) -> Any:
        mean = self.centre + self._mean_from_centre(eta)
        return np.broadcast_to(mean, (*self.lead_shape(eta), self.size))

    def _mean_from_centre(self, eta: MultivariateNormalStats) -> Any:
        """m - centre = V (P (m - centre)), (*lead, D)."""
        return (self.covariance(eta) @ eta.value[..., None])[..., 0]

    def sd(self, eta: MultivariateNormalStats) -> Any:
        variance = np.diagonal(self.covariance(eta), axis1=-2, axis2=-1)
        return np.broadcast_to(np.sqrt(variance), (*self.lead_shape(eta), self.size))

    def quantile(self, eta: MultivariateNormalStats, p: float) -> Any:
        """Each coordinate by itself is normal."""
        return self.mean(eta) + self.sd(eta) * special.ndtri(p)

    def adopt(self, distribution: Distribution) -> Distribution:
        """A vector of independent normals is a multivariate normal with a diagonal covariance."""
        if isinstance(distribution.family, Normal):
            mean, sd = (np.atleast_1d(v) for v in distribution.parameters.values())
            distribution = self.of(mean, np.eye(mean.shape[-1]) * (sd**2)[..., None])
        return super().adopt(distribution)

    @staticmethod
    def _cholesky(eta: MultivariateNormalStats) -> np.ndarray:
        refusal = "a precision matrix is not positive definite"
        factor = positive_definite.factorise(-2.0 * eta.outer, refusal)
        if np.isnan(factor[..., -1, -1]).any():  # where every nan ends up: LAPACK lets them pass
            raise NumericalError("a precision matrix holds nan")
        return factor
