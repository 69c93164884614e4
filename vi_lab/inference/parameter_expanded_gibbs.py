"""Parameter-expanded Gibbs sampling: the sweeps of `gibbs` in redundant coordinates.

    run gibbs on HierarchicalNormalExpanded: mu and eta together, then alpha, then s2
    hand back theta = mu + alpha eta, mu, tau2 = alpha**2 s2       the same posterior, mixing faster

(Liu & Wu 1999; van Dyk & Meng 2001; Gelman, van Dyk, Huang & Boscardin 2008.)
"""

from __future__ import annotations

import dataclasses
from typing import Any

from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.errors import ViLabError
from vi_lab.inference.gibbs import gibbs
from vi_lab.model_or_problem import M, ModelOrProblem, as_model_unless
from vi_lab.results import Draws


@public
def gibbs_expanded(
    model: ModelOrProblem[M],
    *,
    rng: Rng = None,
    chains: int = 4,
    draws: int = 1000,
    warmup: int = 500,
) -> Draws[M]:
    """Gibbs sampling of a HierarchicalNormal through its HierarchicalNormalExpanded.

    Parameters
    ----------
    model : HierarchicalNormal with a HalfCauchy prior of tau, or a problem that holds one
    rng : int, SeedSequence or Generator, optional
    chains, draws, warmup : int
        Chains, draws kept of each, sweeps thrown away first.

    Returns
    -------
    Draws
        `theta`, `mu` and `tau2` of the model handed in, and no auxiliary `rate`; after Ctrl-C the
        draws so far.

    Raises
    ------
    NotApplicable
        For any other model or prior.
    NumericalError
        If a conditional breaks down; the error's `.draws` holds the draws so far.
    """
    whole = as_model_unless(why_not_expanded, model)
    expanded = whole.parameter_expansion()
    try:
        run = gibbs(expanded, rng=rng, chains=chains, draws=draws, warmup=warmup)
    except ViLabError as error:
        if error.draws:
            error.draws = _rearrange(error.draws, whole)
        raise
    return _rearrange(run, whole)


def _rearrange(run: Draws, model: Any) -> Draws:
    """The same draws as those of the model that was expanded."""
    values = run.model.original(run.values)
    return dataclasses.replace(run, model=model, method="Gibbs expanded", values=values)


def why_not_expanded(model: Any) -> str | None:
    """Why there is nothing to expand, in a sentence, or None where there is."""
    reason = model.no_expansion_because
    return reason and f"expanded Gibbs does not apply, because {reason}"
