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
from collections.abc import Sequence
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.public import brief, public
from vi_lab.errors import InputError, NotApplicable
from vi_lab.inference.discrete_metropolis import flips
from vi_lab.inference.engine.random_walk import WARMUP, Walk
from vi_lab.inference.engine.record import blocks_to_keep, handed_over
from vi_lab.inference.engine.target import (
    CENTRED,
    all_discrete,
    choose_target,
    parameterisations_of,
    why_no_moves,
)
from vi_lab.model_or_problem import as_model
from vi_lab.results import Cost, Draws


@public
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
    target = None if all_discrete(model) else choose_target(model, parameterisation)
    chains = checks.integer("chains", chains, 1)
    draws = checks.integer("draws", draws, 1)
    warmup = checks.integer("warmup", warmup, 0)
    kept_blocks = blocks_to_keep(model, keep) if model.blocks else None
    if target is None:
        _no_real_coordinates(model, step, parameterisation)
        return flips(model, rng, chains, draws, warmup, blocks_to_keep(model, keep))
    generator = checks.generator(rng)
    if step is not None:
        step = _fixed_step(step, target.dimension)
    started = time.perf_counter()

    numbers = chains * getattr(target, "rows", 1) * target.dimension
    length = max(draws, warmup // 2)  # the longest path that is held at once
    longest = "draws" if length == draws else "warmup"
    require_memory(longest, f"{length} steps of {chains} chains", numbers * length)

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
                "seed": checks.seed(rng),
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
        with walk.ctrl_c as ctrl_c, handed_over(kept):
            path, accepted = walk.run(draws, "metropolis")
            return kept(path, accepted, ctrl_c.pressed)


def _fixed_step(step: Any, dimension: int) -> np.ndarray:
    step = checks.observations("step", step, None)
    if step.shape not in ((), (dimension,)) or (step <= 0).any():
        came = brief(step.tolist())
        raise InputError(f"step: needs a number above 0, or {dimension} of them, got {came}")
    return np.broadcast_to(step, (dimension,))


def _no_real_coordinates(model: Any, step: Any, parameterisation: str) -> None:
    """Refuse what only a walk in real coordinates has."""
    reason = why_no_moves(model)
    if reason:
        raise NotApplicable(reason)
    checks.one_of("parameterisation", parameterisation, parameterisations_of(model))
    if step is not None:
        raise InputError(
            "step: needs None where every latent is discrete, since a move to another value has no "
            f"length, got {brief(step)}"
        )
