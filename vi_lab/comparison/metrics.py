"""One method on one problem, measured against the reference: a row of a comparison."""

from __future__ import annotations

from typing import Any

import numpy as np

from vi_lab.comparison.reference import REFERENCE_DRAWS, Reference, find_moments, summarise
from vi_lab.comparison.row import Row, judge_gap
from vi_lab.comparison.topics import held_out_score
from vi_lab.identity.bound import elbo_estimate, evidence_estimate
from vi_lab.identity.divergence import kl_estimate
from vi_lab.inference.engine.gaussian_posterior import GaussianPosterior
from vi_lab.marginal_likelihood.estimate import EvidenceEstimate
from vi_lab.model_or_problem import model_behind
from vi_lab.numerics.agreement import AGREES, DIFFERS, judge, judge_identity
from vi_lab.numerics.rounding import Estimate
from vi_lab.results import (
    Draws,
    Exact,
    Factorised,
    GaussianRows,
    LinearResponse,
    Posterior,
    diagnostics,
    tables,
)


def measure(
    problem: str,
    method: str,
    result: Posterior,
    reference: Reference | None,
    rng: np.random.Generator,
    held_out: Any = None,
) -> Row:
    """One row: a result against the truth (None where there is none) and words held out."""
    measured: dict[str, Any] = {"seconds": result.seconds}
    if reference is not None and reference.lost_digits:  # it is no reference, but for the gap
        measured |= {"lost_digits": reference.lost_digits}
    if isinstance(result, Exact):
        measured |= {
            "log_evidence": result.log_evidence,
            **_compare_bound(0.0, {"log p(x)": evidence_estimate(result)}, result.model),
        }
    if isinstance(result, Factorised | GaussianRows | GaussianPosterior):
        measured |= {"elbo": result.elbo}
        if reference is not None and reference.evidence is not None:
            bound = elbo_estimate(result, model_behind(result))
            numbers = {"log p(x)": reference.evidence, "the ELBO": bound}
            gap = reference.evidence.value - result.elbo
            measured |= _compare_bound(gap, numbers, model_behind(result))
            measured |= _keep_ledger(result, reference, bound)
    if isinstance(result, Factorised):
        measured |= {"converged": result.converged}
    if isinstance(result, GaussianPosterior):
        measured |= {
            "log_evidence_estimate": result.log_evidence_estimate,
            "converged": result.settings.get("converged"),
        }
    if isinstance(result, Draws | Factorised | GaussianRows | GaussianPosterior | LinearResponse):
        measured |= result.cost._asdict()
    chains = None
    if isinstance(result, Draws):
        chains = summarise(model_behind(result), result.values, 2)
        measured |= _diagnose(chains)
    if held_out is not None:
        measured |= {"held_out": held_out_score(result, held_out)}
    if reference is not None and not reference.lost_digits:
        measured |= {"reference": reference.source, **_compare(result, reference, rng, chains)}
    return Row(problem, method, True, **measured)


def measure_estimate(problem: str, method: str, found: EvidenceEstimate) -> Row:
    """The row of an estimate of log p(x): what it misses, beside its own error."""
    measured: dict[str, Any] = {
        "log_evidence": found.value,
        "khat": found.khat,
        "note": "; ".join(found.notes) or None,
        "density_evaluations": found.evaluations,
        "seconds": found.seconds,
    }
    if found.truth is not None and found.off is not None:
        measured |= {"reference": "exact", "gap": -found.off}
        if found.misses is not None:
            verdict = DIFFERS if found.misses else AGREES
            measured |= {"gap_error": found.error + found.truth.error, "gap_verdict": verdict}
    return Row(problem, method, True, **measured)


def _keep_ledger(q: Posterior, reference: Reference, bound: Estimate) -> dict[str, Any]:
    """The KL of q by its own route, and whether the three numbers of the identity fit."""
    evidence = reference.evidence
    assert evidence is not None and reference.exact is not None
    try:
        kl = kl_estimate(q, reference.exact)
    except (ArithmeticError, AttributeError, NotImplementedError, ValueError):
        return {}  # a user's posterior that knows of no KL; `vi-lab check` says what is missing
    rows = model_behind(q).independent_rows or 1
    judged, mistake = judge_identity(evidence, bound, kl, rows)
    holds = False if mistake else judged.holds
    return {"kl": float(kl.value), "kl_error": float(kl.error), "holds": holds}


def _compare_bound(gap: float, numbers: dict[str, Estimate], model: Any) -> dict[str, Any]:
    """The gap, with the errors of all that entered it, and what it may be called."""
    judged = judge(gap, numbers, model.independent_rows or 1)
    found = {"gap": gap, "gap_error": float(judged.tolerance), "gap_verdict": judged.brief}
    return found | ({"lost_digits": judged.reason} if judged.reason else {})


def _diagnose(chains: dict[str, np.ndarray]) -> dict[str, float]:
    """The worst coordinate's diagnostics, of summaries of shape (chains, draws, P)."""
    found = [diagnostics.rhat_and_ess(of_summary) for of_summary in chains.values()]
    rhats = np.concatenate([np.empty(0), *(r for r, _ in found)])
    sizes = np.concatenate([np.empty(0), *(e for _, e in found)])
    if np.isnan(rhats).all():
        return {}
    return {"rhat": float(np.nanmax(rhats)), "ess": float(np.nanmin(sizes))}


