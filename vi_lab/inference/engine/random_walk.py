"""The random walk of Metropolis-Hastings: proposals, acceptance, and what warmup learns.

All chains move at once: they are the leading axis.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from vi_lab.arguments.public import brief
from vi_lab.arguments.user_models import explain
from vi_lab.errors import InputError, NumericalError
from vi_lab.runtime.interrupts import CtrlC
from vi_lab.runtime.progress import progress

WINDOWS = (0.1, 0.25, 0.5, 1.0)  # ends of the adaptation windows, as shares of warmup
CHUNK = 2**15  # random numbers drawn at a time
UNIT = 1e3  # times more or less than this, and a coordinate has another unit than 1
WARMUP = "warmup"


def _before(path: np.ndarray, start: np.ndarray, count: int) -> tuple[Any, Any] | None:
    """The first `count` states of a path and how often each chain moved; None where there are none.

    Two states that differ are a proposal accepted.
    """
    if not count:
        return None
    states = np.concatenate([start[None], path[:count]])
    return path[:count], (states[1:] != states[:-1]).any(-1).sum(0)


class Walk:
    """The state of all chains: where they are (chains, D), their log density, their proposal."""

    def __init__(self, target: Any, start: np.ndarray, rng: np.random.Generator) -> None:
        self.rng, self.ctrl_c = rng, CtrlC()
        self.log_density = target.log_density
        self.y = start
        self.chains, self.dimension = start.shape
        try:
            log_p = np.asarray(self.log_density(start), dtype=np.float64)
        except Exception as error:
            raise explain("the log density at the start", error) from error
        if log_p.shape not in ((), (self.chains,)):
            raise InputError(f"log_density: needs shape ({self.chains},), gave {log_p.shape}")
        self.log_p = np.array(np.broadcast_to(log_p, (self.chains,)))
        if not np.isfinite(self.log_p).all():
            chain = int(np.argmin(np.isfinite(self.log_p)))
            raise NumericalError(
                f"chain {chain} starts at {brief(start[chain])}, where the log density is "
                f"{self.log_p[chain]}; it needs to be finite"
            )
        self.step = np.ones(self.chains)
        self.cholesky = np.eye(self.dimension)

    def run(self, steps: int, label: str) -> tuple[np.ndarray, np.ndarray]:
        """Frozen proposal: (path (steps, chains, D), accepted (chains,)). The hot loop.

        Ctrl-C ends it after the step under way; the path is as long as the steps that were done.
        """
        path = np.empty((steps, self.chains, self.dimension))
        accepted = np.zeros(self.chains)
        start, y, log_p, log_density = self.y.copy(), self.y, self.log_p, self.log_density
        proposal, before = np.empty_like(y), self.ctrl_c.done
        for begin, jumps, thresholds in self._noise(steps, label):
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
                broken.draws = _before(path, start, done) if label != WARMUP else None
                raise broken from error
            if not (thresholds < np.inf).all():
                bad = ~(thresholds < np.inf)
                done = begin + int(bad.any(1).argmax())
                nan = NumericalError(
                    f"{label}: the log density is {thresholds[bad][0]:g} at a proposal of step "
                    f"{done + 1}"
                )
                nan.draws = _before(path, start, done) if label != WARMUP else None
                raise nan
            accepted += accepts.sum(0)
            if self.ctrl_c.pressed:
                break
        return path[: self.ctrl_c.done - before], accepted

    def _noise(self, steps: int, label: str) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """The random numbers of so many steps, chunk by chunk.

        Yields the first step of the chunk, its jumps L noise (count, chains, D) and as many
        exponentials (count, chains), which are minus the logs of uniforms.
        """
        chunk = max(1, CHUNK // self.y.size)
        for begin in progress(range(0, steps, chunk), label):
            count = min(chunk, steps - begin)
            noise = self.rng.standard_normal((count * self.chains, self.dimension))
            jumps = (noise @ self.cholesky.T).reshape(count, self.chains, self.dimension)
            yield begin, jumps, self.rng.standard_exponential((count, self.chains))

    def adapt(self, warmup: int) -> None:
        """Windows of growing length: within each the step is steered, at its end L is re-estimated.

        The covariance is that of each chain about its own mean, averaged over chains, so that
        chains still far apart do not widen it. The last window steers the step alone. The first
        proposal is independent, with an sd of 1 or, in a coordinate whose starts lie more than
        `UNIT` times further apart or closer than that, with theirs.
        """
        spread = np.where(np.ptp(self.y, axis=0) > 0, self.y.std(0), 1.0)
        known = np.abs(np.log(spread)) > np.log(UNIT)
        self.cholesky = np.diag(np.where(known, spread, 1.0))
        target_rate = 0.234 + 0.206 / self.dimension  # 0.44 in one dimension, 0.234 in many
        self.step[:] = 2.38 / np.sqrt(self.dimension)
        ends = [round(share * warmup) for share in WINDOWS]
        for window, (begin, end) in enumerate(zip([0, *ends], ends, strict=False)):
            path = self._steer(end - begin, target_rate)
            if window < len(WINDOWS) - 1 and end - begin > 10 * self.dimension:
                self._learn_covariance(path)

    def _steer(self, steps: int, target_rate: float) -> np.ndarray:
        """Robbins-Monro on the log step of each chain, towards the target acceptance rate."""
        path = np.empty((steps, self.chains, self.dimension))
        y, log_p, log_density, log_step = self.y, self.log_p, self.log_density, np.log(self.step)
        step, rate, proposal = self.step.copy(), np.empty(self.chains), np.empty_like(y)
        scale = step[:, None]
        accept = np.empty(self.chains, dtype=bool)
        where = accept[:, None]
        gains = (np.arange(steps) + 1.0) ** -0.6
        for begin, jumps, exponentials in self._noise(steps, WARMUP):
            ratios = np.empty(exponentials.shape)
            try:
                for jump, exponential, ratio, gain, place in zip(
                    jumps, exponentials, ratios, gains[begin:], path[begin:], strict=False
                ):
                    np.multiply(jump, scale, out=proposal)
                    proposal += y
                    log_q = log_density(proposal)
                    np.subtract(log_q, log_p, out=ratio)  # of log densities; kept to look for nan
                    exponential += ratio
                    np.greater(exponential, 0.0, out=accept)
                    np.copyto(y, proposal, where=where)
                    np.copyto(log_p, log_q, where=accept)
                    np.fmin(ratio, 0.0, out=rate)
                    np.exp(rate, out=rate)
                    rate -= target_rate
                    rate *= gain
                    log_step += rate
                    np.exp(log_step, out=step)
                    place[...] = y
            except Exception as error:
                raise explain("the log density at a proposal of the warmup", error) from error
            if not (ratios < np.inf).all():
                bad = ratios[~(ratios < np.inf)][0]
                raise NumericalError(f"warmup: the log density is {bad:g} at a proposal")
        self.step = step
        return path

    def _learn_covariance(self, path: np.ndarray) -> None:
        late = path[len(path) // 3 :]
        deviation = (late - late.mean(0)).reshape(-1, self.dimension)
        if not (deviation.std(0) > 0).all():
            return  # nothing moved yet: the step will shrink until something does
        covariance = deviation.T @ deviation / len(deviation)
        # a little of the independent proposal keeps a covariance from few draws well conditioned
        share = min(0.1, 2.0 * self.dimension / len(deviation))
        covariance = (1.0 - share) * covariance + share * np.diag(np.diag(covariance))
        self.cholesky = np.linalg.cholesky(covariance)
        self.step[:] = 2.38 / np.sqrt(self.dimension)
