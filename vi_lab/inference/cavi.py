"""Coordinate-ascent variational inference: put E_q[t(z)] into each conditional and take it as q.

    eta = block.complete_conditional(t)
    t[name] = family.expected_stats(eta)                          <- Gibbs differs in this line

Each step maximises the ELBO over one factor, so the bound never falls (Bishop 2006, eq. 10.9; Blei,
Kucukelbir & McAuliffe 2017, algorithm 1). All restarts move at once: they are the leading axis.

The loop is here; when it stops, and what is said of the result, is in `engine/climb.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from vi_lab.arguments.block_values import initial_values
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.inference.engine.climb import Climb
from vi_lab.model import Model, Statistics, elbo_terms
from vi_lab.model_or_problem import M, ModelOrProblem, as_conjugate_model
from vi_lab.results import Factorised


@public
def cavi(
    model: ModelOrProblem[M],
    *,
    rng: Rng = None,
    restarts: int = 1,
    max_sweeps: int = 1000,
    tol: float = 1e-10,
) -> Factorised[M]:
    """Mean-field CAVI from `restarts` sampled starts at once; the best optimum is returned.

    Parameters
    ----------
    model : Model, Problem or the name of one
    rng : int, SeedSequence or Generator, optional
        Starts are draws from the prior: components that all started at the prior mean would stay
        equal.
    restarts, max_sweeps : int
    tol : float
        Sweeps stop, within `max_sweeps`, when a sweep moves the q of every restart by at most
        `tol`: the square root of the Jeffreys divergence KL[q||q'] + KL[q'||q] between q before and
        after the sweep. A sweep gains less than the square of that move. Near its top the bound
        therefore no longer changes when the moments have only half of their digits right. A restart
        has converged when its last sweep gained at most `tol` nats, or no more than rounding. With
        0 sweeps stop before `max_sweeps` only if q moves by no more than a rounding, 2e-16.

    Returns
    -------
    Factorised
        With `.elbo`, `.elbo_trace` (sweeps, restarts), `.optima`, `.converged`. After Ctrl-C it is
        the q after the sweep in progress, with `interrupted` True.

    Raises
    ------
    NumericalError
        If the bound falls by more than rounding: a correct conditional never lowers it. What
        rounding may do is estimated from the terms that cancel in the bound.

    Warns
    -----
    ConvergenceWarning
        If `max_sweeps` sweeps were not enough for the restart that is returned (unless `tol` is 0),
        or if rounding hides more than 1e-6 nats of its bound.
    """
    whole = as_conjugate_model(model, "CAVI")
    climb = Climb(whole, "CAVI", rng=rng, restarts=restarts, max_sweeps=max_sweeps, tol=tol)
    return climb.run(sweeps, initial_values(whole, climb.rng, climb.restarts))


def sweeps(
    model: Model, t: Statistics, batch: tuple[int, ...]
) -> Iterator[tuple[dict[str, Any], Statistics, Any]]:
    """CAVI itself, without an end: eta, t = E_q[t(z)] and the ELBO after each sweep.

    `t` are the statistics (*batch, ...) to begin with, such as those of a draw from the prior; the
    dict is changed in place.
    """
    eta: dict[str, Any] = {}
    while True:
        for name, block in model.blocks.items():
            eta[name] = block.complete_conditional(t)
            t[name] = block.family.expected_stats(eta[name])  # Gibbs differs in this line
        yield dict(eta), dict(t), np.broadcast_to(sum(elbo_terms(model, eta, t, batch)), batch)


def sweep_gain(
    model: Model, before: dict[str, Any], after: dict[str, Any], batch: tuple[int, ...]
) -> Any:
    """What a sweep gains, in nats, (*batch,), from the natural parameters before and after it.

    Along one factor, with the others held at q_-b, the bound is

        ELBO = E_q[log p(x, z)] + H[q] = <eta_b', E_q[t_b]> + H[q_b] + c = -KL[q_b || q_b'] + c'

    with eta_b' = E_q[complete conditional] and q_b' its density: it is highest at q_b = q_b', which
    is the step that CAVI takes, and the step gains KL[q_b || q_b'], the old factor from the new.
    The steps of a sweep follow one another, so their gains add up:

        ELBO after - ELBO before = sum_b KL[q_b before || q_b after]

    a second route to the difference of two bounds, and never below 0. No method needs it: it is a
    lesson, and `sweeps` gives what it takes.
    """
    gain: Any = np.zeros(batch)
    for name, block in model.blocks.items():
        kl = block.family.kl(before[name], after[name])
        gain = gain + block.sum_over_plates(kl, batch)
    return gain
