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
from vi_lab.arguments.types import Reals
from vi_lab.errors import refuse_if
from vi_lab.families import Categorical, CategoricalStats, Normal, NormalStats
from vi_lab.model import Batch, Block, Statistics, Values
from vi_lab.models.moving_centres import MovingCentres
from vi_lab.models.posteriors.clutter import LabelledClutter, LineOfClutter
from vi_lab.numerics import enumeration
from vi_lab.numerics.arithmetic import LOG_2PI, log, log1p, multiply_row, times
from vi_lab.numerics.line_density import NODES_PER_SCALE
from vi_lab.numerics.quadratic_features import FAR_SDS
from vi_lab.numerics.sites import Sites
from vi_lab.results import Exact

BACKGROUND = 10.0  # the variance of the clutter
MOST_DENSITIES = 2**25  # of one point at one node of the line
FEWEST = 32  # points that count as many, so that no line is too long
NEAR = 3.0  # sds of the noise: a middle of the points so near 0 is as good a centre at 0


class Clutter(MovingCentres):
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
    data_names = ("x",)
    moving = ("theta",)

    @public
    def __init__(self, x: Reals, w: float, prior_var: float) -> None:
        raw = checks.real_array("x", x)
        refuse_if(raw.ndim not in (1, 2), f"x: needs shape (n,) or (n, D), got shape {raw.shape}")
        self.x = checks.observations("x", x, raw.ndim)
        self.w = checks.real("w", w)
        refuse_if(not 0 <= self.w <= 1, f"w: needs a share from 0 to 1, got {self.w:g}")
        self.prior_var, self.background = checks.positive("prior_var", prior_var), BACKGROUND
        self.plates = self.x.shape[1:]
        self.points = self.x.reshape(len(self.x), -1)  # (n, D) in any case
        self.n, self.size = self.points.shape
        self.log_weights = log1p(-self.w), log(self.w)
        squares = (self.points**2).sum(-1)
        self._clutter = self.log_weights[1] - 0.5 * (
            squares / BACKGROUND + self.size * (LOG_2PI + np.log(BACKGROUND))
        )
        self._prior = -0.5 / self.prior_var
        middle = self.points.mean(0)
        middle = np.where(np.abs(middle) < NEAR, 0.0, middle)
        self._take_statistics_about(middle if self.plates else middle[0])
        length = np.ptp(np.append(self.points, 0.0)) + 22.0 * np.sqrt(self.prior_var)
        nodes = NODES_PER_SCALE * length * np.sqrt(self.n + 1.0 / self.prior_var)
        self._by_line = self.size == 1 and nodes * max(self.n, FEWEST) <= MOST_DENSITIES
        self.no_exact_because = None if self._by_line else enumeration.refusal(self.n, 2)
        self.no_sites_because = None
        if self.size > 1:
            self.no_sites_because = (
                "its sites are integrals in one dimension, and each point of this model has "
                f"{self.size} coordinates"
            )

    def _take_statistics_about(self, centre: np.ndarray) -> None:
        """Blocks whose statistics of theta are about one centre, or one of each of a batch."""
        self.centre, at = centre, self._vector(centre)
        self._d = self.points - at[..., None, :]
        self._coordinates = np.swapaxes(self._d, -1, -2)
        self._prior_pull = 2.0 * self._prior * at
        squares = (self._d**2).sum(-1)
        self._signal = self.log_weights[0] - 0.5 * (squares + self.size * LOG_2PI)
        theta = Normal.of(mean=0.0, sd=np.sqrt(self.prior_var))
        family = Normal.about(centre)
        self.blocks = {
            "theta": Block(family, self._theta_given_z, plates=self.plates, prior=theta),
            "z": Block(Categorical(2), self._z_given_theta, plates=(self.n,)),
        }

    def strays(self, stats: Statistics) -> bool:
        """In sds of the noise."""
        return bool(np.abs(stats["theta"].value).max() > FAR_SDS)

    def log_likelihood(self, stats: Statistics) -> Any:
        """log p(x, z | theta)"""
        return times(stats["z"].indicator, self._table(stats)).sum((-2, -1))

    def _log_pi(self, stats: Statistics) -> Any:
        return np.array(self.log_weights)

    def _vector(self, theta: Any) -> Any:
        """A statistic of theta with its coordinates on the last axis."""
        return theta if self.plates else np.asarray(theta)[..., None]

    def _length(self, theta: NormalStats) -> Any:
        """|theta|**2"""
        return self._vector(theta.square).sum(-1)

    def _table(self, stats: Statistics) -> Any:
        """log p(z_i = k) + log p(x_i | z_i = k, theta), shape (..., n, 2)."""
        theta = stats["theta"]
        pulled = multiply_row(self._vector(theta.value), self._coordinates)
        signal = self._signal + pulled - 0.5 * self._length(theta)[..., None]
        return np.stack(np.broadcast_arrays(signal, self._clutter), axis=-1)

    def _z_given_theta(self, stats: Statistics) -> CategoricalStats:
        """The log weights of (1 - w) N(x_i; theta, I) and w N(x_i; 0, 10 I)"""
        return CategoricalStats(self._table(stats))

    def _theta_given_z(self, stats: Statistics) -> NormalStats:
        """Precision 1/prior_var + n_signal; linear term the sum of the points of the signal"""
        signal = stats["z"].indicator[..., 0]
        pull = multiply_row(signal, self._d) + self._prior_pull
        precision = self._prior - 0.5 * signal.sum(-1)
        if self.plates:
            return NormalStats(pull, precision[..., None])
        return NormalStats(pull[..., 0], precision)

    def sites(self) -> Sites:
        """A point is of the signal or clutter: log[(1 - w) N(x_i; theta, 1) + w N(x_i; 0, 10)]."""
        if self.no_sites_because:
            return super().sites()
        x, clutter = self.points, self._clutter[:, None]
        signal = self.log_weights[0] - 0.5 * LOG_2PI
        one = np.ones((1, 1))
        return Sites(
            np.zeros(1), self.prior_var * one, np.ones((self.n, 1)),
            lambda theta: np.logaddexp(signal - 0.5 * (theta - x) ** 2, clutter),
        )  # fmt: skip

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        theta = np.sqrt(self.prior_var) * rng.standard_normal(batch + self.plates)
        return {"theta": theta, "z": (rng.random((*batch, self.n)) < self.w).astype(np.int8)}

    def sample_initial_values(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
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
        """Labels summed out point by point and theta on a line, or a sum over labellings."""
        solver = LineOfClutter if self._by_line else LabelledClutter
        return Exact.of(self, solver(self))
