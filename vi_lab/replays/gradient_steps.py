"""Frames of Gaussian variational inference, kind "step": q after each step uphill, with its nats.

The run is that of `gaussian_vi` of a full covariance: the bound that it climbs is heard wherever it
is asked for, and where L-BFGS came to rest is what its trace has. The three numbers of a frame are
those of a ledger, on nodes of their own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.identity.bound import elbo_estimate
from vi_lab.identity.ledger import close
from vi_lab.inference.engine.gaussian_fit import GaussianFit
from vi_lab.inference.engine.gaussian_limits import why_no_gaussian
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.inference.engine.target import CENTRED
from vi_lab.inference.gaussian_vi import elbo_and_gradient
from vi_lab.numerics.normal_mixture import NormalMixture
from vi_lab.replays import sentences
from vi_lab.replays.coordinates import whole
from vi_lab.replays.proposals import read_path
from vi_lab.replays.scene import Numbers, Scene, choose_frames, rounded, say_shown
from vi_lab.replays.updates import stack_nats

MOST, EARLY = 60, 40  # frames; those of them at the beginning, with none left out
RESTARTS, CORNERS = 8, 48
SHARES = 0.5, 0.9
NUDGE = 1e-3  # sds by which a coordinate is moved, to see which drawn number it is


def why_not(model: Any) -> str | None:
    """Why no steps can be shown, in a sentence, or None."""
    reason = why_no_gaussian(model, CENTRED, "full")
    return reason and f"the replay of a full-rank Gaussian does not apply, because {reason}"


class Climb:
    """Recorded steps of L-BFGS.

    Attributes
    ----------
    visited : Numbers
        The drawn numbers at the mean of q, before the first and after each step.
    """

    def __init__(self, scene: Scene, rng: np.random.Generator) -> None:
        model = self.model = scene.model
        fit = GaussianFit(
            model, "full-rank Gaussian", CENTRED, rng=rng, restarts=RESTARTS, covariance="full"
        )
        heard: list[tuple[float, NormalMixture, float]] = []

        def listened(q: NormalMixture, scaled: Any, nodes: Any, weights: Any) -> Any:
            value, slope = elbo_and_gradient(q, scaled, nodes, weights)
            size = float(np.hypot(np.linalg.norm(slope.means), np.linalg.norm(slope.roots)))
            heard.append((value, q.moved(scaled.origin, scaled.scale), size))
            return value, slope

        result = fit.climb(listened)
        rests = result.elbo_trace.tolist()
        self.states = [heard[0] if not rests else self._begin(heard, rests)]
        for value in rests:
            self.states.append(next(one for one in reversed(heard) if one[0] == value))
        self.updates = len(self.states) - 1
        self.chosen = choose_frames(self.updates, MOST, EARLY)
        self.shown = say_shown(self.chosen, self.updates, "steps")
        self.target = result.target
        means = [q.means[0] for _, q, _ in self.states]
        self.visited = read_path(scene, self.target, means, np.random.default_rng(0))
        self.settings = {"restarts": RESTARTS, "covariance": "full"}
        self._books: dict[int, Any] = {}

    @staticmethod
    def _begin(heard: list[Any], rests: list[float]) -> Any:
        """Where the last climb began: the last evaluation before its first rest that is lower."""
        first = next(i for i, one in enumerate(heard) if one[0] == rests[0])
        lower = [one for one in heard[:first] if one[0] < rests[0]]
        return lower[0] if lower else heard[first]

    def frames(self, scene: Scene) -> list[dict[str, Any]]:
        """One frame for each step that is shown."""
        return [self._frame(scene, n) for n in (i + 1 for i in self.chosen)]

    def _book(self, scene: Scene, n: int) -> Any:
        """The ledger of q after step n."""
        if n not in self._books:
            q: Any = GaussianPosterior(self.model, self.states[n][1], "full-rank Gaussian")
            self._books[n] = close(scene.truth, q, elbo_estimate(q, self.model))
        return self._books[n]

    def _frame(self, scene: Scene, n: int) -> dict[str, Any]:
        found, before = self._book(scene, n), self._book(scene, n - 1)
        _, q, slope = self.states[n]
        return {
            **scene.head(self.visited, n, "step"),
            "say": sentences.of_step(n, found.elbo - before.elbo, found.elbo),
            "from": scene.locate(self.visited, n - 1),
            "to": scene.locate(self.visited, n),
            "gradient_norm": rounded(slope, 3),
            "q": self._outline(scene, q),
            "strips": {strip.of.at.name: None for strip in scene.strips},
            **stack_nats(found),
        }

    def _outline(self, scene: Scene, q: NormalMixture) -> dict[str, Any] | None:
        """The Shape of q where each drawn number hangs on one real coordinate alone: the images of
        the ellipses that hold 50 and 90 % of both."""
        if scene.axes is None:
            return None
        pair: list[Any] = [self._coordinate(scene, q, axis.of.at.name) for axis in scene.axes]
        if None in pair or pair[0] == pair[1]:
            return None
        root = q.roots[0]
        both = np.linalg.cholesky((root @ root.T)[np.ix_(pair, pair)])
        turn = np.linspace(0.0, 2.0 * np.pi, CORNERS, endpoint=False)
        circle = np.stack([np.cos(turn), np.sin(turn)], -1)
        rings = []
        for share in SHARES:
            y = np.repeat(q.means, CORNERS, 0)
            y[:, pair] += np.sqrt(-2.0 * np.log1p(-share)) * circle @ both.T
            at = self._read(scene, y)
            ring = [axis.place(at.by_name[axis.of.at.name]) for axis in scene.axes]
            rings.append({"share": share, "rings": [whole(np.stack(ring, -1))]})
        return {"rings": rings}

    def _coordinate(self, scene: Scene, q: NormalMixture, name: str) -> int | None:
        """Which real coordinate a drawn number is a function of; None where of more than one."""
        mean, size = q.means[0], q.means.shape[-1]
        sds = np.sqrt((q.roots[0] ** 2).sum(-1))
        y = np.vstack([mean, mean + NUDGE * np.diag(sds)])
        values = self._read(scene, y).by_name[name]
        moved = np.flatnonzero(values[1:] != values[0])
        return int(moved[0]) if len(moved) == 1 and size > 1 else None

    def _read(self, scene: Scene, y: np.ndarray) -> Numbers:
        return read_path(scene, self.target, list(y), np.random.default_rng(0))
