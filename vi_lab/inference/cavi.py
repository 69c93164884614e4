"""Coordinate-ascent variational inference: put E_q[t(z)] into each conditional and take it as q.

    eta = block.complete_conditional(t)
    t[name] = family.expected_stats(eta)                          <- Gibbs differs in this line

Each step maximises the ELBO over one factor, so the bound never falls (Bishop 2006, eq. 10.9; Blei,
Kucukelbir & McAuliffe 2017, algorithm 1). All restarts move at once: they are the leading axis.
"""

from __future__ import annotations

import math
import time
import warnings
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.memory import require_memory
from vi_lab.arguments.public import public
from vi_lab.arguments.user_models import (
    evaluate_log_joint,
    explain_block,
    find_culprit,
    initial_values,
)
from vi_lab.errors import ConvergenceWarning, NumericalError
from vi_lab.families import Distribution
from vi_lab.model import Model, Statistics, statistics
from vi_lab.model_or_problem import as_conjugate_model
from vi_lab.numerics.assignment import match_restarts
from vi_lab.numerics.rounding import disturb_log_joint, round_entropies
from vi_lab.results import Cost, Factorised
from vi_lab.results.restarts import rank_restarts
from vi_lab.runtime.interrupts import CtrlC
from vi_lab.runtime.progress import progress

ROUNDINGS = 30.0  # of its terms that a bound may lose in a sweep
HIDDEN = 1e-6  # nats of a bound: distinct optima lie further apart


@public
def cavi(
    model: Any,
    *,
    rng: Any = None,
    restarts: int = 1,
    max_sweeps: int = 1000,
    tol: float = 1e-10,
) -> Factorised:
    """Mean-field CAVI from `restarts` sampled starts at once; the best optimum is returned.

    Parameters
    ----------
    model : Model or Problem
    rng : int, SeedSequence or Generator, optional
        Starts are draws from the prior: a sampled statistic breaks symmetries that a mean keeps.
    restarts, max_sweeps : int
    tol : float
        Converged when a sweep gains at most `tol` nats. Because the bound is flat at its top, the
        moments then still have half their digits to go; so sweeps go on, within `max_sweeps`,
        until q itself moves by at most `tol` (the root of its Jeffreys divergence a sweep). With 0
        all `max_sweeps` sweeps are wanted, as long as they gain more than rounding.

    Returns
    -------
    Factorised
        With `.elbo`, `.elbo_trace` (sweeps, restarts), `.optima`, `.converged`. After Ctrl-C as
        the sweep under way left it, with `interrupted` True.

    Raises
    ------
    NumericalError
        If the bound falls by more than rounding, which no correct conditional can make it do. What
        rounding may do is estimated from the terms that cancel in the bound.

    Warns
    -----
    ConvergenceWarning
        If `max_sweeps` sweeps were not enough for the restart that is returned (unless `tol` is 0),
        or if rounding hides more than 1e-6 nats of its bound.
    """
    model = as_conjugate_model(model, "CAVI")
    restarts = checks.integer("restarts", restarts, 1)
    max_sweeps = checks.integer("max_sweeps", max_sweeps, 1)
    tol = checks.non_negative("tol", tol)
    started = time.perf_counter()
    require_memory(
        "restarts",
        f"{restarts} restarts",
        *(4 * restarts * b.size * _numbers(b.family) for b in model.blocks.values()),
    )

    t = statistics(model, initial_values(model, checks.generator(rng), restarts))
    eta: dict[str, Any] = {}
    trace: list[np.ndarray] = []
    lost = np.zeros(restarts)  # nats of the bound that rounding hides, where it has shown
    with CtrlC() as ctrl_c:
        for _ in ctrl_c.until_pressed(progress(range(max_sweeps), "cavi", max_sweeps)):
            before = dict(eta), dict(t)
            for name, block in model.blocks.items():
                try:
                    eta[name] = block.complete_conditional(t)
                    t[name] = block.family.expected_stats(eta[name])
                except Exception as error:
                    # a block before it may be the cause
                    raise find_culprit(model, eta, (restarts,)) or explain_block(
                        name, error
                    ) from error
            try:
                trace.append(_bound(model, t, eta, restarts))
            except Exception as error:
                named = find_culprit(model, eta, (restarts,))  # a conditional may be the cause
                if named is None:
                    raise
                raise named from error
            fallen = _fallen(trace, lost)
            if fallen.any():
                hidden = round_entropies(model, t, eta, (restarts,), ROUNDINGS)
                lost = np.maximum(lost, hidden + disturb_log_joint(model, t, ROUNDINGS))
            settled = _settled(trace, tol, lost)
            still = settled.all() and _moved(model, before, (eta, t), restarts).max() <= tol
            if still:
                break

        best = int(rank_restarts(trace[-1])[0])
        factors = {
            name: Distribution(block.family, _restart(block, eta[name], restarts, best))
            for name, block in model.blocks.items()
        }
        matching = _matching(model, t, restarts, best)
    sweeps = len(trace)
    if tol and not settled[best] and not ctrl_c.pressed:
        found = "after one sweep there is no gain to judge by"
        if sweeps > 1:
            gain = float(trace[-1][best] - trace[-2][best])
            found = f"sweep {sweeps}, the last of max_sweeps, gained {gain:.2g} nats"
            found += f", more than tol={tol:g}"
        warnings.warn(
            f"CAVI has not converged: {found}; raise max_sweeps",
            ConvergenceWarning,
            stacklevel=3,
        )
    if lost[best] > HIDDEN:
        warnings.warn(
            f"rounding hides up to {lost[best]:.2g} nats of the ELBO: its terms are large and "
            "cancel, so that sweeps cannot be told apart below that; rescale the data and "
            "hyperparameters to magnitudes nearer 1",
            ConvergenceWarning,
            stacklevel=3,
        )
    return Factorised.fitted(
        model,
        factors,
        method="CAVI",
        elbo_trace=np.array(trace),
        converged=bool(settled[best] and (still or lost[best] <= HIDDEN)),
        matching=matching,
        cost=Cost(
            density_evaluations=restarts * sweeps,
            complete_conditionals=restarts * sweeps * len(model.blocks),
        ),
        seconds=time.perf_counter() - started,
        interrupted=ctrl_c.pressed,
        seed=checks.seed(rng),
    )


