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

Where W^-1 is long along some line that is no axis, no entry of it has digits of what lies across.
There a family has axes of its own, the rows of an orthogonal T, its `turn`: its statistics are
those of T (mu - centre) and T Lambda T', and W, m and m0 stand for these. Determinants, traces and
divergences know no axes; values and textbook parameters are in those of the data.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.families.distribution import Distribution
from vi_lab.families.family import SHARP
from vi_lab.families.mean_precision import NormalWishartStats
from vi_lab.families.normal_wishart_moments import NormalWishartMoments
from vi_lab.numerics import wishart
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.own_axes import tell, turn_difference, turn_matrix


class NormalWishart(NormalWishartMoments):
    """NW(m, beta, W^-1, nu) in `size` dimensions; a value is a MeanPrecision pair."""

    Stats = NormalWishartStats

    @public
    def __init__(self, size: int, centre: Any = 0.0) -> None:
        super().__init__(checks.integer("size", size, 1))
        self.centre = checks.vector("centre", centre, size)
        self.stat_shapes = NormalWishartStats((), (size, size), (size,), ())

    @classmethod
    @public
    def of(cls, mean: Reals, beta: Reals, w_inv: Reals, nu: Reals) -> Distribution:
        """NW(mean (*lead, D), beta, w_inv = W^-1 (*lead, D, D), nu); beta and nu broadcast."""
        mean = np.atleast_1d(checks.real_array("mean", mean))
        family = cls(mean.shape[-1], mean.reshape(-1, mean.shape[-1]).mean(0))
        return Distribution(
            family, family.natural(mean=mean, beta=beta, w_inv=w_inv, nu=nu)
        ).freeze()

    @classmethod
    def about(cls, centre: np.ndarray, turn: np.ndarray | None = None) -> NormalWishart:
        """With statistics about one centre (D,), or about one for each plate, (plates, D), and in
        axes of its own, (plates, D, D)."""
        family = cls(centre.shape[-1])
        family.centre, family.turn = centre, turn
        return family

    def take(self, index: tuple[int, ...], plates: int) -> NormalWishart:
        if self.centre.ndim <= plates + 1:
            return self
        turn = self.turn if self.turn is None else self.turn[index]
        return NormalWishart.about(self.centre[index], turn)

    def natural(self, mean: Any, beta: Any, w_inv: Any, nu: Any) -> NormalWishartStats:
        mean, w_inv = checks.real_array("mean", mean), checks.real_array("w_inv", w_inv)
        beta = checks.array_above("beta", beta, 0)
        nu = checks.array_above("nu", nu, self.size - 1, "D - 1 = ")
        for matrix in w_inv.reshape(-1, *w_inv.shape[-2:]):
            checks.covariance("w_inv", matrix, self.size)
        checks.require_broadcast((1, 0, 2, 0), mean=mean, beta=beta, w_inv=w_inv, nu=nu)
        return self.make_eta(mean, beta, w_inv, nu)

    def make_eta(self, mean: Any, beta: Any, w_inv: Any, nu: Any) -> NormalWishartStats:
        """The natural parameter of arrays that have been checked."""
        d = mean - self.centre
        if self.turn is not None:
            d = turn_difference(self.turn, mean, self.centre)
            w_inv = turn_matrix(self.turn, w_inv)
        return self._make_own_eta(d, beta, w_inv, nu)

    def _make_own_eta(self, d: Any, beta: Any, w_inv: Any, nu: Any) -> NormalWishartStats:
        """Of the distance d from the centre, and W^-1, in the family's own axes."""
        spread = w_inv + beta[..., None, None] * (d[..., :, None] * d[..., None, :])
        return NormalWishartStats(
            0.5 * (nu - self.size), -0.5 * spread, beta[..., None] * d, -0.5 * beta
        )

    def adopt(self, distribution: Distribution) -> Distribution:
        """W^-1 has been looked at where it was first told; if it has lost digits since, whoever
        asks for its factor is told."""
        family = distribution.family
        if not isinstance(family, NormalWishart) or family.size != self.size:
            return super().adopt(distribution)
        if family is not self and family.turn is not None and self.turn is not None:
            m, beta, w_inv, nu = family._textbook(distribution.eta)
            if not np.array_equal(self.turn, family.turn):
                between = self.turn @ np.swapaxes(family.turn, -1, -2)
                m, w_inv = (between @ m[..., None])[..., 0], turn_matrix(between, w_inv)
            d = m + turn_difference(self.turn, family.centre, self.centre)
            return replace(distribution, family=self, eta=self._make_own_eta(d, beta, w_inv, nu))
        return replace(distribution, family=self, eta=self.make_eta(**distribution.parameters))

    def parameters(self, eta: NormalWishartStats) -> dict[str, np.ndarray]:
        m, beta, w_inv, nu = self._textbook(eta)
        lead, size = self.lead_shape(eta), self.size
        return {
            "mean": np.broadcast_to(self._place(m), (*lead, size)),
            "beta": np.broadcast_to(beta, lead),
            "w_inv": np.broadcast_to(tell(self.turn, w_inv), (*lead, size, size)),
            "nu": np.broadcast_to(nu, lead),
        }

    def log_partition(self, eta: NormalWishartStats) -> Any:
        """Infinite where nu is not above D - 1: log Gamma_D goes on there, no integral does."""
        _, beta, w_inv, nu = self._textbook(eta)
        found = self._log_normaliser(beta, -wishart.whiten(w_inv)[1], nu)
        return np.where(nu > self.size - 1, found, np.inf)

    def entropy(self, eta: NormalWishartStats, expected: NormalWishartStats | None = None) -> Any:
        """A - <eta, E[t]>, with the log|W| that A needs read off E log|Lambda|."""
        expected = self.expected_stats(eta) if expected is None else expected
        beta = -2.0 * np.asarray(eta.quadratic)
        nu = 2.0 * np.asarray(eta.log_det) + self.size
        log_det_w = expected.log_det - wishart.expected_log_det_ratio(nu, self.size)
        return self._log_normaliser(beta, log_det_w, nu) - self.inner(eta, expected)

    def is_sharp(self, eta: NormalWishartStats) -> bool:
        """By its degrees of freedom and beta, whatever the unit of the data; or because its mean is
        so far from the centre that beta m_i**2 leaves W^-1_ii a share of 1/SHARP of the sum."""
        m, beta, _, _ = self._textbook(eta)
        spread = -2.0 * np.diagonal(eta.precision, axis1=-2, axis2=-1)
        far = np.any(beta[..., None] * m**2 > (1.0 - 1.0 / SHARP) * spread)
        return bool(far or max(np.max(eta.log_det), np.max(-eta.quadratic)) > SHARP)

    def kl_from_prior(self, eta: Any, expected: Any, prior: Any) -> Any:
        """That of the Wisharts and, given Lambda, that of the normals (Bishop 2006, B.81), which is
        [ D (beta0/beta - 1 - log beta0/beta) + beta0 nu d'W d ]/2 with d = m - m0.

        Where d is long and along no axis, W^-1 is nearly singular; d'W d is |A d|**2 with W = A'A,
        a sum of squares."""
        m, beta, w_inv, nu = self._textbook(eta)
        m0, beta0, w0_inv, nu0 = prior.family._textbook(prior.eta)
        d = m - m0 + (self.centre - prior.family.centre)
        if self.turn is not None and prior.family is not self:
            d = m - turn_difference(self.turn, prior.family.centre + m0, self.centre)
            w0_inv = turn_matrix(self.turn, w0_inv)
        distance = ((wishart.whiten(w_inv)[0] @ d[..., None])[..., 0] ** 2).sum(-1)
        ratio = beta0 / beta
        normals = self.size * (ratio - 1.0 - np.log(ratio)) + beta0 * nu * distance
        return wishart.divergence(w_inv, nu, w0_inv, nu0) + 0.5 * normals

    def kl(self, eta: Any, other: Any) -> Any:
        return self.kl_from_prior(eta, None, Distribution(self, other))

    def lost(self, eta: NormalWishartStats, best: NormalWishartStats) -> Any:
        """How far rounding may move a bound through a W^-1 that is nearly singular, in nats,
        (*lead,). It is highest at `best`, the conditional: where W^-1 is that of `best` plus
        beta (m - m')(m - m')', by the two means m and m'."""
        m, _, w_inv, nu = self._textbook(eta)
        to, beta, moment, degrees = self._textbook(best)
        d = m - to
        moment = moment + beta[..., None, None] * (d[..., :, None] * d[..., None, :])
        white = wishart.whiten(w_inv)[0]
        return wishart.lost_in_scale(
            w_inv, nu, white @ moment @ np.swapaxes(white, -1, -2), degrees
        )

    def log_partition_of(self, distribution: Any) -> Any:
        """That in its own statistics: it does not depend on the centre, and W keeps its digits."""
        return distribution.family.log_partition(distribution.eta)

    def _log_normaliser(self, beta: Any, log_det_w: Any, nu: Any) -> Any:
        normal = 0.5 * self.size * (LOG_2PI - np.log(beta))
        return sum(wishart.log_normaliser_terms(log_det_w, nu, self.size), normal)

    def expected_stats(self, eta: NormalWishartStats) -> NormalWishartStats:
        """By A m, W = A'A: of m'W m, a sum of squares, more is left than of W where W^-1 is nearly
        singular."""
        m, beta, w_inv, nu = self._textbook(eta)
        (white, log_det), degrees = wishart.whiten(w_inv), nu[..., None]
        back, half = np.swapaxes(white, -1, -2), (white @ m[..., None])[..., 0]
        ratio = wishart.expected_log_det_ratio(nu, self.size)
        return NormalWishartStats(
            ratio - log_det,
            degrees[..., None] * (back @ white),
            degrees * (back @ half[..., None])[..., 0],
            self.size / beta + nu * (half * half).sum(-1),
        )
