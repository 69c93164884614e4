"""The hot loop of random-walk Metropolis: what `metropolis_hastings.transitions` says, tuned.

Noise is drawn for many steps at a time, every step writes into arrays made once, and a density that
is nan or raises is looked for after as many steps. All walkers move at once: they are the leading
axis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from vi_lab.arguments.public import short_repr
from vi_lab.arguments.user_models import explain
from vi_lab.errors import NumericalError, ViLabError
from vi_lab.inference.engine.density_target import Target, evaluate_starts
from vi_lab.inference.engine.differentiation import far_out
from vi_lab.runtime.interrupts import CtrlC
from vi_lab.runtime.progress import progress

DRAWN_AT_ONCE = 2**15  # random numbers
WARMUP = "warmup"


class RandomWalk:
    """The state of all walkers: where they are (chains, D), their log density, their proposal.

    Each row of a target with independent rows counts as a chain of its own here.
    """

    @far_out
    def __init__(self, target: Target, chains: int, rng: np.random.Generator) -> None:
        self.rng, self.ctrl_c = rng, CtrlC()
        self.y = start = target.start(rng, chains)
        self.chains, self.dimension = start.shape
        self.log_p = evaluate_starts(target, start)
        self.log_density = target.log_density  # a density is another once it has been looked at
        refuse_impossible(self.log_p, lambda i: f"at {short_repr(start[i])}, where the log density")
        self.step = np.ones(self.chains)
        self.cholesky = np.eye(self.dimension)

    @far_out
    def run(self, steps: int, label: str) -> tuple[np.ndarray, np.ndarray]:
        """Frozen proposal: (path (steps, chains, D), accepted (chains,)). The hot loop.

        Ctrl-C ends it after the step under way; the path is as long as the steps that were done.
        """
        path = np.empty((steps, self.chains, self.dimension))
        accepted = np.zeros(self.chains)
        start, y, log_p, log_density = self.y.copy(), self.y, self.log_p, self.log_density
        proposal, before = np.empty_like(y), self.ctrl_c.done

        def with_draws(error: ViLabError, done: int) -> ViLabError:
            error.draws = _states_before(path, start, done) if label != WARMUP else None
            return error

        for begin, jumps, thresholds in self.noise(steps, label):
            jumps *= self.step[:, None]
            accepts = np.zeros(thresholds.shape, dtype=bool)
            # log u - log p(y') < -log p(y) with -log u exponential: one comparison a step
            moves = zip(jumps, thresholds, accepts, accepts[:, :, None], path[begin:], strict=False)
            try:
                for jump, threshold, accept, where, place in self.ctrl_c.until_pressed(moves):
                    np.add(y, jump, out=proposal)
                    log_q = log_density(proposal)
                    threshold += log_q  # log p(y') - log u, kept to look for nan below
                    np.greater(threshold, log_p, out=accept)
                    np.copyto(y, proposal, where=where)
                    np.copyto(log_p, log_q, where=accept)
                    place[...] = y
            except Exception as error:
                done = self.ctrl_c.done - before
                broken = explain(f"the log density at a proposal of step {done + 1}", error)
                raise with_draws(broken, done) from error
            if not (thresholds < np.inf).all():
                bad = ~(thresholds < np.inf)
                done = begin + int(bad.any(1).argmax())
                nan = f"{thresholds[bad][0]:g} at a proposal of step {done + 1}"
                raise with_draws(NumericalError(f"{label}: the log density is {nan}"), done)
            accepted += accepts.sum(0)
            if self.ctrl_c.pressed:
                break
        return path[: self.ctrl_c.done - before], accepted

    def noise(self, steps: int, label: str) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """The random numbers of so many steps, chunk by chunk.

        Yields the first step of the chunk, its jumps L noise (count, chains, D) and as many
        exponentials (count, chains), which are minus the logs of uniforms.
        """
        chunk = max(1, DRAWN_AT_ONCE // self.y.size)
        for begin in progress(range(0, steps, chunk), label):
            count = min(chunk, steps - begin)
            noise = self.rng.standard_normal((count * self.chains, self.dimension))
            jumps = (noise @ self.cholesky.T).reshape(count, self.chains, self.dimension)
            yield begin, jumps, self.rng.standard_exponential((count, self.chains))


def refuse_impossible(log_p: np.ndarray, where: Callable[[int], str]) -> None:
    """NumericalError if a chain starts, as `where` says of it, at a density that is not finite."""
    if not np.isfinite(log_p).all():
        chain = int(np.argmin(np.isfinite(log_p)))
        raise NumericalError(
            f"chain {chain} starts {where(chain)} is {log_p[chain]}; it needs to be finite"
        )


def _states_before(path: np.ndarray, start: np.ndarray, count: int) -> tuple[Any, Any] | None:
    """The first `count` states of a path and how often each chain moved; None where there are none.

    Two states that differ are a proposal accepted.
    """
    if not count:
        return None
    states = np.concatenate([start[None], path[:count]])
    return path[:count], (states[1:] != states[:-1]).any(-1).sum(0)
