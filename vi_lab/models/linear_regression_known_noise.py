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
from vi_lab.arguments.axes import name_axes
from vi_lab.arguments.matching import design
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.families import Gamma, GammaStats, MultivariateNormal, MultivariateNormalStats
from vi_lab.model import Batch, Block, ModelWithPriors, Statistics, Values
from vi_lab.models.posteriors.linear_regression_known_noise import integrate_weights_out
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.compensated import subtract_product
from vi_lab.results import Exact

STEPS_TO_MODE, REFINEMENTS = 50, 3
LEAST_LOG_ALPHA = -600.0  # of those drawn: at e**-745 weights would be infinite


class LinearRegressionKnownNoise(ModelWithPriors):
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

    Latents: `w` (M,) and `alpha`. Statistics of w are taken about where it lies, the centre.
    """

    no_exact_because = None
    data_names = ("y",)
    axes = name_axes(w="coefficient")

    @public
    def __init__(self, X: Reals, y: Reals, noise_precision: float, a0: float, b0: float) -> None:
        self.X, self.y = design(X, y)
        self.n, self.size = self.X.shape
        self.noise_precision = checks.positive("noise_precision", noise_precision)
        self.a0, self.b0 = checks.positive_numbers(a0=a0, b0=b0)
        self._eye = np.eye(self.size)
        self._gram = self.noise_precision * self.X.T @ self.X
        self._shape = self.a0 + 0.5 * self.size
        self.centre = self._find_mode()
        # numpy sums faster as a product with a vector, and reckons faster with 0-d arrays
        self._minus_half_eye, self._minus_half_gram = -0.5 * self._eye, -0.5 * self._gram
        self._minus_half_length = np.array(-0.5 * (self.centre @ self.centre))
        self._minus_rate = np.array(self._minus_half_length - self.b0)
        miss = subtract_product(self.y, self.X, self.centre)
        self._pull = self.noise_precision * self.X.T @ miss
        self._constant = 0.5 * (
            self.n * np.log(self.noise_precision)
            - self.noise_precision * float(miss @ miss)
            - (self.n + self.size) * LOG_2PI
        )
        alpha = Gamma.of(shape=a0, rate=b0)
        self.blocks = {
            "w": Block(MultivariateNormal(self.size, self.centre), self._w_given_alpha),
            "alpha": Block(alpha.family, self._alpha_given_w, prior=alpha),
        }

    def _find_mode(self) -> np.ndarray:
        """Where w lies at an alpha that suits it: each takes its conditional mean in turn.

        Newton's step from where the last one ended then gives w to the last digit. A small
        singular value of X has more digits than an eigenvalue of X'X, and its part of y is as
        small; directions that X does not see have the prior's precision alone.
        """
        left, singular, _ = np.linalg.svd(self.X, full_matrices=False)
        values = self.noise_precision * singular**2
        turned = self.noise_precision * singular * (left.T @ self.y)
        unseen = self.size - len(values)
        alpha = self.a0 / self.b0
        for _ in range(STEPS_TO_MODE):
            length = ((turned / (alpha + values)) ** 2 + 1.0 / (alpha + values)).sum()
            length = length + unseen / alpha
            alpha = self._shape / (self.b0 + 0.5 * length)
        centre = np.zeros(self.size)
        for _ in range(REFINEMENTS):
            miss = subtract_product(self.y, self.X, centre)
            slope = self.noise_precision * self.X.T @ miss - alpha * centre
            centre = centre + np.linalg.solve(self._gram + alpha * self._eye, slope)
        return centre

    def log_likelihood(self, stats: Statistics) -> Any:
        """log p(w | alpha) + log p(y | w), with noise_precision |y - X w|**2 multiplied out in
        d = w - centre."""
        w, alpha = stats["w"], stats["alpha"]
        minus_half_square = self._minus_half_square(w) + self._minus_half_length
        log_w = 0.5 * self.size * alpha.log + alpha.value * minus_half_square
        flat = w.outer.reshape(*w.outer.shape[:-2], self.size**2)
        log_y = w.value @ self._pull + flat @ self._minus_half_gram.ravel()
        return log_w + log_y + self._constant

    def log_prior_given(self, stats: Statistics) -> Any:
        """log p(w | alpha)"""
        w, alpha = stats["w"], stats["alpha"]
        minus_half_square = self._minus_half_square(w) + self._minus_half_length
        return 0.5 * self.size * (alpha.log - LOG_2PI) + alpha.value * minus_half_square

    def _minus_half_square(self, w: MultivariateNormalStats) -> Any:
        """-|w|**2/2 without the -|centre|**2/2 in it"""
        flat = w.outer.reshape(*w.outer.shape[:-2], self.size**2)
        return flat @ self._minus_half_eye.ravel() - w.value @ self.centre

    def _w_given_alpha(self, stats: Statistics) -> MultivariateNormalStats:
        """Precision alpha I + noise_precision X'X; linear term noise_precision X'y (10.99-101)"""
        alpha = np.asarray(stats["alpha"].value)[..., None]
        minus_half = alpha[..., None] * self._minus_half_eye + self._minus_half_gram
        return MultivariateNormalStats(self._pull - alpha * self.centre, minus_half)

    def _alpha_given_w(self, stats: Statistics) -> GammaStats:
        """Gamma(a0 + M/2, b0 + |w|**2/2) (10.92-10.95)"""
        minus_rate = self._minus_rate + self._minus_half_square(stats["w"])
        return GammaStats(self._shape - 1.0, minus_rate)

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
