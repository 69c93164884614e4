"""Draws of the posterior as estimators take them: by block, and in real coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from vi_lab.arguments.block_values import put_back
from vi_lab.arguments.public import require
from vi_lab.errors import refuse_if
from vi_lab.inference.engine.differentiation import far_out
from vi_lab.model import Values
from vi_lab.model_or_problem import same_model
from vi_lab.numerics.arithmetic import map_parts
from vi_lab.results import Draws, diagnostics

FEWEST = 20  # draws of a chain: two halves, each of which has an effective number
SCOUTS = 500  # draws among which a point of high density is looked for


class PosteriorDraws:
    """Draws of a model, looked at before an estimator rests on them.

    Attributes
    ----------
    values : dict of str to array
        By block, (chains, draws, ...).
    """

    def __init__(self, model: Any, target: Any, draws: Any) -> None:
        require(isinstance(draws, Draws), "result: needs Draws, of hmc, gibbs or the like", draws)
        refuse_if(not same_model(draws.model, model), "result: is of another model")
        self.model, self.target, self.draws = model, target, draws
        held = {z for z, blocks in model.sources.items() if z not in draws.values}
        lost = sorted(z for z in held if not self._is_drawn_back(z))
        kept = f"result: needs draws of every latent, and has none of {', '.join(lost)}"
        refuse_if(lost, f"{kept}; keep= left them out")
        chains, n = next(iter(draws.values.values())).shape[:2]
        needed = f"result: needs at least {FEWEST} draws a chain, half of which are fitted to"
        refuse_if(n < FEWEST, f"{needed}, got {n}")
        self.values: dict[str, Any] = dict(put_back(model, draws.values))
        self.shape = chains, n

    def _is_drawn_back(self, latent: str) -> bool:
        """Whether a latent is summed out, and its draws are not needed in real coordinates."""
        return not set(self.model.sources[latent]) & set(self.target.moved)

    @cached_property
    def y(self) -> np.ndarray:
        """In real coordinates, (chains, draws, D); InputError where they are all the same."""
        y = np.asarray(far_out(self.target.to_real)(self.values))
        outside = "result: some of its draws are no values that the latents can have"
        refuse_if(not np.isfinite(y).all(), outside)
        still = np.ptp(y, axis=(0, 1)) == 0
        refuse_if(still.any(), "result: its draws are constant: nothing can be told of p(x)")
        return y

    @cached_property
    def rhat(self) -> float:
        """The largest of the real coordinates'; nan of a single draw."""
        return float(np.nanmax(diagnostics.rhat(self.y)))

    def find_high_point(self) -> dict[str, Any]:
        """Of some of the draws the one of the highest density, by block."""
        some = thin(self.values, SCOUTS)
        y = far_out(self.target.to_real)(some)
        best = int(np.argmax(self.target.log_density(y)))
        return {name: map_parts(lambda a: np.asarray(a)[best], z) for name, z in some.items()}


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) else value


def count(values: Values) -> tuple[int, ...]:
    """The two leading axes of draws."""
    return np.shape(_first(next(iter(values.values()))))[:2]


def thin(values: Values, most: int) -> dict[str, Any]:
    """At most so many draws, evenly spaced over all chains: (draws, ...)."""
    chains, draws = count(values)
    chosen = np.linspace(0, chains * draws - 1, min(most, chains * draws)).astype(np.int64)
    return {
        n: map_parts(lambda a: np.reshape(a, (-1, *np.shape(a)[2:]))[chosen], z)
        for n, z in values.items()
    }


def one_draw(star: Values) -> dict[str, Any]:
    """A point as one draw of one chain."""
    return {n: map_parts(lambda a: np.asarray(a)[None, None], z) for n, z in star.items()}


def repeat(value: Any, times: int) -> Any:
    """One value for so many walkers."""
    return map_parts(lambda a: np.broadcast_to(a, (times, *np.shape(a))), value)


def stack(values: Sequence[Any]) -> Any:
    """Values (walkers, ...) of each sweep -> (walkers, sweeps, ...)."""
    return map_parts(lambda *parts: np.stack(parts, axis=1), *values)
