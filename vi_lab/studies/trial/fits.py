"""The fits that are tried: methods at fixed sizes, some of them too short on purpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vi_lab.inference.cavi import cavi
from vi_lab.inference.engine.climb import run_quietly
from vi_lab.inference.gaussian_vi import gaussian_vi
from vi_lab.inference.gibbs import gibbs
from vi_lab.inference.hmc import hmc
from vi_lab.inference.laplace import laplace
from vi_lab.inference.metropolis_hastings import metropolis_hastings
from vi_lab.problems.methods import require_applicable

Fit = Callable[[Any, np.random.Generator], Any]
RESTARTS, CHAINS = 4, 4
SHORT, LONG = 50, 1000  # draws of each chain, after half as many of warmup


def _chains(sample: Callable[..., Any], draws: int) -> Fit:
    return lambda model, rng: sample(model, rng=rng, chains=CHAINS, draws=draws, warmup=draws // 2)


def _climb(**size: Any) -> Fit:
    return lambda model, rng: run_quietly(cavi, model, rng=rng, restarts=RESTARTS, **size)


def _gaussian(covariance: str) -> Fit:
    return lambda model, rng: gaussian_vi(model, covariance=covariance, rng=rng, restarts=RESTARTS)


# by name: the method that says whether it applies, and the fit
FITS: dict[str, tuple[str, Fit]] = {
    "cavi": ("cavi", _climb()),
    "cavi-2-sweeps": ("cavi", _climb(max_sweeps=2, tol=0.0)),
    "laplace": ("laplace", lambda model, rng: laplace(model, rng=rng, restarts=RESTARTS)),
    "gaussian-mean-field": ("gaussian-mean-field", _gaussian("diagonal")),
    "gaussian-full-rank": ("gaussian-full-rank", _gaussian("full")),
    f"metropolis-hastings-{SHORT}": ("metropolis-hastings", _chains(metropolis_hastings, SHORT)),
    f"metropolis-hastings-{LONG}": ("metropolis-hastings", _chains(metropolis_hastings, LONG)),
    f"gibbs-{SHORT}": ("gibbs", _chains(gibbs, SHORT)),
    f"gibbs-{LONG}": ("gibbs", _chains(gibbs, LONG)),
    f"hmc-{SHORT}": ("hmc", _chains(hmc, SHORT)),
}


def run_fit(name: str, model: Any, rng: np.random.Generator) -> Any:
    """The result of a fit; NotApplicable with the reason where it does not apply."""
    method, fit = FITS[name]
    require_applicable(method, model)
    return fit(model, rng)
