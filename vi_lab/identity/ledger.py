"""Every nat accounted for: log p(x) = ELBO(q) + KL(q || p(z|x)), each number by its own route.

The log evidence comes from the model's exact posterior, the ELBO from its log joint and the
families, the KL from the normalised posterior in its own form: a mistake in one of the three shows
as a residual. The derivation of the identity is evaluated line by line in `derivation.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np

from vi_lab.arguments import checks
from vi_lab.arguments.public import brief, public
from vi_lab.arguments.user_models import log_joint
from vi_lab.density_model import DensityRows
from vi_lab.errors import InputTypeError, NumericalError
from vi_lab.identity.densities import single, with_density
from vi_lab.identity.divergence import kl_estimate
from vi_lab.inference.exact import exact
from vi_lab.model import Model, factorised_elbo, statistics
from vi_lab.model_or_problem import as_model
from vi_lab.numerics.rounding import Estimate, disturb_log_joint, rounding
from vi_lab.results import Exact, Factorised, GaussianRows, tables

SIGMAS = 5.0  # standard errors allowed where a number is a Monte Carlo average
DRAWS = 2000  # draws for the ELBO of an exact posterior, whose integrand is constant


@dataclass(frozen=True)
class Ledger:
    """The identity for one q, in nats.

    Attributes
    ----------
    log_evidence, elbo, kl : float
    residual : float
        log_evidence - elbo - kl.
    tolerance : float
        What the stated errors of the three allow.
    holds : bool or None
        Whether |residual| <= tolerance; None where there is no exact truth, with `reason`.
    routes : mapping of str to str
        How each of the three numbers was had.
    errors : mapping of str to float
        The numerical or Monte Carlo error of each.
    """

    log_evidence: float | None
    elbo: float
    kl: float | None
    residual: float | None
    tolerance: float | None
    holds: bool | None
    routes: Mapping[str, str]
    errors: Mapping[str, float | None]
    reason: str | None = None

    def table(self) -> list[dict[str, Any]]:
        """One row for each number: value, error, route."""
        return [
            {
                "nats": name,
                "value": getattr(self, name),
                "error": self.errors[name],
                "route": self.routes[name],
            }
            for name in ("log_evidence", "elbo", "kl")
        ]

    def __bool__(self) -> bool:
        raise TypeError("ask a ledger for .holds: it is True, False, or None where unknown")

    def __repr__(self) -> str:
        if self.log_evidence is None:
            return f"<Ledger: ELBO {self.elbo:.10g}; {self.reason}>"
        verdict = "holds" if self.holds else "DOES NOT HOLD"
        return (
            f"<Ledger {verdict}: {self.log_evidence:.10g} = {self.elbo:.10g} + {self.kl:.10g}, "
            f"residual {self.residual:.2g} within {self.tolerance:.2g}>"
        )

    def _repr_html_(self) -> str:
        return tables.html(self.table(), caption=repr(self)[1:-1])


@public
def ledger(model: Any, q: Any) -> Ledger:
    """The ledger of one q against the truth: Exact, Factorised without a batch, GaussianRows, or
    for a DecoderModel a trained VAE (Amortised), which is the encoder's q of the model's data.

    Raises InputTypeError for draws: a set of draws has no density, so no ELBO and no KL.
    """
    model = as_model(model)
    q = single(model, q)
    bound = elbo_estimate(q, model)
    reason = model.no_exact_because
    if reason:
        routes = {"log_evidence": f"none: {reason}", "elbo": bound.route, "kl": f"none: {reason}"}
        errors = {"log_evidence": None, "elbo": float(bound.error), "kl": None}
        return Ledger(None, float(bound.value), None, None, None, None, routes, errors, reason)
    truth = exact(model)
    divergence = kl_estimate(q, truth)
    impossible = bool(np.isneginf(bound.value) and np.isposinf(divergence.value))
    if impossible:
        residual = 0.0  # q gives weight to what is impossible: both of its numbers say so
    else:
        residual = truth.log_evidence - float(bound.value) - float(divergence.value)
    tolerance = truth.log_evidence_error + sum(
        float(e.error) * (SIGMAS if e.route == "Monte Carlo" else 1.0) for e in (bound, divergence)
    )
    if not impossible and not np.isfinite([residual, tolerance]).all():
        raise NumericalError(
            f"the ledger cannot be kept: log p(x) is {truth.log_evidence:g}, the ELBO "
            f"{bound.value:g}, the KL {divergence.value:g}, to within {tolerance:g}; rescale the "
            "data and hyperparameters"
        )
    return Ledger(
        log_evidence=truth.log_evidence,
        elbo=float(bound.value),
        kl=float(divergence.value),
        residual=residual,
        tolerance=tolerance,
        holds=bool(abs(residual) <= tolerance),
        routes={"log_evidence": truth.route, "elbo": bound.route, "kl": divergence.route},
        errors={
            "log_evidence": truth.log_evidence_error,
            "elbo": float(bound.error),
            "kl": float(divergence.error),
        },
    )


@public
def elbo(model: Any, q: Any) -> Any:
    """The evidence lower bound E_q[log p(x, z)] + H[q] in nats.

    Parameters
    ----------
    model : Model or Problem
    q : Factorised, GaussianRows, Exact, or a trained VAE (Amortised) for a DecoderModel
        A Factorised may have a batch.

    Returns
    -------
    float or array (*batch,)
        Of a Factorised in closed form, of GaussianRows (the sum over rows) by quadrature, of an
        Exact by Monte Carlo over its draws, of an Amortised that of the encoder's q for the model's
        own data. `ledger` states the error.

    Raises InputTypeError for draws: they have no density.
    """
    model = as_model(model)
    q = with_density(model, q)
    if isinstance(q, Factorised):
        return factorised_elbo(model, q)
    bound = elbo_estimate(q, model).value
    return float(checks.require_finite("the ELBO", bound, infinite=True))


@singledispatch
def elbo_estimate(q: Any, model: Model) -> Estimate:
    raise InputTypeError(f"q: {brief(q)} has no density")


@elbo_estimate.register
def _(q: Factorised, model: Model) -> Estimate:
    bound = factorised_elbo(model, q)
    if np.isneginf(bound):
        return Estimate(bound, 0.0, "closed form")
    entropies = [float(np.abs(f.entropy).sum()) for f in q.q.values()]
    stats = {name: factor.expected_stats for name, factor in q.q.items()}
    error = rounding(bound, *entropies) + float(np.max(disturb_log_joint(model, stats)))
    return Estimate(bound, error, "closed form")


@elbo_estimate.register
def _(q: GaussianRows, model: DensityRows) -> Estimate:
    rows = q.elbo_rows
    return Estimate(float(rows.value.sum()), float(rows.error.sum()), rows.route)


@elbo_estimate.register
def _(q: Exact, model: Any) -> Estimate:
    """E_p[log p(z,x) - log p(z|x)] over exact draws: the integrand is log p(x) at every draw."""
    values = q.posterior.sample(np.random.default_rng(0), DRAWS)
    by_rows = isinstance(model, DensityRows)
    if by_rows:
        joint = model.log_density(values["z"])
    else:
        joint = log_joint(model, statistics(model, values), (DRAWS,))
    integrand = joint - q.posterior.log_density(model.latents(values))
    error = integrand.std() / np.sqrt(DRAWS) + rounding(integrand.mean())
    error += (
        q.log_evidence_error
        if by_rows
        else np.max(disturb_log_joint(model, statistics(model, values)))
    )
    return Estimate(float(integrand.mean()), float(error), "Monte Carlo")
