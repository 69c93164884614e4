"""Models outside the exponential families: they offer a log density and no conditionals."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

import numpy as np

from vi_lab.errors import NotApplicable
from vi_lab.model import Values


@runtime_checkable
class DensityModel(Protocol):
    """A model outside the exponential families: a log density on R^D and over-dispersed starts.

    Its one latent is `z`, of shape (D,).
    """

    dimension: int

    def log_density(self, z: np.ndarray) -> np.ndarray:
        """log of the (possibly unnormalised) density, (*batch, D) -> (*batch,)."""
        ...

    def sample_latents(self, rng: np.random.Generator, batch: tuple[int, ...] = ()) -> Values:
        """Starting points {"z": (*batch, D)}."""
        ...


class DensityRows(ABC):
    """A model outside the exponential families whose rows are independent given the data.

    One latent, `z` (independent_rows, dimension), a row for each observation: what is known of it
    is the log joint, row by row. Metropolis-Hastings accepts and rejects each row by itself; a
    Gaussian q for each row (`GaussianRows`) is judged by the row's own ELBO.

    Attributes
    ----------
    independent_rows, dimension : int
        Rows, and the latent coordinates of one.
    no_exact_because : str or None
    no_conditional_because : mapping of str to str
        Why Gibbs and CAVI do not apply, by their names, each completing "... does not apply,
        because".
    """

    independent_rows: int
    dimension: int
    no_exact_because: str | None = "neither a closed form nor quadrature is known here"
    no_conditional_because: Mapping[str, str] = MappingProxyType({})

    def __repr__(self) -> str:
        return f"<{type(self).__name__} over z ({self.independent_rows} × {self.dimension})>"

    @abstractmethod
    def log_density_rows(self, z: np.ndarray) -> np.ndarray:
        """log p(x_n, z_n) of each row in nats, normalised: (*batch, rows, D) -> (*batch, rows)."""

    def log_density(self, z: np.ndarray) -> np.ndarray:
        """log p(x, z), (*batch, rows, D) -> (*batch,)."""
        return self.log_density_rows(z).sum(-1)

    @abstractmethod
    def elbo_rows(self, mean: np.ndarray, root: np.ndarray) -> tuple[np.ndarray, np.ndarray, str]:
        """The ELBO of N(mean_n, root_n root_n') for each row, its numerical error, the route.

        mean (rows, D), root (rows, D, D) lower triangular -> (rows,), (rows,), str.
        """

    @abstractmethod
    def sample_latents(self, rng: np.random.Generator, batch: tuple[int, ...] = ()) -> Values:
        """{"z": (*batch, rows, D)} drawn from the prior."""

    def exact_posterior(self) -> Any:
        """The truth, as `results.Exact`; models that have one set `no_exact_because` to None."""
        raise NotApplicable(f"exact does not apply: {self.no_exact_because}")

    @property
    def sources(self) -> dict[str, tuple[str, ...]]:
        """As of a `Model`: the one latent."""
        return {"z": ("z",)}

    def latents(self, values: Values) -> dict[str, Any]:
        """As of a `Model`: users see z as it is."""
        return dict(values)
