"""A sentence a learner can use, derived from the numbers of a comparison."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from vi_lab.comparison.row import RESPONSES, judge_gap
from vi_lab.marginal_likelihood.estimators import ESTIMATORS
from vi_lab.numerics.agreement import (
    AGREES,
    CANNOT_BE_TOLD,
    CLOSED_FORM,
    Agreement,
    write_amount,
)
from vi_lab.results.diagnostics import MIXED

NOISE = 4.5  # Monte Carlo standard errors within which draws agree with the truth
WIDE = 1.25  # ratio of an sd to the true one, or of the true one to it, that is said
SPOKEN = {
    "metropolis-hastings-noncentred": "non-centred Metropolis-Hastings",
    "collapsed-gibbs": "collapsed Gibbs",
    "gibbs-expanded": "parameter-expanded Gibbs",
    "cavi": "CAVI",
    "laplace": "Laplace's Gaussian",
    "gaussian-linear-response": "linear response of the mean-field Gaussian",
    "ep": "EP's Gaussian",
    "hmc": "Hamiltonian Monte Carlo",
    "gaussian-mean-field": "the best mean-field Gaussian",
    "gaussian-full-rank": "the best full-rank Gaussian",
    "amortised": "the encoder's q",
    **{
        f"{tool.lower()}-{method}": f"{tool}'s {spoken}"
        for tool in ("NumPyro", "PyMC", "Stan")
        for method, spoken in {
            "nuts": "NUTS",
            "advi": "ADVI",
            "fullrank-advi": "full-rank ADVI",
            "pathfinder": "Pathfinder",
        }.items()
    },
}


def verdict(
    rows: Sequence[Any],
    *,
    reducible: Callable[[], str | None] | None = None,
    interrupted: bool = False,
) -> str:
    """One sentence on the rows of one problem.

    `reducible()` is why no chain sees the whole posterior (`Model.why_reducible`), or None: asked
    where chains do not agree with the truth.
    """
    parts = _describe_each(rows, reducible)
    if not parts:
        return _describe_nothing(rows, interrupted)
    return _sentence(parts)


def verdict_by_method(
    rows: Sequence[Any], *, reducible: Callable[[], str | None] | None = None
) -> dict[str, str]:
    """The same in a sentence for each method that there is something to say of."""
    parts = {row.method: _describe_each([row], reducible) for row in rows}
    return {method: _sentence(each) for method, each in parts.items() if each}


def _sentence(parts: Sequence[str]) -> str:
    sentence = "; ".join(parts)
    return sentence[0].upper() + sentence[1:] + "."


def _describe_each(
    rows: Sequence[Any], reducible: Callable[[], str | None] | None = None
) -> list[str]:
    """What there is to say, a clause for a method or for several that it is true of."""
    parts = [_describe_evidence(row) for row in rows if row.method == "exact" and row.lost_digits]
    parts += [_describe_bound(row) for row in rows if row.elbo is not None]
    parts += [_describe_weighed(row) for row in rows if _is_estimate(row)]
    responses = [row for row in rows if row.method in RESPONSES]
    parts += [_describe_response(row) for row in responses if row.sd_ratio_min is not None]
    sampled = [row for row in rows if row.mean_error_z is not None and row.method != "exact-draws"]
    parts += _describe_draws(sampled, reducible)
    parts += _describe_unmeasured([row for row in rows if _is_unmeasured(row)])
    parts += _describe_held_out(rows)
    broken = [row for row in rows if row.applies and row.reason]
    if broken:
        parts.append(f"{_names(broken)} broke down")
    return parts


def _describe_nothing(rows: Sequence[Any], interrupted: bool) -> str:
    """Where no row but the truth's has a number to speak of."""
    done = [r for r in rows if r.applies]
    refused = [r for r in rows if not r.applies]
    if not rows:
        return "Nothing was run."
    does = "does" if len(refused) == 1 else "do"
    if not done:
        return f"{_names(refused)} {does} not apply here: there is nothing to judge."
    if any(r.method not in ("exact", "exact-draws") for r in done):
        return f"Nothing can be said of {_names(done)} from these numbers."
    if interrupted:
        return "Only the truth was finished before the run was cut short."
    if refused:
        return f"Only the truth was measured: {_names(refused)} {does} not apply here."
    return "Only the truth was asked for."


