"""The methods that `compare` puts side by side, and the size of a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from vi_lab.inference.cavi import cavi
from vi_lab.inference.collapsed_gibbs import collapsed_gibbs, why_not_collapsed
from vi_lab.inference.engine.climb import run_quietly
from vi_lab.inference.engine.response_checks import why_no_response
from vi_lab.inference.engine.target import list_parameterisations, why_no_moves
from vi_lab.inference.exact import exact
from vi_lab.inference.gibbs import gibbs
from vi_lab.inference.linear_response import linear_response
from vi_lab.inference.metropolis_hastings import metropolis_hastings
from vi_lab.inference.parameter_expanded_gibbs import gibbs_expanded, why_not_expanded
from vi_lab.results import Cost, Draws, Posterior
from vi_lab.vae.evidence.fit_gaussians import (
    COVARIANCES,
    amortised,
    gaussian_q,
    why_no_gaussian_q,
    why_not_amortised,
)

NONCENTRED = "noncentred"  # the parameterisation that has a row of its own


class Budget(NamedTuple):
    """How much a comparison spends on each method."""

    chains: int
    draws: int
    warmup: int
    restarts: int


BUDGETS = {"quick": Budget(4, 2000, 1000, 10), "full": Budget(4, 20_000, 5_000, 100)}


@dataclass(frozen=True)
class Method:
    """One row of a comparison: how to run it, and why it may not apply.

    Attributes
    ----------
    name : str
        As it is typed and printed.
    run : callable (model, Budget, Generator) -> Posterior
    why_not : callable (model) -> str or None
        The reason why it does not apply, in one sentence a learner can use.
    everywhere : bool
        Whether the reason is worth a row; else the method is listed only where it applies, or where
        it is asked for by name.
    """

    name: str
    run: Callable[[Any, Budget, np.random.Generator], Posterior]
    why_not: Callable[[Any], str | None]
    everywhere: bool = True


def exact_draws(model: Any, budget: Budget, rng: np.random.Generator) -> Draws:
    """Independent draws of the truth, as many as the samplers keep: Monte Carlo noise alone."""
    started = time.perf_counter()
    shape = (budget.chains, budget.draws)
    sample = exact(model).sample(budget.chains * budget.draws, rng=rng)
    return Draws(
        model=model,
        method="exact draws",
        values={name: np.reshape(v, shape + v.shape[1:]) for name, v in sample.items()},
        acceptance_rate=np.ones(budget.chains),
        cost=Cost(),
        seconds=time.perf_counter() - started,
        settings={"chains": budget.chains, "draws": budget.draws},
    )


def _why_not_exact(model: Any) -> str | None:
    reason: str | None = model.no_exact_because
    return reason


def _metropolis(model: Any, budget: Budget, rng: np.random.Generator) -> Posterior:
    return metropolis_hastings(
        model, rng=rng, chains=budget.chains, draws=budget.draws, warmup=budget.warmup
    )


def _metropolis_noncentred(model: Any, budget: Budget, rng: np.random.Generator) -> Posterior:
    return metropolis_hastings(
        model,
        rng=rng,
        chains=budget.chains,
        draws=budget.draws,
        warmup=budget.warmup,
        parameterisation=NONCENTRED,
    )


def _why_not_noncentred(model: Any) -> str | None:
    if NONCENTRED in list_parameterisations(model):
        return None
    return (
        "non-centred Metropolis-Hastings does not apply, because this model has no latents whose "
        "prior is centred on another latent"
    )


def _gibbs(model: Any, budget: Budget, rng: np.random.Generator) -> Posterior:
    share = _share(model)
    return gibbs(
        model,
        rng=rng,
        chains=budget.chains,
        draws=budget.draws // share,
        warmup=budget.warmup // (2 * share),
    )


def _gibbs_expanded(model: Any, budget: Budget, rng: np.random.Generator) -> Posterior:
    """As much as `gibbs` gets."""
    return gibbs_expanded(
        model, rng=rng, chains=budget.chains, draws=budget.draws, warmup=budget.warmup // 2
    )


def _collapsed_gibbs(model: Any, budget: Budget, rng: np.random.Generator) -> Posterior:
    share = _share(model) ** 2  # a sweep goes through the tokens one by one, not all at once
    return collapsed_gibbs(
        model,
        rng=rng,
        chains=budget.chains,
        draws=budget.draws // share,
        warmup=budget.warmup // share,
    )


def _cavi(model: Any, budget: Budget, rng: np.random.Generator) -> Any:
    return run_quietly(cavi, model, rng=rng, restarts=budget.restarts // _share(model))


def _linear_response(model: Any, budget: Budget, rng: np.random.Generator) -> Posterior:
    return linear_response(_cavi(model, budget, rng))


def _share(model: Any) -> int:
    """A large model gets one part in so many of the budget."""
    return 10 if model.costly else 1


METHODS = (
    Method("exact", lambda model, budget, rng: exact(model), _why_not_exact),
    Method("exact-draws", exact_draws, _why_not_exact),
    Method("metropolis-hastings", _metropolis, why_no_moves),
    Method(
        "metropolis-hastings-noncentred",
        _metropolis_noncentred,
        _why_not_noncentred,
        everywhere=False,
    ),
    Method("gibbs", _gibbs, lambda model: model.why_not_conjugate("Gibbs")),
    Method("gibbs-expanded", _gibbs_expanded, why_not_expanded, everywhere=False),
    Method("collapsed-gibbs", _collapsed_gibbs, why_not_collapsed, everywhere=False),
    Method("cavi", _cavi, lambda model: model.why_not_conjugate("CAVI")),
    Method("linear-response", _linear_response, why_no_response, everywhere=False),
    *(
        Method(
            f"gaussian-{covariance}",
            lambda model, budget, rng, covariance=covariance: gaussian_q(  # type: ignore[misc]
                model, covariance=covariance, rng=rng, restarts=budget.restarts // 10
            ),
            why_no_gaussian_q,
            everywhere=False,
        )
        for covariance in COVARIANCES
    ),
    Method(
        "amortised",
        lambda model, budget, rng: amortised(model),
        why_not_amortised,
        everywhere=False,
    ),
)


def select_methods(
    methods: Sequence[Method], model: Any, names: Sequence[str] | None = None
) -> list[Method]:
    """Those of a comparison's rows: all that are worth one, or those asked for by name."""
    if names is None:
        return [m for m in methods if m.everywhere or m.why_not(model) is None]
    return [m for name in names for m in methods if m.name == name]
