"""The methods that `compare` puts side by side, and the size of a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from vi_lab.automatic.find import why_no_truth
from vi_lab.errors import NotApplicable, refuse_if
from vi_lab.inference.cavi import cavi
from vi_lab.inference.collapsed_gibbs import collapsed_gibbs, why_not_collapsed
from vi_lab.inference.engine.climb import run_quietly
from vi_lab.inference.engine.gaussian_limits import why_no_gaussian
from vi_lab.inference.engine.gaussian_response import why_no_gaussian_response
from vi_lab.inference.engine.hamiltonian_run import why_no_trajectories
from vi_lab.inference.engine.response_checks import why_no_response
from vi_lab.inference.engine.target import (
    CENTRED,
    count_coordinates,
    list_parameterisations,
    why_no_moves,
)
from vi_lab.inference.exact import exact
from vi_lab.inference.expectation_propagation import expectation_propagation
from vi_lab.inference.gaussian_vi import gaussian_vi
from vi_lab.inference.gibbs import gibbs
from vi_lab.inference.hmc import hmc
from vi_lab.inference.laplace import laplace
from vi_lab.inference.linear_response import linear_response
from vi_lab.inference.metropolis_hastings import metropolis_hastings
from vi_lab.inference.parameter_expanded_gibbs import gibbs_expanded, why_not_expanded
from vi_lab.results import Cost, Draws, Posterior
from vi_lab.vae.evidence.fit_gaussians import (
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


# Where the reason why one does not apply is worth a row.
USUAL = ("exact", "exact-draws", "metropolis-hastings", "gibbs", "cavi")
# Gaussians of the covariance that is fitted to a model, and to each row of a decoder.
COVARIANCES = {"mean-field": "diagonal", "full-rank": "full"}
USUAL_ONES = "usual"  # what is run where nothing is named, in a word
GAUSSIANS = "gaussian-mean-field", "gaussian-full-rank"  # the last a row by default

Run = Callable[[Any, Budget, np.random.Generator], Posterior]


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
    by_gradient : bool
        Whether it follows the gradient of the log density: of the preset "gradient".
    apart : str
        The preset that it is in, and no other; "" of those that are usual.
    """

    name: str
    run: Run
    why_not: Callable[[Any], str | None]
    by_gradient: bool = False
    apart: str = ""

    @property
    def everywhere(self) -> bool:
        """Whether the reason is worth a row wherever nothing was asked for by name."""
        return self.name in USUAL


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
    reason: str | None = why_no_truth(model)
    return reason


