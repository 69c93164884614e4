"""Where there is no linear response, and why."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.arguments.block_values import initial_values
from vi_lab.errors import InputTypeError, NotApplicable, NumericalError, refuse_if
from vi_lab.inference.engine.climb import distance
from vi_lab.results import Factorised
from vi_lab.results.centring import move_model

MOST_STATISTICS = 2_000  # in all blocks together: the matrices have its square
STILL = 1e-3  # root of the Jeffreys divergence by which an optimum may still move


def why_no_response(model: Any) -> str | None:
    """Why there is no linear response, in a sentence; None where there is."""
    reason: str | None = model.why_not_conjugate("linear response")
    if reason:
        return reason
    reason = why_many_modes(model)
    if reason:
        return reason
    start = model.latents(initial_values(model, np.random.default_rng(0), 1))
    if not set(model.summaries(start)) & set(start):
        return "what can be compared here are functions of the latents, of which it says nothing"
    size = sum(block.statistics_size for block in model.blocks.values())
    if size > MOST_STATISTICS:
        return (
            f"it inverts a matrix of {size:,} by {size:,}, above the limit of {MOST_STATISTICS:,}"
        )
    return None


def why_many_modes(model: Any) -> str | None:
    """Why the spread about one mode is not that of the posterior, as a clause."""
    if set(model.nominal) <= set(model.named_labels):
        return None
    return (
        "it corrects the spread about one mode, and the components of a mixture have as many "
        "equal modes as names"
    )


def refuse_no_response(q: Any) -> None:
    """Refuse what is no q, a batch of them, a model without a response, and a q that still moves:
    one more update of each block, all from q itself, must leave q where it is."""
    if not isinstance(q, Factorised):
        raise InputTypeError(f"q: needs a Factorised, as cavi returns, got {type(q).__name__}")
    refuse_if(q.batch, f"q: needs a single q, got a batch of shape {q.batch}")
    reason = why_no_response(q.model)
    refuse_if(reason, f"linear response does not apply: {reason}", NotApplicable)
    if not all(np.isfinite(field).all() for factor in q.q.values() for field in factor.eta):
        raise NotApplicable(
            "linear response does not apply, because q gives a value probability zero, and no push "
            "of the log joint moves that"
        )
    moved = _distance_of_an_update(q)
    if not moved <= STILL:
        raise NotApplicable(
            "linear response does not apply, because q is no optimum yet: one more update of CAVI "
            f"would move it by {moved**2:.2g} nats (Jeffreys divergence)"
        )


def _distance_of_an_update(q: Factorised) -> float:
    """How far q would move if every block were updated, all of them from q itself."""
    q = move_model(q)
    t = {name: factor.expected_stats for name, factor in q.q.items()}
    eta, new_t = {}, {}
    for name, block in q.model.blocks.items():
        eta[name] = block.family.expand(block.complete_conditional(t), block.plates)
        new_t[name] = block.family.expected_stats(eta[name])
    before = {name: factor.eta for name, factor in q.q.items()}, t
    return float(distance(q.model, before, (eta, new_t), ()))


def refuse_negative_variance(cov: np.ndarray, own: np.ndarray) -> None:
    """Refuse a response that is no covariance, in units of q's own standard deviations."""
    sd = np.sqrt(np.diag(own))
    unit = np.where(sd > 0, sd, 1.0)
    smallest = np.linalg.eigvalsh(cov / np.outer(unit, unit))[0]
    if not smallest > -1e-6:
        raise NumericalError(
            f"the linear response has a negative variance ({smallest:.3g} of q's own): q is not "
            "where its bound is highest; run cavi further, or with more restarts"
        )
