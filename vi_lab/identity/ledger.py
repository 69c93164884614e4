"""Every nat accounted for: log p(x) = ELBO(q) + KL(q || p(z|x)), each number by its own route.

The log evidence comes from the model's exact posterior, the ELBO from its log joint and the
families, the KL from the normalised posterior with parameters of its own (`kl_from` of the
posterior, in models/posteriors): a mistake in one of the three shows as a residual. The derivation
of the identity is evaluated line by line in `derivation.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.arguments.public import public
from vi_lab.errors import NumericalError
from vi_lab.identity.bound import as_single, elbo_estimate
from vi_lab.identity.divergence import kl_estimate
from vi_lab.inference.exact import exact
from vi_lab.model_or_problem import as_model
from vi_lab.numerics.rounding import Estimate
from vi_lab.results import tables

NAMES = ("log_evidence", "elbo", "kl")
STANDARD_ERRORS = 5.0  # allowed where a number is a Monte Carlo average


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
        How each of the three numbers was computed.
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
            for name in NAMES
        ]

    @classmethod
    def without_truth(cls, reason: str, bound: Estimate | None = None) -> Ledger:
        """What there is to say where no exact answer is known, or not even a q to bound it."""
        known = {} if bound is None else {"elbo": bound}
        routes = {n: known[n].route if n in known else f"none: {reason}" for n in NAMES}
        errors = {n: float(known[n].error) if n in known else None for n in NAMES}
        elbo = np.nan if bound is None else float(bound.value)
        return cls(None, elbo, None, None, None, None, routes, errors, reason)

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
    q = as_single(model, q)
    bound = elbo_estimate(q, model)
    if reason := model.no_exact_because:
        return Ledger.without_truth(reason, bound)
    truth = exact(model)
    numbers = {
        "log_evidence": Estimate(truth.log_evidence, truth.log_evidence_error, truth.route),
        "elbo": bound,
        "kl": kl_estimate(q, truth),
    }
    log_evidence, elbo, kl = (float(number.value) for number in numbers.values())
    # q gives weight to what is impossible: both of its numbers say so
    impossible = bool(np.isneginf(elbo) and np.isposinf(kl))
    residual = 0.0 if impossible else log_evidence - elbo - kl
    tolerance = truth.log_evidence_error + sum(map(allowance, (bound, numbers["kl"])))
    if not impossible and not np.isfinite([residual, tolerance]).all():
        raise NumericalError(
            f"the ledger cannot be kept: log p(x) is {log_evidence:g}, the ELBO {elbo:g}, the KL "
            f"{kl:g}, to within {tolerance:g}; rescale the data and hyperparameters"
        )
    return Ledger(
        log_evidence,
        elbo,
        kl,
        residual,
        tolerance,
        holds=bool(abs(residual) <= tolerance),
        routes={name: number.route for name, number in numbers.items()},
        errors={name: float(number.error) for name, number in numbers.items()},
    )


def allowance(number: Any) -> float:
    """How far off a number with an error and a route may be.

    Its error, or five standard errors of an average over draws.
    """
    return float(number.error) * (STANDARD_ERRORS if number.route == "Monte Carlo" else 1.0)
