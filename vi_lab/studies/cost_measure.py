"""Cost to accuracy: how far off the posterior means are after so many evaluations and seconds.

The error is the root mean square, over the coordinates of all latents whose exact mean is known, of
(mean - exact mean) / exact sd. The mean of n draws of independent chains that mix has an error of
sd sqrt(tau / n), tau the autocorrelation time: a line of slope -1/2 in n, whereas CAVI falls
geometrically to the floor that factorising costs, and stays there. Where the two cross, draws
begin to be worth their price.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from vi_lab.arguments.streams import spawn_stream
from vi_lab.automatic.find import why_no_truth
from vi_lab.comparison.reference import find_moments, summarise
from vi_lab.errors import NotApplicable, refuse_if
from vi_lab.inference.cavi import cavi
from vi_lab.inference.engine.climb import run_quietly
from vi_lab.inference.exact import exact
from vi_lab.inference.expectation_propagation import expectation_propagation
from vi_lab.inference.gaussian_vi import gaussian_vi
from vi_lab.inference.gibbs import gibbs
from vi_lab.inference.hmc import hmc
from vi_lab.inference.laplace import laplace
from vi_lab.inference.metropolis_hastings import metropolis_hastings
from vi_lab.model_or_problem import as_model
from vi_lab.problems.methods import require_applicable
from vi_lab.studies.cases import find_case
from vi_lab.studies.measure import Measure, RowKey

CHAINS, WARMUP = 4, 500
DRAWS = {"quick": 1024, "full": 8192}  # of each chain, by budget
FEWEST = 8  # draws of each chain, from which the curve begins; then twice as many, and so on
SWEEPS = tuple(2**k for k in range(9))
SAMPLERS: dict[str, Callable[..., Any]] = {
    "metropolis-hastings": metropolis_hastings,
    "gibbs": gibbs,
    "hmc": hmc,
}
# from one start, of one point each
FITS: dict[str, Callable[[Any, np.random.Generator], Any]] = {
    "laplace": lambda model, rng: laplace(model, rng=rng, restarts=1),
    "gaussian-mean-field": lambda model, rng: gaussian_vi(
        model, covariance="diagonal", rng=rng, restarts=1
    ),
    "gaussian-full-rank": lambda model, rng: gaussian_vi(
        model, covariance="full", rng=rng, restarts=1
    ),
    "ep": lambda model, rng: run_quietly(expectation_propagation, model),
}


class Truth(NamedTuple):
    """The model of a case, and the exact mean and sd (P,) of each latent that has them."""

    model: Any
    moments: Mapping[str, tuple[np.ndarray, np.ndarray]]


@functools.lru_cache(maxsize=4)
def find_truth(problem: str) -> Truth:
    """Exact moments of a case; NotApplicable where they are not known."""
    model: Any = as_model(find_case(problem).problem.model)
    reason = why_no_truth(model)
    refuse_if(reason, reason or "", NotApplicable)
    known = exact(model)
    found = {}
    for name in known.names:
        moments = None if name in model.nominal else find_moments(known, name)
        if moments is not None and (moments[1] > 0).all() and np.isfinite(moments[1]).all():
            found[name] = moments
    return Truth(model, found)


def measure_cost(key: RowKey) -> Sequence[Mapping[str, Any]]:
    """The points of one curve, cheapest first."""
    truth = find_truth(key.problem)
    rng = spawn_stream(key.seed, key.problem, key.method)
    if key.method in SAMPLERS:
        return list(_follow_chains(truth, key, rng))
    if key.method == "cavi":
        return list(_follow_sweeps(truth, key.seed))
    require_applicable(key.method, truth.model)
    started = time.process_time()
    q: Any = FITS[key.method](truth.model, rng)
    return [_point(1, q.cost, time.process_time() - started, _errors_of_q(truth, q))]


def _follow_chains(truth: Truth, key: RowKey, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """The running mean of all chains; the cost of the run is shared out evenly over its draws."""
    n = DRAWS[key.budget]
    started = time.process_time()
    run = SAMPLERS[key.method](truth.model, chains=CHAINS, draws=n, warmup=WARMUP, rng=rng)
    seconds = time.process_time() - started
    chains = summarise(truth.model, run.values, 2)
    running = {
        name: np.cumsum(chains[name].mean(0), axis=0) / np.arange(1, n + 1)[:, None]
        for name in truth.moments
        if name in chains
    }
    for kept in [FEWEST * 2**k for k in range(int(np.log2(n // FEWEST)) + 1)]:
        share = (WARMUP + kept) / (WARMUP + n)
        cost = type(run.cost)(*(round(share * count) for count in run.cost))
        errors = _errors(truth, {name: means[kept - 1] for name, means in running.items()})
        yield _point(CHAINS * kept, cost, share * seconds, errors)


def _follow_sweeps(truth: Truth, seed: int) -> Iterator[dict[str, Any]]:
    """CAVI from one start, stopped after so many sweeps."""
    for sweeps in SWEEPS:
        started = time.process_time()
        q = run_quietly(cavi, truth.model, rng=seed, max_sweeps=sweeps, tol=0.0)
        yield _point(sweeps, q.cost, time.process_time() - started, _errors_of_q(truth, q))


def _errors_of_q(truth: Truth, q: Any) -> np.ndarray:
    found = {name: find_moments(q, name, len(sd)) for name, (_, sd) in truth.moments.items()}
    return _errors(truth, {name: moments[0] for name, moments in found.items() if moments})


def _errors(truth: Truth, means: Mapping[str, np.ndarray]) -> np.ndarray:
    """(mean - exact mean) / exact sd of every coordinate."""
    parts = [(mean - truth.moments[n][0]) / truth.moments[n][1] for n, mean in means.items()]
    return np.concatenate(parts)


def _point(effort: int, cost: Any, seconds: float, errors: np.ndarray) -> dict[str, Any]:
    return {
        "effort": effort,
        "evaluations": cost.density_evaluations + cost.complete_conditionals + cost.gradients,
        "cpu_seconds": seconds,
        "mean_error": float(np.sqrt(np.mean(errors**2))),
        "worst": float(np.abs(errors).max()),
    }


COST = Measure(
    name="cost",
    columns={
        "effort": "draws kept of all chains, or sweeps; 1 of a fit that has one point",
        "evaluations": "log joints, complete conditionals and gradients evaluated up to there, "
        "warmup too",
        "cpu_seconds": "seconds of processor time up to there",
        "mean_error": "root mean square error of the posterior means, in exact posterior sds",
        "worst": "the largest such error, absolute",
    },
    parts=measure_cost,
    methods=(*SAMPLERS, "cavi", *FITS),
    budgets=tuple(DRAWS),
    seconds=1.0,
    shown=("mean_error",),
)
