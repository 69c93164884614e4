"""Hamiltonian Monte Carlo: the gradient, which the complete conditionals are, drives long moves.

    momentum    p ~ N(0, I)                          drawn afresh
    leapfrog    p += e/2 L' grad log p(y);  y += e L p;  p += e/2 L' grad log p(y)     n times over
    accept      with probability min(1, exp(log p(y') - |p'|**2/2 - log p(y) + |p|**2/2))

(Duane et al. 1987; Neal 2011, section 5.2.) A leapfrog step shears y and p in turn: it keeps
volumes and, with the momentum's sign turned, undoes itself, so that the accepted move leaves p(y)
as it is. The sign need not be turned, for the momentum is drawn afresh. L L' is the inverse of the
mass: with that of the posterior's covariance all directions take the same time. n is drawn for each
chain, from 1 to `longest`: of a single length some trajectories come back to where they began.
Step, L and `longest` are learned in warmup and then frozen. It is a yardstick and a lesson, not
NUTS.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.inference.engine.hamiltonian_run import HamiltonianRun, HamiltonianWalk
from vi_lab.inference.engine.target import CENTRED
from vi_lab.model_or_problem import M, ModelOrProblem, as_model
from vi_lab.results import Draws


@public
def hmc(
    model: ModelOrProblem[M],
    *,
    rng: Rng = None,
    chains: int = 4,
    draws: int = 1000,
    warmup: int = 1000,
    keep: Sequence[str] | None = None,
    parameterisation: str = CENTRED,
) -> Draws[M]:
    """Hamiltonian Monte Carlo in real coordinates, discrete blocks collapsed exactly.

    Parameters
    ----------
    model : Model, DensityModel, Problem or the name of one
    rng : int, SeedSequence or Generator, optional
    chains, draws, warmup : int
        Chains, draws kept of each, adapting steps thrown away first.
    keep : sequence of str, optional
        Latents to store; all by default.
    parameterisation : str
        The coordinates to move in: "centred", the model's own, or another that it offers.

    Returns
    -------
    Draws
        `.acceptance_rate` (chains,) after warmup; `.settings["step"]`, `["proposal_cholesky"]` and
        `["longest"]`; `.cost.gradients`; `["unbounded"]` where chains run away along a coordinate.

    Raises
    ------
    NotApplicable
        If every latent is discrete, or there are too many real coordinates.
    NumericalError
        If a start has no finite log density.

    Warns
    -----
    ConvergenceWarning
        If the chains run away from their starts, as under a density of no finite mass.
    """
    run = HamiltonianRun(as_model(model), parameterisation, rng=rng, chains=chains, draws=draws,
                         warmup=warmup, keep=keep)  # fmt: skip
    walk = HamiltonianWalk(run.target, run.chains, run.rng, transitions)
    walk.adapt(run.warmup)
    return run.record(walk)


def transitions(
    target: Any, y: np.ndarray, rng: np.random.Generator, step: Any, L: np.ndarray, longest: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The chains, without an end: where all are, which moved, and how probable that was.

    They begin at y (chains, D); `step` is e, one number or one for each chain (chains,).
    """
    log_p, slope = target.log_density(y), target.gradient(y)
    while True:
        p = rng.standard_normal(y.shape)
        energy = log_p - 0.5 * (p * p).sum(-1)
        lengths = rng.integers(1, longest, size=len(y), endpoint=True)
        there, pull = y, slope
        for n in range(lengths.max()):
            e = np.where(n < lengths, step, 0.0)[:, None]  # a chain that is done stands still
            p = p + 0.5 * e * (pull @ L)
            there = there + e * (p @ L.T)
            pull = target.gradient(there)
            p = p + 0.5 * e * np.where(e > 0, pull @ L, 0.0)
        log_q = target.log_density(there)
        ratio = log_q - 0.5 * (p * p).sum(-1) - energy
        accept = -rng.standard_exponential(len(y)) < ratio  # False of nan: out of range
        y, log_p = np.where(accept[:, None], there, y), np.where(accept, log_q, log_p)
        slope = np.where(accept[:, None], pull, slope)
        yield y, accept, np.exp(np.fmin(np.where(np.isnan(ratio), -np.inf, ratio), 0.0))
