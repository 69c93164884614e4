"""Another tool's lower bound on log p(x): below it, at it, or no bound."""

from __future__ import annotations

from typing import Any

from vi_lab.arguments.ownership import is_ours
from vi_lab.arguments.streams import spawn_stream
from vi_lab.comparison.reference import Reference
from vi_lab.errors import LostDigits
from vi_lab.identity.bound import elbo_estimate
from vi_lab.inference.cavi import cavi
from vi_lab.inference.engine.climb import run_quietly
from vi_lab.numerics.agreement import (
    AGREES,
    CANNOT_BE_TOLD,
    DIFFERS,
    STATED,
    judge,
    refuse_impossible,
    write_amount,
)
from vi_lab.numerics.rounding import Estimate

DIGITS = 1e-6  # nats: a claim is read off a screen, with the digits that were printed
RESTARTS = 20  # of our own CAVI, of a large model fewer


def judge_bound(
    model: Any, bound: float, reference: Reference | None, entropy: int
) -> dict[str, Any]:
    """A sentence on the claim (`finding`), and the fields of an `Audit` that go with it.

    NumericalError where our own q has an ELBO above log p(x): the model contradicts itself. Where
    log p(x) is known, and a q of ours has no digits, the claim is held against the one alone.
    """
    rows, unknown = model.independent_rows or 1, ""
    claim = Estimate(bound, DIGITS, STATED)
    try:
        best = _find_best_bound(model, entropy)
    except LostDigits as error:  # of a user's model it may be a sign that is wrong
        if reference is None or reference.evidence is None or not is_ours(model):
            raise
        best, unknown = None, f"; how tight mean field is {CANNOT_BE_TOLD} (lost digits: {error})"
    found: dict[str, Any] = {"bound": bound, "best_elbo": None if best is None else best.value}
    evidence = reference.evidence if reference else None
    if evidence is None:
        return found | _judge_without_evidence(bound, claim, best)
    if best is not None:
        ours = judge(evidence.value - best.value, {"log p(x)": evidence, "our ELBO": best}, rows)
        refuse_impossible("log p(x) less the ELBO of CAVI's q", ours)
    gap = evidence.value - bound
    judged = judge(gap, {"log p(x)": evidence, "the claim": claim}, rows)
    if judged.impossible:
        finding = f"above the evidence by {write_amount(judged, _nats)}: not a bound"
    elif judged.word == AGREES:
        finding = "equal to the evidence: the tightest bound there is"
        if judged.sampled:
            finding = f"agrees with the evidence within ± {_nats(judged.tolerance)}"
    elif judged.word == CANNOT_BE_TOLD:
        finding = f"whether it is a bound {CANNOT_BE_TOLD} ({judged.reason})"
    else:
        finding = f"short by {write_amount(judged, _nats)}"
        if best is not None and _is_above(bound, claim, best):
            finding += f", {_nats(bound - best.value)} tighter than mean field"
    return found | {
        "finding": finding + unknown,
        "log_evidence": evidence.value,
        "gap": gap,
        "gap_error": float(judged.tolerance),
        "is_bound": None if judged.holds is None else not judged.impossible,
        "reason": judged.reason,
    }


def _find_best_bound(model: Any, entropy: int) -> Estimate | None:
    """The best ELBO of a mean-field q, with its error; None where CAVI does not apply."""
    if model.why_not_conjugate("CAVI") is not None:
        return None
    restarts = RESTARTS // 10 if model.costly else RESTARTS
    generator = spawn_stream(entropy, "audit", "cavi")
    q = run_quietly(cavi, model, rng=generator, restarts=restarts)
    return elbo_estimate(q, model)._replace(value=q.elbo)


def _judge_without_evidence(bound: float, claim: Estimate, best: Any) -> dict[str, Any]:
    """Our own bound is all there is to hold it against, and being below that is no fault."""
    judged = judge(best.value - bound, {"the best ELBO of a mean-field q": best, "it": claim})
    unknown = "the evidence is not known here"
    ours = f"{best.value:.6g}, the best ELBO of a mean-field q, which is a bound"
    if judged.word == DIFFERS:
        side = "above" if judged.difference < 0 else "below"
        return {"finding": f"{unknown}; {write_amount(judged, _nats)} {side} {ours}"}
    if judged.word == AGREES:
        return {"finding": f"{unknown}; equal to {ours}"}
    finding = f"{unknown}; above or below {ours}, which cannot be told ({judged.reason})"
    return {"finding": finding, "reason": judged.reason}


def _is_above(bound: float, claim: Estimate, best: Estimate) -> bool:
    return judge(best.value - bound, {"claim": claim, "best": best}).impossible


def _nats(amount: float) -> str:
    return f"{amount:.1f} nats" if amount >= 10 else f"{amount:.2g} nats"
