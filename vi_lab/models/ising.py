"""Spins on a lattice that pull on their neighbours.

    x_i in {-1, +1} on an H x W lattice
    p(x) = exp( J sum_{edges ij} x_i x_j + sum_i h_i x_i ) / Z          each edge once

No data: the log "evidence" of `Ising` is log Z, the log of its partition function (Ising 1925;
Onsager 1944). `IsingDenoising` gives the field a story: x is a picture under the prior Ising(J, 0),
and each pixel y_i of the image shows x_i, flipped with a known probability (Geman & Geman 1984;
Murphy 2012, 21.3.2).

Coloured as a checkerboard, the spins of one colour are independent given the other colour:

    p(x_i | rest) = spin in the field h_i + J sum_{neighbours j} x_j
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.axes import name_axes
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals
from vi_lab.errors import InputError
from vi_lab.families import Spin, SpinStats
from vi_lab.model import Batch, Block, Model, Statistics, Values
from vi_lab.models.posteriors import transfer_matrix
from vi_lab.models.posteriors.enumerated_lattice import ENUMERATED_SPINS, EnumeratedLattice
from vi_lab.models.posteriors.ising import IsingPosterior
from vi_lab.models.posteriors.kac_ward import log_partition_less_ground
from vi_lab.models.posteriors.lattice import Checkerboard, edges
from vi_lab.models.posteriors.lattice_rows import LatticePosterior
from vi_lab.numerics.rounding import rounding
from vi_lab.results import Exact


class Lattice(Model):
    """What the two models share: coupling, field, and a constant of the log joint.

    log p = (J sum_edges x_i x_j - |J| E) + sum_i field_i x_i + constant

    The bracket, E being the number of edges, is 0 where every edge is satisfied: a strong coupling
    takes no digits from what the field adds.
    """

    generative = False
    axes = name_axes(x="row column")

    def __init__(self, J: float, field: np.ndarray, periodic: bool, constant: float) -> None:
        self.J, self.periodic = J, periodic
        self.board = Checkerboard((field.shape[0], field.shape[1]), periodic)
        self._strength, self._sign = abs(J), 1.0 if J >= 0 else -1.0
        self._field, self._constant = field, constant
        self._even, self._odd = self.board.split(field)
        given: Callable[[Statistics], SpinStats]
        self.blocks = {}
        for colour, name in enumerate(("x.even", "x.odd")):
            given = partial(self._given_neighbours, colour)
            self.blocks[name] = Block(Spin(), given, plates=(self.board.sizes[colour],))
        self.no_exact_because = None
        if field.size > ENUMERATED_SPINS:
            self.no_exact_because = transfer_matrix.refusal(field, J, periodic)

    def log_joint(self, stats: Statistics) -> Any:
        even, odd = (np.asarray(stats[name].value) for name in ("x.even", "x.odd"))
        pairs = (even * self.board.neighbours(odd, 0)).sum(-1)
        coupled = self._strength * (self._sign * pairs - self.board.edge_count)
        return coupled + even @ self._even + odd @ self._odd + self._constant

    def share_of_rounding(self, stats: Statistics) -> dict[str, SpinStats]:
        """A certain spin is -1 or +1 exactly, and so is its product with another: rounding moves
        what its own field h adds, a share |h| / |h + J sum of neighbours|, and no more."""
        shares = {}
        for name, own in (("x.even", self._even), ("x.odd", self._odd)):
            whole = np.abs(self.blocks[name].complete_conditional(stats).value)
            share = np.abs(own) / np.maximum(np.maximum(whole, np.abs(own)), 1.0)
            shares[name] = SpinStats(np.where(np.abs(stats[name].value) < 1.0, 1.0, share))
        return shares

    def _given_neighbours(self, colour: int, stats: Statistics) -> SpinStats:
        """A spin in the field h_i + J sum of its neighbours, all of the other colour."""
        total = self.board.neighbours(stats["x.even" if colour else "x.odd"].value, colour)
        total *= self.J
        total += self._odd if colour else self._even
        return SpinStats(total)

    def sample_latents(self, rng: np.random.Generator, batch: Batch = ()) -> Values:
        """Starts, each spin by itself: all that can be drawn at once of a lattice that couples."""
        x = 2 * rng.integers(2, size=batch + self.board.shape, dtype=np.int8) - 1
        return dict(zip(("x.even", "x.odd"), self.board.split(x), strict=True))

    def latents(self, values: Values) -> dict[str, Any]:
        """The lattice x (*batch, H, W)."""
        return {"x": self.board.join(values["x.even"], values["x.odd"])}

    def block_values(self, latents: Values) -> dict[str, Any]:
        return dict(zip(("x.even", "x.odd"), self.board.split(latents["x"]), strict=True))

    def summaries(self, latents: Values) -> dict[str, Any]:
        """The spins, the products across every edge, and the magnetisation, their mean."""
        x = np.asarray(latents["x"])
        return {"x": x, **edges(x, self.periodic), "magnetisation": x.mean((-2, -1))}

    def exact_posterior(self) -> Exact:
        """Every state up to 16 spins, else the transfer matrix."""
        posterior = self._sum_states(self._field)
        beside = self._log_evidence_beside_z()
        log_evidence = posterior.log_z_less_ground + beside
        error = rounding(posterior.largest, beside, self._constant)
        return Exact(self, log_evidence, error, posterior.route, posterior)

    def _sum_states(self, field: np.ndarray) -> IsingPosterior:
        solver = EnumeratedLattice if field.size <= ENUMERATED_SPINS else LatticePosterior
        return solver(self.board, self.J, field)

    def _log_evidence_beside_z(self) -> float:
        """What the log evidence has beside log Z - |J| E."""
        return self._strength * self.board.edge_count


class Ising(Lattice):
    """The Ising model: p(x) = exp(J sum_edges x_i x_j + sum_i h_i x_i) / Z.

    Parameters
    ----------
    J : float
        The coupling; above 0 neighbours agree. The infinite lattice orders at log(1 + sqrt(2))/2.
    h : array (H, W)
        The field at each site, which gives the lattice its shape.
    periodic : bool
        Whether both sides are closed into rings (a torus), whose sides are then even. A ring of two
        has two edges between its sites: each such pair counts twice.

    Latent: `x` (H, W), of -1 and +1, in two blocks `x.even` and `x.odd`. Its log evidence is log Z.
    Exact to 16 spins on the shorter side S, 12 on a torus, as long as the weights of a row of S
    span at most 300 nats, 4 |J| S + 2 sum |h_i| over the row: doubles hold no more.
    """

    @public
    def __init__(self, J: Reals, h: Reals, periodic: bool = False) -> None:
        self.h = checks.observations("h", h, 2)
        J, periodic = checks.real("J", J), checks.boolean("periodic", periodic)
        super().__init__(J, self.h, periodic, 0.0)
        self._constant = self._log_evidence_beside_z()


class IsingDenoising(Lattice):
    """A picture of -1 and +1, smooth under an Ising prior, seen with pixels flipped.

        x ~ Ising(J, 0) with free edges
        y_i = x_i with probability 1 - flip_prob, else -x_i

    As log p(y_i | x_i) = b y_i x_i + log(flip_prob (1 - flip_prob)) / 2 with
    b = log((1 - flip_prob) / flip_prob) / 2, the posterior is an Ising lattice in the field b y,

        log p(y) = log Z(J, b y) - log Z(J, 0) + n log(flip_prob (1 - flip_prob)) / 2.

    The prior's log Z(J, 0) is known at any size: see `kac_ward`. Of both log Z the |J| E of the
    ground state is left out, which they share.

    Parameters
    ----------
    image : array (H, W) of -1 and +1
    J : float
        The prior's coupling.
    flip_prob : float
        Probability that a pixel is flipped, between 0 and 1.

    Latent: `x` (H, W), in two blocks `x.even` and `x.odd`.
    """

    data_names = ("image",)

    @public
    def __init__(self, image: Reals, J: Reals, flip_prob: Reals) -> None:
        self.image = checks.spins("image", image)
        self.flip_prob = checks.real("flip_prob", flip_prob)
        if not 0.0 < self.flip_prob < 1.0:
            raise InputError(f"flip_prob: needs a number between 0 and 1, got {self.flip_prob:g}")
        J = checks.real("J", J)
        log_flip, log_stay = np.log(self.flip_prob), np.log1p(-self.flip_prob)
        constant = 0.5 * self.image.size * (log_flip + log_stay)
        constant -= log_partition_less_ground(self.image.shape, J)
        super().__init__(J, 0.5 * (log_stay - log_flip) * self.image, False, float(constant))

    def _log_evidence_beside_z(self) -> float:
        """The prior's log Z by the same route as the posterior's, and not by the determinant."""
        prior = self._sum_states(np.zeros(self.image.shape)).log_z_less_ground
        return 0.5 * self.image.size * np.log(self.flip_prob * (1.0 - self.flip_prob)) - prior

    def sample_data(self, rng: np.random.Generator, values: Values) -> IsingDenoising:
        x = self.latents(values)["x"]
        flipped = rng.random(x.shape) < self.flip_prob
        return IsingDenoising(np.where(flipped, -x, x), self.J, self.flip_prob)
