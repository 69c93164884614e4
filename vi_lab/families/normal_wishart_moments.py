"""What a normal-Wishart density is like: where it is, its scale, moments, quantiles and draws.

From the textbook parameters of NW(m, beta, W, nu); the density itself is in `normal_wishart`. Where
the family has axes of its own, W^-1 is in these, and what is told here in those of the data.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.families.mean_precision import (
    MeanPrecision,
    MeanPrecisionFamily,
    NormalWishartStats,
    Place,
)
from vi_lab.numerics import wishart
from vi_lab.numerics.own_axes import find_axes, tell, turn_back


class NormalWishartMoments(MeanPrecisionFamily):
    """A family of normal-Wisharts but for the density."""

    def _textbook(self, eta: NormalWishartStats) -> tuple[Any, Any, Any, Any]:
        """(m - centre, beta, W^-1, nu) in its own axes; W^-1 is symmetric to the last digit."""
        beta = -2.0 * np.asarray(eta.quadratic)
        m = eta.scaled_mean / beta[..., None]
        outer = beta[..., None, None] * (m[..., :, None] * m[..., None, :])
        w_inv = -2.0 * eta.precision - outer
        return m, beta, w_inv, 2.0 * np.asarray(eta.log_det) + self.size

    def sample(
        self, rng: np.random.Generator, eta: NormalWishartStats, shape: tuple[int, ...]
    ) -> MeanPrecision:
        """Bartlett: Lambda = T T', a draw of the Wishart; mu = m + T'^-1 noise / sqrt(beta)."""
        m, beta, w_inv, nu = self._textbook(eta)
        root = wishart.draw_root(rng, nu, wishart.factorise_inverse_scale(w_inv), shape)
        noise = rng.standard_normal((*shape, self.size)) / np.sqrt(beta)[..., None]
        offset = np.linalg.solve(np.swapaxes(root, -1, -2), noise[..., None])[..., 0]
        root = turn_back(self.turn, root)
        return MeanPrecision(self._place(m + offset), root @ np.swapaxes(root, -1, -2))

    def locate(self, eta: NormalWishartStats) -> Any:
        """m, which still has its digits where W^-1 has none; and the axes to tell W^-1 in."""
        m, _, w_inv, _ = self._textbook(eta)
        return Place(self._place(m), *find_axes(w_inv, self.turn))

    def scale(self, eta: NormalWishartStats) -> tuple[Any, Any]:
        """W^-1 and nu, in the family's own axes."""
        _, _, w_inv, nu = self._textbook(eta)
        return w_inv, nu

    def whiten(self, eta: NormalWishartStats) -> tuple[np.ndarray, Any]:
        """A with W = A'A in the axes of the data, and log|W^-1|."""
        white, log_det = wishart.whiten(self._textbook(eta)[2])
        return (white if self.turn is None else white @ self.turn), log_det

    def _invert(self, eta: NormalWishartStats) -> np.ndarray:
        """W, in the axes of the data."""
        white = self.whiten(eta)[0]
        return np.swapaxes(white, -1, -2) @ white

    def mean(self, eta: NormalWishartStats) -> MeanPrecision:
        m, _, _, nu = self._textbook(eta)
        return MeanPrecision(self._place(m), nu[..., None, None] * self._invert(eta))

    def sd(self, eta: NormalWishartStats) -> MeanPrecision:
        """mu is Student's t with nu - D + 1 degrees of freedom (infinite sd at two or fewer)."""
        _, beta, w_inv, nu = self._textbook(eta)
        w, w_inv = self._invert(eta), tell(self.turn, w_inv)
        squares = np.diagonal(wishart.mean_covariance(beta, w_inv, nu), axis1=-2, axis2=-1)
        return MeanPrecision(np.sqrt(squares), wishart.entry_sds(w, nu))

    def covariance(self, eta: NormalWishartStats) -> np.ndarray:
        """Of mu and the entries of Lambda, which are uncorrelated.

        Cov(L_ij, L_kl) = nu (W_ik W_jl + W_il W_jk)
        """
        _, beta, w_inv, nu = self._textbook(eta)
        lead, size = self.lead_shape(eta), self.size
        w, w_inv = self._invert(eta), tell(self.turn, w_inv)
        found = np.zeros((*lead, size + size**2, size + size**2))
        found[..., :size, :size] = wishart.mean_covariance(beta, w_inv, nu)
        found[..., size:, size:] = wishart.entry_covariances(w, nu)
        return found

    def quantile(self, eta: NormalWishartStats, p: float) -> MeanPrecision:
        m, beta, w_inv, nu = self._textbook(eta)
        offset = wishart.mean_quantiles(beta, tell(self.turn, w_inv), nu, p)
        entries = wishart.entry_quantiles(self._invert(eta), nu, p)
        return MeanPrecision(self._place(m) + offset, entries)
