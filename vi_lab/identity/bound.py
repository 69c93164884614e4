"""The evidence lower bound of any q that has a density, with its error and how it was computed."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import public, short_repr
from vi_lab.arguments.user_models import evaluate_log_joint, read_shares
from vi_lab.density_model import DensityRows
from vi_lab.errors import InputError, InputTypeError
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.model import Model, statistics
from vi_lab.model_or_problem import ModelLike, as_model, same_model
from vi_lab.numerics.rounding import Estimate, disturb_log_joint, rounding
from vi_lab.results import Draws, Exact, Factorised, GaussianRows, Posterior
from vi_lab.results.bound_digits import estimate_bound
from vi_lab.results.centring import factorised_elbo

EXPECTATION_DRAWS = 2000  # for the ELBO of an exact posterior, whose integrand is constant


@public
def elbo(model: ModelLike, q: Posterior) -> float | Any:
    """The evidence lower bound E_q[log p(x, z)] + H[q] in nats.

    Parameters
    ----------
    model : Model, Problem or the name of one
    q : Factorised, Exact, a Gaussian, or a trained VAE (Amortised) for a DecoderModel
        A Factorised may have a batch.

    Returns
    -------
    float or array (*batch,)
        Of a Factorised in closed form, of GaussianRows (the sum over rows) and a GaussianPosterior
        by quadrature (in more than two dimensions by randomised quasi-Monte Carlo), of an
        Exact by Monte Carlo over its draws, of an Amortised that of the encoder's q for the model's
        own data. `ledger` states the error.

    Raises InputTypeError for draws: they have no density.
    """
    model = as_model(model)
    q = as_density(model, q)
    if isinstance(q, Factorised):
        return factorised_elbo(model, q)
    bound = elbo_estimate(q, model).value
    return float(checks.require_finite("the ELBO", bound, infinite=True))


@singledispatch
def elbo_estimate(q: Any, model: Model) -> Estimate:
    """The bound of a single q of this very model, with its error and route."""
    raise InputTypeError(f"q: {short_repr(q)} has no density")


@elbo_estimate.register
def _(q: Factorised, model: Model) -> Estimate:
    return estimate_bound(model, q)


@elbo_estimate.register
def _(q: GaussianRows, model: DensityRows) -> Estimate:
    rows = q.elbo_rows
    return Estimate(float(rows.value.sum()), float(rows.error.sum()), rows.route)


@elbo_estimate.register
def _(q: Exact, model: Any) -> Estimate:
    """E_p[log p(z,x) - log p(z|x)] over exact draws: the integrand is log p(x) at every draw."""
    values = q.posterior.sample(np.random.default_rng(0), EXPECTATION_DRAWS)
    if model.blocks:
        t = statistics(model, values)
        joint = evaluate_log_joint(model.log_joint, t, (EXPECTATION_DRAWS,))
        lost = np.max(disturb_log_joint(model.log_joint, t, read_shares(model, t)))
    else:
        joint, lost = model.log_density(values["z"]), q.log_evidence_error
    integrand = joint - q.posterior.log_density(model.latents(values))
    error = integrand.std() / np.sqrt(EXPECTATION_DRAWS) + rounding(integrand.mean()) + lost
    return Estimate(float(integrand.mean()), float(error), "Monte Carlo")


@elbo_estimate.register
def _(q: GaussianPosterior, model: Any) -> Estimate:
    return q.elbo_estimate


def evidence_estimate(truth: Exact) -> Estimate:
    """log p(x) of an exact posterior, with its error and route."""
    return Estimate(truth.log_evidence, truth.log_evidence_error, truth.route)


def as_density(model: Any, q: Any) -> Any:
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
    if not isinstance(q, Exact | GaussianRows | GaussianPosterior):
        needed = "Exact, Factorised, GaussianPosterior, GaussianRows or Amortised"
        raise InputTypeError(f"q: needs {needed}, got {short_repr(q)}")
    if not same_model(q.model, model):
        of = "the exact posterior" if isinstance(q, Exact) else "a q"
        raise InputError(f"q: is {of} of another model")
    return q if q.model is model else replace(q, model=model)


def as_single(model: Any, q: Any) -> Any:
    """As `as_density`, without a batch."""
    q = as_density(model, q)
    if isinstance(q, Factorised) and q.batch:
        raise InputError(f"q: needs a single q, got a batch of shape {q.batch}")
    return q
