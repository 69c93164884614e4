"""What both exact posteriors of an Ising lattice share: one visits every state, one sums rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from vi_lab.arguments.read_only import close_all
from vi_lab.families import Distribution
from vi_lab.model import Values
from vi_lab.models.posteriors.lattice import Checkerboard
from vi_lab.numerics.mixed_densities import is_two_valued
from vi_lab.numerics.rounding import Estimate, rounding, sum_one_by_one


class IsingPosterior(ABC):
    """p(x) = exp(J sum_edges x_i x_j + sum_i h_i x_i) / Z on a checkerboard.

    Attributes
    ----------
    log_z_less_ground : float
        log Z - |J| E in nats, E being the number of edges.
    largest : float
        A bound on the sizes of the terms that it is made of.
    route, kl_route : str
        How log Z and the KL are computed.
    """

    log_z_less_ground: float
    route: str
    kl_route: str

    def __init__(self, board: Checkerboard, J: float, h: np.ndarray) -> None:
        self.board, self.J, self.h = board, J, h
        self.largest = 2.0 * abs(J) * h.size + np.abs(h).sum()

    @property
    def log_z(self) -> float:
        """log Z in nats."""
        return self.log_z_less_ground + abs(self.J) * self.board.edge_count

    @property
    @abstractmethod
    def mean(self) -> Mapping[str, Any]:
        """E[x] and E[x x'] of neighbours, as the model's summaries name them."""

    @property
    def sd(self) -> Mapping[str, Any]:
        """Of variables that are -1 or +1."""
        return {name: np.sqrt(np.maximum(1.0 - m**2, 0.0)) for name, m in self.mean.items()}

    def log_density(self, values: Values) -> Any:
        x = np.asarray(values["x"])
        possible = (np.abs(x) == 1).all((-2, -1))
        up = (x > 0).reshape(-1, *self.board.shape)
        return np.where(possible, self._log_p(up).reshape(x.shape[:-2]), -np.inf)

    @abstractmethod
    def _log_p(self, up: np.ndarray) -> np.ndarray:
        """log p of states (P, H, W) as booleans, whether each spin is up; (P,)."""

    def marginal_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        """The probabilities of a spin or of an edge; of the magnetisation, whose values lie 2/n
        apart, the probabilities over that, and straight lines between them."""
        if name != "magnetisation":
            return is_two_valued(0.5 + 0.5 * float(self.mean[name][index]), x, -1.0)
        p = self.up
        if p is None:
            return None
        n = len(p) - 1
        return np.interp(x, (2.0 * np.arange(n + 1) - n) / n, 0.5 * n * p, left=0.0, right=0.0)

    @cached_property
    def up(self) -> np.ndarray | None:
        return close_all(self.count_up())

    @abstractmethod
    def count_up(self) -> np.ndarray | None:
        """The probabilities that 0 ... n spins are up, (n + 1,); None where they take too long."""

    def sample(self, rng: np.random.Generator, n: int) -> Values:
        x = self._draw(rng, n)
        return dict(zip(("x.even", "x.odd"), self.board.split(x), strict=True))

    @abstractmethod
    def _draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """n states, int8 (n, H, W)."""

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        even, odd = (q[name].parameters["field"] for name in ("x.even", "x.odd"))
        fields = self.board.join(even, odd)
        value, error, route = sum_one_by_one(
            lambda at: self._kl_from_field(fields[at]), fields.shape[:-2], self.kl_route
        )
        return Estimate(value, error + rounding(self.largest), route)

    @abstractmethod
    def _kl_from_field(self, field: np.ndarray) -> tuple[float, float]:
        """KL from independent spins in this field (H, W), and the size of its terms."""
