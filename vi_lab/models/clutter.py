"""A signal among clutter.

    theta ~ N(0, prior_var I)                       in D dimensions
    z_i   ~ Bernoulli(w)                            i = 1..n, 1 where the point is clutter
    x_i   ~ N(theta, I) if z_i = 0, N(0, 10 I) if z_i = 1         10 is a variance

A mixture of two components of which one is known. With the labels summed out the posterior of theta
is a mixture of 2**n normals; a q that factorises has one of them, sure of which points are clutter,
and so claims too little spread (Minka 2001; Bishop 2006, 10.7.1).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.errors import InputError
from vi_lab.families import Categorical, CategoricalStats, Normal, NormalStats
from vi_lab.model import Block, Model, Statistics, Values
from vi_lab.models.posteriors.clutter_posterior import LabelledClutter, LineOfClutter
from vi_lab.numerics import densities, enumeration
from vi_lab.numerics.arithmetic import LOG_2PI, times
from vi_lab.numerics.line_density import DEPTH, NODES_PER_SCALE, Line
from vi_lab.numerics.rounding import rounding
from vi_lab.results import Exact

BACKGROUND = 10.0  # the variance of the clutter
LIMIT = 2**25  # densities of one point at one node of the line


class Clutter(Model):
    """x_i ~ (1 - w) N(theta, I) + w N(0, 10 I) with theta ~ N(0, prior_var I).

    Parameters
    ----------
    x : array (n,) or (n, D)
        Points on a line, or in D dimensions.
    w : float
        The share of clutter, from 0 to 1.
    prior_var : float
        Prior variance of every coordinate of theta.

    Latents: `theta`, a number for points on a line and (D,) otherwise; `z` (n,), 1 for clutter.

    In one dimension the truth is a quadrature over theta; in more, or where a very wide prior makes
    the line too long, an enumeration of the 2**n labellings.
    """

    named_labels = ("z",)  # clutter is clutter: the signal cannot go by its name

    @public
    def __init__(self, x: Any, w: float, prior_var: float) -> None:
        raw = checks.real_array("x", x)
        if raw.ndim not in (1, 2):
            raise InputError(f"x: needs shape (n,) or (n, D), got shape {raw.shape}")
        self.x = checks.observations("x", x, raw.ndim)
        self.w = checks.real("w", w)
        if not 0 <= self.w <= 1:
            raise InputError(f"w: needs a share from 0 to 1, got {self.w:g}")
        self.prior_var = checks.positive("prior_var", prior_var)
        self.plates = self.x.shape[1:]
        self._points = self.x.reshape(len(self.x), -1)  # (n, D) in any case
        self.n, self.size = self._points.shape
        with np.errstate(divide="ignore"):
            self._log_weights = np.log1p(-self.w), np.log(self.w)
        squares = (self._points**2).sum(-1)
        self._signal = self._log_weights[0] - 0.5 * (squares + self.size * LOG_2PI)
        self._clutter = self._log_weights[1] - 0.5 * (
            squares / BACKGROUND + self.size * (LOG_2PI + np.log(BACKGROUND))
        )
        self._prior = -0.5 / self.prior_var
        self._constant = -0.5 * self.size * (LOG_2PI + np.log(self.prior_var))
        self.blocks = {
            "theta": Block(Normal(), self._theta_given_z, plates=self.plates),
            "z": Block(Categorical(2), self._z_given_theta, plates=(self.n,)),
        }
        length = np.ptp(np.append(self._points, 0.0)) + 22.0 * np.sqrt(self.prior_var)
        nodes = NODES_PER_SCALE * length * np.sqrt(self.n + 1.0 / self.prior_var)
        self._by_line = self.size == 1 and nodes * self.n <= LIMIT
        self.no_exact_because = None if self._by_line else enumeration.refusal(self.n, 2)

    def log_joint(self, stats: Statistics) -> Any:
        log_prior = self._constant + self._prior * self._length(stats["theta"])
        return log_prior + times(stats["z"].indicator, self._table(stats)).sum((-2, -1))

    def _vector(self, theta: Any) -> Any:
        """A statistic of theta with its coordinates on the last axis."""
        return theta if self.plates else np.asarray(theta)[..., None]

    def _length(self, theta: NormalStats) -> Any:
        """|theta|**2"""
        return self._vector(theta.square).sum(-1)

    def _table(self, stats: Statistics) -> Any:
        """log p(z_i = k) + log p(x_i | z_i = k, theta), shape (..., n, 2)."""
        theta = stats["theta"]
        pulled = self._vector(theta.value) @ self._points.T
        signal = self._signal + pulled - 0.5 * self._length(theta)[..., None]
        return np.stack(np.broadcast_arrays(signal, self._clutter), axis=-1)

    def _z_given_theta(self, stats: Statistics) -> CategoricalStats:
        """The log weights of (1 - w) N(x_i; theta, I) and w N(x_i; 0, 10 I)"""
        return CategoricalStats(self._table(stats))

    def _theta_given_z(self, stats: Statistics) -> NormalStats:
        """Precision 1/prior_var + n_signal; linear term the sum of the points of the signal"""
        signal = stats["z"].indicator[..., 0]
        pull, precision = signal @ self._points, self._prior - 0.5 * signal.sum(-1)
        if self.plates:
            return NormalStats(pull, precision[..., None])
        return NormalStats(pull[..., 0], precision)

    def sample_latents(self, rng: np.random.Generator, batch: tuple[int, ...] = ()) -> Values:
        theta = np.sqrt(self.prior_var) * rng.standard_normal(batch + self.plates)
        return {"theta": theta, "z": (rng.random((*batch, self.n)) < self.w).astype(np.int8)}

    def sample_initial_values(
        self, rng: np.random.Generator, batch: tuple[int, ...] = ()
    ) -> Values:
        """theta near a random point, the labels as that would have them: to see every optimum."""
        near = self.x[rng.integers(self.n, size=batch)]
        theta = near + rng.standard_normal(batch + self.plates)
        z = self.blocks["z"]
        eta = self._z_given_theta({"theta": self.blocks["theta"].family.stats(theta)})
        return {"theta": theta, "z": z.family.sample(rng, eta, (*batch, self.n))}

    def sample_data(self, rng: np.random.Generator, values: Values) -> Clutter:
        noise = rng.standard_normal(self.x.shape)
        clutter = np.reshape(values["z"], (self.n, *(1,) * len(self.plates))) == 1
        x = np.where(clutter, np.sqrt(BACKGROUND) * noise, values["theta"] + noise)
        return Clutter(x, self.w, self.prior_var)

    def exact_posterior(self) -> Exact:
        return self._on_a_line() if self._by_line else self._by_enumeration()

    def _on_a_line(self) -> Exact:
        """Labels summed out point by point, theta on a line.

        Every factor of its density falls away from 0 or from a point, so all modes lie among these;
        it is a mixture of normals of precision 1/prior_var + n at the most. No factor of a point is
        above its own top, so beyond a radius the prior alone puts the density far below its value
        at 0.
        """
        x = self._points[:, 0]
        background = self._log_weights[1] + densities.log_normal(x, 0.0, BACKGROUND)

        def log_points(theta: np.ndarray) -> np.ndarray:
            signal = densities.log_normal(x, np.asarray(theta)[..., None], 1.0)
            return np.stack(np.broadcast_arrays(self._log_weights[0] + signal, background), axis=-1)

        def log_density(theta: np.ndarray) -> np.ndarray:
            log_p = log_points(theta)
            log_x = np.logaddexp(log_p[..., 0], log_p[..., 1]).sum(-1)
            return densities.log_normal(theta, 0.0, self.prior_var) + log_x

        tops = np.logaddexp(self._log_weights[0] - 0.5 * LOG_2PI, background).sum()
        at_zero = log_density(np.array(0.0)) + 0.5 * (LOG_2PI + np.log(self.prior_var))
        radius = np.sqrt(2.0 * self.prior_var * (tops - at_zero + 2.0 * DEPTH))
        low, high = max(min(x.min(), 0.0), -radius), min(max(x.max(), 0.0), radius)
        line = Line(log_density, low, high, (self.n + 1.0 / self.prior_var) ** -0.5)
        posterior = LineOfClutter(line, log_points, self.plates)
        return Exact(self, line.log_integral, line.error, "quadrature over theta", posterior)

    def _by_enumeration(self) -> Exact:
        """Given the labels the signal's points are jointly normal: N(x; 0, I + prior_var 1 1')."""
        enumeration.announce(self.n, 2)
        labels = enumeration.labellings(self.n, 2)
        signal, x = (labels == 0).astype(np.float64), self._points
        count = signal.sum(-1)
        sums, spread = signal @ x, 1.0 + count * self.prior_var
        squares = signal @ (x**2).sum(-1) - self.prior_var * (sums**2).sum(-1) / spread
        log_signal = -0.5 * (self.size * (count * LOG_2PI + np.log(spread)) + squares)
        log_clutter = (1.0 - signal) @ densities.log_normal(x, 0.0, BACKGROUND).sum(-1)
        log_labels = times(count, self._log_weights[0])
        log_labels = log_labels + times(self.n - count, self._log_weights[1])
        log_weights = log_labels + log_signal + log_clutter
        log_evidence = float(np.logaddexp.reduce(log_weights))
        posterior = LabelledClutter(
            labels,
            log_weights - log_evidence,
            None,
            2,
            location=self.prior_var * sums / spread[:, None],
            variance=self.prior_var / spread,
            plates=self.plates,
        )
        largest = np.abs(log_weights[np.isfinite(log_weights)]).max()
        error = float(rounding(largest, self.n))
        return Exact(self, log_evidence, error, enumeration.cost(self.n, 2), posterior)
