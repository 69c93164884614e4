"""Frames of Hamiltonian Monte Carlo, kind "trajectory": the leapfrog steps of one move, and what
its energy error was held against.

The chain is the one that `hmc.transitions` walks. Where the leapfrog steps were is heard at the
gradient, the momentum and u at the generator. The last momentum is read off the last step,

    p_n = L^-1 (y_n - y_{n-1}) / e + e/2 L' grad log p(y_n)

and with it log p(y_n) - |p_n|**2/2 - log p(y_0) + |p_0|**2/2, the energy lost on the way.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.inference.engine.hamiltonian_run import HamiltonianWalk, why_no_trajectories
from vi_lab.inference.engine.random_walk import far_out
from vi_lab.inference.engine.target import choose_target
from vi_lab.inference.hmc import transitions
from vi_lab.replays import sentences
from vi_lab.replays.proposals import ROWS, read_path
from vi_lab.replays.scene import Scene, rounded

CHAINS, WARMUP = 4, 1000  # as by default; the first chain is shown
UPDATES = 100
DIVERGENT = -1000.0  # energy error beyond which a trajectory has left the slope it follows


def why_not(model: Any) -> str | None:
    """Why no trajectories can be shown, in a sentence, or None."""
    if reason := why_no_trajectories(model):
        return reason
    if model.independent_rows is not None:
        return ROWS.format("Hamiltonian Monte Carlo")
    return None


class Heard:
    """A target and a generator that remember, of the first chain, what passed through."""

    def __init__(self, target: Any, rng: np.random.Generator) -> None:
        self._target, self._rng, self.log_density = target, rng, target.log_density
        self.points: list[np.ndarray] = []
        self.slope = np.empty(0)
        self.momentum = np.empty(0)
        self.log_u, self.steps = 0.0, 0

    def gradient(self, y: np.ndarray) -> np.ndarray:
        found = self._target.gradient(y)
        if not self.points or (y[0] != self.points[-1]).any():
            self.points.append(y[0].copy())
            self.slope = found[0]
        return np.asarray(found)

    def standard_normal(self, shape: tuple[int, ...]) -> np.ndarray:
        found = self._rng.standard_normal(shape)
        self.momentum = found[0].copy()
        return found

    def standard_exponential(self, size: int) -> np.ndarray:
        found = self._rng.standard_exponential(size)
        self.log_u = -float(found[0])
        return found

    def integers(self, *asked: Any, **more: Any) -> np.ndarray:
        found = self._rng.integers(*asked, **more)
        self.steps = int(found[0])
        return np.asarray(found)


class Orbits:
    """Recorded trajectories.

    Attributes
    ----------
    visited : Numbers
        The start, then where it was after each trajectory.
    settings : dict
    """

    updates = UPDATES
    shown = (
        "the first {count} trajectories of chain 1 of 4, from its start, at the step and the mass "
        "that warmup found"
    )

    @far_out
    def __init__(self, scene: Scene, rng: np.random.Generator) -> None:
        target = choose_target(scene.model)
        walk = HamiltonianWalk(target, CHAINS, rng, transitions)
        start = walk.y.copy()
        walk.adapt(WARMUP)
        heard: Any = Heard(target, rng)
        e, L = float(walk.step[0]), walk.cholesky
        moves = transitions(heard, start, heard, walk.step, L, walk.longest)
        at, self.moves, paths = start[0], [], []
        here = [at]
        for _ in range(UPDATES):
            heard.points = [at]
            y, accepted, _ = next(moves)
            path = heard.points
            if path[0] is not at:  # the first gradient of all is that of the start
                path = [at, *path]
            last = np.linalg.solve(L, path[-1] - path[-2]) / e + 0.5 * e * (heard.slope @ L)
            log_p = target.log_density(np.stack([path[-1], at]))
            log_ratio = float(log_p[0] - log_p[1] - 0.5 * (last @ last))
            log_ratio += 0.5 * float(heard.momentum @ heard.momentum)
            self.moves.append((log_ratio, heard.log_u, bool(accepted[0]), heard.steps))
            paths.append(path)
            at = y[0].copy()
            here.append(at)
        self.step = e
        self.visited = read_path(scene, target, here, rng)
        self.paths = [read_path(scene, target, path, rng) for path in paths]
        self.settings = {
            "step": e,
            "longest": walk.longest,
            "warmup": WARMUP,
            "chains": CHAINS,
            "accepted": float(np.mean([move[2] for move in self.moves])),
        }

    def frames(self, scene: Scene) -> list[dict[str, Any]]:
        """One frame for each trajectory."""
        return [self._frame(scene, n) for n in range(1, UPDATES + 1)]

    def _frame(self, scene: Scene, n: int) -> dict[str, Any]:
        log_ratio, log_u, accepted, steps = self.moves[n - 1]
        path = self.paths[n - 1]
        count = len(next(iter(path.by_name.values())))
        places = [scene.locate(path, i) for i in range(count)]
        finite = np.isfinite(log_ratio)
        return {
            **scene.head(self.visited, n, "trajectory"),
            "say": sentences.of_trajectory(n, steps, log_ratio, log_u, accepted),
            "path": [number for place in places if place for number in place],
            "steps": steps,
            "step_size": rounded(self.step),
            "log_ratio": rounded(log_ratio) if finite else None,
            "log_u": rounded(log_u),
            "accepted": accepted,
            "divergent": not (finite and log_ratio > DIVERGENT),
        }
