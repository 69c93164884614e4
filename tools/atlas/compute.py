"""The atlas made anew, problem by problem."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tools.atlas.estimates import estimate_evidence
from tools.atlas.factorisations import Cut, best, cuts
from tools.atlas.material import describe
from tools.atlas.moments import exact_moments, long_run
from tools.atlas.published import reproduce
from tools.atlas.routes import SECOND
from tools.atlas.stored import list_factors, store
from vi_lab.errors import NumericalError
from vi_lab.identity.bound import elbo_estimate, evidence_estimate
from vi_lab.inference.exact import exact
from vi_lab.numerics.agreement import DIFFERS, STANDARD_ERRORS, judge, refuse_impossible
from vi_lab.numerics.rounding import Estimate
from vi_lab.problems.named import list_problems, problem
from vi_lab.runtime import storage
from vi_lab.runtime.progress import progress

# By how much two computations of the atlas may differ (see `changes`).
TOLERANCE = {"numbers": 1e-9, "published": 1e-6, "q": 1e-5, "standard_errors": STANDARD_ERRORS}


def compute(names: Iterable[str] | None = None) -> dict[str, Any]:
    """The atlas, or its part about some problems; as `read` gives it."""
    names = list(list_problems() if names is None else names)
    entries = {name: entry(name) for name in progress(names, "atlas", len(names))}
    content = {
        "format": "vi_lab evidence atlas",
        "version": 1,
        "tolerance": TOLERANCE,
        "problems": entries,
    }
    return storage.plain(content)


def entry(name: str) -> dict[str, Any]:
    """What the atlas says of one problem."""
    item = problem(name)
    evidence, moments, reference = None, None, None
    if item.model.no_exact_because is None:
        truth = exact(item.model)
        evidence = evidence_estimate(truth)
        moments = exact_moments(truth)
        known = _two_routes(name, truth)
    else:
        reference = long_run(name, item.model)
        known = {"value": None, "reason": item.model.no_exact_because}
        estimates = estimate_evidence(name, item.model)
        if estimates:
            known["estimates"] = estimates
    bounds = [bound(name, cut, evidence) for cut in cuts(name)]
    if evidence is None:
        known["lower_bound"] = max(found["elbo"] for found in bounds)
    return {
        "story": item.story,
        **describe(name, item.model),
        "log_evidence": known,
        "moments": moments,
        "reference": reference,
        "bounds": bounds,
        "published": reproduce(name),
    }


def _two_routes(name: str, truth: Any) -> dict[str, Any]:
    first, second = evidence_estimate(truth), SECOND[name](truth.model)
    difference = first.value - second.value
    judged = judge(difference, {first.route: first, second.route: second})
    if judged.word == DIFFERS:
        raise NumericalError(
            f"{name}: log p(x) by {first.route} and by {second.route} differ by {difference:.3g} "
            f"nats, more than their errors of {judged.tolerance:.1g}: a mistake"
        )
    routes = [
        {"route": route.route, "value": route.value, "error": route.error}
        for route in (first, second)
    ]
    return {"value": first.value, "routes": routes, "difference": difference}


def bound(name: str, cut: Cut, evidence: Estimate | None) -> dict[str, Any]:
    """The best bound known for one factorisation, and its q."""
    found = best(name, cut)
    elbo = elbo_estimate(found.q, cut.model)
    return {
        "factorisation": " | ".join(_parts(found.q)),
        "keywords": cut.keywords,
        "elbo": found.q.elbo,
        "elbo_error": elbo.error,
        "elbo_route": elbo.route,
        **_compare_bound(name, elbo._replace(value=found.q.elbo), evidence),
        "search": found.search,
        "converged": found.converged,
        **store(cut.model, found.q),
    }


def _compare_bound(name: str, elbo: Estimate, evidence: Estimate | None) -> dict[str, Any]:
    """The gap and what it may be off by; NumericalError where the bound is above log p(x)."""
    if evidence is None:
        return {"gap": None, "gap_error": None}
    gap = evidence.value - elbo.value
    judged = judge(gap, {"log p(x)": evidence, "the ELBO": elbo})
    refuse_impossible(f"log p(x) less the best ELBO of {name}", judged)
    return {"gap": gap, "gap_error": judged.tolerance}


def _parts(q: Any) -> Sequence[str]:
    """The factors' names, with the number of their plates."""
    parts = []
    for name, factor in list_factors(q).items():
        plates = factor.family.lead_shape(factor.eta)
        size = " x ".join(map(str, plates))
        parts.append(f"{name} ({size})" if plates else name)
    return parts
