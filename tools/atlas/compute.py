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
from tools.atlas.stored import store
from vi_lab.inference.exact import exact
from vi_lab.problems.named import list_problems, problem
from vi_lab.runtime import storage
from vi_lab.runtime.progress import progress

# By how much two computations of the atlas may differ (see `changes`).
TOLERANCE = {"numbers": 1e-9, "published": 1e-6, "q": 1e-5, "standard_errors": 5.0}


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
        evidence = truth.log_evidence
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
    second = SECOND[name](truth.model)
    routes = [
        {"route": truth.route, "value": truth.log_evidence, "error": truth.log_evidence_error},
        {"route": second.route, "value": second.value, "error": second.error},
    ]
    difference = truth.log_evidence - second.value
    return {"value": truth.log_evidence, "routes": routes, "difference": difference}


def bound(name: str, cut: Cut, log_evidence: float | None) -> dict[str, Any]:
    """The best bound known for one factorisation, and its q."""
    found = best(name, cut)
    return {
        "factorisation": " | ".join(_parts(found.q)),
        "keywords": cut.keywords,
        "elbo": found.q.elbo,
        "gap": None if log_evidence is None else log_evidence - found.q.elbo,
        "search": found.search,
        "converged": found.converged,
        **store(cut.model, found.q),
    }


def _parts(q: Any) -> Sequence[str]:
    """The factors' names, with the number of their plates."""
    parts = []
    for name, factor in q.q.items():
        plates = factor.family.lead_shape(factor.eta)
        size = " x ".join(map(str, plates))
        parts.append(f"{name} ({size})" if plates else name)
    return parts
