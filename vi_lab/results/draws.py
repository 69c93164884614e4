"""Draws of a Markov chain, with the diagnostics that say how far to believe them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.axes import refuse_shared_coordinates
from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.public import public, short_repr
from vi_lab.arguments.read_only import ReadOnlyDict, close_mappings, read_only
from vi_lab.arguments.types import Rng
from vi_lab.errors import NumericalError, refuse_if
from vi_lab.model_or_problem import M_co, as_given, model_behind
from vi_lab.results import diagnostics
from vi_lab.results.frames import frame_draws
from vi_lab.results.marginals import refuse_nominal, unwrap
from vi_lab.results.posterior import Cost, Posterior, make_datatree, read_section


@dataclass(frozen=True, eq=False, repr=False)
class Draws(Posterior[M_co]):
    """Draws of a Markov chain.

    Attributes
    ----------
    values : mapping of str to array (chains, draws, ...)
    acceptance_rate : array (chains,)
        Share of proposals accepted after warmup (1 for Gibbs).
    cost : Cost
    settings : mapping
        chains, draws, warmup, the seed (`rng` where it was an int, else None), and what the
        sampler settled on.
    nominal : mapping of str to int
        Latents that are labels, with their number of classes.
    auxiliary : tuple of str
        Latents present for conjugacy alone: stored, but in no table.
    interrupted : bool
        Whether Ctrl-C was pressed during the run; then there may be fewer draws than asked for.
    """

    model: M_co
    method: str
    values: Mapping[str, np.ndarray]
    acceptance_rate: np.ndarray
    cost: Cost
    seconds: float
    settings: Mapping[str, Any] = field(default_factory=dict)
    nominal: Any = None
    auxiliary: Any = None
    interrupted: bool = False

    def __post_init__(self) -> None:
        model = model_behind(self)
        object.__setattr__(self, "model", as_given(self.model))
        if self.nominal is None:
            object.__setattr__(self, "nominal", model.nominal)
        if self.auxiliary is None:
            object.__setattr__(self, "auxiliary", model.auxiliary)
        check_draws(self.method, self.values, self.acceptance_rate)
        for name, array in self.values.items():
            if not np.isfinite(array).all():
                bad = f"{array[~np.isfinite(array)][0]:g}"
                raise NumericalError(f"{self.method}: a draw of {name!r} is {bad}")
        object.__setattr__(self, "acceptance_rate", read_only(self.acceptance_rate))
        object.__setattr__(self, "values", ReadOnlyDict(_number_booleans(self.values)))
        close_mappings(self)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in self.values if name not in self.auxiliary)

    def _nominal(self) -> Mapping[str, int]:
        return self.nominal

    @public
    def mean(self, name: str) -> Any:
        checks.one_of("name", name, self.values)
        if name in self._nominal():
            labels = np.arange(self._nominal()[name])
            return np.stack([(self.values[name] == k).mean((0, 1)) for k in labels], axis=-1)
        return unwrap(self.values[name].mean((0, 1)))

    @public
    def sd(self, name: str) -> Any:
        checks.one_of("name", name, self.values)
        refuse_nominal(self._nominal(), name)
        return unwrap(self.values[name].std((0, 1)))

    @public
    def __getitem__(self, name: str) -> np.ndarray:  # type: ignore[override]
        """The draws of a latent, (chains, draws, ...)."""
        return self.values[checks.one_of("name", name, self.values)]

    @public
    def sample(self, n: int, *, rng: Rng = None) -> dict[str, np.ndarray]:
        """n of the draws, picked at random with replacement, jointly over latents."""
        n = checks.integer("n", n, 1)
        require_memory("n", f"{n} draws", n * sum(v[0, 0].size for v in self.values.values()))
        first = next(iter(self.values.values()))
        picked = checks.generator(rng).integers(first.shape[0] * first.shape[1], size=n)
        return {name: v.reshape(-1, *v.shape[2:])[picked] for name, v in self.values.items()}

    @public
    def rhat(self) -> dict[str, Any]:
        """Rank-normalised split R-hat of every latent with an order, by name.

        nan where every draw is the same, or where a chain has fewer than four draws.
        """
        return {name: unwrap(diagnostics.rhat(self.values[name])) for name in self._ordered()}

    @public
    def ess(self) -> dict[str, Any]:
        """Bulk effective sample size of every latent with an order, by name; nan where R-hat is."""
        return {name: unwrap(diagnostics.ess(self.values[name])) for name in self._ordered()}

    def _ordered(self) -> tuple[str, ...]:
        return tuple(name for name in self.names if name not in self._nominal())

    @cached_property
    def _diagnostics(self) -> dict[str, tuple[Any, Any]]:
        return {name: diagnostics.rhat_and_ess(self.values[name]) for name in self._ordered()}

    def _diagnose_all(self) -> None:
        _ = self._diagnostics

    def _diagnose(self, name: str, index: tuple[int, ...]) -> dict[str, float]:
        """Of one coordinate alone, unless those of all are there already."""
        if name not in self._ordered():
            return {}
        if "_diagnostics" in vars(self):
            r, e = self._diagnostics[name]
            return {"R-hat": float(r[index]), "ESS": float(e[index])}
        chains = self.values[name].reshape(*self.values[name].shape[:2], -1)
        chains = chains[..., np.ravel_multi_index(index, self.values[name].shape[2:])]
        return {"R-hat": float(diagnostics.rhat(chains)), "ESS": float(diagnostics.ess(chains))}

    def _judge(self, name: str, index: tuple[int, ...]) -> dict[str, float]:
        self._diagnose_all()
        return {**self._diagnose(name, index), "MCSE": float(self._errors[name][index])}

    @cached_property
    def _errors(self) -> dict[str, np.ndarray]:
        return {name: diagnostics.mcse(self.values[name]) for name in self._ordered()}

    _independent = False

    def _quantile_draws(self, name: str) -> np.ndarray:
        return self.values[name]

    def pack(self) -> tuple[dict[str, Any], dict[str, Any]]:
        arrays = {f"values/{name}": array for name, array in self.values.items()}
        arrays["acceptance_rate"] = self.acceptance_rate
        return arrays, {
            "cost": self.cost.pack(),
            "settings": self.settings,
            "nominal": self.nominal,
            "auxiliary": self.auxiliary,
            "interrupted": self.interrupted,
        }

    @classmethod
    def unpack(cls, record: Any, arrays: Any, model: Any) -> Self:
        """Draws stand alone: the model may be None."""
        settings = {"seed": None, **record["settings"]}.items()
        return cls(
            model=model,
            method=record["method"],
            values=read_section(arrays, "values/"),
            acceptance_rate=arrays["acceptance_rate"],
            cost=Cost(**record["cost"]),
            seconds=record["seconds"],
            # JSON has lists where a sampler notes arrays (its step, its proposal)
            settings={k: np.array(v) if isinstance(v, list) else v for k, v in settings},
            nominal=record["nominal"],
            auxiliary=tuple(record["auxiliary"]),
            interrupted=record["interrupted"],
        )

    @public
    def to_datatree(self, n: int | None = None, *, rng: Rng = None) -> Any:
        """An ArviZ DataTree of all chains and draws (needs the `datatree` extra)."""
        if n is not None:
            return super().to_datatree(n, rng=rng)
        return make_datatree(self.values, self.method, self._hidden(), model_behind(self).axes)

    def _hidden(self) -> tuple[str, ...]:
        """What no table shows: auxiliary latents, and labels, whose numbers are names."""
        return (*self.auxiliary, *self._nominal())

    @public
    def to_pandas(self, n: int | None = None, *, rng: Rng = None) -> Any:
        """All draws as a pandas DataFrame, a row for each chain and draw and a column a coordinate
        (needs pandas); with n, so many of them as `sample` picks them."""
        if n is not None:
            return super().to_pandas(n, rng=rng)
        shown = {name: self.values[name] for name in self.names}
        return frame_draws(shown, ("chain", "draw"))

    def _heading(self) -> str:
        chains, draws = next(iter(self.values.values())).shape[:2]
        size = f"{self.method}, {chains} chain{'s' * (chains != 1)} × {draws} draw"
        size += "s" * (draws != 1)
        return size + ", interrupted" * self.interrupted


def _number_booleans(values: Mapping[str, Any]) -> dict[str, Any]:
    """Draws of which those that are true or false are 1 or 0."""
    return {n: np.int8(a) if np.asarray(a).dtype.kind == "b" else a for n, a in values.items()}


def check_draws(method: str, values: Mapping[str, Any], acceptance_rate: Any) -> None:
    """InputError where these are not the draws of some chains: of each latent as many, numbers."""
    refuse_if(not values, f"{method}: needs draws of at least one latent")
    chains = None
    for name, array in values.items():
        shape, kind = np.shape(array), np.asarray(array).dtype
        what = f"{method}: needs draws of {name!r}"
        refuse_if(kind.kind not in "biuf", f"{what} that are real numbers, got {kind}")
        refuse_if(len(shape) < 2, f"{what} of shape (chains, draws, ...), got {shape}")
        refuse_if(0 in shape[:2], f"{what} of at least one chain and one draw, got {shape}")
        chains = chains or shape[:2]
        refuse_if(shape[:2] != chains, f"{what} of {chains} chains and draws, got {shape[:2]}")
    refuse_shared_coordinates(method, {name: np.shape(v)[2:] for name, v in values.items()})
    shape, rates = np.shape(acceptance_rate), np.asarray(acceptance_rate)
    assert chains is not None
    refuse_if(
        shape != chains[:1], f"{method}: needs an acceptance rate of each chain, got shape {shape}"
    )
    whole = rates.dtype.kind in "iuf" and ((rates >= 0) & (rates <= 1)).all()
    refuse_if(not whole, f"{method}: needs acceptance rates from 0 to 1, got {short_repr(rates)}")
