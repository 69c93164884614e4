"""The posterior of a fixed decoder's latents: a product over data of densities that are known on
grids, each normalised by a sum over nodes of its own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from vi_lab.arguments.public import require
from vi_lab.arguments.read_only import ReadOnlyDict, close_all
from vi_lab.numerics.rounding import Estimate
from vi_lab.results import GaussianRows
from vi_lab.vae.evidence import gaussian_rows
from vi_lab.vae.evidence.cell_draws import CellDraws
from vi_lab.vae.evidence.convergence import product
from vi_lab.vae.evidence.expectations import kl_to_posterior
from vi_lab.vae.evidence.leaf_draws import LeafDraws
from vi_lab.vae.evidence.normaliser import normalise, trim_boxes
from vi_lab.vae.evidence.quadrature import Quadrature
from vi_lab.vae.evidence.rows import Rows

MARGINAL_NODES = 256  # over which the other coordinate is integrated out
MARGINAL_ROWS = 32  # points at which a density is integrated at a time
DRAWS_DEPTH = 25.0  # nats below its top at which draws of a posterior end: e**-25 is 1e-11
DRAWS_FIT = 0.02  # nats between the mass of even cells and the posterior's own


class DecoderPosterior:
    """p(z_n | x_n) for each datum n, independent of the others.

    Attributes
    ----------
    truth : Quadrature
        Its moments and the boxes that hold it. Its log p(x) is not used: `normaliser` is.
    """

    marginals_are_slow = True  # a second to integrate the density of one coordinate of one datum

    def __init__(self, data: Rows, truth: Quadrature) -> None:
        self.data, self.decoder, self.x, self.truth = data, data.decoder, data.x, truth
        self.mean: Mapping[str, Any] = ReadOnlyDict({"z": truth.mean})
        self.sd: Mapping[str, Any] = ReadOnlyDict({"z": np.sqrt(truth.variance)})

    @cached_property
    def normaliser(self) -> Estimate:
        """log of the integral of p(x_n, z) over z, for each datum."""
        found: Estimate = close_all(normalise(self.data, self.truth))
        return found

    def log_density(self, values: Mapping[str, Any]) -> Any:
        """log p(z|x) at z (*batch, n, d), (*batch,)."""
        z = np.asarray(values["z"], np.float64)
        by_datum = np.moveaxis(z.reshape(-1, *z.shape[-2:]), 1, 0)
        each = self.decoder.log_joint(self.x, by_datum) - self.normaliser.value[:, None]
        return each.sum(0).reshape(z.shape[:-2])

    def log_density_row(self, row: int, z: np.ndarray) -> np.ndarray:
        """log p(z_n | x_n) of one datum alone, at z (..., d)."""
        each = self.decoder.log_joint(self.x[row][None], z.reshape(1, -1, z.shape[-1]))[0]
        return (each - self.normaliser.value[row]).reshape(z.shape[:-1])

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        """Of one coordinate of a datum: the other integrated out over the datum's box, by the
        midpoint rule; None where the posterior is too rough for even nodes."""
        row, axis = index
        if not self.truth.plain[row]:
            return None
        low, high = (corner[row] for corner in self._boxes)
        others = np.delete(np.arange(len(low)), axis)
        side = (high - low)[others] / MARGINAL_NODES
        nodes = low[others] + side * product(np.arange(MARGINAL_NODES) + 0.5, len(others))
        z = np.empty((len(x), len(nodes), len(low)))
        z[..., axis], z[..., others] = x[:, None], nodes
        parts = [z[i : i + MARGINAL_ROWS] for i in range(0, len(x), MARGINAL_ROWS)]
        found = [np.exp(self.log_density_row(row, part)).sum(-1) for part in parts]
        return np.concatenate(found) * side.prod()

    @cached_property
    def _boxes(self) -> tuple[np.ndarray, np.ndarray]:
        """The corners of the box about each datum's posterior, (n, d) each; what a look at the
        nodes alone trims away is missed in the mass of its cells."""
        return trim_boxes(self.data, self.truth, DRAWS_DEPTH, between=False)[:2]

    @cached_property
    def _draws(self) -> list[CellDraws | LeafDraws]:
        found: list[CellDraws | LeafDraws] = []
        for row, datum in enumerate(zip(self.x, *self._boxes, strict=True)):
            draws = CellDraws(self.decoder, *datum) if self.truth.plain[row] else None
            if draws is None or abs(draws.log_mass - self.normaliser.value[row]) > DRAWS_FIT:
                box = self.truth.low[row], self.truth.high[row]
                found.append(LeafDraws(self.decoder, self.x[row], *box))
            else:
                found.append(draws)
        return found

    def sample(self, rng: np.random.Generator, n: int) -> Mapping[str, Any]:
        return {"z": np.stack([draws.sample(rng, n) for draws in self._draws], axis=1)}

    def kl_rows(self, q: GaussianRows) -> Estimate:
        """KL[q(z_n) || p(z_n | x_n)] of each datum, (n,)."""
        rows = gaussian_rows.pack(q.location, q.root)
        with np.errstate(over="ignore", invalid="ignore"):
            return kl_to_posterior(self.data, rows, self.normaliser)

    def kl_from(self, q: Any) -> Estimate:
        """The sum over data of `kl_rows`."""
        require(isinstance(q, GaussianRows), "q: needs GaussianRows", q)
        rows = self.kl_rows(q)
        return Estimate(float(rows.value.sum()), float(rows.error.sum()), rows.route)
