"""Linear regression with known noise and an unknown spread of its weights.

    alpha     ~ Gamma(a0, b0)
    w | alpha ~ N(0, I / alpha)
    y_i       ~ N(x_i' w, 1 / noise_precision)     i = 1..n

How far the weights may stray from 0 is learnt, so models of different sizes can be compared by
their evidence, or by the bound on it (Bishop 2006, 10.3 and 3.5; figure 10.9).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.matching import design
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.families import Gamma, GammaStats, MultivariateNormal, MultivariateNormalStats
from vi_lab.model import Batch, Block, Model, Statistics, Values
from vi_lab.models.posteriors.linear_regression_known_noise import integrate_weights_out
from vi_lab.numerics import special
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.results import Exact

LEAST_LOG_ALPHA = -600.0  # of those drawn: at e**-745 weights would be infinite


class LinearRegressionKnownNoise(Model):
    """y ~ N(X w, I/noise_precision) with w | alpha ~ N(0, I/alpha) and alpha ~ Gamma(a0, b0).

    Parameters
    ----------
    X : array (n, M)
        One column for each weight.
    y : array (n,)
    noise_precision : float
        The known precision of the noise, in the unit of y to the power -2.
    a0, b0 : float
        Shape and rate of the precision alpha of the weights.

    Latents: `w` (M,) and `alpha`.
    """

    no_exact_because = None
    data_names = ("y",)

    @public
    def __init__(self, X: Reals, y: Reals, noise_precision: float, a0: float, b0: float) -> None:
        self.X, self.y = design(X, y)
        self.n, self.size = self.X.shape
        self.noise_precision = checks.positive("noise_precision", noise_precision)
        self.a0, self.b0 = checks.positive_numbers(a0=a0, b0=b0)
        self._eye = np.eye(self.size)
        self._gram = self.noise_precision * self.X.T @ self.X
        self._pull = self.noise_precision * self.X.T @ self.y
        self._log_constants = (
            self.a0 * np.log(self.b0)
            - special.gammaln(self.a0)
            + 0.5 * self.n * np.log(self.noise_precision)
            - 0.5 * self.noise_precision * float(self.y @ self.y)
            - 0.5 * (self.n + self.size) * LOG_2PI
        )
        self._shape = self.a0 + 0.5 * self.size
        self.blocks = {
            "w": Block(MultivariateNormal(self.size), self._w_given_alpha),
            "alpha": Block(Gamma(), self._alpha_given_w),
        }

    def log_joint(self, stats: Statistics) -> Any:
        """With noise_precision |y - X w|**2 multiplied out; its y'y is among the constants."""
        w, alpha = stats["w"], stats["alpha"]
        log_alpha = (self.a0 - 1.0) * alpha.log - self.b0 * alpha.value
        log_w = 0.5 * self.size * alpha.log - 0.5 * alpha.value * self._square(w)
        log_y = (self._pull * w.value).sum(-1) - 0.5 * (self._gram * w.outer).sum((-2, -1))
        return log_alpha + log_w + log_y + self._log_constants

    @staticmethod
    def _square(w: MultivariateNormalStats) -> Any:
        """|w|**2"""
        return np.trace(w.outer, axis1=-2, axis2=-1)

    def _w_given_alpha(self, stats: Statistics) -> MultivariateNormalStats:
        """Precision alpha I + noise_precision X'X; linear term noise_precision X'y (10.99-101)"""
        alpha = np.asarray(stats["alpha"].value)[..., None, None]
        return MultivariateNormalStats(self._pull, -0.5 * (alpha * self._eye + self._gram))

    def _alpha_given_w(self, stats: Statistics) -> GammaStats:
        """Gamma(a0 + M/2, b0 + |w|**2/2) (10.92-10.95)"""
        return GammaStats(self._shape - 1.0, -self.b0 - 0.5 * self._square(stats["w"]))

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """alpha in logs, Gamma(a) being Gamma(a + 1) U**(1/a): at a0 = 0.01 it often underflows."""
        log_alpha = np.log(rng.standard_gamma(self.a0 + 1.0, batch))
        log_alpha = log_alpha + np.log1p(-rng.random(batch)) / self.a0 - np.log(self.b0)
        alpha = np.exp(np.maximum(log_alpha, LEAST_LOG_ALPHA))
        noise = rng.standard_normal((*batch, self.size))
        return {"w": noise / np.sqrt(alpha)[..., None], "alpha": alpha}

    def sample_initial_values(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """One sweep of Gibbs from alpha = e**(2 noise): under a vague prior, alpha itself may be
        1e-100 and weights as far away as that allows."""
        wide = Gamma().stats(np.exp(2.0 * rng.standard_normal(batch)))
        w_block, alpha_block = self.blocks["w"], self.blocks["alpha"]
        w = w_block.family.sample(rng, self._w_given_alpha({"alpha": wide}), batch)
        eta = self._alpha_given_w({"w": w_block.family.stats(w)})
        return {"w": w, "alpha": alpha_block.family.sample(rng, eta, batch)}

    def sample_data(self, rng: np.random.Generator, values: Values) -> LinearRegressionKnownNoise:
        noise = rng.standard_normal(self.n) / np.sqrt(self.noise_precision)
        y = self.X @ values["w"] + noise
        return LinearRegressionKnownNoise(self.X, y, self.noise_precision, self.a0, self.b0)

    def exact_posterior(self) -> Exact:
        """w is integrated out given alpha, and alpha by quadrature."""
        return Exact.of(self, integrate_weights_out(self))
