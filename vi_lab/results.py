"""Results speak one language: Exact, Draws, Factorised.

Each has .mean(name), .sd(name), .sample(n, rng=), .seconds, a short repr, a table in a notebook,
.save(path) and .to_datatree(). They are frozen.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import numpy as np

from vi_lab import checks, diagnostics, tables
from vi_lab.errors import InputError, InputTypeError
from vi_lab.families import Distribution
from vi_lab.model import as_conjugate_model, blocks_of, elbo, nominal_of

TABLE_ROWS = 12  # a table in a notebook shows this many coordinates


class Estimate(NamedTuple):
    """A number, its numerical error (or Monte Carlo standard error) and the route that gave it."""

    value: Any
    error: Any
    route: str


def rounding(*magnitudes: Any) -> Any:
    """An error bar for a closed form: a thousand roundings of the largest term that went in."""
    return 1e3 * np.finfo(np.float64).eps * sum((np.abs(m) for m in magnitudes), 1.0)


class Cost(NamedTuple):
    """What a method spent, summed over chains or restarts."""

    density_evaluations: int = 0
    complete_conditionals: int = 0


class Posterior(ABC):
    """What every result offers."""

    model: Any
    seconds: float
    method: str

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The latents a table shows, in the model's order."""

    @abstractmethod
    def mean(self, name: str) -> Any:
        """Posterior mean of a latent or summary; for nominal labels the probabilities (..., K)."""

    @abstractmethod
    def sd(self, name: str) -> Any:
        """Posterior standard deviation; InputError for nominal labels, which have none."""

    @abstractmethod
    def sample(self, n: int, *, rng: Any = None) -> dict[str, np.ndarray]:
        """n joint draws of the latents by name, each (n, ...)."""

    def table(self) -> list[dict[str, Any]]:
        """One row a coordinate: latent, mean, sd (and R-hat and ESS where they exist)."""
        rows = []
        for name in self.names:
            mean = np.asarray(self.mean(name))
            sd = None if name in self._nominal() else np.asarray(self.sd(name))
            for index in np.ndindex(mean.shape):
                row: dict[str, Any] = {
                    "latent": name + (str(list(index)).replace(" ", "") if index else ""),
                    "mean": float(mean[index]),
                }
                if sd is not None:
                    row["sd"] = float(sd[index])
                row.update(self._diagnose(name, index))
                rows.append(row)
        return rows

    def _nominal(self) -> Mapping[str, int]:
        return nominal_of(self.model)

    def _diagnose(self, name: str, index: tuple[int, ...]) -> dict[str, float]:
        return {}

    def _heading(self) -> str:
        return self.method

    def __repr__(self) -> str:
        rows = self.table()
        shown = ", ".join(
            f"{r['latent']} {r['mean']:.4g}" + (f" ± {r['sd']:.2g}" if "sd" in r else "")
            for r in rows[:4]
        )
        return f"<{self._heading()}: {shown}{', …' if len(rows) > 4 else ''}>"

    def _repr_html_(self) -> str:
        rows = self.table()
        note = f"{len(rows) - TABLE_ROWS} more" if len(rows) > TABLE_ROWS else ""
        return tables.html(rows[:TABLE_ROWS], caption=self._heading(), note=note)

    def to_datatree(self, n: int = 1000, *, rng: Any = None) -> Any:
        """An ArviZ DataTree with n joint draws as one chain (needs the `datatree` extra)."""
        draws = self.sample(n, rng=rng)
        return _datatree({name: value[None] for name, value in draws.items()}, self.method)

    def _require(self, name: str) -> None:
        checks.known("name", name, self.names)


def _datatree(values: Mapping[str, np.ndarray], method: str) -> Any:
    try:
        from arviz_base import from_dict
    except ImportError:
        raise ImportError(
            "to_datatree() needs arviz-base: pip install 'vi_lab[datatree]'"
        ) from None
    return from_dict({"posterior": dict(values)}, attrs={"inference_library": f"vi_lab {method}"})


class PosteriorDensity(Protocol):
    """The normalised posterior in its own form, as a model file writes it.

    None of these may be got from the log joint minus the log evidence: that would be the identity
    used to prove itself.
    """

    mean: Mapping[str, Any]
    sd: Mapping[str, Any]

    def log_density(self, values: Mapping[str, Any]) -> Any:
        """log p(z | x) at latents, shape (*batch,)."""

    def sample(self, rng: np.random.Generator, n: int) -> Mapping[str, Any]:
        """n joint draws of the block values, each (n, ...)."""

    def kl_from(self, q: Mapping[str, Distribution]) -> Estimate:
        """KL[q || p(z | x)] in nats for a q that factorises over the blocks, shape (*batch,)."""