def _nats(amount: float) -> str:
    """An amount of nats in two digits, or whole from a hundred."""
    digits = f"{amount:,.0f}" if amount >= 99.5 else f"{amount:.2g}"
    return f"{digits} nat" if digits == "1" else f"{digits} nats"


def _describe_evidence(row: Any) -> str:
    known = judge_gap(row).word != CANNOT_BE_TOLD
    what = "what the exact answer says of the summaries" if known else "log p(x)"
    return f"{what} {CANNOT_BE_TOLD} ({row.lost_digits})"


def _describe_bound(row: Any) -> str:
    name = SPOKEN.get(row.method, row.method)
    if row.converged is False:
        name = f"{name} has not converged; it"
    if row.gap is None:
        reached = f"reaches {row.elbo:.3f} nats, with no evidence to hold its ELBO against"
    else:
        judged = judge_gap(row)
        if judged.impossible:
            amount = write_amount(judged, _nats)
            return f"{name} claims {amount} more than log p(x), as no bound can: a mistake"
        reached = _describe_gap(judged)
        if judged.word == AGREES:
            return f"{name} {reached}"
    moments = "" if row.mean_error is None else f": {_describe_moments(row)}"
    return f"{name} {reached}{moments}{_describe_estimate(row)}"


def _describe_estimate(row: Any) -> str:
    """How far Laplace's or EP's log p(x), which is no bound, is off."""
    if row.log_evidence_estimate is None or row.gap is None:
        return ""
    off = row.log_evidence_estimate - row.elbo - row.gap
    if abs(off) <= 10 * (row.gap_error or 0.0):
        return ", it estimates log p(x) right"
    return f", it estimates log p(x) {_nats(abs(off))} too {'high' if off > 0 else 'low'}"


def _describe_gap(judged: Agreement) -> str:
    if judged.word == CANNOT_BE_TOLD:
        lost = judged.reason or "lost digits"
        return f"is exact or falls short of log p(x), which cannot be told ({lost})"
    if judged.word == AGREES and judged.sampled and judged.tolerance > CLOSED_FORM:
        return f"agrees with log p(x) within ± {_nats(judged.tolerance)}"
    if judged.word == AGREES:
        return "is exact here: its bound meets log p(x)"
    return f"falls {write_amount(judged, _nats)} short of log p(x)"


def _describe_moments(row: Any) -> str:
    off = row.mean_error
    means = "its means are right" if off < 0.005 else f"its means are off by up to {off:.2g} sd"
    low, high = row.sd_ratio_min, row.sd_ratio_max
    if low is None:  # nothing that varies
        return means
    if low > 0.995 and high < 1.005:
        sds = "its sds too"
    elif high <= 1.005:
        sds = f"it claims as little as {low:.2f} of the true sd"
    elif low >= 0.995:
        sds = f"it claims up to {high:.2f} times the true sd"
    else:
        sds = f"its sds are {write_range(low, high)} of the truth"
    return f"{means}, {sds}"


def write_range(low: float, high: float, form: str = ".2f", to: str = " to ") -> str:
    """Both ends, or one number where they are written alike."""
    ends = format(low, form), format(high, form)
    return ends[0] if ends[0] == ends[1] else to.join(ends)


def _is_estimate(row: Any) -> bool:
    """Whether it is an estimate of log p(x) by Monte Carlo, that gave a number."""
    return row.estimates_evidence and row.log_evidence is not None


def _describe_weighed(row: Any) -> str:
    """How far off an estimate is, and what it knows to be wrong with it."""
    said = f"{ESTIMATORS[row.method.removeprefix('evidence-')].route} {_describe_weight(row)}"
    return f"{said} ({row.note})" if row.note else said


def _describe_weight(row: Any) -> str:
    if row.gap is None:
        return f"estimates log p(x) as {row.log_evidence:.3f} nats, with none to hold it to"
    off = f"is {_nats(abs(row.gap))} {'below' if row.gap > 0 else 'above'} log p(x)"
    if row.gap_error is None:
        return f"{off} and cannot know its error"
    times = abs(row.gap) / row.gap_error if row.gap_error else 0.0
    return f"{off}, {times:.1f} of the errors that it states"


