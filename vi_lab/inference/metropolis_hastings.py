"""Random-walk Metropolis-Hastings: evaluate the log joint at t(z) of a proposal.

    propose   y' = y + step * L noise,            a symmetric move in real coordinates
    accept    with probability min(1, p(y') / p(y))

(Metropolis et al. 1953; Hastings 1970.) The chain's stationary density over y is that of z times
|det dz/dy|. During warmup L follows the covariance of the chains and `step` is steered to the
acceptance rate that suits the dimension (Roberts, Gelman & Gilks 1997; Andrieu & Thoms 2008,
algorithm 4); then both are frozen, because a chain that keeps adapting to its past is no longer
Markov. All chains move at once: they are the leading axis. Where every latent is discrete there is
no real coordinate, and sites propose other values instead: see `flips`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from vi_lab import checks
from vi_lab.entry import as_model, blocks_of
from vi_lab.errors import InputError, NotApplicable, NumericalError, ViLabError
from vi_lab.inference.flips import flips
from vi_lab.inference.target import (
    CENTRED,
    all_discrete,
    parameterisations_of,
    target_of,
    why_no_moves,
)
from vi_lab.interrupts import CtrlC
from vi_lab.model import blocks_to_keep
from vi_lab.own_model import failed
from vi_lab.progress import progress
from vi_lab.results import Cost, Draws

WINDOWS = (0.1, 0.25, 0.5, 1.0)  # ends of the adaptation windows, as shares of warmup
CHUNK = 2**15  # random numbers drawn at a time
UNIT = 1e3  # times more or less than this, and a coordinate has another unit than 1
WARMUP = "warmup"


@checks.clear_keywords
def metropolis_hastings(
    model: Any,
    *,
    rng: Any = None,
    chains: int = 4,
    draws: int = 1000,
    warmup: int = 1000,
    step: Any = None,
    keep: Sequence[str] | None = None,
    parameterisation: str = CENTRED,
) -> Draws:
    """Random-walk Metropolis in real coordinates, discrete blocks collapsed exactly.

    Where a model's rows are independent (one hidden variable an observation, all parameters known)
    each row is moved and judged by itself, and D below is the dimension of one row. Where every
    latent is discrete, each site is: it proposes another of its values.

    Parameters
    ----------
    model : Model, DensityModel or Problem
    rng : int, SeedSequence or Generator, optional
    chains, draws, warmup : int
        Chains, draws kept of each, adapting steps thrown away first.
    step : float or array (D,), optional
        Standard deviation of the proposal in real coordinates, fixed throughout; adapted during
        warmup by default. None where every latent is discrete: another value has no distance.
    keep : sequence of str, optional
        Latents to store; all by default.
    parameterisation : str
        The coordinates to walk in: "centred", the model's own, or another that it offers, such as
        "noncentred". The draws are of the same latents whatever they are.

    Returns
    -------
    Draws
        `.acceptance_rate` (chains,) after warmup; `.settings["step"]` and `["proposal_cholesky"]`,
        where there are real coordinates.
        After Ctrl-C with the draws so far and `interrupted` True; warmup it interrupts.

    Raises
    ------
    NotApplicable
        If there are too many real coordinates, or discrete latents alone and one is a count.
    InputError
        If `step` is given and every latent is discrete.
    NumericalError, InputError
        If a start has no finite log density, or the log density is nan or raises along the way; the
        error's `.draws` holds the draws so far.
    """
    model = as_model(model)
    target = None if all_discrete(model) else target_of(model, parameterisation)
    chains = checks.integer("chains", chains, 1)
    draws = checks.integer("draws", draws, 1)
    warmup = checks.integer("warmup", warmup, 0)
    kept_blocks = blocks_to_keep(model, keep) if blocks_of(model) else None
    generator = checks.generator(rng)
    if target is None:
        _no_real_coordinates(model, step, parameterisation)
        return flips(model, generator, chains, draws, warmup, blocks_to_keep(model, keep))
    if step is not None:
        step = _fixed_step(step, target.dimension)
    started = time.perf_counter()

    numbers = chains * getattr(target, "rows", 1) * target.dimension
    length = max(draws, warmup // 2)  # the longest path that is held at once
    checks.memory("draws", f"{length} steps of {chains} chains", numbers * length)

    def kept(path: np.ndarray, accepted: np.ndarray, interrupted: bool = False) -> Draws:
        values = target.values(np.swapaxes(path, 0, 1), generator)
        if kept_blocks is not None:
            values = model.latents({n: v for n, v in values.items() if n in kept_blocks})
        count = len(path)
        evaluations = chains * (warmup + count + 1)
        return Draws(
            model=model,
            method="Metropolis-Hastings" + f" {parameterisation}" * (parameterisation != CENTRED),
            values=values,
            acceptance_rate=accepted.reshape(chains, -1).mean(1) / count,
            cost=Cost(evaluations, evaluations * target.conditionals_per_density),
            seconds=time.perf_counter() - started,
            settings={
                "chains": chains,
                "draws": draws,
                "warmup": warmup,
                "parameterisation": parameterisation,
                "step": walk.step.copy(),
                "proposal_cholesky": walk.cholesky.copy(),
            },
            interrupted=interrupted,
        )

    # a proposal far out may overflow on its way to a density of 0; nan and inf are looked for
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        walk = Walk(target, target.start(generator, chains), generator)
        if step is None:
            walk.adapt(warmup)
        else:
            walk.cholesky = np.diag(step)
            walk.run(warmup, WARMUP)
        with walk.ctrl_c as ctrl_c:
            try:
                path, accepted = walk.run(draws, "metropolis")
            except ViLabError as error:  # what was drawn until then is handed over with it
                if error.draws:
                    error.draws = kept(*error.draws)
                raise
            return kept(path, accepted, ctrl_c.pressed)


def _fixed_step(step: Any, dimension: int) -> np.ndarray:
    step = checks.real_array("step", step)
    if step.shape not in ((), (dimension,)) or (step <= 0).any():
        came = checks.brief(step.tolist())
        raise InputError(f"step: needs a number above 0, or {dimension} of them, got {came}")
    return np.broadcast_to(step, (dimension,))


def _no_real_coordinates(model: Any, step: Any, parameterisation: str) -> None:
    """Refuse what only a walk in real coordinates has."""
    reason = why_no_moves(model)
    if reason:
        raise NotApplicable(reason)
    checks.known("parameterisation", parameterisation, parameterisations_of(model))
    if step is not None:
        raise InputError(
            "step: needs None where every latent is discrete, since a move to another value has no "
            f"length, got {checks.brief(step)}"
        )


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
            raise failed("the log density at the start", error) from error
        if log_p.shape not in ((), (self.chains,)):
            raise InputError(f"log_density: needs shape ({self.chains},), gave {log_p.shape}")
        self.log_p = np.array(np.broadcast_to(log_p, (self.chains,)))
        if not np.isfinite(self.log_p).all():
            chain = int(np.argmin(np.isfinite(self.log_p)))
            raise NumericalError(
                f"chain {chain} starts at {checks.brief(start[chain])}, where the log density is "
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
                broken = failed(f"the log density at a proposal of step {done + 1}", error)
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
        spread = self.y.std(0)
        known = (spread > 0) & (np.abs(np.log(np.where(spread > 0, spread, 1.0))) > np.log(UNIT))
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
                raise failed("the log density at a proposal of the warmup", error) from error
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
