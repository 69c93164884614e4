"""A level that wanders, seen through noise.

    x_1 ~ N(m0, v0)
    x_t ~ N(x_(t-1), q)          t = 2..T
    y_t ~ N(x_t, r)              t = 1..T

Given the even steps the odd ones are independent, and the other way about: two blocks, and a q that
cuts every step from the next (its gap grows with T). As one block the posterior is a Gaussian
Markov chain, which is itself a family, and nothing is cut (Durbin & Koopman 2012, chapter 2).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.axes import name_axes
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.errors import refuse_if
from vi_lab.families import GaussianChain, GaussianChainStats, Normal, NormalStats
from vi_lab.model import Batch, Block, Model, Statistics, Values
from vi_lab.models.posteriors.local_level import LocalLevelPosterior, log_prior_of_level
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.bidiagonal import Bidiagonal
from vi_lab.numerics.interleaving import EVEN, ODD, interleave
from vi_lab.results import Exact

REFINEMENTS = 3  # of the posterior mean


class LocalLevel(Model):
    """x_t = x_(t-1) + N(0, q), y_t = x_t + N(0, r), x_1 ~ N(m0, v0).

    Parameters
    ----------
    y : array (T,), T >= 2
        Observations, in any unit; x and m0 have that unit and the variances its square. nan where
        there is none: the level goes on unseen.
    q, r : float
        Variances of a step of the level and of an observation.
    m0, v0 : float
        Mean and variance of the first level.
    blocks : "even-odd" or "joint"
        Two blocks of independent normals, `x.even` and `x.odd` (steps counted from 0), or one
        Gaussian chain `x`.

    Latent: `x` (T,). Its statistics are taken about its posterior mean, the centre.
    """

    no_exact_because, data_names, axes = None, ("y",), name_axes(x="time")

    @public
    def __init__(
        self, y: Reals, q: float, r: float, m0: float, v0: float, blocks: str = "even-odd"
    ) -> None:
        self.y = checks.series_with_gaps("y", y)
        self.q, self.r = checks.positive("q", q), checks.positive("r", r)
        self.m0, self.v0 = checks.real("m0", m0), checks.positive("v0", v0)
        self.n = len(self.y)
        refuse_if(self.n < 2, "y: a level needs at least two times to wander, got one")
        self.layout = checks.one_of("blocks", blocks, ("even-odd", "joint"))
        # the log joint is quadratic: constant + pull'd - sum half d**2 + sum d_t d_(t+1) / q
        self._seen = np.isfinite(self.y)
        half = 0.5 * self._seen / self.r + 1.0 / self.q
        half[[0, -1]] -= 0.5 / self.q
        half[0] += 0.5 / self.v0
        self._minus_half, self._between = -half, np.full(self.n - 1, 1.0 / self.q)
        self.centre = self._find_mode()
        from_prior, steps, misses = self._residuals(self.centre)
        self._pull = self._slope(from_prior, steps, misses)
        self._constant = -0.5 * (
            (self.n + self._seen.sum()) * LOG_2PI
            + np.log(self.v0)
            + (self.n - 1) * np.log(self.q)
            + self._seen.sum() * np.log(self.r)
            + from_prior**2 / self.v0
            + (steps**2).sum() / self.q
            + (misses**2).sum() / self.r
        )
        if self.layout == "joint":
            self.blocks = {"x": Block(GaussianChain(self.n, self.centre), self._all_given_y)}
        else:
            self.blocks = {}
            for name, own in (("x.even", EVEN), ("x.odd", ODD)):
                centre, given = self.centre[own], partial(self._half_given_other, own)
                self.blocks[name] = Block(Normal.about(centre), given, plates=centre.shape)

    def _residuals(self, x: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """x_1 - m0, the steps of x, and x - y where y was seen: what the log joint squares."""
        return float(x[0] - self.m0), np.diff(x), np.where(self._seen, x - self.y, 0.0)

    def _slope(self, from_prior: float, steps: np.ndarray, misses: np.ndarray) -> np.ndarray:
        """Of the log joint in x."""
        slope = -misses / self.r
        slope[0] -= from_prior / self.v0
        slope[:-1] += steps / self.q
        slope[1:] -= steps / self.q
        return slope

    def _find_mode(self) -> np.ndarray:
        """The posterior mean: Newton's step from y, taken again from where the last one ended.

        The root of the precision comes from what each step knows by itself and from those before,
        w_t = 1/r + w_(t-1)/(1 + q w_(t-1)), so that a stiff level loses no digit of 1/r beside 1/q.
        """
        known = self._seen / self.r
        known[0] += 1.0 / self.v0
        for t in range(1, self.n):
            known[t] += known[t - 1] / (1.0 + self.q * known[t - 1])
        diagonal = np.sqrt(known + np.append(self._between, 0.0))
        root = Bidiagonal(diagonal, -self._between / diagonal[:-1])
        x = np.interp(np.arange(self.n), np.flatnonzero(self._seen), self.y[self._seen])
        for _ in range(REFINEMENTS):
            x = x + root.solve_transposed(root.solve(self._slope(*self._residuals(x))))
        return x

    def log_joint(self, stats: Statistics) -> Any:
        """Neighbours are in different blocks, or in one that has their product as a statistic.

            -(x_1 - m0)**2/2v0 - sum (x_t - x_(t-1))**2/2q - sum (x_t - y_t)**2/2r

        multiplied out in d = x - centre.
        """
        value, square, product = self._chain(stats)
        alone = (self._pull * value + self._minus_half * square).sum(-1)
        return self._constant + alone + (self._between * product).sum(-1)

    def log_prior(self, stats: Statistics) -> Any:
        return log_prior_of_level(self, *self._chain(stats))

    def _chain(self, stats: Statistics) -> tuple[Any, Any, Any]:
        """d_t, d_t**2 and d_t d_(t+1) of the whole chain."""
        if self.layout == "joint":
            return stats["x"]
        value, square = map(interleave, stats["x.even"], stats["x.odd"])
        return value, square, value[..., :-1] * value[..., 1:]

    def _half_given_other(self, own: slice, stats: Statistics) -> NormalStats:
        """Precision 1/r (where y_t was seen) + 2/q (at the ends 1/q, and 1/v0); mean from y_t,
        x_(t-1) and x_(t+1)."""
        other, name = (ODD, "x.odd") if own == EVEN else (EVEN, "x.even")
        near = stats[name].value
        pull = np.zeros((*np.shape(near)[:-1], self.n))
        pull[..., other] = near
        around = np.zeros_like(pull)
        around[..., 1:] += pull[..., :-1]
        around[..., :-1] += pull[..., 1:]
        value = self._pull[own] + around[..., own] / self.q
        return NormalStats(value, self._minus_half[own])

    def _all_given_y(self, stats: Statistics) -> GaussianChainStats:
        """The posterior itself: the same precisions on the diagonal, -1/q beside it."""
        return GaussianChainStats(self._pull, self._minus_half, self._between)

    def latents(self, values: Values) -> dict[str, Any]:
        if self.layout == "joint":
            return dict(values)
        return {"x": interleave(values["x.even"], values["x.odd"])}

    def block_values(self, latents: Values) -> dict[str, Any]:
        return dict(self.in_blocks(latents["x"]))

    def in_blocks(self, x: np.ndarray) -> Values:
        if self.layout == "joint":
            return {"x": x}
        return {"x.even": x[..., EVEN], "x.odd": x[..., ODD]}

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        steps = np.sqrt(self.q) * rng.standard_normal((*batch, self.n))
        steps[..., 0] *= np.sqrt(self.v0 / self.q)
        return self.in_blocks(self.m0 + steps.cumsum(-1))

    def sample_data(self, rng: np.random.Generator, values: Values) -> LocalLevel:
        y = self.latents(values)["x"] + np.sqrt(self.r) * rng.standard_normal(self.n)
        y = np.where(self._seen, y, np.nan)
        return LocalLevel(y, self.q, self.r, self.m0, self.v0, self.layout)

    def exact_posterior(self) -> Exact:
        """Kalman's filter (1960) gives the evidence, the smoother of Rauch, Tung & Striebel (1965)
        the moments."""
        return Exact.of(self, LocalLevelPosterior(self))
