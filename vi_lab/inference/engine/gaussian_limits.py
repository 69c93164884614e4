"""Where no Gaussian is fitted: no real coordinates of one density, or too many."""

from __future__ import annotations

from typing import Any

from vi_lab.arguments import checks
from vi_lab.errors import NotApplicable
from vi_lab.inference.engine.target import count_coordinates, is_discrete, list_parameterisations

MOST_COORDINATES, MOST_FULL = 300, 100  # of a fit; of a full covariance
RUNS_AWAY = "there is no optimum: q runs away, as where a density rises without end"
STALLS = (
    "the climb stalls below the optimum, in a valley that bends, as where a prior far wider than "
    "anything that the data tell sends q far away; a sharper prior has an optimum that is reached"
)
NO_REST = (
    "there is no optimum: q runs away or collapses, because no Gaussian that was met has the "
    "slopes of the density under it; objective='kl' climbs the ELBO instead"
)


def refuse_no_gaussian(model: Any, method: str, parameterisation: str, covariance: str) -> None:
    """NotApplicable where there are no real coordinates of one density, or too many."""
    reason = why_no_gaussian(model, parameterisation, covariance)
    if reason:
        raise NotApplicable(f"{method} does not apply, because {reason}")


def why_no_gaussian(model: Any, parameterisation: str, covariance: str) -> str | None:
    """Why no Gaussian is fitted, as a clause; None where one is."""
    if is_discrete(model):
        return "every latent is discrete: there is no real coordinate for a Gaussian"
    if model.independent_rows is not None:
        return "its rows are independent, and each has a Gaussian of its own: see GaussianRows"
    checks.one_of("parameterisation", parameterisation, list_parameterisations(model))
    dimension = count_coordinates(model)
    limit = MOST_FULL if covariance == "full" else MOST_COORDINATES
    if dimension > limit:
        numbers = dimension * (dimension + 3) // 2 if covariance == "full" else 2 * dimension
        return f"it has {dimension:,} real coordinates, above {limit}: {numbers:,} numbers to fit"
    return None