def _compare(
    result: Posterior,
    reference: Reference,
    rng: np.random.Generator,
    chains: dict[str, np.ndarray] | None,
) -> dict[str, float]:
    """Worst mean error, sd ratios and distance over the coordinates of every summary.

    `chains` are the summaries of draws of a chain; of a density, draws are made here.
    """
    if isinstance(result, Exact):
        return {"mean_error": 0.0, "sd_ratio_min": 1.0, "sd_ratio_max": 1.0, "wasserstein": 0.0}
    if isinstance(result, LinearResponse):
        return _compare_sds(result, reference)
    errors, z_scores, ratios, distances = [], [], [], []
    if chains is None:
        latents = result.sample(REFERENCE_DRAWS, rng=rng)
        chains = {n: v[None] for n, v in summarise(model_behind(result), latents, 1).items()}
    for name, sd in reference.sd.items():
        draws = chains[name].reshape(-1, len(sd))
        mean, spread = find_moments(result, name, len(sd)) or (draws.mean(0), draws.std(0))
        error = np.abs(mean - reference.mean[name])
        known = np.isfinite(sd)
        closed = find_moments(reference.exact, name, len(sd)) is not None
        errors.append(_in_known_units(error, sd, closed))
        ratios.append(np.where(spread == sd, 1.0, _in_units(spread, sd))[reference.varies[name]])
        if isinstance(result, Draws):
            # draws that never moved have no standard error: right, or infinitely many of them off
            noise = np.nan_to_num(diagnostics.mcse(chains[name]), nan=0.0)
            z_scores.append(_in_units(error, np.hypot(noise, reference.error[name]))[known])
        apart = [
            diagnostics.wasserstein(draws[:, i], reference.draws[name][:, i])
            for i in range(len(sd))
        ]
        distances.append(_in_known_units(np.array(apart), sd, closed))
    worst = {"mean_error": errors, "wasserstein": distances, "mean_error_z": z_scores}
    measured = {
        column: float(np.concatenate(of_all).max())
        for column, of_all in worst.items()
        if sum(map(len, of_all))
    }
    return measured | _span(ratios)


def _compare_sds(result: LinearResponse, reference: Reference) -> dict[str, float]:
    """The sds alone of what has two moments of each latent and no density; its means are CAVI's."""
    found = {name: find_moments(result, name, len(sd)) for name, sd in reference.sd.items()}
    return _span(
        [
            _in_units(moments[1], reference.sd[name])[reference.varies[name]]
            for name, moments in found.items()
            if moments is not None
        ]
    )


def _span(ratios: list[np.ndarray]) -> dict[str, float]:
    """The columns of the sd ratio; none where no coordinate varies."""
    ratio = np.concatenate([np.empty(0), *ratios])
    if not len(ratio):
        return {}
    return {"sd_ratio_min": float(ratio.min()), "sd_ratio_max": float(ratio.max())}


def _in_known_units(amount: np.ndarray, sd: np.ndarray, closed: bool) -> np.ndarray:
    """Amounts (P,) in sds, of the coordinates whose sd is a unit: in infinite ones nothing is far
    off, and an sd of 0 in draws alone is not known to be 0, so that `amount` is not infinitely many
    of them. In closed form it is, and every amount is."""
    unseen = (sd == 0) & (amount > 0) & (not closed)
    return _in_units(amount, sd)[np.isfinite(sd) & ~unseen]


def _in_units(amount: Any, unit: Any) -> Any:
    """amount / unit, where nothing is 0 in any unit: a latent may be known without doubt."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.equal(amount, 0.0), 0.0, np.divide(amount, unit))


def format_row(row: Row) -> dict[str, Any]:
    """A row under short headings."""
    bound = row.elbo if row.log_evidence is None else row.log_evidence

    def cell(form: str, *numbers: float | None) -> str | None:
        return None if None in numbers else form.format(*numbers)

    return {
        "problem": row.problem,
        "method": row.method if row.applies else f"{row.method} (does not apply)",
        "log p(x) or ELBO": cell("{:.6f}", bound),
        "gap, nats": _format_gap(row),
        "mean error, sd": cell("{:.4f}", row.mean_error),
        "sd ratio": _format_ratio(row),
        "W1, sd": cell("{:.3f}", row.wasserstein),
        "R-hat": cell("{:.3f}", row.rhat),
        "ESS": cell("{:.0f}", row.ess),
        "log joints": cell("{:,}", row.density_evaluations),
        "conditionals": cell("{:,}", row.complete_conditionals),
        "seconds": cell("{:.3f}", row.seconds),
    }


def _format_ratio(row: Row) -> str | None:
    """The ends of the sd ratio; once where they are written alike."""
    if row.sd_ratio_min is None or row.sd_ratio_max is None:
        return None
    return "–".join(dict.fromkeys(f"{end:.3f}" for end in (row.sd_ratio_min, row.sd_ratio_max)))


def _format_gap(row: Row) -> str | None:
    """The gap and its error: 0 where it is none, "?" where that cannot be told, and all that it is
    below where it has no digit of its own."""
    if row.gap is not None and row.estimates_evidence:
        return f"{row.gap:+.4f}" + (f" ± {row.gap_error:.0e}" if row.gap_error else "")
    if row.gap is None or row.gap_error is None:
        return None
    judged = judge_gap(row)
    if judged.word == DIFFERS:
        below = judged.most if row.gap > 0 else 0.0
        shown = tables.cell(row.gap) if judged.has_digits else f"< {tables.cell(float(below))}"
    else:
        shown = "0" if judged.word == AGREES else "?"
    return f"{shown} ± {row.gap_error:.0e}" if row.gap_error else shown