@dataclass(frozen=True, eq=False, repr=False)
class Exact(Posterior):
    """The truth: log evidence, the normalised posterior, its moments and independent draws.

    Attributes
    ----------
    log_evidence : float
        log p(x) in nats.
    log_evidence_error : float
        Its numerical error.
    route : str
        How it was had: closed form, enumeration or quadrature.
    posterior : PosteriorDensity
    """

    model: Any
    log_evidence: float
    log_evidence_error: float
    route: str
    posterior: PosteriorDensity
    seconds: float = 0.0
    method: str = "exact"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.posterior.mean)

    def mean(self, name: str) -> Any:
        self._require(name)
        return _unwrapped(self.posterior.mean[name])

    def sd(self, name: str) -> Any:
        self._require(name)
        _refuse_nominal(self.model, name)
        return _unwrapped(self.posterior.sd[name])

    def log_density(self, values: Mapping[str, Any]) -> Any:
        """log p(z | x) in nats at latents by name, shape (*batch,); -inf outside the support."""
        if not isinstance(values, Mapping):
            raise InputTypeError(f"values: needs a dict of latents by name, got {values!r}")
        for name in values:
            checks.known("values", name, self.names)
        for name in self.names:
            if name not in values:
                raise InputError(f"values: needs every latent ({', '.join(self.names)}), "
                                 f"got {', '.join(values) or 'none'}")
        result = self.posterior.log_density({k: np.asarray(v) for k, v in values.items()})
        return _unwrapped(result)

    @checks.clear_keywords
    def sample(self, n: int, *, rng: Any = None) -> dict[str, np.ndarray]:
        n = checks.integer("n", n, 1)
        return self.model.latents(self.posterior.sample(checks.generator(rng), n))

    def _heading(self) -> str:
        return f"exact, {self.route}: log evidence {self.log_evidence:.10g}"


def _unwrapped(value: Any) -> Any:
    """A 0-d array as the float it is."""
    return float(value) if np.ndim(value) == 0 else value


def _refuse_nominal(model: Any, name: str) -> None:
    if name in nominal_of(model):
        raise InputError(f"name: {name!r} holds labels, which have no sd; look at .mean({name!r})")


@dataclass(frozen=True, eq=False, repr=False)
class Draws(Posterior):
    """Draws of a Markov chain.

    Attributes
    ----------
    values : mapping of str to array (chains, draws, ...)
    acceptance_rate : array (chains,)
        Share of proposals accepted after warmup (1 for Gibbs).
    cost : Cost
    settings : mapping
        chains, draws, warmup, and what the sampler settled on.
    """

    model: Any
    method: str
    values: Mapping[str, np.ndarray]
    acceptance_rate: np.ndarray
    cost: Cost
    seconds: float
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for array in (self.acceptance_rate, *self.values.values()):
            array.setflags(write=False)
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))
        object.__setattr__(self, "settings", MappingProxyType(dict(self.settings)))

    @property
    def names(self) -> tuple[str, ...]:
        blocks = blocks_of(self.model)
        return tuple(n for n in self.values if not (n in blocks and blocks[n].auxiliary))

    def mean(self, name: str) -> Any:
        checks.known("name", name, self.values)
        if name in self._nominal():
            labels = np.arange(self._nominal()[name])
            return np.stack([(self.values[name] == k).mean((0, 1)) for k in labels], axis=-1)
        return _unwrapped(self.values[name].mean((0, 1)))

    def sd(self, name: str) -> Any:
        checks.known("name", name, self.values)
        _refuse_nominal(self.model, name)
        return _unwrapped(self.values[name].std((0, 1)))

    @checks.clear_keywords
    def sample(self, n: int, *, rng: Any = None) -> dict[str, np.ndarray]:
        """n of the draws, picked at random with replacement, jointly over latents."""
        n = checks.integer("n", n, 1)
        first = next(iter(self.values.values()))
        picked = checks.generator(rng).integers(first.shape[0] * first.shape[1], size=n)
        return {name: v.reshape(-1, *v.shape[2:])[picked] for name, v in self.values.items()}

    def rhat(self) -> dict[str, Any]:
        """Rank-normalised split R-hat of every latent with an order, by name."""
        return {name: _unwrapped(diagnostics.rhat(self.values[name])) for name in self._ordered()}

    def ess(self) -> dict[str, Any]:
        """Bulk effective sample size of every latent with an order, by name."""
        return {name: _unwrapped(diagnostics.ess(self.values[name])) for name in self._ordered()}

    def _ordered(self) -> tuple[str, ...]:
        return tuple(name for name in self.names if name not in self._nominal())

    @cached_property
    def _diagnostics(self) -> dict[str, tuple[Any, Any]]:
        r, e = self.rhat(), self.ess()
        return {name: (np.asarray(r[name]), np.asarray(e[name])) for name in r}

    def _diagnose(self, name: str, index: tuple[int, ...]) -> dict[str, float]:
        if name not in self._diagnostics:
            return {}
        r, e = self._diagnostics[name]
        return {"R-hat": float(r[index]), "ESS": float(e[index])}

    def to_datatree(self, n: int | None = None, *, rng: Any = None) -> Any:
        """An ArviZ DataTree of all chains and draws (needs the `datatree` extra)."""
        if n is not None:
            return super().to_datatree(n, rng=rng)
        return _datatree(self.values, self.method)

    def _heading(self) -> str:
        chains, draws = next(iter(self.values.values())).shape[:2]
        return f"{self.method}, {chains} chains × {draws} draws"


