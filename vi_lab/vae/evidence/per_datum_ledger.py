"""The ledger of a VAE, datum by datum: log p(x), ELBO, KL and gaps, each by its route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from vi_lab.arguments.read_only import FrozenCopies, ReadOnlyDict, freeze_arrays
from vi_lab.errors import NotApplicable, NumericalError
from vi_lab.numerics.agreement import CANNOT_BE_TOLD, judge, judge_identity, refuse_impossible
from vi_lab.numerics.rounding import Estimate
from vi_lab.results import tables
from vi_lab.vae.evidence.best_gaussians import best_gaussians, climb_roughly
from vi_lab.vae.evidence.expectations import expected_elbo, kl_to_posterior
from vi_lab.vae.evidence.gaps import Gaps
from vi_lab.vae.evidence.importance import LogEvidence, sample_log_evidence
from vi_lab.vae.evidence.normaliser import normalise
from vi_lab.vae.evidence.quadrature import Quadrature, quadrature
from vi_lab.vae.evidence.rows import Rows
from vi_lab.vae.evidence.sampling import sample_gaps

GLOBAL = "quadrature (midpoint, global)"
ROUGH = 1e-2  # nats: enough for a bound that log p(x) must not fall below
HOPELESS = 500.0  # nats below the highest density


@dataclass(frozen=True, eq=False, repr=False)
class PerDatumLedger(FrozenCopies):
    """The identity log p(x) = ELBO + KL for every datum, in nats.

    Attributes
    ----------
    log_evidence, elbo, kl : array (n,)
    residual : array (n,)
        log_evidence - elbo - kl.
    tolerance : array (n,)
        What the stated errors of the three allow.
    holds : bool or None
        Whether |residual| <= tolerance for every datum, and no sign is impossible; None where that
        cannot be told, as a tolerance is wider than 1e-5 nats.
    routes : mapping of str to str
    errors : mapping of str to array (n,)
    reason : str or None
        Why `holds` is None ("lost digits: ..."), or which sign is impossible.
    """

    log_evidence: np.ndarray
    elbo: np.ndarray
    kl: np.ndarray
    residual: np.ndarray
    tolerance: np.ndarray
    holds: bool | None
    routes: dict[str, str]
    errors: dict[str, np.ndarray]
    reason: str | None = None

    def __post_init__(self) -> None:
        freeze_arrays(self)
        object.__setattr__(self, "errors", ReadOnlyDict(self.errors))

    def table(self) -> list[dict[str, Any]]:
        """One row for each number: its mean over data, its largest error, its route."""
        return [
            {
                "nats per datum": name,
                "mean": float(getattr(self, name).mean()),
                "largest error": float(self.errors[name].max()),
                "route": self.routes[name],
            }
            for name in ("log_evidence", "elbo", "kl")
        ]

    def __bool__(self) -> bool:
        raise TypeError("ask a ledger for .holds")

    def __repr__(self) -> str:
        verdict = {True: "holds", False: "DOES NOT HOLD", None: CANNOT_BE_TOLD}[self.holds]
        verdict += f" ({self.reason})" if self.reason else ""
        evidence, bound, kl = (float(a.mean()) for a in (self.log_evidence, self.elbo, self.kl))
        largest = np.abs(self.residual).max()
        count = tables.format_count(len(self.elbo), "datum", "data")
        return (
            f"<Ledger of {count} {verdict}: on average {evidence:.6g} = "
            f"{bound:.6g} + {kl:.6g}, largest residual {largest:.2g}>"
        )

    def _repr_html_(self) -> str:
        return tables.html(self.table(), caption=repr(self)[1:-1])


def log_evidence(data: Rows, k: int, rng: np.random.Generator) -> LogEvidence:
    """By quadrature for one or two latents, else by importance sampling."""
    if data.dimension > 2:
        return sample_log_evidence(data, k, rng)
    with np.errstate(over="ignore", invalid="ignore"):
        truth = integrate_above(data, expected_elbo(data, data.encoded, ROUGH))
    return LogEvidence(truth.value, truth.error, GLOBAL, None, np.zeros(len(data), bool))


def integrate_above(data: Rows, bound: Estimate) -> Quadrature:
    """log p(x) by quadrature, above a bound: the encoder's, or where that is hopeless a better q's.

    The square to integrate over grows with the distance from the bound to the highest density, so
    an encoder that knows nothing of a datum makes way for Gaussians climbed to from it and from the
    prior.
    """
    decoder, q, floor = data.decoder, data.encoded, bound.value - bound.error
    poor = np.flatnonzero(~(floor >= decoder.ceiling - HOPELESS))
    if len(poor):
        for start in (np.zeros_like(q[poor]), q[poor]):
            end, _ = climb_roughly(data[poor], start)
            found = expected_elbo(data[poor], end, ROUGH)
            floor[poor] = np.fmax(floor[poor], found.value - found.error)
    truth = quadrature(decoder, data.x, floor) if np.isfinite(floor).all() else None
    if truth is None or not np.isfinite(truth.value).all():
        where = floor if truth is None else truth.value
        raise NumericalError(
            f"x: log p(x) of row {int(np.argmax(~np.isfinite(where)))} is beyond floating point "
            "under these parameters"
        )
    return truth


def ledger(data: Rows) -> PerDatumLedger:
    """The three numbers for each datum, by three routes."""
    if data.dimension > 2:
        raise NotApplicable(
            "a ledger needs the exact posterior, which quadrature gives for one or two latents; "
            f"this VAE has {data.dimension} (log_evidence and gaps sample instead)"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        bound = expected_elbo(data, data.encoded)
        truth = integrate_above(data, bound)
        kl = kl_to_posterior(data, data.encoded, normalise(data, truth))
    return balance(truth, bound, kl)


def balance(truth: Quadrature, bound: Estimate, kl: Estimate) -> PerDatumLedger:
    """The ledger of three numbers for each datum."""
    judged, mistake = judge_identity(Estimate(truth.value, truth.error, GLOBAL), bound, kl)
    return PerDatumLedger(
        log_evidence=truth.value,
        elbo=bound.value,
        kl=kl.value,
        residual=judged.difference,
        tolerance=judged.tolerance,
        holds=False if mistake else judged.holds,
        routes={"log_evidence": GLOBAL, "elbo": bound.route, "kl": kl.route},
        errors={"log_evidence": truth.error, "elbo": bound.error, "kl": kl.error},
        reason=mistake or judged.reason,
    )


def gaps(data: Rows, draws: int, k: int, rng: np.random.Generator) -> Gaps:
    """By quadrature for one or two latents, else by draws."""
    if data.dimension > 2:
        return sample_gaps(data, draws, rng, log_evidence(data, k, rng))
    with np.errstate(over="ignore", invalid="ignore"):
        bound = expected_elbo(data, data.encoded)
        truth = integrate_above(data, bound)
        moments = np.concatenate([truth.mean, np.log(truth.variance + 1e-12)], axis=1)
        best, _ = best_gaussians(data, (data.encoded, moments))
        best_bound = expected_elbo(data, best)
        worse = best_bound.value < bound.value  # no q* is worse than q, whatever came of the climb
        if worse.any():
            best[worse] = data.encoded[worse]
            best_bound = expected_elbo(data, best)
        kl = kl_to_posterior(data, best, normalise(data, truth))
    return divide_gap(truth, bound, best_bound, kl)


def divide_gap(truth: Quadrature, bound: Estimate, best_bound: Estimate, kl: Estimate) -> Gaps:
    """log p(x) - ELBO(q) of each datum, divided at the ELBO of q*, the best Gaussian: above it
    KL[q* || p(z|x)], below it what one encoder for all costs."""
    amortisation = best_bound.value - bound.value
    evidence = Estimate(truth.value, truth.error, GLOBAL)
    for name, gap, numbers in (
        ("the approximation gap", kl.value, {"the KL": kl}),
        ("log p(x) - ELBO(q*)", truth.value - best_bound.value, {"": evidence, "*": best_bound}),
        ("the amortisation gap", amortisation, {"q": bound, "q*": best_bound}),
    ):
        refuse_impossible(name, judge(gap, numbers))
    return Gaps(
        log_evidence=truth.value,
        elbo=bound.value,
        approximation=kl.value,
        amortisation=amortisation,
        residual=truth.value - best_bound.value - kl.value,
        error=truth.error + bound.error + best_bound.error + kl.error,
        route="quadrature",
    )
