"""What groups miss by, y_j - mu - alpha eta_j: sums of squares, what pulls on mu, eta and alpha.

Of a `HierarchicalNormalExpanded`, from statistics of its blocks about a centre. Where a product
alpha eta is far larger than sigma, squares of it and of y cancel: `MissesAboutCentres` has them
about where q is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.families import MultivariateNormal, MultivariateNormalStats, Normal, NormalStats
from vi_lab.numerics.compensated import subtract_terms
from vi_lab.numerics.quadratic_features import FAR_SDS


class Misses:
    """With statistics of mu about c, and of eta and alpha about 0: y_j - c - m - alpha eta_j.

    The prior of mu is N(0, mu_sd**2), whose 0 is -c from the centre.

    Attributes
    ----------
    effects, alpha : family
        The blocks' families, with statistics about these centres.
    """

    def __init__(self, y: np.ndarray, sigma: np.ndarray, mu_sd: float, centre: Any) -> None:
        self.y, self.sigma, self.centre = y, sigma, centre
        self.weights, self.mu_precision = sigma**-2.0, mu_sd**-2.0
        self.weight = float(self.weights.sum())
        self.effects = MultivariateNormal(1 + len(y), [centre, *np.zeros(len(y))])
        self.alpha = Normal()
        self._pull = self.weights * (y - centre)
        # of data and of the prior: 0 but for the last digit where the centre is their mean
        self._pull_on_mu = float(self._pull.sum() - self.mu_precision * centre)
        self._squares = float((self._pull * (y - centre)).sum())

    def squares(self, effects: MultivariateNormalStats, alpha: NormalStats) -> Any:
        """sum_j (y_j - mu - alpha eta_j)**2 / sigma_j**2, (*batch,)"""
        m, m_square = effects.value[..., 0], effects.outer[..., 0, 0]
        crossed = self._pull.sum() * m + alpha.value * self.pull_on_alpha(effects)
        scaled = alpha.square * self.weighted_eta_squares(effects)
        return self._squares - 2.0 * crossed + self.weight * m_square + scaled

    def stray(self, effects: MultivariateNormalStats, alpha: NormalStats) -> bool:
        """Whether mu, or alpha eta as either has moved, is more than FAR_SDS sds of the data from
        its centre."""
        moved = np.abs(effects.value[..., :1]), self._move_product(effects, alpha)
        return bool((np.maximum(*moved) / self.sigma).max() > FAR_SDS)

    def _move_product(self, effects: MultivariateNormalStats, alpha: NormalStats) -> Any:
        """How far alpha eta is from its centre, (*batch, J)."""
        return np.abs(np.asarray(alpha.value)[..., None] * effects.value[..., 1:])

    def mu_square(self, effects: MultivariateNormalStats) -> Any:
        """mu**2, (*batch,)"""
        c = self.centre
        return c**2 + 2.0 * c * effects.value[..., 0] + effects.outer[..., 0, 0]

    def eta_squares(self, effects: MultivariateNormalStats) -> Any:
        """sum_j eta_j**2, (*batch,)"""
        return _squares(effects).sum(-1)

    def weighted_eta_squares(self, effects: MultivariateNormalStats) -> Any:
        """sum_j eta_j**2 / sigma_j**2, (*batch,)"""
        return (self.weights * _squares(effects)).sum(-1)

    def pull_on_alpha(self, effects: MultivariateNormalStats) -> Any:
        """sum_j eta_j (y_j - mu) / sigma_j**2, (*batch,)"""
        each = self._pull * effects.value[..., 1:] - self.weights * effects.outer[..., 0, 1:]
        return each.sum(-1)

    def slopes(self, alpha: NormalStats) -> tuple[Any, Any]:
        """alpha and alpha**2, each (*batch, 1)."""
        return np.asarray(alpha.value)[..., None], np.asarray(alpha.square)[..., None]

    def pull_on_effects(self, alpha: NormalStats, precision: Any) -> tuple[Any, Any]:
        """On mu (*batch,), and on eta (*batch, J), whose prior has this precision (*batch, 1)."""
        return self._pull_on_mu, np.asarray(alpha.value)[..., None] * self._pull


class MissesAboutCentres(Misses):
    """With mu = c + m, eta = e + h and alpha = a + b, centres of each of a batch:

        y_j - mu - alpha eta_j = (r_j - b e_j) - m - (a + b) h_j,    r_j = y_j - c - a e_j

    Where the centres are near the data nothing large is subtracted from anything large but in r,
    which has twice the digits.
    """

    def __init__(self, there: Misses, effects: np.ndarray, alpha: np.ndarray) -> None:
        vars(self).update(vars(there))
        self.effects, self.alpha = MultivariateNormal.about(effects), Normal.about(alpha)
        self.centre, self._e, self._a = effects[..., 0], effects[..., 1:], np.asarray(alpha)
        y = np.broadcast_to(self.y, self._e.shape)
        product = (self._a[..., None], self._e)
        r = subtract_terms(y, [(self.centre[..., None], 1.0), product])
        self._pull, self._slope = self.weights * r, self.weights * self._e
        self._pull_on_mu = self._pull.sum(-1) - self.mu_precision * self.centre
        self._squares = (self._pull * r).sum(-1)
        self._slope_on_mu = self._slope.sum(-1)
        self._own_pull, self._own_square = (
            (self._e * f).sum(-1) for f in (self._pull, self._slope)
        )

    def squares(self, effects: MultivariateNormalStats, alpha: NormalStats) -> Any:
        """(r - b e)**2 - 2 (r - b e)(m + alpha h) + (m + alpha h)**2"""
        m, h, b = effects.value[..., 0], effects.value[..., 1:], alpha.value
        slope, square, shared = self._all_slopes(alpha)
        own = self._squares - 2.0 * b * self._own_pull + alpha.square * self._own_square
        on_h = slope[..., None] * self._pull - shared[..., None] * self._slope
        crossed = m * (self._pull.sum(-1) - b * self._slope_on_mu) + (on_h * h).sum(-1)
        products = 2.0 * slope * (self.weights * effects.outer[..., 0, 1:]).sum(-1)
        products = products + square * (self.weights * _squares(effects)).sum(-1)
        return own - 2.0 * crossed + self.weight * effects.outer[..., 0, 0] + products

    def _move_product(self, effects: MultivariateNormalStats, alpha: NormalStats) -> Any:
        """The largest of a h, b e and b h."""
        b, h = np.abs(np.asarray(alpha.value))[..., None], np.abs(effects.value[..., 1:])
        return np.maximum(np.abs(self._a)[..., None] * h, b * np.maximum(np.abs(self._e), h))

    def eta_squares(self, effects: MultivariateNormalStats) -> Any:
        return (_squares(effects) + self._e * (2.0 * effects.value[..., 1:] + self._e)).sum(-1)

    def weighted_eta_squares(self, effects: MultivariateNormalStats) -> Any:
        each = self.weights * _squares(effects)
        return (each + self._slope * (2.0 * effects.value[..., 1:] + self._e)).sum(-1)

    def pull_on_alpha(self, effects: MultivariateNormalStats) -> Any:
        """On b: sum_j eta_j (y_j - mu - a eta_j) / sigma_j**2 - a"""
        m, h, a = effects.value[..., 0], effects.value[..., 1:], self._a
        on_h = self._pull - a[..., None] * self._slope
        each = on_h * h - self.weights * (
            effects.outer[..., 0, 1:] + a[..., None] * _squares(effects)
        )
        return each.sum(-1) + self._own_pull - m * self._slope_on_mu - a

    def slopes(self, alpha: NormalStats) -> tuple[Any, Any]:
        slope, square, _ = self._all_slopes(alpha)
        return slope[..., None], square[..., None]

    def pull_on_effects(self, alpha: NormalStats, precision: Any) -> tuple[Any, Any]:
        slope, _, shared = (np.asarray(s)[..., None] for s in self._all_slopes(alpha))
        on_eta = slope * self._pull - shared * self._slope - precision * self._e
        return self._pull_on_mu - alpha.value * self._slope_on_mu, on_eta

    def _all_slopes(self, alpha: NormalStats) -> tuple[Any, Any, Any]:
        """alpha, alpha**2 and alpha b, each (*batch,)."""
        slope = self._a + alpha.value
        shared = self._a * alpha.value + alpha.square
        return slope, self._a * slope + shared, shared


def _squares(effects: MultivariateNormalStats) -> Any:
    """Of eta about its centre, (*batch, J)."""
    return np.diagonal(effects.outer, axis1=-2, axis2=-1)[..., 1:]