def _describe_response(row: Any) -> str:
    low, high, name = row.sd_ratio_min, row.sd_ratio_max, SPOKEN.get(row.method, "linear response")
    if low > 0.995 and high < 1.005:
        return f"{name} makes the sds of the latents right"
    return f"{name} puts the sds of the latents at {write_range(low, high)} of the truth"


def _describe_draws(rows: Sequence[Any], reducible: Callable[[], str | None] | None) -> list[str]:
    right = [r for r in rows if r.mean_error_z <= NOISE and (r.rhat or 1.0) <= MIXED]
    wide = [r for r in right if _is_wide(r)]
    good = [r for r in right if r not in wide]
    bad = [r for r in rows if r not in right]
    parts = []
    if good:
        worst = max(r.mean_error_z for r in good)
        agree = "agrees" if len(good) == 1 else "agree"
        truth = "a long Gibbs run" if good[0].reference == "long run" else "the truth"
        parts.append(
            f"{_names(good)} {agree} with {truth} within Monte Carlo noise "
            f"(worst mean {worst:.1f} standard errors away)"
        )
    parts += [
        f"the means of {_names([row])} are within {row.mean_error_z:.1f} standard errors of the "
        f"truth, its sds {write_range(row.sd_ratio_min, row.sd_ratio_max, '.3g')} of it"
        for row in wide
    ]
    reason = reducible() if bad and reducible else None
    if reason:
        stay = "stays" if len(bad) == 1 else "stay"
        return [*parts, f"{_names(bad)} {stay} where each chain starts: {reason}"]
    return parts + [_describe_wrong(row) for row in bad]


def _describe_wrong(row: Any) -> str:
    """Draws that do not agree with the truth, or that do not show it."""
    name = _names([row])
    if row.rhat == float("inf"):
        return (
            f"{name} has chains that never moved, each at another place: running it longer "
            "may never help"
        )
    if row.rhat is not None and row.rhat > MIXED:
        return f"{_describe_mixing(row)}: run it longer"
    if row.mean_error_z == float("inf"):
        return f"{name} never moved, and not from the truth"
    return f"{name} is {row.mean_error_z:.1f} standard errors off the truth"


def _is_unmeasured(row: Any) -> bool:
    """Whether it answered, with nothing that its answer could be held against."""
    answered = row.applies and not row.reason and row.method != "exact"
    return answered and not _is_estimate(row) and row.reference is None and row.elbo is None


def _describe_unmeasured(rows: Sequence[Any]) -> list[str]:
    if not rows:
        return []
    lost = next((row.lost_digits for row in rows if row.lost_digits), None)
    why = f"because the exact answer has {lost}" if lost else "because no exact answer is known"
    return [
        f"{_names(rows)} cannot be judged, {why}",
        *(_describe_mixing(row) for row in rows if row.rhat is not None and row.rhat > MIXED),
    ]


def _describe_mixing(row: Any) -> str:
    size = "" if row.ess is None else f", ESS {row.ess:.0f}"
    return f"{_names([row])} has not mixed (R-hat {row.rhat:.4g}{size})"


def _describe_held_out(rows: Sequence[Any]) -> list[str]:
    """The best first."""
    scored = sorted((r for r in rows if r.held_out is not None), key=lambda r: -r.held_out)
    if not scored:
        return []
    scores = [f"{_names([row])} {row.held_out:.4f}" for row in scored]
    return [f"words held out have, in nats a word, {', '.join(scores)}"]


def _is_wide(row: Any) -> bool:
    """Whether an sd is far from the true one."""
    low, high = row.sd_ratio_min, row.sd_ratio_max
    return low is not None and (low < 1.0 / WIDE or high > WIDE)


def _names(rows: Sequence[Any]) -> str:
    """The methods of the rows in words."""
    *others, last = [SPOKEN.get(row.method, row.method.title()) for row in rows]
    return f"{', '.join(others)} and {last}" if others else last
