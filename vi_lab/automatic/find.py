"""Whether a model that brings no exact posterior has one all the same, and which."""

from __future__ import annotations

from typing import Any

from vi_lab.automatic.enumerated import EnumeratedPosterior
from vi_lab.automatic.integrated import IntegratedPosterior
from vi_lab.automatic.of_density import DensityPosterior
from vi_lab.automatic.separation import MOST_REAL, Separation, separate
from vi_lab.density_model import BaseModel, DensityModel
from vi_lab.errors import error_text


def brings_posterior(model: Any) -> bool:
    """Whether the model has an exact posterior of its own, or a reason of its own why not."""
    own = getattr(model.exact_posterior, "__func__", None) is not BaseModel.exact_posterior
    unsaid = BaseModel.no_exact_because, DensityModel.no_exact_because
    return own or model.no_exact_because not in unsaid


def why_no_truth(model: Any) -> str | None:
    """Why there is no exact posterior of the model, in a clause, or None where there is."""
    if brings_posterior(model):
        reason: str | None = model.no_exact_because
        return reason
    if model.independent_rows is not None:
        return "its rows are independent, and their number is too large for one integral"
    try:
        found = _separate(model)
    except Exception as error:  # the model's own code: a method that runs it says whose it is
        return f"what depends on what in it cannot be looked at ({error_text(error)})"
    return found if isinstance(found, str) else None


def _separate(model: Any) -> Separation | str | None:
    """How the blocks of a model are dealt with, why not, or None for a density alone."""
    if model.blocks:
        return separate(model)
    if model.dimension <= MOST_REAL:
        return None
    return (
        f"this model offers its log density alone, over {model.dimension} coordinates, and more "
        f"than {MOST_REAL} are not integrated; Metropolis-Hastings and the Gaussians still apply"
    )


def find_posterior(model: Any) -> Any:
    """The posterior of a model that brings none and has one."""
    if not model.blocks:
        return DensityPosterior(model)
    separation = separate(model)
    assert isinstance(separation, Separation), separation
    real = any(not model.blocks[name].family.discrete for name in separation.visited)
    return (IntegratedPosterior if real else EnumeratedPosterior)(model, separation)
