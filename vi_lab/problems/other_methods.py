"""Rows of a comparison that are asked for by name alone: other libraries, estimates of log p(x)."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.adapters import numpyro, pymc, stan
from vi_lab.adapters.walked import why_not_walked
from vi_lab.export.stan_program import why_no_program
from vi_lab.marginal_likelihood.estimators import ESTIMATORS
from vi_lab.marginal_likelihood.evidence import evidence
from vi_lab.problems.methods import METHODS, Budget, Method

PREFIX = "evidence-"
TOOLS = {"numpyro": numpyro, "pymc": pymc, "stan": stan}
SPOKEN = {"numpyro": "NumPyro", "pymc": "PyMC", "stan": "Stan"}


def _elsewhere(tool: str, method: str) -> Method:
    """A method of another library."""

    def run(model: Any, budget: Budget, rng: np.random.Generator) -> Any:
        size = {"chains": budget.chains, "draws": budget.draws // 2, "warmup": budget.warmup}
        return TOOLS[tool].run(model, method, rng=rng, **size)

    def why_not(model: Any) -> str | None:
        reason = why_not_walked(model) or (why_no_program(model) if tool == "stan" else None)
        return reason and f"{SPOKEN[tool]} does not apply, because {reason}"

    return Method(f"{tool}-{method}", run, why_not, apart="elsewhere")


def _estimate(name: str) -> Method:
    """An estimate of log p(x)."""

    def run(model: Any, budget: Budget, rng: np.random.Generator) -> Any:
        return evidence(model, method=name, rng=rng)

    def why_not(model: Any) -> str | None:
        reason = ESTIMATORS[name].why_not(model)
        return reason and f"{ESTIMATORS[name].route} does not apply, because {reason}"

    return Method(PREFIX + name, run, why_not, apart="evidence")


ELSEWHERE = tuple(_elsewhere(tool, m) for tool, module in TOOLS.items() for m in module.METHODS)
ESTIMATES = tuple(_estimate(name) for name in ESTIMATORS)
ALL = (*METHODS, *ELSEWHERE, *ESTIMATES)
