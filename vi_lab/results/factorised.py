"""A q that factorises over the blocks: what CAVI returns, or one made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.family_hooks import ask_family
from vi_lab.arguments.public import public
from vi_lab.arguments.read_only import ReadOnlyDict, freeze_arrays
from vi_lab.arguments.types import Rng
from vi_lab.arguments.user_models import broadcasts
from vi_lab.errors import InputError, InputTypeError, refuse_if
from vi_lab.families import Distribution
from vi_lab.model_or_problem import M, M_co, ModelOrProblem, as_conjugate_model
from vi_lab.results.centring import adopt_factors, factorised_elbo
from vi_lab.results.factor_densities import find_density
from vi_lab.results.marginals import unwrap
from vi_lab.results.posterior import Cost, HasMoments, refuse_other_number
from vi_lab.results.restarts import Restarts, rank_restarts


class Factorised(HasMoments[M_co]):
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
        The distinct bounds the restarts reached, best first, more than 1e-6 nats apart.
    optima_counts : array
        The number of restarts that reached each.
    restarts : Restarts
        Every restart with its bound; those of a mixture matched to the best's labels.
    converged : bool or None
        Whether the best restart stopped moving; None when made by hand.
    interrupted : bool
        Whether Ctrl-C was pressed during the run; then it may have stopped early.
    seed : int or None
        The `rng` of the run where that was an int; None where not, and when made by hand.
    """

    model: M_co
    method = "factorised"

    @public
    def __init__(self: Factorised[M], model: ModelOrProblem[M], **q: Distribution) -> None:
        whole = as_conjugate_model(model, "a factorised q")
        for name in q:
            checks.one_of("q", name, whole.blocks)
        factors = {}
        for name, block in whole.blocks.items():
            refuse_if(name not in q, f"q: needs a factor for every block, and {name!r} has none")
            such = f"{name}: needs a Distribution such as {type(block.family).__name__}.of(...)"
            checks.require(isinstance(q[name], Distribution), such, q[name])
            try:
                factors[name] = block.family.adopt(q[name])
            except (InputError, InputTypeError) as error:
                raise type(error)(f"{name}: {error}") from None
        self._assign(whole, factors)
        if whole.moving:  # about where they are, if that is far from the model's own centre
            self._assign(whole, adopt_factors(whole, {name: q[name] for name in factors})[1])

    def _assign(self, model: Any, factors: dict[str, Distribution]) -> None:
        """Broadcast every factor to (*batch, *plates) and freeze."""
        batches = []
        for name, block in model.blocks.items():
            lead = factors[name].family.lead_shape(factors[name].eta)
            count = max(len(lead) - len(block.plates), 0)
            batches.append(lead[:count])
            if not broadcasts(lead[count:], block.plates):
                raise InputError(
                    f"{name}: needs parameters that broadcast to plates {block.plates}, got {lead}"
                )
        try:
            batch = np.broadcast_shapes(*batches)
        except ValueError:
            raise InputError(f"q: the factors' batch shapes {batches} do not match") from None
        q = {
            name: factors[name].expand(batch + block.plates).freeze()
            for name, block in model.blocks.items()
        }
        vars(self).update(model=model, q=ReadOnlyDict(q), batch=batch)

    @classmethod
    def fitted(cls, model: Any, factors: dict[str, Distribution], **record: Any) -> Self:
        """As `cavi` returns it: the factors with the record of the run that made them."""
        self = object.__new__(cls)
        self._assign(model, factors)
        vars(self).update(record)
        freeze_arrays(self)
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"results are frozen: cannot set {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"results are frozen: cannot delete {name!r}")

    q: Mapping[str, Distribution]
    batch: tuple[int, ...]
    # the record of a run, as of a q made by hand
    elbo_trace: np.ndarray = np.empty((0, 1))
    converged: bool | None = None
    matching: tuple[np.ndarray, np.ndarray] | None = None  # order (R, K), distance (R,)
    cost: Cost = Cost()
    seconds: float = 0.0
    seed: int | None = None

    @cached_property
    def elbo(self) -> float | Any:
        return factorised_elbo(self.model, self)

    @property
    def optima(self) -> np.ndarray:
        return self._optima[0]

    @property
    def optima_counts(self) -> np.ndarray:
        return self._optima[1]

    @cached_property
    def _optima(self) -> tuple[np.ndarray, np.ndarray]:
        """Bounds more than 1e-6 nats apart, with the number of restarts at each.

        A relabelling of components changes no bound, so restarts that differ by one are together.
        """
        ordered = np.sort(self._reached)[::-1]
        begins = np.flatnonzero(np.diff(ordered, prepend=np.inf) < -1e-6)
        counts = np.diff(begins, append=len(ordered))
        return unwrap(ordered[begins]), unwrap(counts)

    @property
    def _reached(self) -> np.ndarray:
        return self.elbo_trace[-1] if len(self.elbo_trace) else np.ravel(self.elbo)

    @property
    def restarts(self) -> Restarts:
        best_first = rank_restarts(self._reached)
        matching = () if self.matching is None else [kept[best_first] for kept in self.matching]
        return Restarts(best_first, self._reached[best_first], *matching)

    @cached_property
    def _moments(self) -> tuple[dict[str, Any], dict[str, Any]]:
        # latents are a rearrangement of block values, so it rearranges means and sds alike
        means = {name: factor.mean for name, factor in self.q.items()}
        sds = {
            name: factor.mean if name in self.model.nominal else factor.sd
            for name, factor in self.q.items()
        }
        return self.model.latents(means), self.model.latents(sds)

    def _find_density(self, name: str, index: tuple[int, ...], x: np.ndarray) -> Any:
        return find_density(self.model, self.q, (name, index), x)

    def _find_quantiles(self, name: str, levels: np.ndarray) -> Any:
        """Latents are a rearrangement of block values, so it rearranges their quantiles alike."""
        others = {block: factor.mean for block, factor in self.q.items()}
        found = []
        for p in levels:
            made = {b: self._block_quantile(b, float(p)) for b in self.model.sources[name]}
            if any(quantile is None for quantile in made.values()):
                return None
            found.append(self.model.latents(others | made)[name])
        return np.stack(found)

    def _block_quantile(self, block: str, p: float) -> Any:
        factor = self.q[block]
        return ask_family(factor.family, "quantile", factor.eta, p, eta=factor.eta)

    @public
    def sample(self, n: int, *, rng: Rng = None) -> dict[str, np.ndarray]:
        rng = checks.generator(rng)
        shown = (name for name in self.q if name not in self.model.auxiliary)
        return self.model.latents({name: self.q[name].sample(n, rng=rng) for name in shown})

    @public
    def posterior_predictive(self, n: int, *, rng: Rng = None) -> dict[str, np.ndarray]:
        """As of any posterior; of a single q, without a batch."""
        refuse_if(self.batch, f"posterior_predictive: needs a single q, got a batch {self.batch}")
        return super().posterior_predictive(n, rng=rng)

    def pack(self) -> tuple[dict[str, Any], dict[str, Any]]:
        arrays = {
            f"eta/{name}/{field}": value
            for name, factor in self.q.items()
            for field, value in factor.eta._asdict().items()
        }
        for name in self.model.moving:
            family: Any = self.q[name].family
            if family is not self.model.blocks[name].family:
                arrays[f"centre/{name}"] = family.centre
                if getattr(family, "turn", None) is not None:
                    arrays[f"turn/{name}"] = family.turn
        arrays["elbo_trace"] = self.elbo_trace
        if self.matching is not None:
            arrays["matching/order"], arrays["matching/apart"] = self.matching
        return arrays, {
            "cost": self.cost.pack(),
            "elbo": self.elbo,
            "converged": self.converged,
            "interrupted": self.interrupted,
            "settings": {"seed": self.seed},
        }

    @classmethod
    def unpack(cls, record: Any, arrays: Any, model: Any) -> Self:
        """The factors' natural parameters with the families of the model's blocks, or those about
        centres of their own."""
        factors = {}
        for name, block in model.blocks.items():
            eta = (arrays[f"eta/{name}/{field}"] for field in block.family.Stats._fields)
            family, own = block.family, f"centre/{name}" in arrays
            if own:
                turn = (arrays[key] for key in [f"turn/{name}"] if key in arrays)
                family = family.about(arrays[f"centre/{name}"], *turn)
            factors[name] = Distribution(family, family.Stats(*eta))
        order = arrays.get("matching/order")
        q = cls.fitted(
            model,
            factors,
            method=record["method"],
            elbo_trace=arrays["elbo_trace"],
            converged=record["converged"],
            matching=None if order is None else (order, arrays["matching/apart"]),
            cost=Cost(**record["cost"]),
            seconds=record["seconds"],
            interrupted=record["interrupted"],
            seed=record.get("settings", {}).get("seed"),  # not in files of before
        )
        refuse_other_number("ELBO", record["elbo"], q.elbo)
        return q

    def _heading(self) -> str:
        bound = f"{self.elbo:.10g}" if not self.batch else f"batch {self.batch}"
        return f"{self.method}, ELBO {bound}" + ", interrupted" * self.interrupted