def unwarned(model: Any, **settings: Any) -> Factorised:
    """As `cavi`, for callers that look at `.converged` themselves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return cavi(model, **settings)


def _bound(model: Model, t: Statistics, eta: dict[str, Any], restarts: int) -> np.ndarray:
    """The ELBO of every restart: the log joint at E[t] plus the entropies, shape (restarts,)."""
    bound = evaluate_log_joint(model, t, (restarts,))
    for name, block in model.blocks.items():
        bound = bound + block.sum_over_plates(block.family.entropy(eta[name], t[name]), (restarts,))
    bound = np.broadcast_to(bound, (restarts,))
    if not (bound < np.inf).all():
        raise NumericalError(
            f"the ELBO is {bound[~(bound < np.inf)][0]:g}; check the model's data and log joint"
        )
    return bound


def _gain(trace: list[np.ndarray]) -> np.ndarray:
    """What the last sweep gained each restart, in nats; inf after the first sweep."""
    if len(trace) < 2:
        return np.full(len(trace[-1]), np.inf)
    with np.errstate(invalid="ignore"):
        return np.where(np.isneginf(trace[-1]), 0.0, trace[-1] - trace[-2])


def _rounding(trace: list[np.ndarray], lost: np.ndarray) -> np.ndarray:
    """Nats that rounding may take from each restart: of the bound as it is, or where its terms
    cancel."""
    return np.maximum(1e-11 * (1.0 + np.abs(trace[-1])), lost)


def _fallen(trace: list[np.ndarray], lost: np.ndarray) -> np.ndarray:
    """Restarts whose bound fell by more than the rounding known so far."""
    return _gain(trace) < -_rounding(trace, lost)


def _settled(trace: list[np.ndarray], tol: float, lost: np.ndarray) -> np.ndarray:
    """Restarts whose last sweep gained at most tol nats; raises if one lost more than rounding."""
    gain, fallen = _gain(trace), _fallen(trace, lost)
    if fallen.any():
        where = int(np.argmin(np.where(fallen, gain, np.inf)))
        raise NumericalError(
            f"the ELBO fell by {-gain[where]:.3g} nats in sweep {len(trace)} of restart {where}, "
            f"and rounding takes at most {_rounding(trace, lost)[where]:.1g}; coordinate ascent "
            "cannot lower it, so a conditional and the log joint disagree"
        )
    return gain <= np.maximum(tol, _rounding(trace, lost))


def _moved(model: Model, before: Any, after: Any, restarts: int) -> np.ndarray:
    """How far a sweep moved each restart's q: the root of its Jeffreys divergence, (restarts,).

    KL[q||q'] + KL[q'||q] = <eta - eta', E[t] - E'[t]>. A product of two small differences keeps its
    digits where the difference of two bounds has lost them.
    """
    total: Any = np.zeros(restarts)
    for name, block in model.blocks.items():
        (old_eta, old_t), (new_eta, new_t) = ((eta[name], t[name]) for eta, t in (before, after))
        with np.errstate(invalid="ignore"):
            step = [np.subtract(a, b) for a, b in zip(new_eta, old_eta, strict=True)]
        # -inf before and after (an impossible label) is no move
        step = [np.where(np.isnan(d), 0.0, d) for d in step]
        change = [np.subtract(a, b) for a, b in zip(new_t, old_t, strict=True)]
        total = total + block.sum_over_plates(block.family.inner(step, change), (restarts,))
    return np.sqrt(np.maximum(total, 0.0))


def _matching(model: Model, t: Statistics, restarts: int, best: int) -> Any:
    """A mixture's restarts matched up to a permutation of its components; None without these."""
    if "z" not in model.nominal or "z" in model.named_labels:
        return None
    block = model.blocks["z"]
    shape = (restarts, *block.plates, *block.family.stat_shapes[0])
    return match_restarts(np.broadcast_to(t["z"].indicator, shape), best)


def _numbers(family: Any) -> int:
    """How many numbers the statistics of one value are."""
    return sum(math.prod(shape) for shape in family.stat_shapes)


def _restart(block: Any, eta: Any, restarts: int, index: int) -> Any:
    """One restart's natural parameter."""
    full = block.family.expand(eta, (restarts, *block.plates))
    return block.family.Stats(*(np.array(field[index]) for field in full))
