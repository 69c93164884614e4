"""The means of a mean-field q with the covariances of its linear response."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.public import public
from vi_lab.arguments.read_only import ReadOnlyDict, freeze_arrays
from vi_lab.arguments.types import Rng
from vi_lab.errors import NotApplicable, refuse_if
from vi_lab.model_or_problem import M_co
from vi_lab.results.factorised import Factorised
from vi_lab.results.marginals import refuse_nominal, unwrap
from vi_lab.results.posterior import Cost, Posterior, read_section
from vi_lab.results.quantiles import find_normal_quantiles


@dataclass(frozen=True, eq=False, repr=False)
class LinearResponse(Posterior[M_co]):
    """Two moments and no density: what `linear_response` returns.

    Attributes
    ----------
    q : Factorised, or a GaussianPosterior
        The optimum it belongs to.
    cov : array (C, C)
        The covariance of all coordinates of all latents.
    index : mapping of str to int array
        Where each coordinate of a latent stands in it, in the latent's shape; of labels the
        indicator of each class, (..., K).
    """

    q: Any
    cov: np.ndarray
    index: Mapping[str, np.ndarray]
    seconds: float = 0.0
    method: str = "linear response"

    def __post_init__(self) -> None:
        freeze_arrays(self)
        object.__setattr__(self, "index", ReadOnlyDict(self.index))

    @property
    def model(self) -> M_co:  # type: ignore[override]
        model: M_co = self.q.model
        return model

    @property
    def cost(self) -> Cost:
        cost: Cost = self.q.cost
        return cost

    @property
    def names(self) -> tuple[str, ...]:
        names: tuple[str, ...] = self.q.names
        return names

    @public
    def mean(self, name: str) -> Any:
        """As of q."""
        return self.q.mean(name)

    @public
    def sd(self, name: str) -> Any:
        """The corrected standard deviation, in the latent's shape; labels have none."""
        checks.one_of("name", name, self.index)
        refuse_nominal(self._nominal(), name)
        return unwrap(np.sqrt(np.diag(self.cov)[self.index[name]]))

    def _find_quantiles(self, name: str, levels: np.ndarray) -> Any:
        """Those of the normal with these two moments, as of `sample`."""
        return find_normal_quantiles(self.mean(name), self.sd(name), levels)

    @public
    def covariance(self, name: str, other: str | None = None) -> Any:
        """Covariances (*shape of name, *shape of other) between the coordinates of two latents."""
        rows = self.index[checks.one_of("name", name, self.index)]
        columns = self.index[checks.one_of("other", other or name, self.index)]
        found = self.cov[np.ix_(np.ravel(rows), np.ravel(columns))]
        return unwrap(found.reshape(np.shape(rows) + np.shape(columns)))

    @public
    def sample(self, n: int, *, rng: Rng = None) -> dict[str, np.ndarray]:
        """Draws of the normal with these two moments, by latent; it may leave the support."""
        n = checks.integer("n", n, 1)
        require_memory("n", f"{n} draws", n * len(self.cov))
        values, vectors = np.linalg.eigh(self.cov)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        noise = checks.generator(rng).standard_normal((n, len(root))) @ root.T
        return {
            name: np.asarray(self.q.mean(name)) + noise[:, where]
            for name, where in self.index.items()
        }

    @public
    def posterior_predictive(self, n: int, *, rng: Rng = None) -> dict[str, np.ndarray]:
        """It has none: the normal with its moments may leave the support."""
        raise NotApplicable(
            "posterior_predictive does not apply: a linear response is two moments and no density; "
            "its q has one (`.q.posterior_predictive`)"
        )

    def pack(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Those of its q, with the covariance beside them."""
        arrays, record = self.q.pack()
        arrays |= {f"index/{name}": where for name, where in self.index.items()}
        return arrays | {"cov": self.cov}, record | {"method of q": self.q.method}

    @classmethod
    def unpack(cls, record: Any, arrays: Any, model: Any) -> Self:
        return cls._unpack_with(Factorised, record, arrays, model)

    @classmethod
    def _unpack_with(cls, kind: Any, record: Any, arrays: Any, model: Any) -> Self:
        """That of a q of this kind."""
        q = kind.unpack(record | {"method": record["method of q"]}, arrays, model)
        cov, index = arrays["cov"], read_section(arrays, "index/")
        size = sum(np.size(where) for where in index.values())
        whole = cov.shape == (size, size) and cov.dtype == np.float64 and np.isfinite(cov).all()
        refuse_if(not whole, f"cov: needs a covariance of {size} coordinates, has {cov.shape}")
        refuse_if((np.diagonal(cov) < 0).any(), "cov: has a negative variance")
        for name, where in index.items():
            fits = where.dtype.kind in "iu" and ((where >= 0) & (where < size)).all()
            refuse_if(not fits, f"index/{name}: needs whole numbers from 0, below {size}")
            other = name not in model.nominal and where.shape != np.shape(q.mean(name))
            refuse_if(other, f"index/{name}: is of another shape than the latent, {where.shape}")
        return cls(q, cov, index, record["seconds"])
