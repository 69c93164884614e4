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
from vi_lab.arguments.read_only import ClosedMappings
from vi_lab.automatic.find import why_no_truth
from vi_lab.errors import NumericalError
from vi_lab.identity.bound import as_single, elbo_estimate, evidence_estimate
from vi_lab.identity.divergence import kl_estimate
from vi_lab.inference.exact import exact
from vi_lab.model_or_problem import ModelLike, as_model, model_behind
from vi_lab.numerics.agreement import CANNOT_BE_TOLD, allowance, is_sampled, judge_identity
from vi_lab.numerics.rounding import Estimate
from vi_lab.results import Exact, tables
from vi_lab.results.posterior import Posterior

NAMES = ("log_evidence", "elbo", "kl")


@dataclass(frozen=True)
class Ledger(ClosedMappings):
    """The identity for one q, in nats.

    Attributes
    ----------
    log_evidence, elbo, kl : float
    residual : float
        log_evidence - elbo - kl.
    tolerance : float
        What the stated errors of the three allow, five of them where they are standard errors.
    holds : bool or None
        Whether |residual| <= tolerance, and no sign is impossible (a KL below 0, an ELBO above
        log p(x)); None where that cannot be told, because there is no exact truth, or because the
        tolerance is wider than the routes allow (`numerics.agreement`).
    routes : mapping of str to str
        How each of the three numbers was computed.
    errors : mapping of str to float
        The numerical or Monte Carlo error of each.
    reason : str or None
        Why `holds` is None ("lost digits: ..." where it is for want of them), or which sign is
        impossible.
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

    @classmethod
    def without_q(cls, reason: str, evidence: Estimate) -> Ledger:
        """What there is to say where log p(x) is known, and no q has its digits."""
        routes = dict.fromkeys(NAMES, "none") | {"log_evidence": evidence.route}
        errors = dict.fromkeys(NAMES) | {"log_evidence": float(evidence.error)}
        known = float(evidence.value)
        return cls(known, np.nan, None, None, None, None, routes, errors, reason)

    def __bool__(self) -> bool:
        raise TypeError("ask a ledger for .holds: it is True, False, or None where unknown")

    def __repr__(self) -> str:
        if self.log_evidence is None:
            return f"<Ledger: ELBO {self.elbo:.10g}; {self.reason}>"
        if self.kl is None:
            return f"<Ledger {CANNOT_BE_TOLD}: log p(x) {self.log_evidence:.10g}; {self.reason}>"
        told = {True: "holds", False: "DOES NOT HOLD", None: CANNOT_BE_TOLD}[self.holds]
        reason = f" ({self.reason})" if self.reason else ""
        if self.holds and any(map(is_sampled, self.routes.values())):
            reason = f" (agrees within ± {self.tolerance:.2g})"
        sums = f"{self.log_evidence:.10g} = {self.elbo:.10g} + {self.kl:.10g}"
        off = f"residual {self.residual:.2g} within {self.tolerance:.2g}"
        return f"<Ledger {told}{reason}: {sums}, {off}>"

    def _repr_html_(self) -> str:
        rows = [
            {
                **row,
                "value": None if row["value"] is None else f"{row['value']:.12g}",
                "error": None if row["error"] is None else f"{row['error']:.0e}",
            }
            for row in self.table()
        ]
        return tables.html(rows, caption=repr(self)[1:-1])


@public
def ledger(model: ModelLike, q: Posterior) -> Ledger:
    """The ledger of one q against the truth: Exact, Factorised without a batch, GaussianRows, or
    for a DecoderModel a trained VAE (Amortised), which is the encoder's q of the model's data.

    Raises InputTypeError for draws: a set of draws has no density, so no ELBO and no KL.
    """
    model = as_model(model)
    q = as_single(model, q)
    bound = elbo_estimate(q, model)
    if reason := why_no_truth(model):
        return Ledger.without_truth(reason, bound)
    return close(exact(model), q, bound)


def close(truth: Exact, q: Posterior, bound: Estimate) -> Ledger:
    """The ledger of a q of one model, its ELBO at hand, against the truth, at hand too."""
    numbers = {"log_evidence": evidence_estimate(truth), "elbo": bound, "kl": kl_estimate(q, truth)}
    log_evidence, elbo, kl = (float(number.value) for number in numbers.values())
    if isinstance(q, Exact):  # its integrand is one number at every draw: what it varies by is lost
        bound = bound._replace(error=allowance(bound), route=truth.route)
    data = model_behind(truth).independent_rows or 1
    judged, mistake = judge_identity(numbers["log_evidence"], bound, numbers["kl"], data)
    residual = float(judged.difference)
    if not np.isfinite(residual):
        raise NumericalError(
            f"the ledger cannot be kept: log p(x) is {log_evidence:g}, the ELBO {elbo:g} and the "
            f"KL {kl:g}; rescale the data and hyperparameters"
        )
    return Ledger(
        log_evidence,
        elbo,
        kl,
        residual,
        float(judged.tolerance),
        holds=False if mistake else judged.holds,
        routes={name: number.route for name, number in numbers.items()},
        errors={name: float(number.error) for name, number in numbers.items()},
        reason=mistake or judged.reason,
    )
