"""What may be handed in as q: whatever has a density over a model's latents."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from vi_lab.arguments.public import brief
from vi_lab.errors import InputError, InputTypeError
from vi_lab.model_or_problem import same_model
from vi_lab.results import Draws, Exact, Factorised, GaussianRows, Posterior


def with_density(model: Any, q: Any) -> Any:
    """q as a density over this very model's latents, a Factorised with its batch."""
    if isinstance(q, Draws):
        raise InputTypeError(
            "q: draws have no density, so no ELBO and no KL; hand in Exact, Factorised, "
            "GaussianRows or Amortised"
        )
    if isinstance(q, Posterior):
        q = q.for_model(model)
    if isinstance(q, Factorised):  # another model's factors may be written about other centres
        return q if q.model is model else Factorised(model, **q.q)
    if not isinstance(q, Exact | GaussianRows):
        raise InputTypeError(
            f"q: needs Exact, Factorised, GaussianRows or Amortised, got {brief(q)}"
        )
    if not same_model(q.model, model):
        of = "the exact posterior" if isinstance(q, Exact) else "a q"
        raise InputError(f"q: is {of} of another model")
    return q if q.model is model else replace(q, model=model)


def single(model: Any, q: Any) -> Any:
    """As `with_density`, without a batch."""
    q = with_density(model, q)
    if isinstance(q, Factorised) and q.batch:
        raise InputError(f"q: needs a single q, got a batch of shape {q.batch}")
    return q
