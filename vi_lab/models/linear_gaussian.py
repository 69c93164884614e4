"""What PPCA and factor analysis share: Gaussian latents seen through a linear map and noise.

    z_n ~ N(0, I)                           n = 1..N, q coordinates each
    x_n ~ N(W z_n + mu, Psi)                Psi diagonal

(Bishop 2006, 12.2.) Every row's posterior is Gaussian with the one covariance (I + W'Psi^-1 W)^-1;
a q that factorises over the coordinates is exact just where the columns of Psi^-1/2 W are
orthogonal.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.axes import name_axes
from vi_lab.errors import InputError, refuse_if
from vi_lab.families import MultivariateNormal, MultivariateNormalStats, Normal, NormalStats
from vi_lab.model import Batch, Block, Model, Statistics, Values
from vi_lab.models.posteriors.linear_gaussian import RowPosterior, log_prior_of_rows
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.numerics.compensated import subtract_terms
from vi_lab.results import Exact

CUTS = ("coordinates", "joint")  # of the latents into blocks
REFINEMENTS = 3  # of the posterior mean
SIGNAL_LIMIT = 1e12  # variance explained, over that of the noise: four digits are left beside it


class LinearGaussian(Model):
    """Abstract: rows x_n ~ N(W z_n + mu, diag(psi)), z_n ~ N(0, I). Subclasses name the noise.

    Latent: `z` (N, q). Blocks: `z.0`, `z.1`, ... one a coordinate, or `z` with blocks="joint".
    Statistics are taken about the posterior mean, the centre (N, q).
    """

    no_exact_because, data_names, axes = None, ("x",), name_axes(z="observation factor")

    def __init__(self, x: Any, W: Any, mu: Any, psi: Any, blocks: str) -> None:
        self.x = checks.observations("x", x, ndim=2)
        self.n, self.size = self.x.shape
        self.independent_rows = self.n
        self.W = checks.observations("W", W, 2)
        refuse_if(
            self.W.shape[0] != self.size,
            f"W: needs one row for each of the {self.size} columns of x, got shape {self.W.shape}",
        )
        self.q = self.W.shape[1]
        self.mu = checks.vector("mu", mu, self.size)
        self.psi = psi
        _require_digits(self.W, self.psi)
        # log p(x, z) = constant + pull'd - d' (I + gram) d / 2 row by row, d = z - centre
        scaled = self.W / self.psi[:, None]
        self._gram = self.W.T @ scaled
        precision = self._gram + np.eye(self.q)
        self._minus_half = -0.5 * precision
        # numpy is faster with 0-d arrays than with its scalars
        self._halves = [np.array(half) for half in np.diagonal(self._minus_half)]
        self._between = [[np.array(entry) for entry in row] for row in self._gram]
        self.centre = np.zeros((self.n, self.q))
        for _ in range(REFINEMENTS):  # Newton's step to the posterior mean, from where it ended
            pull = self._miss(self.centre) @ scaled - self.centre
            self.centre = self.centre + np.linalg.solve(precision, pull.T).T
        miss = self._miss(self.centre)
        self._pull = miss @ scaled - self.centre
        self._pulls = np.ascontiguousarray(self._pull.T)  # one row a coordinate
        self._constant = -0.5 * (
            (self.size + self.q) * LOG_2PI
            + np.log(self.psi).sum()
            + (miss**2 / self.psi).sum(-1)
            + (self.centre**2).sum(-1)
        )
        self.cut = checks.one_of("blocks", blocks, CUTS)
        if self.cut == "joint":
            family = MultivariateNormal.about(self.centre)
            self.blocks = {"z": Block(family, self._all_given_x, plates=(self.n,))}
        else:
            self.blocks = {
                f"z.{i}": Block(
                    Normal.about(np.ascontiguousarray(self.centre[:, i])),
                    partial(self._one_given_rest, i),
                    plates=(self.n,),
                )
                for i in range(self.q)
            }

    def _miss(self, z: np.ndarray) -> np.ndarray:
        """x - mu - W z with twice the digits, (N, D)."""
        parts = ((self.W[:, i], z[:, i, None]) for i in range(self.q))
        return subtract_terms(self.x, [(self.mu, 1.0), *parts])

    def log_joint(self, stats: Statistics) -> Any:
        return self.log_joint_rows(stats).sum(-1)

    def log_prior(self, stats: Statistics) -> Any:
        return log_prior_of_rows(stats, self.centre)

    def log_joint_rows(self, stats: Statistics) -> Any:
        """log N(z_n; 0, I) + log N(x_n; W z_n + mu, Psi) row by row, the squares multiplied out."""
        if "z" in self.blocks:
            value, outer = stats["z"]
            quadratic = (self._minus_half * outer).sum((-2, -1))
            return self._constant + (self._pull * value).sum(-1) + quadratic
        total = self._constant
        for i in range(self.q):
            here, slope = stats[f"z.{i}"], self._pulls[i]
            for j in range(i):
                slope = slope - self._between[i][j] * stats[f"z.{j}"].value
            total = total + slope * here.value + self._halves[i] * here.square
        return total

    def _one_given_rest(self, i: int, stats: Statistics) -> NormalStats:
        """Precision 1 + gram_ii; linear term pull_i - sum_(j != i) gram_ij z_j."""
        linear: Any = self._pulls[i]
        for j in range(self.q):
            if j != i:
                linear = linear - self._gram[i, j] * stats[f"z.{j}"].value
        return NormalStats(linear, -0.5 * (1.0 + self._gram[i, i]))

    def _all_given_x(self, stats: Statistics) -> MultivariateNormalStats:
        """Precision I + gram; linear term pull: the posterior itself."""
        return MultivariateNormalStats(self._pull, self._minus_half)

    def latents(self, values: Values) -> dict[str, Any]:
        if "z" in self.blocks:
            return dict(values)
        return {"z": np.stack([values[f"z.{i}"] for i in range(self.q)], axis=-1)}

    def block_values(self, latents: Values) -> dict[str, Any]:
        return dict(self.in_blocks(latents["z"]))

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        return self.in_blocks(rng.standard_normal((*batch, self.n, self.q)))

    def in_blocks(self, z: np.ndarray) -> Values:
        return {"z": z} if "z" in self.blocks else {f"z.{i}": z[..., i] for i in range(self.q)}

    def _draw_rows(self, rng: np.random.Generator, values: Values) -> np.ndarray:
        z = self.latents(values)["z"]
        noise = rng.standard_normal((self.n, self.size))
        return z @ self.W.T + self.mu + np.sqrt(self.psi) * noise

    def exact_posterior(self) -> Exact:
        """Each row by least squares; the conditionals above use the normal equations instead."""
        return Exact.of(self, RowPosterior(self))


def _require_digits(W: np.ndarray, psi: np.ndarray) -> None:
    """InputError where the noise is so small that the posterior forgets the prior of z."""
    root = float(np.linalg.norm(W / np.sqrt(psi)[:, None], 2))
    signal = root * root  # inf where the square overflows
    if signal == np.inf:
        raise InputError(
            f"W: holds {np.abs(W).max():g}, whose square over the variance of the noise "
            "overflows; rescale W, or raise the noise"
        )
    if signal > SIGNAL_LIMIT:
        raise InputError(
            f"W: explains {signal:.2g} times the variance of the noise, above {SIGNAL_LIMIT:g}: "
            "beside 1 + that ratio no digit of the prior of z is left; rescale W, or raise the "
            "noise"
        )
