"""The exact posterior of a small Ising lattice: all 2**(H W) states, in a table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from vi_lab.arguments.read_only import close_all
from vi_lab.models.posteriors.binary_table import BinaryTable
from vi_lab.models.posteriors.ising import IsingPosterior
from vi_lab.models.posteriors.lattice import Checkerboard, edges
from vi_lab.numerics import enumeration, special

ENUMERATED_SPINS = 16  # up to which every state is visited


class EnumeratedLattice(IsingPosterior):
    """p(x) of every state."""

    kl_route = "enumeration"

    def __init__(self, board: Checkerboard, J: float, h: np.ndarray) -> None:
        super().__init__(board, J, h)
        self.route = enumeration.cost(h.size, 2)
        states = 2.0 * enumeration.labellings(h.size, 2) - 1.0
        products = edges(states.reshape(-1, *h.shape), board.periodic)
        satisfied = np.sign(J) * sum(p.sum((-2, -1)) for p in products.values())
        # whole numbers of |J|, 0 in the ground state; above it the field has to pay for them
        excited = abs(J) * (satisfied - board.edge_count)
        self.table = BinaryTable(excited + states @ h.ravel())
        self.log_z_less_ground = self.table.log_normaliser
        self.largest = 3.0 * np.abs(h).sum()

    @cached_property
    def mean(self) -> Mapping[str, Any]:
        states = 2.0 * enumeration.labellings(self.table.count, 2) - 1.0
        x = states.reshape(-1, *self.board.shape)
        quantities = {"x": x, **edges(x, self.board.periodic)}
        return close_all(
            {name: np.tensordot(self.table.p, v, axes=1) for name, v in quantities.items()}
        )

    def _log_p(self, up: np.ndarray) -> np.ndarray:
        return self.table.log_density(up.reshape(len(up), -1))

    def count_up(self) -> np.ndarray:
        up = enumeration.labellings(self.table.count, 2).sum(-1)
        return np.bincount(up.astype(np.intp), self.table.p, self.table.count + 1)

    def _draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        return (2 * self.table.sample(rng, n) - 1).astype(np.int8).reshape(n, *self.board.shape)

    def _kl_from_field(self, field: np.ndarray) -> tuple[float, float]:
        """sum_x q(x) log q(x)/p(x) over all states."""
        log_p = special.log_expit(2.0 * field.ravel()[:, None] * np.array([-1.0, 1.0]))
        return self.table.kl_from(([i], row) for i, row in enumerate(log_p))
