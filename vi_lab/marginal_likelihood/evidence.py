"""The door: log p(x) by a method of one's choice, with all that is known of how far off it is."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.errors import NotApplicable, refuse_if
from vi_lab.marginal_likelihood.estimate import EvidenceEstimate, average
from vi_lab.marginal_likelihood.estimators import ESTIMATORS, SIZES, Run
from vi_lab.marginal_likelihood.notes import describe
from vi_lab.marginal_likelihood.proposals import ExactPosterior, Factors
from vi_lab.model_or_problem import ModelLike, as_model
from vi_lab.results import Draws, diagnostics
from vi_lab.runtime.interrupts import run_as_one_job


@public
@run_as_one_job()
def evidence(
    model: ModelLike,
    result: Any = None,
    *,
    method: str = "importance",
    rng: Rng = None,
    seeds: int = 1,
    draws: int | None = None,
    tails: float | None = None,
) -> EvidenceEstimate:
    """log p(x) in nats by Monte Carlo, beside the exact one where that is known.

    Parameters
    ----------
    model : Model, DensityModel, Problem or the name of one
    result : optional
        What the estimate rests on. Of "importance" any q with a density, of `laplace`,
        `gaussian_vi`, `cavi` or `exact`, or Draws, which a Gaussian is fitted to; that of Laplace
        where none is given. Of "smc" and "ais" the same, taken for a Gaussian; of "bridge", "chib",
        "reciprocal" and "harmonic" Draws, where none are given four chains of
        Metropolis-Hastings.
    method : str
        "importance", "bridge", "chib", "smc", "ais", "prior", "reciprocal" or "harmonic".
    rng : int, SeedSequence or Generator, optional
    seeds : int
        Runs, each with a stream of its own; the estimate is their mean.
    draws : int, optional
        Independent draws ("importance" and "prior": 10,000), draws a chain ("bridge", "chib",
        "reciprocal", "harmonic": 2,500), particles ("smc": 1,000) or runs ("ais": 200).
    tails : float, optional
        Degrees of freedom of a t whose tails q gets ("importance", "smc", "ais").

    Returns
    -------
    EvidenceEstimate

    Raises
    ------
    NotApplicable
        Where the method has nothing to work with: no real coordinates, no prior, more than two
        blocks ("chib"), too many namings of the components.
    InputError
        If `result` is of another model, or its draws are constant or too few.
    NumericalError
        If no draw has a density above 0.
    """
    model = as_model(model)
    chosen = ESTIMATORS[checks.one_of("method", method, ESTIMATORS)]
    seeds = checks.integer("seeds", seeds, 1)
    size = SIZES[method] if draws is None else checks.integer("draws", draws, 2)
    tails = None if tails is None else checks.positive("tails", tails)
    reason = chosen.why_not(model)
    refuse_if(reason, f"{chosen.route} does not apply, because {reason}", NotApplicable)
    streams = checks.generator(rng).spawn(seeds)
    found = [_run_once(model, result, method, size, tails, stream) for stream in streams]
    return found[0] if seeds == 1 else average(found, independent=result is None)


def _run_once(
    model: Any, result: Any, method: str, size: int, tails: float | None, rng: np.random.Generator
) -> EvidenceEstimate:
    started = time.perf_counter()
    run = Run(model, result, size, tails, rng)
    weighed = ESTIMATORS[method].run(run)
    khat = None if weighed.log_weights is None else float(diagnostics.khat(weighed.log_weights))
    spent = run.made.cost.density_evaluations if run.made is not None else 0
    return EvidenceEstimate(
        model,
        weighed.value,
        weighed.error,
        _say_route(method, run, tails),
        khat,
        weighed.evaluations + spent,
        time.perf_counter() - started,
        method,
        weighed.bound,
        describe(method, run, weighed, khat),
    )


def _say_route(method: str, run: Run, tails: float | None) -> str:
    route = ESTIMATORS[method].route
    if "basis" in vars(run):
        name, heavy = run.basis.method, ""
        if tails is not None:
            heavy = f", with the tails of a t of {tails:g} degrees of freedom"
        if isinstance(run.basis, Draws):
            name = f"a Gaussian fitted to the draws of {name}"
        elif not isinstance(vars(run).get("q"), Factors | ExactPosterior):
            name = f"the Gaussian of {name}"
        return f"{route} from {name}{heavy}"
    if "drawn" in vars(run):
        return f"{route} from draws of {run.drawn.draws.method}"
    return route
