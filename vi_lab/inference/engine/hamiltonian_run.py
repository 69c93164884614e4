"""A run of Hamiltonian Monte Carlo: what warmup learns, and the Draws that it ends in."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from vi_lab.arguments.public import short_repr
from vi_lab.errors import ConvergenceWarning, NotApplicable, refuse_if
from vi_lab.inference.engine.adaptation import learn_root
from vi_lab.inference.engine.density_target import CountedTarget, Target, evaluate_starts
from vi_lab.inference.engine.differentiation import far_out
from vi_lab.inference.engine.random_walk import WARMUP, refuse_impossible
from vi_lab.inference.engine.target import MOST_COORDINATES, count_coordinates, is_discrete
from vi_lab.inference.engine.unbounded import find_unbounded
from vi_lab.inference.engine.walk_run import WalkRun
from vi_lab.results import Cost, Draws
from vi_lab.runtime.interrupts import CtrlC
from vi_lab.runtime.progress import progress

WINDOWS = (0.1, 0.25, 0.5, 1.0)  # ends of the adaptation windows, as shares of warmup
RATE = 0.95  # acceptance that the step is steered to: with 0.8 chains stick in a hierarchy's funnel
GAMMA, DELAY, DECAY = 0.05, 10.0, 0.75  # of dual averaging, ibid., eq. 6
TURN = np.pi  # of a trajectory at its longest: half a turn of a standard normal
LONGEST = 100  # leapfrog steps

Transitions = Callable[..., Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]]


class HamiltonianRun(WalkRun):
    """A run over a model's target; NotApplicable where every latent is discrete."""

    sampler = "Hamiltonian Monte Carlo"
    label = "hmc"

    def __init__(self, model: Any, parameterisation: str, **asked: Any) -> None:
        reason = why_no_trajectories(model)
        refuse_if(reason, str(reason), NotApplicable)
        super().__init__(model, parameterisation, **asked)

    def count(self, walk: Any, steps: int) -> Cost:
        self.settings["longest"] = walk.longest
        if walk.unbounded is not None:
            self.settings["unbounded"] = walk.unbounded
        return walk.target.cost

    def record(self, walk: Any) -> Draws:
        found = super().record(walk)
        if walk.unbounded is not None:
            message = (
                f"{self.sampler}: the chains run away from their starts along real coordinate "
                f"{walk.unbounded}, where the density has not fallen off: it has no finite mass, "
                "or warmup is too short"
            )
            warnings.warn(message, ConvergenceWarning, stacklevel=4)
        return found


def why_no_trajectories(model: Any) -> str | None:
    """Why Hamiltonian Monte Carlo does not apply, in a sentence; None where it does."""
    why = None
    if is_discrete(model):
        why = "no latent has a real coordinate, and a gradient needs one"
    elif (dimension := count_coordinates(model)) > MOST_COORDINATES:
        why = (
            f"it adapts a mass of D x D numbers, and here D is {dimension:,}, above the limit of "
            f"{MOST_COORDINATES}"
        )
    return why and f"Hamiltonian Monte Carlo does not apply, because {why}"


class HamiltonianWalk:
    """The state of all walkers: where they are, their steps, L of the mass, the longest trajectory.

    A twin of `RandomWalk`: it takes `run`, and says `step`, `cholesky` and `ctrl_c`.
    """

    @far_out
    def __init__(
        self, target: Target, chains: int, rng: np.random.Generator, transitions: Transitions
    ) -> None:
        self.target, self.rng = CountedTarget(target), rng
        self.transitions, self.ctrl_c = transitions, CtrlC()
        self.y = self.start = start = target.start(rng, chains)
        self.chains, self.dimension = start.shape
        log_p = evaluate_starts(self.target, start)
        refuse_impossible(log_p, lambda i: f"at {short_repr(start[i])}, where the log density")
        self.step = np.full(self.chains, 0.1)
        self.cholesky, self.longest = np.eye(self.dimension), 10
        self.unbounded: int | None = None  # a coordinate along which the chains run away

    def _moves(self) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        return self.transitions(
            self.target, self.y, self.rng, self.step, self.cholesky, self.longest
        )

    @far_out
    def run(self, steps: int, label: str) -> tuple[np.ndarray, np.ndarray]:
        """Frozen: (path (steps, chains, D), accepted (chains,)); fewer steps after Ctrl-C."""
        path = np.empty((steps, self.chains, self.dimension))
        accepted, done = np.zeros(self.chains), 0
        moves = zip(progress(path, label), self._moves(), strict=False)
        for place, (y, accept, _) in self.ctrl_c.until_pressed(moves):
            place[...] = self.y = y
            accepted += accept
            done += 1
        self.unbounded = find_unbounded(self.start, path[:done], self.target.gradient)
        return path[:done], accepted

    @far_out
    def adapt(self, warmup: int) -> None:
        """Windows of growing length: in each the step follows the acceptance rate by dual
        averaging, at its end L is that of the covariance of the chains about their means."""
        ends = [round(share * warmup) for share in WINDOWS]
        for window, (begin, end) in enumerate(zip([0, *ends], ends, strict=False)):
            path = self._steer(end - begin)
            if window < len(WINDOWS) - 1 and end - begin > 2 * self.dimension:
                root = learn_root(path, most_shrunk=0.5)
                if root is not None:
                    self.cholesky, self.step[:] = root, 0.5 * self.dimension**-0.25
        self.longest = int(np.clip(round(TURN / self.step.mean()), 1, LONGEST))

    def _steer(self, steps: int) -> np.ndarray:
        """Dual averaging on the log of the step, one for all chains (Hoffman & Gelman 2014)."""
        path = np.empty((steps, self.chains, self.dimension))
        centre = np.log(10.0 * self.step.mean())
        error, average = 0.0, np.log(self.step.mean())
        for n, place in enumerate(progress(path, WARMUP), start=1):
            self.longest = int(np.clip(round(TURN / self.step.mean()), 1, LONGEST // 4))
            self.y, _, probability = next(self._moves())
            place[...] = self.y
            error += (RATE - probability.mean() - error) / (n + DELAY)
            log_step = centre - np.sqrt(n) / GAMMA * error
            share = n**-DECAY
            average = share * log_step + (1.0 - share) * average
            self.step[:] = np.exp(log_step)
        self.step[:] = np.exp(average)
        return path