def _sampler(sample: Callable[..., Posterior], warmup: int = 1, share: int = 0, **more: Any) -> Run:
    """A sampler at the size of the budget, its warmup divided by `warmup`.

    Of a large model it gets one part in 10**share.
    """

    def run(model: Any, budget: Budget, rng: np.random.Generator) -> Posterior:
        part = _share(model) ** share
        size = {"draws": budget.draws // part, "warmup": budget.warmup // (warmup * part)}
        return sample(model, rng=rng, chains=budget.chains, **size, **more)

    return run


def _why_not_noncentred(model: Any) -> str | None:
    if NONCENTRED in list_parameterisations(model):
        return None
    return (
        "non-centred Metropolis-Hastings does not apply, because this model has no latents whose "
        "prior is centred on another latent"
    )


def _cavi(model: Any, budget: Budget, rng: np.random.Generator) -> Any:
    return run_quietly(cavi, model, rng=rng, restarts=budget.restarts // _share(model))


def _linear_response(model: Any, budget: Budget, rng: np.random.Generator) -> Posterior:
    return linear_response(_cavi(model, budget, rng))


def _share(model: Any) -> int:
    """A large model gets one part in so many of the budget."""
    return 10 if model.costly else 1


def _gaussian(kind: str) -> Run:
    """The best Gaussian of a kind; under a decoder one for each datum."""

    def run(model: Any, budget: Budget, rng: np.random.Generator) -> Any:
        if why_no_gaussian_q(model) is None:
            restarts = budget.restarts // 10
            return gaussian_q(model, covariance=kind, rng=rng, restarts=restarts)
        restarts = budget.restarts // 2  # each climbs to a mode, and most reach the same
        return gaussian_vi(model, covariance=COVARIANCES[kind], rng=rng, restarts=restarts)

    return run


def _why_not_gaussian(kind: str) -> Callable[[Any], str | None]:
    def why(model: Any) -> str | None:
        if why_no_gaussian_q(model) is None:
            return None
        reason = why_no_gaussian(model, CENTRED, COVARIANCES[kind])
        return reason and f"a {kind} Gaussian does not apply, because {reason}"

    return why


def _laplace(model: Any, budget: Budget, rng: np.random.Generator) -> Posterior:
    return laplace(model, rng=rng, restarts=budget.restarts // _share(model))


def _why_not_laplace(model: Any) -> str | None:
    reason = why_no_gaussian(model, CENTRED, "full")
    return reason and f"Laplace does not apply, because {reason}"


def _gaussian_response(model: Any, budget: Budget, rng: np.random.Generator) -> Posterior:
    q: Any = _gaussian("mean-field")(model, budget, rng)
    return linear_response(q)


def _why_no_gaussian_response(model: Any) -> str | None:
    reason = why_no_gaussian(model, CENTRED, "diagonal")
    reason = reason or why_no_gaussian_response(model, 2 * count_coordinates(model))
    return reason and f"linear response of a Gaussian does not apply, because {reason}"


def _ep(model: Any, budget: Budget, rng: np.random.Generator) -> Any:
    return run_quietly(expectation_propagation, model)


def _why_no_ep(model: Any) -> str | None:
    reason: str | None = model.no_sites_because
    return reason and f"EP does not apply, because {reason}"


def _conditionals(method: str) -> Callable[[Any], str | None]:
    """Why a method that needs complete conditionals does not apply."""
    return lambda model: model.why_not_conjugate(method)


_NONCENTRED = _sampler(metropolis_hastings, parameterisation=NONCENTRED)
METHODS = (
    Method("exact", lambda model, budget, rng: exact(model), _why_not_exact),
    Method("exact-draws", exact_draws, _why_not_exact),
    Method("metropolis-hastings", _sampler(metropolis_hastings), why_no_moves),
    Method("metropolis-hastings-noncentred", _NONCENTRED, _why_not_noncentred),
    Method("gibbs", _sampler(gibbs, warmup=2, share=1), _conditionals("Gibbs")),
    # as much as `gibbs` gets
    Method("gibbs-expanded", _sampler(gibbs_expanded, warmup=2), why_not_expanded),
    # a sweep goes through the tokens one by one, not all at once
    Method("collapsed-gibbs", _sampler(collapsed_gibbs, share=2), why_not_collapsed),
    Method("cavi", _cavi, _conditionals("CAVI")),
    Method("linear-response", _linear_response, why_no_response),
    Method("laplace", _laplace, _why_not_laplace, by_gradient=True),
    *(
        Method(f"gaussian-{kind}", _gaussian(kind), _why_not_gaussian(kind), by_gradient=True)
        for kind in COVARIANCES
    ),
    Method(
        "gaussian-linear-response",
        _gaussian_response,
        _why_no_gaussian_response,
        by_gradient=True,
    ),
    Method("ep", _ep, _why_no_ep, by_gradient=True),
    Method("hmc", _sampler(hmc, share=1), why_no_trajectories, by_gradient=True),
    Method("amortised", lambda model, budget, rng: amortised(model), why_not_amortised),
)
# Many methods in a word. Of what is asked for so there is a row where it applies, and the reason
# why it does not where that is one of the usual or was the point of asking.
PRESETS: dict[str, Callable[[Method], bool]] = {
    "classic": lambda method: not method.by_gradient and not method.apart,
    "gradient": lambda method: method.name == "exact" or method.by_gradient,
    "all": lambda method: not method.apart,
    "evidence": lambda method: method.apart == "evidence",
}


def require_applicable(name: str, model: Any) -> None:
    """NotApplicable, with the reason, where the method of this name has no answer for a model."""
    (method,) = (m for m in METHODS if m.name == name)
    reason = method.why_not(model)
    refuse_if(reason, reason or "", NotApplicable)


def select_methods(
    methods: Sequence[Method], model: Any, names: Sequence[str] | None = None
) -> list[Method]:
    """Those of a comparison's rows: by name, by preset, or without either the usual ones.

    These are the classic ones and one Gaussian; under a decoder, where a datum has a Gaussian each
    and little else, both of these.
    """
    chosen: list[Method] = []
    for name in names or (USUAL_ONES,):
        chosen += [m for m in _select(methods, model, name) if m not in chosen]
    return chosen


def _select(methods: Sequence[Method], model: Any, name: str) -> list[Method]:
    if name in PRESETS:
        wanted = [m for m in methods if PRESETS[name](m)]
        asked = [m for m in wanted if m.everywhere or m.by_gradient or m.apart]
        return [m for m in wanted if m in asked or m.why_not(model) is None]
    if name != USUAL_ONES:
        return [m for m in methods if m.name == name]
    decoded = why_no_gaussian_q(model) is None
    gaussians = GAUSSIANS if decoded else GAUSSIANS[-1:]
    usual = [m for m in methods if not m.apart and (not m.by_gradient or m.name in gaussians)]
    return [m for m in usual if m.everywhere or m.why_not(model) is None]
