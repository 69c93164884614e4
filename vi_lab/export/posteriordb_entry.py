"""A problem as an entry of posteriordb (Magnusson et al. 2025), with its log evidence added."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab._version import __version__
from vi_lab.arguments import checks
from vi_lab.arguments.block_values import initial_values
from vi_lab.arguments.public import public
from vi_lab.automatic.find import why_no_truth
from vi_lab.export.stan_program import stan
from vi_lab.inference.exact import exact
from vi_lab.model_or_problem import NAMED, HoldsModel, ModelLike, as_model


@public
def posteriordb(problem: ModelLike) -> dict[str, Any]:
    """The JSON documents of a problem, by what posteriordb calls them.

    Returns
    -------
    dict
        "posterior" (with `log_evidence`, its error and route added, where it is known), "model",
        "data" and "stan": the program. "reference_posterior" has exact means and sds by latent.
    """
    item: Any = problem
    if isinstance(problem, str):
        item = NAMED[checks.one_of("problem", problem, NAMED)]()
    needed = "problem: needs a problem, or the name of one"
    checks.require(isinstance(item, HoldsModel), needed, item)
    model, program = as_model(item), stan(item)
    name = item.name.replace(" ", "_")
    posterior: dict[str, Any] = {
        "name": f"{name}-{name}",
        "model_name": name,
        "data_name": name,
        "reference_posterior_name": None,
        "dimensions": {n: list(_shape(model, n)) for n in _shown(model)},
        "added_by": f"vi_lab {__version__}",
    }
    reference = None
    if why_no_truth(model) is None:
        truth = exact(model)
        posterior |= {
            "reference_posterior_name": f"{name}-{name}",
            "log_evidence": truth.log_evidence,
            "log_evidence_error": truth.log_evidence_error,
            "log_evidence_route": truth.route,
        }
        reference = {
            n: {"mean": np.asarray(truth.mean(n)).tolist(), "sd": np.asarray(truth.sd(n)).tolist()}
            for n in _shown(model)
        }
    about = {"title": item.name, "description": item.story}
    return {
        "posterior": posterior,
        "model": {"name": name, **about, "model_implementations": {"stan": {}}},
        "data": {"name": name, "title": item.name, "description": item.data},
        "reference_posterior": reference,
        "stan": program.code,
        "stan_data": program.data,
    }


def _shown(model: Any) -> list[str]:
    """The latents that are parameters of the program."""
    discrete = {n for n, b in model.blocks.items() if b.family.discrete or b.auxiliary}
    return [z for z, blocks in model.sources.items() if not set(blocks) & discrete]


def _shape(model: Any, latent: str) -> tuple[int, ...]:
    values = model.latents(initial_values(model, np.random.default_rng(0), 1))
    return np.shape(values[latent])[1:]
