"""Frames of CAVI, kind "update": a half-step each, with every nat accounted for.

The run is that of `cavi`, heard sweep by sweep. Within a sweep the blocks follow one another: at
the turn of a block the factors before it are new, those after it still old. The three numbers of a
frame come from three routes, as in a ledger; the gain from a fourth, KL[q_b old || q_b new], which
is what a step of coordinate ascent gains exactly (`cavi.sweep_gain`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from vi_lab.arguments.block_values import initial_values
from vi_lab.families import Distribution
from vi_lab.identity.bound import elbo_estimate
from vi_lab.identity.divergence import kl_estimate
from vi_lab.identity.ledger import Ledger, close
from vi_lab.inference.cavi import sweeps
from vi_lab.inference.engine.climb import Climb, run_quietly
from vi_lab.replays import sentences
from vi_lab.replays.scene import (
    Numbers,
    Scene,
    choose_frames,
    join_blocks,
    rounded,
    say_shown,
    unbatched,
)
from vi_lab.replays.shapes import outline
from vi_lab.results import Factorised

MOST, EARLY = 120, 40  # frames; those of them at the beginning, with none left out
MAX_SWEEPS, TOL = 1000, 1e-10  # as by default


def why_not(model: Any) -> str | None:
    """Why no updates can be shown, in a sentence, or None."""
    reason: str | None = model.why_not_conjugate("CAVI")
    return reason


class Ascent:
    """Recorded half-steps.

    Attributes
    ----------
    visited : Numbers
        The means of q before the first and after each half-step; nan where q is not whole.
    updates : int
    shown : str
        Which of them are frames, in words.
    settings : dict
    """

    def __init__(self, scene: Scene, rng: np.random.Generator) -> None:
        self._scene, model = scene, scene.model
        heard: list[tuple[Any, dict[str, Any]]] = []

        def listened(model: Any, t: Any, batch: Any) -> Iterator[Any]:
            for eta, expected, bound in sweeps(model, t, batch):
                heard.append((model, eta))
                yield eta, expected, bound

        climb = Climb(model, "CAVI", rng=rng, restarts=1, max_sweeps=MAX_SWEEPS, tol=TOL)
        self.result = run_quietly(
            climb.run, listened, values=initial_values(model, climb.rng, climb.restarts)
        )
        self.states: list[dict[str, Distribution]] = [{}]
        for there, eta in heard:
            for name, block in there.blocks.items():
                self.states.append({**self.states[-1], name: unbatched(block, eta[name])})
        self.blocks = list(model.blocks)
        self.updates = len(self.states) - 1
        self.chosen = choose_frames(self.updates, MOST, EARLY)
        self.shown = say_shown(self.chosen, self.updates, "updates")
        read = [self._means(state) for state in self.states]
        self.visited = Numbers({name: np.array([r[name] for r in read]) for name in read[0]})
        self.settings = {
            "max_sweeps": MAX_SWEEPS,
            "tol": TOL,
            "converged": bool(self.result.converged),
        }

    def _means(self, state: dict[str, Distribution]) -> dict[str, Any]:
        """The drawn numbers at the means of q; nan where q is not whole."""
        if len(state) < len(self.blocks):
            return {place.at.name: np.nan for place in self._scene.places}
        means = {name: factor.mean for name, factor in state.items()}
        return dict(self._scene.read(self._scene.model.latents(means)).by_name)

    def frames(self, scene: Scene) -> list[dict[str, Any]]:
        """One frame for each half-step that is shown."""
        return [self._frame(scene, n) for n in (i + 1 for i in self.chosen)]

    def _frame(self, scene: Scene, n: int) -> dict[str, Any]:
        model, state, before = scene.model, self.states[n], self.states[n - 1]
        name = self.blocks[(n - 1) % len(self.blocks)]
        sweep, whole = 1 + (n - 1) // len(self.blocks), len(state) == len(self.blocks)
        old, new = before.get(name), state[name]
        gain = None
        if old is not None:
            kl = new.family.kl(new.family.adopt(old).eta, new.eta)
            gain = float(model.blocks[name].sum_over_plates(kl))
        return {
            **scene.head(self.visited, n, "update", sweep, whole),
            **(self._account(n, name, sweep, gain) if whole else self._open(name, sweep, state)),
            "block": name,
            "given": join_blocks(model, name),
            "conditional": scene.conditional(name, new, state, shapes=False),
            "q": outline(model, state, scene.axes) if whole and scene.axes else None,
            "strips": {strip.of.at.name: strip.of_q(model, state) for strip in scene.strips},
            "gain": gain,
        }

    def _open(self, name: str, sweep: int, state: dict[str, Distribution]) -> dict[str, Any]:
        """What there is to say before q is whole."""
        missing = [block for block in self.blocks if block not in state]
        fields = ("elbo", "elbo_error", "kl", "kl_error", "residual", "tolerance", "holds")
        say = sentences.of_unfinished(sweep, name, missing)
        return {"say": say, **dict.fromkeys(fields), "why": sentences.why_no_bound(missing)}

    def _account(self, n: int, name: str, sweep: int, gain: float | None) -> dict[str, Any]:
        """The ledger of q after half-step n."""
        scene = self._scene
        q = Factorised(scene.model, **self.states[n])
        found = close(scene.truth, q, elbo_estimate(q, scene.model))
        before = None
        if len(self.states[n - 1]) == len(self.blocks):
            old = Factorised(scene.model, **self.states[n - 1])
            before = float(kl_estimate(old, scene.truth).value)
        kl = found.kl if found.kl is not None else np.inf
        return {
            "say": sentences.of_update(sweep, name, before, kl, gain or 0.0),
            **stack_nats(found),
        }


def stack_nats(found: Ledger) -> dict[str, Any]:
    """ELBO and KL of a frame's q under log p(x), and whether they add up, as the page has them."""
    return {
        "elbo": found.elbo,
        "elbo_error": _short(found.errors["elbo"]),
        "kl": found.kl,
        "kl_error": _short(found.errors["kl"]),
        "residual": _short(found.residual),
        "tolerance": _short(found.tolerance),
        "holds": found.holds,
        "why": found.reason,
    }


def _short(error: float | None) -> float | None:
    """An error, or what is of its size, by the digits that an error has."""
    return None if error is None else rounded(error, 3)
