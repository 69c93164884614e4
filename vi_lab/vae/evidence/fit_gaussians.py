"""A Gaussian q for each datum under a fixed decoder: the best of its shape, or the encoder's.

    climb    ELBO(q_n) = E_q[log p(x_n|z)] - KL[q_n || N(0, I)]     in mean, variances, correlation

along its hand-derived gradient (gaps.py, gaussian_rows.py), every datum by itself, and to the last
1e-11 nats by Newton's method (polish.py). The encoder's q
comes from one network for all data and is not climbed to: what it lacks of the best is the
amortisation gap (Cremer, Li & Duvenaud 2018).
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public
from vi_lab.arguments.types import Rng
from vi_lab.errors import NotApplicable
from vi_lab.model_or_problem import ModelLike, as_model
from vi_lab.results import Cost, GaussianRows
from vi_lab.vae.evidence import gaussian_rows
from vi_lab.vae.evidence.best_gaussians import best_gaussians
from vi_lab.vae.evidence.decoder_model import DecoderModel

COVARIANCES = ("mean-field", "full-rank")
ENDS_AGREE = 1e-9  # nats between two rules for the ELBO of an end, when the best is chosen


@public
def gaussian_q(
    model: ModelLike, *, covariance: str = "full-rank", rng: Rng = None, restarts: int = 1
) -> GaussianRows:
    """The Gaussian q of highest ELBO for each datum.

    Parameters
    ----------
    model : DecoderModel, Problem or the name of one
    covariance : "full-rank" or "mean-field"
        Any covariance, or a diagonal one. Each full-rank climb begins where a mean-field one ended
        and so never falls below it.
    rng : int, SeedSequence or Generator, optional
    restarts : int
        Climbs for each datum from N(z, I / 4), z a draw from the prior: one that begins as wide as
        the prior may come to rest across two modes. One more begins at the encoder's q; the best
        end is taken, so that more restarts are never worse. A posterior with two modes has an
        optimum near each.
    """
    deep: Any = as_model(model)
    reason = why_no_gaussian_q(deep)
    if reason:
        raise NotApplicable(reason)
    checks.one_of("covariance", covariance, COVARIANCES)
    restarts = checks.integer("restarts", restarts, 1)
    generator = checks.generator(rng)
    started = time.perf_counter()
    d = deep.dimension
    starts = [deep.rows.encoded]
    for _ in range(restarts):
        z = deep.sample_latents(generator)["z"]
        starts.append(np.concatenate([z, np.full_like(z, np.log(0.25))], axis=1))
    with np.errstate(over="ignore", invalid="ignore"):
        best, evaluations = best_gaussians(deep.rows, starts, covariance == "full-rank", ENDS_AGREE)
    return GaussianRows(
        deep,
        best[:, :d].copy(),
        gaussian_rows.root(best, d),
        method=f"Gaussian {covariance}",
        cost=Cost(density_evaluations=round(evaluations / deep.n)),
        seconds=time.perf_counter() - started,
    )


@public
def amortised(model: ModelLike) -> GaussianRows:
    """The encoder's q for each datum, judged like the rest: one pass through one network."""
    deep: Any = as_model(model)
    reason = why_not_amortised(deep)
    if reason:
        raise NotApplicable(reason)
    return deep.fit.for_model(deep)


def why_no_gaussian_q(model: Any) -> str | None:
    """Why there is no decoder to climb through, or None where there is one."""
    if isinstance(model, DecoderModel):
        return None
    return (
        "a Gaussian q for each datum does not apply, because it is climbed to along the gradient "
        "of a decoder, and this model has none"
    )


def why_not_amortised(model: Any) -> str | None:
    """Why there is no encoder to ask, or None where there is one."""
    if isinstance(model, DecoderModel):
        return None
    return "an amortised q does not apply, because no encoder was trained for this model"
