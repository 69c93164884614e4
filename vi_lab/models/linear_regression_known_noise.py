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
from vi_lab.families import Gamma, GammaStats, MultivariateNormal, MultivariateNormalStats
from vi_lab.model import Block, Model, Statistics, Values
from vi_lab.models.posteriors.normals_given_precision import NormalsGivenPrecision
from vi_lab.numerics import special
from vi_lab.numerics.arithmetic import LOG_2PI, times
from vi_lab.numerics.line_density import Line, log_scale
from vi_lab.results import Exact

LEAST = -600.0  # log of the smallest precision drawn: at e**-745 weights would be infinite


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

    @public
    def __init__(self, X: Any, y: Any, noise_precision: float, a0: float, b0: float) -> None:
        self.X, self.y = design(X, y)
        self.n, self.size = self.X.shape
        self.noise_precision = checks.positive("noise_precision", noise_precision)
        self.a0 = checks.positive("a0", a0)
        self.b0 = checks.positive("b0", b0)
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

    def sample_latents(self, rng: np.random.Generator, batch: tuple[int, ...] = ()) -> Values:
        """alpha in logs, Gamma(a) being Gamma(a + 1) U**(1/a): at a0 = 0.01 it often underflows."""
        log_alpha = np.log(rng.standard_gamma(self.a0 + 1.0, batch))
        log_alpha = log_alpha + np.log1p(-rng.random(batch)) / self.a0 - np.log(self.b0)
        alpha = np.exp(np.maximum(log_alpha, LEAST))
        noise = rng.standard_normal((*batch, self.size))
        return {"w": noise / np.sqrt(alpha)[..., None], "alpha": alpha}

    def sample_initial_values(
        self, rng: np.random.Generator, batch: tuple[int, ...] = ()
    ) -> Values:
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
        """w is integrated out given alpha, alpha = e**u on a line.

        With X = U diag(s) V', c = U'y and l_j = noise_precision s_j**2, the coordinates of V'w are
        independent given alpha, N(noise_precision s_j c_j/(alpha + l_j), 1/(alpha + l_j)), and

            log p(y|alpha) = n/2 log(noise_precision/2pi) + sum_j log(alpha/(alpha + l_j))/2
                             - noise_precision [|y - U c|**2 + sum_j c_j**2 alpha/(alpha + l_j)]/2

        The slope of the density of u is above 0 as long as alpha (b0 + sum c_j**2/s_j**2 / 2) < a0,
        and below 0 once b0 alpha > a0 + M/2.
        """
        left, s, right = np.linalg.svd(self.X, full_matrices=self.n < self.size)
        left = left[:, : len(s)]
        s = np.where(s > max(self.X.shape) * np.finfo(np.float64).eps * s.max(), s, 0.0)
        c, rank = left.T @ self.y, int((s > 0).sum())  # a column that is 0 but for rounding is 0
        rest = float(((self.y - left @ c) ** 2).sum())
        length = float((c[:rank] ** 2 / s[:rank] ** 2).sum())
        missing = np.zeros(self.size - len(s))  # weights on which the data say nothing
        s, c = np.concatenate([s, missing]), np.concatenate([c, missing])
        noise = self.noise_precision
        with np.errstate(divide="ignore"):
            log_l = np.log(noise) + 2.0 * np.log(s)

        def log_density(u: np.ndarray) -> np.ndarray:
            u = np.asarray(u)
            log_share = u[..., None] - np.logaddexp(u[..., None], log_l)  # alpha/(alpha + l_j)
            log_prior = self.a0 * (np.log(self.b0) + u) - special.gammaln(self.a0)
            misfit = rest + (c**2 * np.exp(log_share)).sum(-1)
            log_y = 0.5 * (self.n * (np.log(noise) - LOG_2PI) + log_share.sum(-1) - noise * misfit)
            return log_prior - self.b0 * np.exp(u) + log_y

        low = np.log(self.a0) - np.log(self.b0 + 0.5 * length)
        high = np.log(self.a0 + 0.5 * self.size) - np.log(self.b0)
        line = Line(log_density, float(low), float(high), log_scale(self.a0 + self.size))
        posterior = NormalsGivenPrecision(
            ("alpha", "w"),
            line,
            location=lambda t: noise * s * c / (np.asarray(t)[..., None] + noise * s**2),
            precision=lambda t: np.asarray(t)[..., None] + noise * s**2,
            frame=right.T,
            spreads=self._spreads(line, log_l, length),
        )
        return Exact(self, line.log_integral, line.error, "quadrature over alpha", posterior)

    def _spreads(self, line: Line, log_l: np.ndarray, length: float) -> np.ndarray:
        """E[1/(alpha + l_j) | y], (M,): what V'w varies by, on average over alpha.

        Towards alpha = 0 the density of u falls like e**((a0 + rank/2) u), and where the data say
        nothing on a weight the integrand falls like e**((a0 + rank/2 - 1) u): it may reach far
        below the end of the line, or have no integral at all. So the nodes go on until nothing but
        that exponential is left, to e**-40 of it, and the sum over the rest is a geometric series.
        """
        known = log_l > -np.inf
        falls = self.a0 + 0.5 * known.sum() - np.where(known, 0.0, 1.0)  # the exponents, (M,)
        bound = self.b0 + 0.5 * length + 0.5 * float(np.exp(-log_l[known]).sum())
        step = line.nodes[1] - line.nodes[0]
        beyond = line.nodes[0] + 40.0 + np.log(bound) - np.log(falls[falls > 0].min(initial=1.0))
        count = max(1, int(np.ceil(beyond / step)))
        nodes = line.nodes[0] + step * np.arange(-count, len(line.nodes))
        log_weights = line.log_density(nodes) + np.log(step)
        terms = np.exp(log_weights[:, None] - np.logaddexp(nodes[:, None], log_l))
        with np.errstate(divide="ignore"):
            series = np.where(falls > 0, 1.0 / np.expm1(step * np.maximum(falls, 0.0)), np.inf)
        return terms.sum(0) + times(terms[0], series)
