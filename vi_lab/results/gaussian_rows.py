"""A Gaussian q for each row of a model whose rows are independent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.public import public
from vi_lab.arguments.read_only import read_only
from vi_lab.arguments.types import Reals, Rng
from vi_lab.arguments.user_models import explain, is_real
from vi_lab.density_model import DensityRows
from vi_lab.errors import InputError
from vi_lab.families import Distribution, MultivariateNormal
from vi_lab.model_or_problem import M_co, ModelLike, as_model, is_model
from vi_lab.numerics.rounding import Estimate
from vi_lab.results.factor_densities import find_density
from vi_lab.results.posterior import Cost, Posterior, refuse_other_number
from vi_lab.results.quantiles import find_normal_quantiles


@dataclass(frozen=True, eq=False, repr=False)
class GaussianRows(Posterior[M_co]):
    """q(z) = prod_n N(z_n; mean_n, L_n L_n'): fitted, an encoder's, or by hand.

        GaussianRows.of(model, mean=np.zeros((n, 2)), cov=np.eye(2))

    Attributes
    ----------
    location : array (rows, D)
    root : array (rows, D, D)
        L, the lower triangular root of each covariance.
    elbo : float
        In nats, summed over rows.
    elbo_rows : Estimate
        The ELBO of each row (rows,), its numerical error (rows,), and the route.
    cost : Cost
    """

    model: M_co
    location: np.ndarray
    root: np.ndarray
    method: str = "Gaussian q"
    cost: Cost = field(default_factory=Cost)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        for name in ("location", "root"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    @classmethod
    @public
    def of(cls, model: ModelLike, mean: Reals, cov: Reals) -> GaussianRows:
        """By hand: mean (rows, D) or (D,), cov (rows, D, D) or (D, D)."""
        needed = "model: needs a model of independent rows"
        rows: Any = as_model(model) if is_model(model) else model
        checks.require(isinstance(rows, DensityRows), needed, rows)
        n, d = rows.independent_rows, rows.dimension
        mean, cov = checks.real_array("mean", mean), checks.real_array("cov", cov)
        if mean.shape not in ((n, d), (d,)) or cov.shape not in ((n, d, d), (d, d)):
            raise InputError(
                f"mean, cov: need shapes ({n}, {d}) and ({n}, {d}, {d}), "
                f"got {mean.shape} and {cov.shape}"
            )
        for matrix in cov.reshape(-1, d, d):
            checks.covariance("cov", matrix, d)
        root = np.broadcast_to(np.linalg.cholesky(cov), (n, d, d)).copy()
        return cls(rows, np.broadcast_to(mean, (n, d)).copy(), root)

    @cached_property
    def elbo_rows(self) -> Estimate:
        """InputError where a user's model raises or gives anything but what is needed."""
        try:
            value, error, route = self.model.elbo_rows(self.location, self.root)
        except Exception as wrong:
            raise explain("its elbo_rows", wrong) from wrong
        for part in (value, error):
            shape = np.shape(part) if is_real(part) else None
            needed = f"elbo_rows: needs real numbers of shape ({len(self.location)},)"
            checks.require(shape == (len(self.location),), needed, part, InputError)
        checks.require(isinstance(route, str), "elbo_rows: needs its route in words", route)
        return Estimate(np.asarray(value), np.asarray(error), route)

    @property
    def elbo(self) -> float:
        return float(self.elbo_rows.value.sum())

    @cached_property
    def q(self) -> Mapping[str, Distribution]:
        """The distribution by latent, as of a `Factorised`."""
        return {"z": MultivariateNormal.of(self.location, self.root @ self.root.mT)}

    @property
    def names(self) -> tuple[str, ...]:
        return ("z",)

    @public
    def mean(self, name: str) -> np.ndarray:
        checks.one_of("name", name, self.names)
        return self.location

    @public
    def sd(self, name: str) -> np.ndarray:
        checks.one_of("name", name, self.names)
        return np.sqrt((self.root**2).sum(-1))

    def _find_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        return find_density(self.model, self.q, (name, index), x)

    def _find_quantiles(self, name: str, levels: np.ndarray) -> Any:
        return find_normal_quantiles(self.mean(name), self.sd(name), levels)

    @public
    def sample(self, n: int, *, rng: Rng = None) -> dict[str, np.ndarray]:
        n = checks.integer("n", n, 1)
        require_memory("n", f"{n} draws", n * self.location.size)
        eps = checks.generator(rng).standard_normal((n, *self.location.shape))
        return {"z": self.location + (self.root @ eps[..., None])[..., 0]}

    def pack(self) -> tuple[dict[str, Any], dict[str, Any]]:
        arrays = {"location": self.location, "root": self.root}
        return arrays, {"cost": self.cost.pack(), "elbo": self.elbo}

    @classmethod
    def unpack(cls, record: Any, arrays: Any, model: Any) -> Self:
        q = cls(
            model,
            arrays["location"],
            arrays["root"],
            method=record["method"],
            cost=Cost(**record["cost"]),
            seconds=record["seconds"],
        )
        refuse_other_number("ELBO", record["elbo"], q.elbo)
        return q

    def _heading(self) -> str:
        return f"{self.method}, ELBO {self.elbo:.10g}"
