"""Random-walk Metropolis-Hastings: evaluate the log joint at t(z) of a proposal.

    propose   y' = y + step * L noise,            a symmetric move in real coordinates
    accept    with probability min(1, p(y') / p(y))

(Metropolis et al. 1953; Hastings 1970.) The chain's stationary density over y is that of z times
|det dz/dy|. During warmup L follows the covariance of the chains and `step` is steered to the
acceptance rate that suits the dimension (Roberts, Gelman & Gilks 1997; Andrieu & Thoms 2008,
algorithm 4); then both are frozen, because a chain that keeps adapting to its past is no longer
Markov. All chains move at once: they are the leading axis. Where every latent is discrete there is
no real coordinate, and sites propose other values instead: see `discrete_metropolis`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from vi_lab.arguments.public import public
from vi_lab.arguments.types import Reals, Rng
from vi_lab.inference.discrete_metropolis import discrete_metropolis
from vi_lab.inference.engine.adaptation import adapt
from vi_lab.inference.engine.random_walk import WARMUP, RandomWalk
from vi_lab.inference.engine.target import CENTRED, is_discrete
from vi_lab.inference.engine.walk_run import WalkRun, refuse_real_coordinates, require_step
from vi_lab.model_or_problem import M, ModelOrProblem, as_model
from vi_lab.results import Draws


@public
def metropolis_hastings(
    model: ModelOrProblem[M],
    *,
    rng: Rng = None,
    chains: int = 4,
    draws: int = 1000,
    warmup: int = 1000,
    step: Reals | None = None,
    keep: Sequence[str] | None = None,
    parameterisation: str = CENTRED,
) -> Draws[M]:
    """Random-walk Metropolis in real coordinates, discrete blocks collapsed exactly.

    Where a model's rows are independent (one hidden variable an observation, all parameters known)
    each row is moved and judged by itself, and D below is the dimension of one row. Where every
    latent is discrete, each site is: it proposes another of its values.

    Parameters
    ----------
    model : Model, DensityModel, Problem or the name of one
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
    whole = as_model(model)
    asked = {"rng": rng, "chains": chains, "draws": draws, "warmup": warmup, "keep": keep}
    if is_discrete(whole):
        refuse_real_coordinates(whole, step, parameterisation)
        return discrete_metropolis(whole, **asked)
    run = WalkRun(whole, parameterisation, **asked)
    walk = RandomWalk(run.target, run.chains, run.rng)
    if step is None:
        adapt(walk, run.warmup)
    else:
        walk.cholesky = np.diag(require_step(step, walk.dimension))
        walk.run(run.warmup, WARMUP)
    return run.record(walk)  # of the steps below


def transitions(
    log_density: Callable[[np.ndarray], np.ndarray],
    y: np.ndarray,
    rng: np.random.Generator,
    step: Any = 1.0,
    cholesky: Any = None,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Metropolis itself, without an end: where all chains are, and which of them moved.

    They begin at y (chains, D); `step` is one number or one for each chain, and `cholesky` is L,
    (D, D), by default the identity. `RandomWalk.run` takes the same steps in a tuned loop.
    """
    L = np.eye(y.shape[1]) if cholesky is None else cholesky
    log_p = log_density(y)
    while True:
        proposal = y + np.reshape(step, (-1, 1)) * (rng.standard_normal(y.shape) @ L.T)
        log_q = log_density(proposal)
        log_u = -rng.standard_exponential(len(y))  # the log of a uniform
        accept = log_u < log_q - log_p
        y = np.where(accept[:, None], proposal, y)
        log_p = np.where(accept, log_q, log_p)
        yield y, accept
