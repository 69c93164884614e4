"""A correlated Gaussian, seen through blocks of its coordinates.

    z ~ N(mean, cov)

There are no data: the target is normalised and its log evidence is 0, so the ELBO of any q is
minus its KL. Mean field keeps the means and takes the conditional variances for the marginal ones
(Bishop 2006, eq. 10.11-10.15, figure 10.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public, short_repr
from vi_lab.arguments.types import Reals
from vi_lab.errors import InputError
from vi_lab.families import MultivariateNormal, MultivariateNormalStats
from vi_lab.model import Batch, Block, Model, Statistics, Values
from vi_lab.models.posteriors.correlated_gaussian import SINGULAR, GaussianPosterior
from vi_lab.numerics import positive_definite
from vi_lab.numerics.arithmetic import LOG_2PI
from vi_lab.results import Exact

OF_ROUNDINGS = 0.1  # of those allowed for: what is taken of an entry of nearly singular matrices


class CorrelatedGaussian(Model):
    """z ~ N(mean, cov), with one block a coordinate unless `blocks` groups them.

    Parameters
    ----------
    mean : array (D,)
    cov : array (D, D)
        Symmetric positive definite.
    blocks : list of lists of int, optional
        A partition of 0..D-1; block i is the latent `zi`, of shape (len(block),).

    Starts are over-dispersed: three standard deviations wide, without the correlation.
    """

    generative = False
    no_exact_because = None

    @public
    def __init__(
        self, mean: Reals, cov: Reals, blocks: Sequence[Sequence[int]] | None = None
    ) -> None:
        self.mean = checks.observations("mean", mean)
        self.cov = checks.covariance("cov", cov, len(self.mean))
        self.parts = _partition(blocks, len(self.mean))
        white, log_det = positive_definite.whiten(self.cov, SINGULAR)
        precision = white.T @ white
        self._log_normaliser = 0.5 * (len(self.mean) * LOG_2PI + log_det)
        self._between = {  # precision between each block and the others, sliced once
            (i, j): precision[np.ix_(a, b)]
            for i, a in self.parts.items()
            for j, b in self.parts.items()
        }
        # the natural parameter of block b, by the names it needs: -P_bb/2 and each -P_cb
        self._minus_half = {name: -0.5 * self._between[name, name] for name in self.parts}
        self._pulls = {
            name: [(other, -self._between[other, name]) for other in self.parts if other != name]
            for name in self.parts
        }
        self.blocks = {
            name: Block(
                MultivariateNormal(len(part), centre=self.mean[part]),
                partial(self._given_others, name),
            )
            for name, part in self.parts.items()
        }

    def log_joint(self, stats: Statistics) -> Any:
        """-log Z - sum_b <P_bb/2, d_b d_b'> - sum_(b<c) d_b' P_bc d_c, where d = z - mean."""
        total: Any = -self._log_normaliser
        names = list(self.parts)
        for i, a in enumerate(names):
            total = total - 0.5 * (self._between[a, a] * stats[a].outer).sum((-2, -1))
            for b in names[i + 1 :]:
                pulled = stats[b].value @ self._between[b, a]
                total = total - (stats[a].value * pulled).sum(-1)
        return total

    def _given_others(self, name: str, stats: Statistics) -> MultivariateNormalStats:
        """Precision P_bb and linear term -sum_c P_bc d_c (Bishop 2006, eq. 2.96-2.97)."""
        pull: Any = np.zeros(len(self.parts[name]))
        for other, minus_between in self._pulls[name]:
            pull = pull + stats[other].value @ minus_between
        return MultivariateNormalStats(pull, self._minus_half[name])

    def share_of_rounding(self, stats: Statistics) -> dict[str, MultivariateNormalStats]:
        """Sums over the few entries of P are good to ten roundings of each, not to a hundred."""
        return dict.fromkeys(self.parts, MultivariateNormalStats(OF_ROUNDINGS, OF_ROUNDINGS))

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        sd = np.sqrt(np.diag(self.cov))
        start = self.mean + 3.0 * sd * rng.standard_normal((*batch, len(self.mean)))
        return {name: start[..., part] for name, part in self.parts.items()}

    def exact_posterior(self) -> Exact:
        """The target is the posterior; a normalised density integrates to one, so log 1 = 0."""
        posterior = GaussianPosterior(self.mean, self.cov, self.parts)
        return Exact(self, 0.0, 0.0, "closed form", posterior)


def _partition(blocks: Any, size: int) -> dict[str, list[int]]:
    """Block names with the coordinates each holds; InputError unless they partition 0..size-1."""
    if blocks is None:
        blocks = [[i] for i in range(size)]
    try:
        groups = [[checks.integer("blocks", i, 0) for i in group] for group in blocks]
    except TypeError:
        raise InputError(
            f"blocks: needs a list of lists of coordinates, got {short_repr(blocks)}"
        ) from None
    fits = all(groups) and sorted(i for group in groups for i in group) == list(range(size))
    needed = f"blocks: needs every coordinate 0..{size - 1} in exactly one non-empty list"
    checks.require(fits, needed, blocks, InputError)
    return {f"z{i}": group for i, group in enumerate(groups)}