class Factorised(Posterior):
    """q(z) = prod_b q_b(z_b): made by `cavi`, or by hand to be judged like the rest.

        Factorised(model, mu=Normal.of(mean=0, sd=1), tau=Gamma.of(shape=2, rate=1))

    Attributes
    ----------
    q : mapping of str to Distribution
        The factors, by block.
    batch : tuple of int
        Leading shape shared by the factors; () for what `cavi` returns.
    elbo : float or array (*batch,)
        The bound in nats; after `cavi`, the best restart's.
    elbo_trace : array (sweeps, restarts)
        The bound after each sweep (empty when made by hand).
    optima : array
        The distinct bounds the restarts reached, best first, at least 1e-6 nats apart.
    converged : bool or None
        Whether the best restart stopped moving; None when made by hand.
    """

    model: Any
    method = "factorised"

    def __init__(self, model: Any, **q: Distribution) -> None:
        model = as_conjugate_model(model, "a factorised q")
        for name in q:
            checks.known("q", name, model.blocks)
        factors = {}
        for name, block in model.blocks.items():
            if name not in q:
                raise InputError(f"q: needs a factor for every block, and {name!r} has none")
            if not isinstance(q[name], Distribution):
                raise InputTypeError(
                    f"{name}: needs a Distribution such as {type(block.family).__name__}.of(...), "
                    f"got {q[name]!r}"
                )
            try:
                factors[name] = block.family.adopt(q[name])
            except (InputError, InputTypeError) as error:
                raise type(error)(f"{name}: {error}") from None
        self._assign(model, factors)

    def _assign(self, model: Any, factors: dict[str, Distribution]) -> None:
        """Broadcast every factor to (*batch, *plates) and freeze."""
        batches = []
        for name, block in model.blocks.items():
            lead = factors[name].family.lead_shape(factors[name].eta)
            count = max(len(lead) - len(block.plates), 0)
            try:
                np.broadcast_shapes(lead[count:], block.plates)
                batches.append(lead[:count])
                if np.broadcast_shapes(lead[count:], block.plates) != block.plates:
                    raise ValueError
            except ValueError:
                raise InputError(
                    f"{name}: needs parameters that broadcast to plates {block.plates}, got {lead}"
                ) from None
        try:
            batch = np.broadcast_shapes(*batches)
        except ValueError:
            raise InputError(f"q: the factors' batch shapes {batches} do not match") from None
        q = {
            name: Distribution(
                block.family, block.family.expand(factors[name].eta, batch + block.plates)
            )
            for name, block in model.blocks.items()
        }
        fields = dict(model=model, q=MappingProxyType(q), batch=batch, seconds=0.0, cost=Cost(),
                      elbo_trace=np.empty((0, 1)), converged=None)
        for key, value in fields.items():
            object.__setattr__(self, key, value)

    @classmethod
    def fitted(cls, model: Any, factors: dict[str, Distribution], **record: Any) -> Factorised:
        """As `cavi` returns it: the factors with the record of the run that made them."""
        self = object.__new__(cls)
        self._assign(model, factors)
        for key, value in record.items():
            object.__setattr__(self, key, value)
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"results are frozen: cannot set {name!r}")

    q: Mapping[str, Distribution]
    batch: tuple[int, ...]
    elbo_trace: np.ndarray
    converged: bool | None
    cost: Cost
    seconds: float

    @cached_property
    def elbo(self) -> Any:
        return elbo(self.model, self)

    @cached_property
    def optima(self) -> np.ndarray:
        final = self.elbo_trace[-1] if len(self.elbo_trace) else np.ravel(self.elbo)
        distinct: list[float] = []
        for bound in np.sort(final)[::-1]:
            if not distinct or distinct[-1] - bound > 1e-6:
                distinct.append(float(bound))
        return np.array(distinct)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(n for n in self._moments[0]
                     if not (n in self.model.blocks and self.model.blocks[n].auxiliary))

    @cached_property
    def _moments(self) -> tuple[dict[str, Any], dict[str, Any]]:
        # latents are a rearrangement of block values, so it rearranges means and sds alike
        means = {name: factor.mean for name, factor in self.q.items()}
        sds = {name: factor.mean if name in self.model.nominal else factor.sd
               for name, factor in self.q.items()}
        return self.model.latents(means), self.model.latents(sds)

    def mean(self, name: str) -> Any:
        checks.known("name", name, self._moments[0])
        return _unwrapped(self._moments[0][name])

    def sd(self, name: str) -> Any:
        checks.known("name", name, self._moments[1])
        _refuse_nominal(self.model, name)
        return _unwrapped(self._moments[1][name])

    @checks.clear_keywords
    def sample(self, n: int, *, rng: Any = None) -> dict[str, np.ndarray]:
        rng = checks.generator(rng)
        return self.model.latents({name: f.sample(n, rng=rng) for name, f in self.q.items()})

    def _heading(self) -> str:
        bound = f"{self.elbo:.10g}" if not self.batch else f"batch {self.batch}"
        return f"{self.method}, ELBO {bound}"
