"""Frames of Metropolis-Hastings, kind "propose": where it stood, what it proposed, what u said.

The chain is the one that `metropolis_hastings.transitions` walks. That function says where it is;
what it proposed and drew is heard at its two doors, the log density and the generator.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.inference.engine.adaptation import adapt
from vi_lab.inference.engine.random_walk import RandomWalk, far_out
from vi_lab.inference.engine.target import choose_target, is_discrete, why_no_moves
from vi_lab.inference.metropolis_hastings import transitions
from vi_lab.replays import sentences
from vi_lab.replays.scene import Numbers, Scene, rounded

CHAINS, WARMUP = 4, 1000  # as by default; the first chain is shown
UPDATES = 300
ROWS = (
    "the replay of {} does not apply, because every row of this model is moved and judged by "
    "itself, all of them at once"
)


def why_not(model: Any) -> str | None:
    """Why no proposals can be shown, in a sentence, or None."""
    if reason := why_no_moves(model):
        return reason
    if is_discrete(model):
        return (
            "the replay of Metropolis-Hastings does not apply, because it draws moves between real "
            "numbers, and every latent here is counted"
        )
    if model.independent_rows is not None:
        return ROWS.format("Metropolis-Hastings")
    return None


class Heard:
    """A log density and a generator that remember, of the first chain, what passed through."""

    def __init__(self, log_density: Callable[[np.ndarray], Any], rng: np.random.Generator) -> None:
        self._log_density, self._rng = log_density, rng
        self.points: list[np.ndarray] = []
        self.log_p: list[float] = []
        self.log_u: list[float] = []
        self.standard_normal = rng.standard_normal

    def log_density(self, y: np.ndarray) -> Any:
        """The log density of all chains, (chains,)."""
        found = np.broadcast_to(self._log_density(y), (len(y),))
        self.points.append(y[0].copy())
        self.log_p.append(float(found[0]))
        return found

    def standard_exponential(self, size: int) -> np.ndarray:
        """Minus the logs of the uniforms of all chains."""
        found = self._rng.standard_exponential(size)
        self.log_u.append(-float(found[0]))
        return found


class Walk:
    """A recorded chain of proposals.

    Attributes
    ----------
    visited : Numbers
        The start, then where it was after each proposal.
    settings : dict
    """

    updates = UPDATES
    shown = (
        "the first {count} proposals of chain 1 of 4, from its start, at the step that warmup found"
    )

    @far_out
    def __init__(self, scene: Scene, rng: np.random.Generator) -> None:
        target = choose_target(scene.model)
        walk = RandomWalk(target, CHAINS, rng)
        start = walk.y.copy()
        adapt(walk, WARMUP)
        heard: Any = Heard(target.log_density, rng)
        steps = transitions(heard.log_density, start, heard, walk.step, walk.cholesky)
        path, moved = [start[0]], []
        for _ in range(UPDATES):
            y, accepted = next(steps)
            path.append(y[0].copy())
            moved.append(bool(accepted[0]))
        self.accepted, self.log_u = moved, heard.log_u
        log_p = heard.log_p[0]
        self.log_ratios = []
        for proposed, accept in zip(heard.log_p[1:], moved, strict=True):
            self.log_ratios.append(proposed - log_p)
            log_p = proposed if accept else log_p
        self.visited = read_path(scene, target, path, rng)
        self.proposed = read_path(scene, target, heard.points[1:], rng)
        self.settings = {
            "step": float(walk.step[0]),
            "warmup": WARMUP,
            "chains": CHAINS,
            "accepted": float(np.mean(moved)),
        }

    def frames(self, scene: Scene) -> list[dict[str, Any]]:
        """One frame for each proposal."""
        found, times = [], 1
        for n, accepted in enumerate(self.accepted, start=1):
            times = 1 if accepted else times + 1
            place = scene.write(self.visited, n)
            log_ratio, log_u = self.log_ratios[n - 1], self.log_u[n - 1]
            found.append(
                {
                    **scene.head(self.visited, n, "propose"),
                    "say": sentences.of_proposal(n, log_ratio, log_u, accepted, place, times),
                    "from": scene.locate(self.visited, n - 1),
                    "to": scene.locate(self.proposed, n - 1),
                    "log_ratio": rounded(log_ratio),
                    "log_u": rounded(log_u),
                    "accepted": accepted,
                    "times": times,
                }
            )
        return found


def read_path(
    scene: Scene, target: Any, path: list[np.ndarray], rng: np.random.Generator
) -> Numbers:
    """The drawn numbers along a path of real coordinates, collapsed blocks drawn back."""
    values = target.values(np.array(path)[None], rng)
    latents = scene.model.latents(values)
    return scene.read({name: np.asarray(value)[0] for name, value in latents.items()})
