"""A member of a family: a natural parameter with everything that its family can say of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.family_hooks import ask_family
from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.ownership import is_ours
from vi_lab.arguments.public import public
from vi_lab.arguments.read_only import close, close_all
from vi_lab.arguments.types import Rng
from vi_lab.families.family import Family


@dataclass(frozen=True, eq=False)
class Distribution:
    """One member of a family: frozen, with its textbook parameters, moments and draws.

    Made by `Family.of(...)` from textbook parameters, or by an inference method. Leading axes are
    (*batch, *plates).
    """

    family: Family
    eta: Any
    textbook: Mapping[str, Any] | None = None  # as it was made, where it was made of these

    @property
    @public
    def parameters(self) -> Mapping[str, np.ndarray]:
        """The textbook parameters by name."""
        return self._ask("parameters", self.eta)

    @property
    @public
    def mean(self) -> Any:
        """E[z]; for nominal labels the probabilities."""
        return self._ask("mean", self.eta)

    @property
    @public
    def sd(self) -> Any:
        """The standard deviation of every coordinate of z."""
        return self._ask("sd", self.eta)

    @property
    @public
    def entropy(self) -> Any:
        """The entropy in nats, one for every (*batch, *plates)."""
        return checks.require_finite("the entropy", self._ask("entropy", self.eta))

    @property
    @public
    def expected_stats(self) -> Any:
        """E[t(z)], as the family's Stats."""
        hook = "careful_stats" if is_ours(self.family) else "expected_stats"
        return self._ask(hook, self.eta)

    def _ask(self, hook: str, *asked: Any, around: tuple[int, ...] = ()) -> Any:
        return ask_family(self.family, hook, *asked, eta=self.eta, around=around)

    def expand(self, lead: tuple[int, ...]) -> Distribution:
        """The same with leading axes (*batch, *plates) in full."""
        return Distribution(self.family, self.family.expand(self.eta, lead))

    def freeze(self) -> Distribution:
        """The same, in arrays that nobody can write to."""
        fields = (close(np.asarray(field)) for field in self.eta)
        return Distribution(self.family, self.family.Stats(*fields))

    def take(self, index: tuple[int, ...], lead: tuple[int, ...]) -> Distribution:
        """One member of a batch, where the leading axes (*batch, *plates) are `lead`."""
        family = self.family.take(index, len(lead) - len(index))
        full = self.family.expand(self.eta, lead)
        return Distribution(family, family.Stats(*(np.array(field[index]) for field in full)))

    @public
    def log_density(self, z: Any) -> Any:
        """log density of z in nats, -inf outside the support."""
        shape: Any = self.family.event_shape
        lead, names = self.family.lead_shape(self.eta), getattr(shape, "_fields", None)
        if names is None:
            z = checks.values("z", z, shape, lead)
            points = z.shape[: z.ndim - len(shape)]
        else:
            pair = isinstance(z, tuple) and len(z) == len(shape)
            checks.require(pair, f"z: needs a pair of arrays ({', '.join(names)})", z)
            parts = zip(names, z, shape, strict=True)
            z = type(shape)(*(checks.values(name, part, s, lead) for name, part, s in parts))
            points = np.shape(z[0])[: np.ndim(z[0]) - len(shape[0])]
        given = self._ask("log_density", z, self.eta, around=points)
        return checks.require_finite("the log density", given, infinite=True)

    @public
    def sample(self, n: int, *, rng: Rng = None) -> Any:
        """n independent draws, shape (n, *batch, *plates, *event)."""
        n = checks.integer("n", n, 1)
        shape = (n, *self.family.lead_shape(self.eta))
        require_memory("n", f"{n} draws", math.prod(shape) * self.family.numbers)
        return self._ask("sample", checks.generator(rng), self.eta, shape, around=shape)

    def __repr__(self) -> str:
        inside = ", ".join(f"{k}={_show(v)}" for k, v in self.parameters.items())
        return f"{type(self.family).__name__}({inside})"


def from_textbook(family: Family, **textbook: Any) -> Distribution:
    """The member of this family with these textbook parameters, those of its `natural`, which are
    kept as they are now: nobody can write to them."""
    eta = family.natural(**textbook)
    kept = {k: v if isinstance(v, int | float) else np.array(v) for k, v in textbook.items()}
    made: Distribution = close_all(Distribution(family, eta, kept))
    return made


def _show(value: Any) -> str:
    array = np.asarray(value)
    if array.ndim == 0:
        return f"{float(array):.6g}"
    if array.size <= 6:
        return np.array2string(array, precision=6, separator=", ").replace("\n", "")
    return f"array{array.shape}"
